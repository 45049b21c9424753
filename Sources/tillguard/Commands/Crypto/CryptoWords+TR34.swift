// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography

extension CryptoWords {
    static func tr34(_ error: TR34Error) -> any Error {
        switch error {
        case .malformed(let part): return ValidationError("no such TR-34 token: the \(part) is missing or wrong")
        case .unsupportedAlgorithm(let role): return ValidationError("TR-34 does not use this algorithm of the \(role)")
        case .notAuthentic:
            return CryptoRefusal(
                description: "NOT AUTHENTIC: another host or device, or the token was changed "
                    + "(--mixed-masks reads the standard's own samples)")
        case .wrongDevice: return CryptoRefusal(description: "REFUSED: the token names another device")
        case .wrongHost: return CryptoRefusal(description: "REFUSED: the token is signed by another host")
        case .notBound: return CryptoRefusal(description: "REFUSED: the device is bound to no host")
        case .alreadyBound: return CryptoRefusal(description: "REFUSED: the device is bound already")
        case .wrongRandomNumber: return CryptoRefusal(description: "REFUSED: another random number")
        case .noFreshness: return CryptoRefusal(description: "REFUSED: neither random number nor signing time")
        case .stale: return CryptoRefusal(description: "REFUSED: the signing time is too old or in the future")
        case .certificate(let problem): return CryptoRefusal(description: "REFUSED: \(certificate(problem))")
        case .wrongPrivateKey: return ValidationError("the private key is not that of the certificate")
        case .weakerThanKey:
            return ValidationError("the RSA key is weaker than the key; --waive-strength names the exceptions")
        case .unusableKey(let error): return ValidationError("the key is refused: \(strength(error))")
        case .header(let error): return restated(error)
        }
    }

    static func certificate(_ problem: CertificateProblem) -> String {
        switch problem {
        case .malformed: "no certificate or revocation list in PEM or DER"
        case .key(.modulusBits(let bits)): "a certificate with an RSA key of \(bits) bits is not taken"
        case .key: "the certificate has no RSA key"
        case .untrusted: "no chain of signatures leads to a trusted authority"
        case .notYetValid: "the certificate is not yet valid"
        case .expired: "the certificate has expired"
        case .revoked: "the certificate is revoked"
        case .wrongUsage: "the certificate's key usage does not allow this role"
        case .revocationListMissing: "no revocation list of the certificate's issuer is there"
        case .revocationListNotCurrent: "the revocation list is not current"
        case .revocationListUntrusted: "the revocation list is not signed by the issuer"
        case .revocationListSuperseded: "a newer revocation list has been seen"
        case .unwritable(let part): "a certificate cannot carry this \(part)"
        }
    }
}
