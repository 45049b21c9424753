// SPDX-License-Identifier: Apache-2.0

/// Secure messaging for confidentiality: how the data of a command to the card is filled up and enciphered (EMV Book 2
/// 9.3). Each way takes a session key for confidentiality.
public enum CommandEncryption: String, Hashable, Sendable, CaseIterable {
    /// A byte with the length, the data, padding 2; each block by itself (ECB).
    case visa
    /// Padding 2 unless the blocks are whole; chained from zeros (CBC).
    case mastercard
    /// Padding 2 always; chained from zeros (CBC; EMV Book 2 9.3.1.2 and Annex A1.1).
    case common

    /// The most bytes that the enciphered data of a short command has, beside a code of 8.
    public static let encryptedCountMax = 240

    /// The enciphered data, in whole blocks of 8 bytes.
    ///
    /// - Parameter data: 1 byte or more, not beyond `encryptedCountMax` once it is filled up.
    public func encrypt(
        _ data: borrowing SecretKey, key: borrowing EMVSessionKey
    ) throws(CardCryptographyError) -> [UInt8] {
        let block = try padded(data)
        return block.withBytes { block in
            var output = [UInt8](repeating: 0, count: block.count)
            output.withUnsafeMutableBytes { output in
                output.copyMemory(from: block)
                key.key.withBytes { key in
                    TripleDES.with(key: key) { des in
                        var chain: UInt64 = 0
                        for offset in stride(from: 0, to: output.count, by: 8) {
                            chain = des.encrypt(output.word(at: offset) ^ (isChained ? chain : 0))
                            output.setWord(chain, at: offset)
                        }
                    }
                }
            }
            return output
        }
    }

    /// What the card finds in a command, for tests of cards and of issuers. One error for every cause.
    ///
    /// - Parameter isPadded: with `mastercard`, whether the data was not in whole blocks; the others tell by themselves.
    public func decrypt(
        _ encrypted: [UInt8], key: borrowing EMVSessionKey, isPadded: Bool = false
    ) throws(CardCryptographyError) -> SecretKey {
        guard !encrypted.isEmpty, encrypted.count % 8 == 0, encrypted.count <= Self.encryptedCountMax else {
            throw .commandData
        }
        let clear = key.key.withBytes { key in
            TripleDES.with(key: key) { des in
                SecretKey(count: encrypted.count) { clear in
                    encrypted.withUnsafeBytes { encrypted in
                        var chain: UInt64 = 0
                        for offset in stride(from: 0, to: clear.count, by: 8) {
                            let block = encrypted.word(at: offset)
                            clear.setWord(des.decrypt(block) ^ (isChained ? chain : 0), at: offset)
                            chain = block
                        }
                    }
                }
            }
        }
        let range: Range<Int>? = clear.withBytes { clear in
            if self == .mastercard, !isPadded { return 0..<clear.count }
            guard let last = clear.lastIndex(where: { $0 != 0 }), clear[last] == 0x80, clear.count - last <= 8 else {
                return nil
            }
            if self == .visa { return last > 1 && Int(clear[0]) == last - 1 ? 1..<last : nil }
            return last > 0 ? 0..<last : nil
        }
        guard let range else { throw .commandData }
        return clear.withBytes { clear in
            SecretKey(count: range.count) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: clear[range])) }
        }
    }

    private var isChained: Bool { self != .visa }

    private func padded(_ data: borrowing SecretKey) throws(CardCryptographyError) -> SecretKey {
        let prefix = self == .visa ? 1 : 0
        let isWhole = self == .mastercard && data.count % 8 == 0
        let count = isWhole ? data.count : (prefix + data.count) / 8 * 8 + 8
        guard count <= Self.encryptedCountMax else { throw .fieldLength(.commandData, data.count) }
        return data.withBytes { data in
            SecretKey(count: count) { block in
                if prefix == 1 { block[0] = UInt8(data.count) }
                UnsafeMutableRawBufferPointer(rebasing: block[prefix..<prefix + data.count]).copyMemory(from: data)
                if !isWhole { block[prefix + data.count] = 0x80 }
            }
        }
    }
}
