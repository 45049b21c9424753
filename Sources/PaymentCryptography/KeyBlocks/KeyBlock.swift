// SPDX-License-Identifier: Apache-2.0

/// Key blocks (ANSI X9.143:2021, TR-31:2018, ISO 20038:2017): a key and its attributes, encrypted and authenticated
/// together. Versions A to E are read; B, D and E are written.
public enum KeyBlock {
    /// A key and the attributes that its block proves.
    public struct Unwrapped: ~Copyable, Sendable {
        /// What the key may be used for.
        public let header: KeyBlockHeader
        /// The key.
        public let key: SecretKey

        /// The key alone.
        public consuming func takeKey() -> SecretKey { key }
    }

    /// The text of a key block. The key is padded with random bytes to the longest of its algorithm, so that the text
    /// does not tell its length.
    ///
    /// - Parameter protectionKey: TDES of 16 or 24 bytes for version B, AES of 16, 24 or 32 for D and E.
    public static func wrap(
        _ key: borrowing SecretKey, header: KeyBlockHeader, under protectionKey: borrowing SecretKey
    ) throws(KeyBlockError) -> String {
        var scratch = KeyBlockScratch()
        let text = UnsafeMutableRawBufferPointer.allocate(byteCount: KeyBlockHeader.blockCountMax, alignment: 8)
        defer { text.deallocate() }
        let count = try wrap(key, header: header, under: protectionKey, into: text, scratch: &scratch)
        return String(decoding: text[..<count], as: UTF8.self)
    }

    /// As `wrap(_:header:under:)`, into room of the caller's.
    ///
    /// - Parameter text: 9999 bytes are enough for every block.
    /// - Returns: how many characters were written, in ASCII.
    public static func wrap(
        _ key: borrowing SecretKey, header: KeyBlockHeader, under protectionKey: borrowing SecretKey,
        into text: UnsafeMutableRawBufferPointer, scratch: inout KeyBlockScratch
    ) throws(KeyBlockError) -> Int {
        let version = header.version
        guard !version.isReadOnly else { throw .readOnlyVersion(version) }
        try checkStrength(key.count, header, protectionKey.count)
        let longest =
            switch header.algorithm {
            case .aes: 32
            case .tdes: 24
            default: key.count
            }
        guard key.count <= 4_096 else { throw .tooLong(key.count) }
        let size = version.blockBytes
        let payloadCount = (2 + max(longest, key.count) + size - 1) / size * size
        return try scratch.wrap(
            UnsafeRawBufferPointer(start: key.base, count: key.count), header: header, payloadCount: payloadCount,
            under: UnsafeRawBufferPointer(start: protectionKey.base, count: protectionKey.count), into: text)
    }

    /// The key of a key block. Nothing of the block is believed before its MAC matches.
    public static func unwrap(
        _ text: some StringProtocol, under protectionKey: borrowing SecretKey
    ) throws(KeyBlockError) -> Unwrapped {
        let count = text.utf8.count
        guard count <= KeyBlockHeader.blockCountMax else { throw .tooLong(count) }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
        defer { block.deallocate() }
        block.copyBytes(from: text.utf8)
        var scratch = KeyBlockScratch(capacity: count)
        let header = try unwrap(UnsafeRawBufferPointer(block), under: protectionKey, into: &scratch)
        let key = scratch.withKey { key in SecretKey(count: key.count) { $0.copyMemory(from: key) } }
        return Unwrapped(header: header, key: key)
    }

    /// As `unwrap(_:under:)`; the key stays in the scratch.
    ///
    /// - Parameter text: the block in ASCII.
    public static func unwrap(
        _ text: UnsafeRawBufferPointer, under protectionKey: borrowing SecretKey, into scratch: inout KeyBlockScratch
    ) throws(KeyBlockError) -> KeyBlockHeader {
        try scratch.unwrap(
            text, under: UnsafeRawBufferPointer(start: protectionKey.base, count: protectionKey.count))
    }

    /// A protection key is at least as strong as what it protects: TDES < AES-128 < AES-192 < AES-256.
    private static func checkStrength(
        _ keyCount: Int, _ header: KeyBlockHeader, _ protectionCount: Int
    ) throws(KeyBlockError) {
        switch header.algorithm {
        case .aes:
            guard [16, 24, 32].contains(keyCount) else { throw .attribute("length of an AES key") }
            guard header.version.usesAES, keyCount <= protectionCount else { throw .weakerThanKey }
        case .tdes:
            guard [16, 24].contains(keyCount) else { throw .attribute("length of a TDES key") }
            guard header.version.usesAES || keyCount <= protectionCount else { throw .weakerThanKey }
        default: break
        }
    }
}
