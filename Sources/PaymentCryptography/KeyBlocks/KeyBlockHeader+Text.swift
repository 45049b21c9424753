// SPDX-License-Identifier: Apache-2.0

extension KeyBlockHeader {
    /// The characters before the optional blocks.
    static let fixedCount = 16
    /// The longest key block: four decimal digits.
    public static let blockCountMax = 9_999

    // MARK: Reading

    /// The header at the start of a key block, and how many characters it takes.
    static func read(_ text: UnsafeRawBufferPointer) throws(KeyBlockError) -> (header: KeyBlockHeader, count: Int) {
        // Every character is looked at in any case: without a way out, many at once.
        var isPrintable = true
        for character in text { isPrintable = isPrintable && character &- 0x20 < 0x5F }
        guard isPrintable else {
            let offset = text.firstIndex { !FieldCode.isPrintable($0) } ?? 0
            throw .malformed(offset: offset, expected: "a printable ASCII character")
        }
        guard text.count >= fixedCount else {
            throw .malformed(offset: text.count, expected: "16 characters of header")
        }
        guard let version = KeyBlockVersion(letter: text[0]) else {
            throw .malformed(offset: 0, expected: "a version A to E")
        }
        guard decimal(text, 1, 4) == text.count else {
            throw .malformed(offset: 1, expected: "the length of the block, \(text.count)")
        }
        guard let count = decimal(text, 12, 2) else {
            throw .malformed(offset: 12, expected: "the number of optional blocks")
        }
        let attributes = KeyAttributes(
            usage: KeyUsage(code: pair(text, 5)), algorithm: KeyAlgorithm(code: text[7]),
            modeOfUse: ModeOfUse(code: text[8]), exportability: Exportability(code: text[11]))
        var header = KeyBlockHeader(version, attributes, keyVersion: pair(text, 9), context: pair(text, 14))
        var offset = fixedCount
        for _ in 0..<count { header.optionalBlocks.append(try readOptionalBlock(text, &offset)) }
        guard version == .e || offset % version.blockBytes == 0 else {
            throw .malformed(offset: offset, expected: "a header of whole blocks of \(version.blockBytes)")
        }
        return (header, offset)
    }

    /// `id length text`; a length of 00 is followed by the count of the digits of the real length. Lengths are
    /// hexadecimal, count characters, and include what stands before the text.
    private static func readOptionalBlock(
        _ text: UnsafeRawBufferPointer, _ offset: inout Int
    ) throws(KeyBlockError) -> OptionalBlock {
        guard text.count - offset >= 4, var length = hexadecimal(text, offset + 2, 2) else {
            throw .malformed(offset: offset, expected: "an optional block")
        }
        var start = offset + 4
        if length == 0 {
            guard text.count - start >= 2, let digits = hexadecimal(text, start, 2), (1...4).contains(digits),
                text.count - start - 2 >= digits, let extended = hexadecimal(text, start + 2, digits)
            else { throw .malformed(offset: start, expected: "an extended length") }
            length = extended
            start += 2 + digits
        }
        let end = offset + length
        guard end >= start, end <= text.count else {
            throw .malformed(offset: offset + 2, expected: "a length within the block")
        }
        let block = OptionalBlock(id: string(text, offset, 2), text: string(text, start, end - start))
        offset = end
        return block
    }

