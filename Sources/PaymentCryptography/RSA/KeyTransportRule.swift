// SPDX-License-Identifier: Apache-2.0

/// Which keys RSA may carry. A key never protects a stronger one; what goes beyond that has to be named.
public enum KeyTransportRule: Sendable, CaseIterable {
    /// No exception: RSA-2048 carries TDES, RSA-3072 also AES-128 (NIST SP 800-57 part 1 table 2).
    case strict
    /// As `strict`, and AES-128 under RSA-2048, which many devices in the field still have.
    case waivingAES128UnderRSA2048
    /// AES of any length and HMAC keys under RSA of 3072 bits or more; there is no RSA in use that would match AES-256.
    case waivingAnyKeyUnderRSA3072

    /// Whether a key may be carried under RSA with a modulus of so many bits.
    public func permits(_ algorithm: KeyAlgorithm, keyCount: Int, modulusBits: Int) -> Bool {
        guard let key = KeyStrength(algorithm, byteCount: keyCount) else { return false }
        if KeyStrength(rsaModulusBits: modulusBits).mayProtect(key) { return true }
        switch self {
        case .strict: return false
        case .waivingAES128UnderRSA2048: return algorithm == .aes && keyCount == 16 && modulusBits >= 2_048
        case .waivingAnyKeyUnderRSA3072: return modulusBits >= 3_072
        }
    }
}
