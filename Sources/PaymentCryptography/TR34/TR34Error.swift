// SPDX-License-Identifier: Apache-2.0

/// Why a TR-34 token was not written or read. What fails in the cryptography of a token has one reason only.
public enum TR34Error: Error, Equatable, Sendable {
    /// The bytes are not such a token; names the part that is missing or wrong.
    case malformed(String)
    /// An algorithm that TR-34 does not use or that is too weak; names its role.
    case unsupportedAlgorithm(String)
    /// A signature, digest, decryption or padding that does not match, or an inside that contradicts the signed outside.
    case notAuthentic
    /// The token names another key receiving device.
    case wrongDevice
    /// The token is not signed by the key distribution host that the device is bound to, or names another one.
    case wrongHost
    /// The device is bound to no host.
    case notBound
    /// The device is bound already; only a rebind token changes its host.
    case alreadyBound
    /// The random number is not the one the device asked with last, or none was asked with.
    case wrongRandomNumber
    /// The token has neither the device's random number nor a signing time, or a one-pass token is not allowed.
    case noFreshness
    /// The signing time is too old, in the future, or not later than that of the last token taken.
    case stale
    /// A certificate or a revocation list.
    case certificate(CertificateProblem)
    /// The private key does not belong to the certificate.
    case wrongPrivateKey
    /// The transport is weaker than the key, and no waiver names the case.
    case weakerThanKey
    /// The key is not to be used.
    case unusableKey(KeyStrengthError)
    /// The attributes of the key.
    case header(KeyBlockError)
}

/// Why a certificate or a revocation list is not accepted (RFC 5280 6).
public enum CertificateProblem: Error, Equatable, Sendable {
    /// Not a certificate or revocation list in DER or PEM.
    case malformed
    /// The public key is not RSA of an allowed size.
    case key(RSAKeyError)
    /// No chain of valid signatures leads to a trusted authority.
    case untrusted
    /// The validity has not begun.
    case notYetValid
    /// The validity is over.
    case expired
    /// The serial number is on the revocation list.
    case revoked
    /// The key usage does not allow the role.
    case wrongUsage
    /// No revocation list of the certificate's issuer is there.
    case revocationListMissing
    /// The revocation list's `nextUpdate` is past, or its `thisUpdate` is to come.
    case revocationListNotCurrent
    /// The revocation list is not signed by the issuer.
    case revocationListUntrusted
    /// A newer revocation list has been seen.
    case revocationListSuperseded
    /// A name, serial number or time that a certificate cannot carry.
    case unwritable(String)
}