    private static func string(_ text: UnsafeRawBufferPointer, _ offset: Int, _ count: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: text[offset..<offset + count]), as: UTF8.self)
    }

    private static func pair(_ text: UnsafeRawBufferPointer, _ offset: Int) -> UInt16 {
        UInt16(text[offset]) << 8 | UInt16(text[offset + 1])
    }

    private static func decimal(_ text: UnsafeRawBufferPointer, _ offset: Int, _ count: Int) -> Int? {
        number(text, offset, count, radix: 10)
    }

    private static func hexadecimal(_ text: UnsafeRawBufferPointer, _ offset: Int, _ count: Int) -> Int? {
        number(text, offset, count, radix: 16)
    }

    /// Digits only: `Int(_:radix:)` would take a sign.
    private static func number(_ text: UnsafeRawBufferPointer, _ offset: Int, _ count: Int, radix: Int) -> Int? {
        var value = 0
        for byte in text[offset..<offset + count] {
            guard let digit = hexDigit(byte), digit < radix else { return nil }
            value = value * radix + digit
        }
        return value
    }

    /// As `read`, of text in an array.
    static func read(_ text: [UInt8]) throws(KeyBlockError) -> (header: KeyBlockHeader, count: Int) {
        let result = text.withUnsafeBytes { text in
            Result { () throws(KeyBlockError) in try read(text) }
        }
        return try result.get()
    }

    // MARK: Writing

    /// The characters of the header for a block whose key field and MAC take `payloadCount` more.
    func text(payloadCount: Int) throws(KeyBlockError) -> [UInt8] {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.blockCountMax, alignment: 8)
        defer { room.deallocate() }
        return Array(room[..<(try write(payloadCount: payloadCount, into: room))])
    }

    /// Refuses fields that the header has no room for, and characters that it cannot carry.
    func checkForm() throws(KeyBlockError) {
        guard usage.code != 0 else { throw .attribute("usage") }
        guard algorithm.code != 0 else { throw .attribute("algorithm") }
        guard modeOfUse.code != 0 else { throw .attribute("mode of use") }
        guard keyVersionCode != 0 else { throw .attribute("key version") }
        guard exportability.code != 0 else { throw .attribute("exportability") }
        guard contextCode != 0 else { throw .attribute("context") }
        for index in optionalBlocks.indices {
            guard FieldCode.pair(optionalBlocks[index].id) != 0 else { throw .attribute("optional block id") }
            guard optionalBlocks[index].text.utf8.allSatisfy(FieldCode.isPrintable) else {
                throw .attribute("optional block \(optionalBlocks[index].id)")
            }
        }
    }

    /// Writes the header of a block whose key field and MAC take `payloadCount` more characters.
    ///
    /// - Returns: its characters.
    func write(
        payloadCount: Int, into output: UnsafeMutableRawBufferPointer
    ) throws(KeyBlockError) -> Int {
        try checkForm()
        var size = Self.fixedCount
        var count = 0
        for block in optionalBlocks where block.id != "PB" {
            size += Self.count(of: block)
            count += 1
        }
        var padding = 0
        if size % version.blockBytes != 0 {
            // The padding block fills the header to whole blocks; it has four characters of its own.
            let fill = version.blockBytes - size % version.blockBytes
            padding = fill < 4 ? fill + version.blockBytes : fill
            size += padding
            count += 1
        }
        guard count <= 99 else { throw .attribute("optional blocks") }
        let total = size + payloadCount
        guard total <= Self.blockCountMax, total <= output.count else { throw .tooLong(total) }
        var cursor = TextCursor(output)
        cursor.put(version.letter)
        cursor.put(total, digits: 4, radix: 10)
        cursor.put(pair: usage.code)
        cursor.put(algorithm.code)
        cursor.put(modeOfUse.code)
        cursor.put(pair: keyVersionCode)
        cursor.put(exportability.code)
        cursor.put(count, digits: 2, radix: 10)
        cursor.put(pair: contextCode)
        for block in optionalBlocks where block.id != "PB" { cursor.put(block) }
        if padding > 0 {
            let letters = RandomBytes.bytes(padding - 4).map { UInt8(ascii: "A") + $0 % 26 }
            cursor.put(OptionalBlock(id: "PB", text: String(decoding: letters, as: UTF8.self)))
        }
        return size
    }

    /// What an optional block takes, its own head included.
    private static func count(of block: OptionalBlock) -> Int {
        let short = block.text.utf8.count + 4
        return short <= 0xFF ? short : short + 6
    }
}

/// The value of a hexadecimal digit in upper or lower case.
func hexDigit(_ byte: UInt8) -> Int? {
    switch byte {
    case 0x30...0x39: Int(byte) - 0x30
    case 0x41...0x46: Int(byte) - 0x41 + 10
    case 0x61...0x66: Int(byte) - 0x61 + 10
    default: nil
    }
}
