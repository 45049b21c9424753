// SPDX-License-Identifier: Apache-2.0

/// Room for reading and writing one key block after another, made once and wiped in the end: nothing is allocated for a
/// block without optional blocks. The key of the block read last lies in it.
public struct KeyBlockScratch: ~Copyable {
    private let memory: SecretKey
    private let capacity: Int
    private var key = 0..<0
    /// What is against the standard in the block that was read last.
    public private(set) var findings: [KeyBlockFinding] = []

    /// - Parameter capacity: the longest text of a key block, in characters.
    public init(capacity: Int = KeyBlockHeader.blockCountMax) {
        self.capacity = min(max(capacity, 64), KeyBlockHeader.blockCountMax)
        memory = SecretKey(count: KeyBlockKeys.byteCount + self.capacity) { _ in }
    }

    /// Lends the key of the block that was read last; empty before.
    public borrowing func withKey<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(message)[key]))
    }

    private var keysAt: UnsafeMutableRawPointer { memory.base }
    private var message: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: memory.base + KeyBlockKeys.byteCount, count: capacity)
    }

    private func part(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: message[range])
    }

    /// Reads a block; nothing of it is believed before its MAC matches.
    mutating func unwrap(
        _ text: UnsafeRawBufferPointer, under protectionKey: UnsafeRawBufferPointer, _ policy: KeyBlockPolicy
    ) throws(KeyBlockError) -> KeyBlockHeader {
        key = 0..<0
        findings = []
        guard text.count <= capacity else { throw .tooLong(text.count) }
        let (header, headerCount) = try KeyBlockHeader.read(text)
        let version = header.version
        let byteCount = (text.count - headerCount + 1) / 2
        let payloadCount = byteCount - version.macBytes
        // Decoded in place behind the header; the MAC comes last and is taken out of the way of the message.
        let hasSmallLetters = try Self.decodeHex(
            text, from: headerCount, into: part(headerCount..<headerCount + byteCount))
        guard payloadCount > 2, version == .e || payloadCount % version.blockBytes == 0 else {
            throw .malformed(offset: headerCount, expected: "a key field of whole blocks and a MAC")
        }
        let keys = try KeyBlockKeys(version: version, protectionKey: protectionKey, encrypting: false, at: keysAt)
        part(0..<headerCount).copyMemory(from: UnsafeRawBufferPointer(rebasing: text[..<headerCount]))
        let end = headerCount + payloadCount
        var mac = Block.zero
        withUnsafeMutableBytes(of: &mac) { mac in
            mac.copyBytes(from: part(end..<end + version.macBytes))
        }
        let whole = UnsafeRawBufferPointer(part(0..<end))
        let field = part(headerCount..<end)

        // A and C authenticate what is on the wire, the others the clear key field.
        if version.isReadOnly {
            guard Self.matches(keys.mac(whole), mac, version) else { throw .notAuthentic }
            let vector = Block(first: text.loadUnaligned(as: UInt64.self), second: 0)
            keys.transform(field, vector: vector, encrypting: false)
        } else {
            keys.transform(field, vector: mac, encrypting: false)
            guard Self.matches(keys.mac(whole), mac, version) else { throw .notAuthentic }
        }

        let bits = Int(UInt16(bigEndian: field.loadUnaligned(as: UInt16.self)))
        guard bits > 0, bits % 8 == 0, bits / 8 <= payloadCount - 2 else {
            throw .malformed(offset: headerCount, expected: "a key length within the key field")
        }
        let found = headerCount + 2..<headerCount + 2 + bits / 8
        var rules = KeyBlockRules(policy)
        if hasSmallLetters { try rules.found(.smallLetters) }
        try rules.check(header)
        try rules.check(header, key: UnsafeRawBufferPointer(part(found)), protectionKey: protectionKey)
        (key, findings) = (found, rules.findings)
        return header
    }

    /// Writes a block; the key field is filled up with random bytes to `payloadCount`.
    ///
    /// - Returns: its characters, the first bytes of `text`.
    mutating func wrap(
        _ secret: UnsafeRawBufferPointer, header: KeyBlockHeader, payloadCount: Int,
        under protectionKey: UnsafeRawBufferPointer, _ policy: KeyBlockPolicy,
        into text: UnsafeMutableRawBufferPointer
    ) throws(KeyBlockError) -> Int {
        key = 0..<0
        let version = header.version
        let keys = try KeyBlockKeys(version: version, protectionKey: protectionKey, encrypting: true, at: keysAt)
        let headerCount = try header.write(payloadCount: 2 * (payloadCount + version.macBytes), into: text)
        var rules = KeyBlockRules(policy)
        try rules.check(header)
        try rules.check(header, key: secret, protectionKey: protectionKey)
        let end = headerCount + payloadCount
        guard end <= capacity else { throw .tooLong(end) }
        part(0..<headerCount).copyMemory(from: UnsafeRawBufferPointer(rebasing: text[..<headerCount]))
        let field = part(headerCount..<end)
        field.storeBytes(of: UInt16(secret.count * 8).bigEndian, as: UInt16.self)
        UnsafeMutableRawBufferPointer(rebasing: field[2..<2 + secret.count]).copyMemory(from: secret)
        RandomBytes.fill(UnsafeMutableRawBufferPointer(rebasing: field[(2 + secret.count)...]))
        let mac = keys.mac(UnsafeRawBufferPointer(part(0..<end)))
        keys.transform(field, vector: mac, encrypting: true)
        Self.encodeHex(UnsafeRawBufferPointer(field), into: text, at: headerCount)
        withUnsafeBytes(of: mac) { mac in
            let code = UnsafeRawBufferPointer(rebasing: mac[..<version.macBytes])
            Self.encodeHex(code, into: text, at: headerCount + 2 * payloadCount)
        }
        return headerCount + 2 * (payloadCount + version.macBytes)
    }

    private static func matches(_ computed: Block, _ given: Block, _ version: KeyBlockVersion) -> Bool {
        withUnsafeBytes(of: computed) { computed in
            withUnsafeBytes(of: given) { given in
                constantTimeEquals(
                    UnsafeRawBufferPointer(rebasing: computed[..<version.macBytes]),
                    UnsafeRawBufferPointer(rebasing: given[..<version.macBytes]))
            }
        }
    }

    /// - Returns: whether there are small letters among the digits.
    private static func decodeHex(
        _ text: UnsafeRawBufferPointer, from start: Int, into output: UnsafeMutableRawBufferPointer
    ) throws(KeyBlockError) -> Bool {
        var (isBad, letters) = (text.count - start != 2 * output.count, UInt8(0))
        if !isBad {
            for index in 0..<output.count {
                let (high, low) = (text[start + 2 * index], text[start + 2 * index + 1])
                isBad = isBad || !isHexDigit(high) || !isHexDigit(low)
                // A small letter has both bits, a capital one and a digit have one of them.
                letters |= (high & high << 1) | (low & low << 1)
                // Letters have bit 6, and stand nine further on.
                output[index] = (high << 4 &+ (high >> 6) &* 0x90) | ((low & 15) &+ (low >> 6) &* 9)
            }
        }
        guard !isBad else {
            let wrong = text[start...].firstIndex { !isHexDigit($0) } ?? text.count - 1
            throw .malformed(offset: start + (wrong - start) / 2 * 2, expected: "two hexadecimal digits")
        }
        return letters & 0x40 != 0
    }

    @inline(__always)
    private static func isHexDigit(_ digit: UInt8) -> Bool { digit &- 0x30 < 10 || (digit | 0x20) &- 0x61 < 6 }

    private static func encodeHex(
        _ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer, at start: Int
    ) {
        func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x37 + nibble }
        for index in 0..<bytes.count {
            text[start + 2 * index] = digit(bytes[index] >> 4)
            text[start + 2 * index + 1] = digit(bytes[index] & 15)
        }
    }
}
