// SPDX-License-Identifier: Apache-2.0

/// A key of one transaction's message codes; which of generation and verification it does follows from its direction
/// and from who holds it.
public struct DUKPTMACKey: ~Copyable, Sendable {
    /// How it makes codes.
    public enum Algorithm: Sendable {
        /// ANSI X9.19: ISO 9797-1 algorithm 3 with padding 1; 8 bytes.
        case retail
        /// ISO 9797-1 algorithm 5 over TDES; 8 bytes.
        case tdesCMAC
        /// ISO 9797-1 algorithm 5 over AES; 16 bytes, or the first 8 of them.
        case aesCMAC
        /// HMAC-SHA-256; 32 bytes, or the first 16 and more of them.
        case hmacSHA256
    }

    /// How it makes codes.
    public let algorithm: Algorithm
    /// Whose messages it is for.
    public let direction: DUKPTDirection
    /// Who holds it.
    public let party: DUKPTParty
    private let key: SecretKey

    init(_ key: consuming SecretKey, _ algorithm: Algorithm, direction: DUKPTDirection, party: DUKPTParty) {
        self.key = key
        self.algorithm = algorithm
        self.direction = direction
        self.party = party
    }

    /// All bytes of a message's code.
    ///
    /// - Throws: `notPermitted` when the holder has this key for verification only.
    public borrowing func code(_ message: [UInt8]) throws(DUKPTError) -> [UInt8] {
        guard direction.isMade(by: party) else { throw .notPermitted }
        return fullCode(message)
    }

    /// Whether a code, truncated as its algorithm allows, is that of the message; in constant time.
    ///
    /// - Throws: `notPermitted` when the holder has this key for generation only.
    public borrowing func verify(_ code: [UInt8], message: [UInt8]) throws(DUKPTError) -> Bool {
        guard direction.isTaken(by: party) else { throw .notPermitted }
        let isOfALength =
            switch algorithm {
            case .retail, .tdesCMAC: code.count == RetailMAC.codeCount
            case .aesCMAC: code.count == AESTransactionKeys.macCount || code.count == AESCMAC.codeCount
            case .hmacSHA256: (16...HMACSHA256.codeCount).contains(code.count)
            }
        return isOfALength && constantTimeEquals(Array(fullCode(message).prefix(code.count)), code)
    }

    private borrowing func fullCode(_ message: [UInt8]) -> [UInt8] {
        switch algorithm {
        case .retail: RetailMAC.code(key: key, message: message)
        case .tdesCMAC: TDESCMAC.code(key: key, message: message)
        case .aesCMAC: AESCMAC(key: key).code(message)
        case .hmacSHA256: HMACSHA256.code(key: key, message: message)
        }
    }
}
