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
        let version = header.version
        guard !version.isReadOnly else { throw .readOnlyVersion(version) }
        try checkStrength(key.count, header, protectionKey.count)
        let keys = try KeyBlockKeys(version: version, protectionKey: protectionKey)
        let longest =
            switch header.algorithm {
            case .aes: 32
            case .tdes: 24
            default: key.count
            }
        guard key.count <= 4_096 else { throw .tooLong(key.count) }
        let size = version.blockBytes
        let payloadCount = (2 + max(longest, key.count) + size - 1) / size * size
        let text = try header.text(payloadCount: 2 * (payloadCount + version.macBytes))

        let key = key.copy()
        var message = SecretKey(count: text.count + payloadCount) { message in
            message.copyBytes(from: text)
            let field = UnsafeMutableRawBufferPointer(rebasing: message[text.count...])
            RandomBytes.fill(field)
            field.storeBytes(of: UInt16(key.count * 8).bigEndian, as: UInt16.self)
            key.withBytes { UnsafeMutableRawBufferPointer(rebasing: field[2..<2 + key.count]).copyMemory(from: $0) }
        }
        let mac = message.withBytes { keys.mac($0) }
        let field = message.withMutableBytes { message in
            let field = UnsafeMutableRawBufferPointer(rebasing: message[text.count...])
            keys.encrypt(field, mac: mac)
            return Array(field)
        }
        return String(decoding: text + hexText(field) + hexText(mac), as: UTF8.self)
    }

    /// The key of a key block. Nothing of the block is believed before its MAC matches.
    public static func unwrap(
        _ text: some StringProtocol, under protectionKey: borrowing SecretKey
    ) throws(KeyBlockError) -> Unwrapped {
        let text = Array(text.utf8)
        guard text.count <= KeyBlockHeader.blockCountMax else { throw .tooLong(text.count) }
        let (header, headerCount) = try KeyBlockHeader.read(text)
        let version = header.version
        let bytes = try hexBytes(text, from: headerCount)
        let payloadCount = bytes.count - version.macBytes
        guard payloadCount > 2, version == .e || payloadCount % version.blockBytes == 0 else {
            throw .malformed(offset: headerCount, expected: "a key field of whole blocks and a MAC")
        }
        let keys = try KeyBlockKeys(version: version, protectionKey: protectionKey)
        let mac = Array(bytes[payloadCount...])

        // A and C authenticate what is on the wire, the others the clear key field.
        if version.isReadOnly {
            let wire = Array(text[..<headerCount] + bytes[..<payloadCount]).withUnsafeBytes { keys.mac($0) }
            guard constantTimeEquals(wire, mac) else { throw .notAuthentic }
        }
        let vector = version.isReadOnly ? Array(text[..<8]) : mac
        let message = SecretKey(count: headerCount + payloadCount) { message in
            message.copyBytes(from: text[..<headerCount])
            let field = UnsafeMutableRawBufferPointer(rebasing: message[headerCount...])
            field.copyBytes(from: bytes[..<payloadCount])
            keys.decrypt(field, vector: vector)
        }
        guard version.isReadOnly || constantTimeEquals(message.withBytes { keys.mac($0) }, mac) else {
            throw .notAuthentic
        }

        let bits = message.withBytes {
            Int(UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: headerCount, as: UInt16.self)))
        }
        guard bits > 0, bits % 8 == 0, bits / 8 <= payloadCount - 2 else {
            throw .malformed(offset: headerCount, expected: "a key length within the key field")
        }
        let key = message.withBytes { message in
            SecretKey(count: bits / 8) {
                let start = headerCount + 2
                $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: message[start..<start + bits / 8]))
            }
        }
        return Unwrapped(header: header, key: key)
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

    private static func hexText(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    private static func hexBytes(_ text: [UInt8], from start: Int) throws(KeyBlockError) -> [UInt8] {
        var output: [UInt8] = []
        var offset = start
        while offset < text.count {
            guard let high = hexDigit(text[offset]), offset + 1 < text.count, let low = hexDigit(text[offset + 1])
            else { throw .malformed(offset: offset, expected: "two hexadecimal digits") }
            output.append(UInt8(high << 4 | low))
            offset += 2
        }
        return output
    }
}
