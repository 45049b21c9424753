// SPDX-License-Identifier: Apache-2.0

/// What is against the standard in a key block whose MAC matches.
public enum KeyBlockFinding: Equatable, Sendable {
    /// Version A, which X9.143 deprecates.
    case deprecatedVersion
    /// Not a usage of X9.143:2021 table 2, nor two digits.
    case unknownUsage
    /// Not an algorithm of table 3, nor a digit; or single DES, which is withdrawn.
    case unusableAlgorithm
    /// Not a mode of table 4, nor a digit.
    case unknownMode
    /// Not E, N or S (table 6).
    case unknownExportability
    /// Not two letters or digits (table 5).
    case keyVersion
    /// Not 0, 1 or 2, followed by 0 (table 1).
    case context
    /// The usage does not allow the algorithm.
    case algorithmOfUsage
    /// The usage does not allow the mode.
    case modeOfUsage
    /// The text of an optional block is not as the standard writes it.
    case optionalBlock(id: String)
    /// An HMAC key whose hash nothing names: X9.143 wants the optional block HM.
    case hashMissing
    /// KC or KP is not the check value of the key or of the protection key.
    case checkValue(id: String)
    /// The key has no length of its algorithm.
    case keyLength
    /// The key would not be loaded elsewhere.
    case weakKey(KeyStrengthError)
    /// The protection key would not be loaded elsewhere.
    case weakProtectionKey(KeyStrengthError)
    /// The key is stronger than what protects it.
    case strongerThanProtection
    /// Small letters in the key field or the MAC; the standard writes capital ones only.
    case smallLetters
}
