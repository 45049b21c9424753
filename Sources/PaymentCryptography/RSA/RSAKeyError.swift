// SPDX-License-Identifier: Apache-2.0

/// Why an RSA key was not loaded, or an operation with it gave nothing.
public enum RSAKeyError: Error, Equatable, Sendable {
    /// Not a key in its DER or PEM form, encrypted, or of another algorithm than RSA.
    case malformedKey
    /// The modulus, in bits, is not one this library takes: 2048 to 8192 when read; 2048, 3072 or 4096 when generated.
    case modulusBits(Int)
    /// SHA-1 is read, not written.
    case readOnlyHash
    /// The secret is longer than the modulus has room for; in bytes.
    case secretTooLong(Int)
    /// RSA of this size is weaker than the key, and no waiver names the case.
    case weakerThanKey
    /// The key is not to be used.
    case unusableKey(KeyStrengthError)
    /// The cryptogram was not made for this key with these parameters. There is one reason only.
    case notAuthentic
}
