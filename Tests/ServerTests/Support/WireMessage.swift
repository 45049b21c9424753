// SPDX-License-Identifier: Apache-2.0

/// A client's own idea of the dialect, written from the table of fields in ISO 8583:1987 and the lengths the project
/// documents; it shares no line with the project's encoder.
struct WireMessage: Equatable {
    var mti: String
    /// Field numbers and their bytes, without length prefixes.
    var fields: [Int: [UInt8]] = [:]

    init(_ mti: String, _ fields: [Int: String] = [:]) {
        self.mti = mti
        for (number, text) in fields { self.fields[number] = Array(text.utf8) }
    }

    subscript(_ number: Int) -> String? {
        get { fields[number].map { String(decoding: $0, as: UTF8.self) } }
        set { fields[number] = newValue.map { Array($0.utf8) } }
    }

    /// Fields of a fixed number of bytes.
    private static let fixed: [Int: Int] = [
        3: 6, 4: 12, 7: 10, 11: 6, 12: 6, 13: 4, 14: 4, 18: 4, 22: 3, 23: 3, 25: 2, 37: 12, 38: 6, 39: 2, 41: 8, 42: 15,
        43: 40, 49: 3, 52: 8, 53: 16, 64: 8, 66: 1, 70: 3, 90: 42, 128: 8,
    ]
    /// Digits of the length prefix of the others.
    private static let prefixes: [Int: Int] = [
        2: 2, 32: 2, 35: 2, 44: 2, 48: 3, 54: 3, 55: 3, 57: 3, 58: 3, 59: 2, 60: 3, 61: 3, 62: 3, 63: 3, 100: 2, 102: 2,
        110: 3,
    ]

    /// The bytes, and where each field's value lies in them.
    func encoded() -> (bytes: [UInt8], ranges: [Int: Range<Int>]) {
        let isLong = fields.keys.contains { $0 > 64 }
        var bitmap = [UInt8](repeating: 0, count: isLong ? 16 : 8)
        if isLong { bitmap[0] |= 0x80 }
        for number in fields.keys { bitmap[(number - 1) / 8] |= 0x80 >> UInt8((number - 1) % 8) }
        var bytes = Array(mti.utf8) + bitmap
        var ranges: [Int: Range<Int>] = [:]
        for number in fields.keys.sorted() {
            let value = fields[number] ?? []
            if let digits = Self.prefixes[number] {
                let count = String(value.count)
                bytes += Array((String(repeating: "0", count: digits - count.count) + count).utf8)
            }
            ranges[number] = bytes.count..<bytes.count + value.count
            bytes += value
        }
        return (bytes, ranges)
    }

    /// - Returns: nil for anything that is not exactly one message.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 12 else { return nil }
        mti = String(decoding: bytes[..<4], as: UTF8.self)
        let bitmapLength = bytes[4] & 0x80 != 0 ? 16 : 8
        guard bytes.count >= 4 + bitmapLength else { return nil }
        var offset = 4 + bitmapLength
        for number in 2...bitmapLength * 8 where bytes[4 + (number - 1) / 8] & 0x80 >> UInt8((number - 1) % 8) != 0 {
            var length: Int
            if let digits = Self.prefixes[number] {
                guard offset + digits <= bytes.count,
                    let count = Int(String(decoding: bytes[offset..<offset + digits], as: UTF8.self))
                else { return nil }
                offset += digits
                length = count
            } else {
                guard let count = Self.fixed[number] else { return nil }
                length = count
            }
            guard offset + length <= bytes.count else { return nil }
            fields[number] = Array(bytes[offset..<offset + length])
            offset += length
        }
        guard offset == bytes.count else { return nil }
    }
}

/// Two length bytes, big-endian, before a message.
func framed(_ message: [UInt8]) -> [UInt8] {
    [UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message
}
