// SPDX-License-Identifier: Apache-2.0

extension MessageIndex {
    /// Reads message type and bitmaps.
    init(head bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled) throws(DecodeError) {
        let head = try MessageHead(reading: bytes, compiled)
        self.init(mti: head.mti, fields: head.fields, start: head.end)
    }
}

/// Message type and bitmaps.
struct MessageHead {
    let mti: MTI
    let fields: FieldSet
    /// Where the first field begins.
    let end: Int

    @inline(__always)
    init(reading bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled) throws(DecodeError) {
        let limit = compiled.head.messageBytesMax
        guard bytes.count <= limit else {
            throw DecodeError(
                path: "", offset: limit, kind: .messageTooLong(length: bytes.count, maximum: limit))
        }
        mti = try Self.readMTI(bytes, compiled.head)
        if compiled.head.refusesOtherMessages, !compiled.types.contains(mti) {
            throw DecodeError(0, at: 0, .unsupportedMTI)
        }
        var offset = compiled.head.mtiBytes
        fields = try Self.readBitmaps(bytes, compiled.head, &offset)
        end = offset
    }

    @inline(__always)
    private static func readMTI(_ bytes: Span<UInt8>, _ head: MessageSpec.Head) throws(DecodeError) -> MTI {
        if head.mtiEncoding == .ascii, bytes.count >= 8, let digits = Words.firstFourDigits(bytes.bytes) {
            return MTI(unchecked: digits)
        }
        return try readOtherMTI(bytes, head)
    }

    @inline(never)
    private static func readOtherMTI(_ bytes: Span<UInt8>, _ head: MessageSpec.Head) throws(DecodeError) -> MTI {
        let needed = head.mtiBytes
        guard bytes.count >= needed else {
            throw DecodeError(0, at: 0, .truncated(declared: needed, left: bytes.count))
        }
        var value: UInt16 = 0
        for index in 0..<needed {
            if head.mtiEncoding == .bcd {
                let byte = bytes[index]
                guard byte >> 4 <= 9, byte & 15 <= 9 else {
                    throw DecodeError(0, at: index, .badCharacter(expected: .digits, found: .packedLetter))
                }
                value = value << 8 | UInt16(byte)
            } else {
                let character = EBCDIC.character(bytes[index], head.mtiEncoding)
                guard character &- 0x30 <= 9 else {
                    let found = CharacterClass(of: character)
                    throw DecodeError(0, at: index, .badCharacter(expected: .digits, found: found))
                }
                value = value << 4 | UInt16(character &- 0x30)
            }
        }
        return MTI(unchecked: value)
    }

    @inline(__always)
    private static func readBitmaps(
        _ bytes: Span<UInt8>, _ head: MessageSpec.Head, _ offset: inout Int
    ) throws(DecodeError) -> FieldSet {
        let start = offset
        var fields = FieldSet(primary: try readBitmap(bytes, head, &offset))
        if fields.primary >> 63 != 0 {
            guard head.fieldMax > 64 else { throw DecodeError(1, at: start, .unknownField) }
            fields.primary &= ~(1 << 63)
            let second = offset
            fields.secondary = try readBitmap(bytes, head, &offset)
            if head.fieldMax > 128, fields.secondary >> 63 != 0 {
                fields.secondary &= ~(1 << 63)
                let third = offset
                fields.tertiary = try readBitmap(bytes, head, &offset)
                if fields.tertiary == 0 { throw DecodeError(1, at: third, .badBitmap) }
            }
            if head.secondary == .whenNeeded, fields.secondary | fields.tertiary == 0 {
                throw DecodeError(1, at: second, .badBitmap)
            }
        } else if head.secondary == .always {
            throw DecodeError(1, at: start, .badBitmap)
        }
        guard head.fieldCountMax >= FieldSet.fieldMax || fields.count <= head.fieldCountMax else {
            throw DecodeError(1, at: start, .tooManyFields(maximum: head.fieldCountMax))
        }
        return fields
    }

    @inline(__always)
    private static func readBitmap(
        _ bytes: Span<UInt8>, _ head: MessageSpec.Head, _ offset: inout Int
    ) throws(DecodeError) -> UInt64 {
        let start = offset
        offset &+= head.bitmapBytes
        guard head.bitmapEncoding == .binary, offset <= bytes.count else {
            return try readOtherBitmap(bytes, head, at: start)
        }
        return Words.load(bytes.bytes, start).byteSwapped
    }

    @inline(never)
    private static func readOtherBitmap(
        _ bytes: Span<UInt8>, _ head: MessageSpec.Head, at offset: Int
    ) throws(DecodeError) -> UInt64 {
        let needed = head.bitmapBytes
        guard bytes.count - offset >= needed else {
            throw DecodeError(1, at: offset, .truncated(declared: needed, left: bytes.count - offset))
        }
        var word: UInt64 = 0
        for index in offset..<offset + needed {
            let character = EBCDIC.character(bytes[index], head.bitmapEncoding)
            guard let nibble = FieldSpec.nibble(ofHex: character) else {
                let found = CharacterClass(of: character)
                throw DecodeError(1, at: index, .badCharacter(expected: .hexDigits, found: found))
            }
            word = word << 4 | UInt64(nibble)
        }
        return word
    }
}
