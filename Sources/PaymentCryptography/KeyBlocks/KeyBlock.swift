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
        /// What a lenient reader found against the standard.
        public let findings: [KeyBlockFinding]

        /// The key alone.
        public consuming func takeKey() -> SecretKey { key }
    }

    /// The text of a key block, by the strict rules. The key is padded with random bytes to the longest of its
    /// algorithm, so that the text does not tell its length, unless `writing` says otherwise.
    ///
    /// - Parameter protectionKey: TDES of 16 or 24 bytes for version B, AES of 16, 24 or 32 for D and E.
    public static func wrap(
        _ key: borrowing SecretKey, header: KeyBlockHeader, under protectionKey: borrowing SecretKey,
        writing: KeyBlockWriting = KeyBlockWriting()
    ) throws(KeyBlockError) -> String {
        var scratch = KeyBlockScratch()
        let text = UnsafeMutableRawBufferPointer.allocate(byteCount: KeyBlockHeader.blockCountMax, alignment: 8)
        defer { text.deallocate() }
        let count = try wrap(
            key, header: header, under: protectionKey, writing: writing, into: text, scratch: &scratch)
        return String(decoding: text[..<count], as: UTF8.self)
    }

    /// As `wrap(_:header:under:writing:)`, into room of the caller's.
    ///
    /// - Parameter text: 9999 bytes are enough for every block.
    /// - Returns: how many characters were written, in ASCII.
    public static func wrap(
        _ key: borrowing SecretKey, header: KeyBlockHeader, under protectionKey: borrowing SecretKey,
        writing: KeyBlockWriting = KeyBlockWriting(), into text: UnsafeMutableRawBufferPointer,
        scratch: inout KeyBlockScratch
    ) throws(KeyBlockError) -> Int {
        let version = header.version
        guard !version.isReadOnly else { throw .readOnlyVersion(version) }
        guard version.takesProtectionKey(byteCount: protectionKey.count) else {
            throw .wrongProtectionKey(version: version, byteCount: protectionKey.count)
        }
        try checkStrength(key.count, header, protectionKey.count)
        guard key.count <= 4_096 else { throw .tooLong(key.count) }
        let secret = UnsafeRawBufferPointer(start: key.base, count: key.count)
        let protection = UnsafeRawBufferPointer(start: protectionKey.base, count: protectionKey.count)
        let header = writing.checkValues.isEmpty ? header : try header.adding(writing.checkValues, secret, protection)
        let longest =
            switch header.algorithm {
            case .aes where writing.hidesLength: 32
            case .tdes where writing.hidesLength: 24
            default: key.count
            }
        let size = version.blockBytes
        let payloadCount = (2 + max(longest, key.count) + size - 1) / size * size
        return try scratch.wrap(
            secret, header: header, payloadCount: payloadCount, under: protection, writing.policy, into: text)
    }

    /// The key of a key block. Nothing of the block is believed before its MAC matches.
    ///
    /// - Parameter policy: whether what is against the standard refuses the block.
    public static func unwrap(
        _ text: some StringProtocol, under protectionKey: borrowing SecretKey, policy: KeyBlockPolicy = .lenient
    ) throws(KeyBlockError) -> Unwrapped {
        let count = text.utf8.count
        guard count <= KeyBlockHeader.blockCountMax else { throw .tooLong(count) }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
        defer { block.deallocate() }
        block.copyBytes(from: text.utf8)
        var scratch = KeyBlockScratch(capacity: count)
        let header = try unwrap(UnsafeRawBufferPointer(block), under: protectionKey, into: &scratch, policy: policy)
        let key = scratch.withKey { key in SecretKey(count: key.count) { $0.copyMemory(from: key) } }
        return Unwrapped(header: header, key: key, findings: scratch.findings)
    }

    /// As `unwrap(_:under:policy:)`; the key stays in the scratch, and so do the findings.
    ///
    /// - Parameter text: the block in ASCII.
    public static func unwrap(
        _ text: UnsafeRawBufferPointer, under protectionKey: borrowing SecretKey, into scratch: inout KeyBlockScratch,
        policy: KeyBlockPolicy = .lenient
    ) throws(KeyBlockError) -> KeyBlockHeader {
        try scratch.unwrap(
            text, under: UnsafeRawBufferPointer(start: protectionKey.base, count: protectionKey.count), policy)
    }

    /// The key is one of its algorithm, and no stronger than its protection key.
    private static func checkStrength(
        _ keyCount: Int, _ header: KeyBlockHeader, _ protectionCount: Int
    ) throws(KeyBlockError) {
        if header.algorithm.takes(byteCount: keyCount) == false {
            throw .attribute(
                header.algorithm == .aes
                    ? "length of an AES key" : header.algorithm == .tdes ? "length of a TDES key" : "length of the key")
        }
        guard let strength = KeyStrength(header.algorithm, byteCount: keyCount),
            let protection = KeyStrength(header.version.protectionAlgorithm, byteCount: protectionCount)
        else { return }
        guard protection.mayProtect(strength) else { throw .weakerThanKey }
    }
}

extension KeyBlockHeader {
    /// With KC or KP at the end, in place of what it had of them.
    fileprivate func adding(
        _ values: KeyBlockWriting.CheckValues, _ key: UnsafeRawBufferPointer, _ protectionKey: UnsafeRawBufferPointer
    ) throws(KeyBlockError) -> KeyBlockHeader {
        var header = self
        func put(_ id: String, _ value: KeyCheckValue?) throws(KeyBlockError) {
            guard let value else { throw .attribute("check value \(id)") }
            header.optionalBlocks.removeAll { $0.id == id }
            header.optionalBlocks.append(OptionalBlock(id, value))
        }
        if values.contains(.key) { try put("KC", KeyCheckValue(of: key, algorithm)) }
        if values.contains(.protectionKey) {
            try put("KP", KeyCheckValue(of: protectionKey, version.protectionAlgorithm))
        }
        return header
    }
}
