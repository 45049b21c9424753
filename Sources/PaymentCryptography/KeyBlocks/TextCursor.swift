// SPDX-License-Identifier: Apache-2.0

/// Writes characters one after another; whoever uses it has counted them before.
struct TextCursor {
    private let output: UnsafeMutableRawBufferPointer
    private var offset = 0

    init(_ output: UnsafeMutableRawBufferPointer) { self.output = output }

    mutating func put(_ character: UInt8) {
        output[offset] = character
        offset += 1
    }

    /// Two characters (`FieldCode`).
    mutating func put(pair: UInt16) {
        put(UInt8(pair >> 8))
        put(UInt8(pair & 0xFF))
    }

    mutating func put(_ text: String) { for character in text.utf8 { put(character) } }

    mutating func put(_ value: Int, digits: Int, radix: Int) {
        var rest = value
        for place in stride(from: digits - 1, through: 0, by: -1) {
            let digit = UInt8(rest % radix)
            output[offset + place] = digit < 10 ? 0x30 + digit : 0x37 + digit
            rest /= radix
        }
        offset += digits
    }

    /// A length over two hexadecimal digits is written as `00`, the number of its digits, and the length.
    mutating func put(_ block: KeyBlockHeader.OptionalBlock) {
        put(block.id)
        let short = block.text.utf8.count + 4
        if short <= 0xFF {
            put(short, digits: 2, radix: 16)
        } else {
            put("0004")
            put(short + 6, digits: 4, radix: 16)
        }
        put(block.text)
    }
}
