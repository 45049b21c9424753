// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// ISO 8583:1987 as a stranger on the port writes and reads it: just enough to knock at the host's door.
package enum HostMessage {
    /// How long a field is: fixed, or after two or three digits.
    private enum Length {
        case fixed(Int), two, three
    }

    private static func length(_ field: Int) -> Length? {
        switch field {
        case 2, 32, 35: .two
        case 3, 11, 12, 38: .fixed(6)
        case 4, 37: .fixed(12)
        case 7: .fixed(10)
        case 13, 14, 18: .fixed(4)
        case 22, 23, 49: .fixed(3)
        case 25, 39: .fixed(2)
        case 41, 52, 64: .fixed(8)
        case 42: .fixed(15)
        case 44: .two
        case 48, 57, 58, 60, 61, 62, 63: .three
        default: nil
        }
    }

    /// A message of fields 2 to 64, in the order of their numbers.
    static func encode(_ type: String, _ fields: [(number: Int, value: [UInt8])]) -> [UInt8] {
        var bitmap: UInt64 = 0
        var body: [UInt8] = []
        for field in fields {
            bitmap |= 1 << UInt64(64 - field.number)
            let digits = String(1_000 + field.value.count).dropFirst()
            switch length(field.number) {
            case .two: body += digits.suffix(2).utf8
            case .three: body += digits.utf8
            case .fixed, nil: break
            }
            body += field.value
        }
        return Array(type.utf8) + (0..<8).map { UInt8(truncatingIfNeeded: bitmap >> UInt64(56 - 8 * $0)) } + body
    }

    /// The type and the fields of an answer; nil for what does not fit.
    package static func decode(_ bytes: [UInt8]) -> (type: String, fields: [Int: [UInt8]])? {
        guard bytes.count >= 12, bytes[4] & 0x80 == 0 else { return nil }
        let bitmap = bytes[4..<12].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var rest = bytes[12...]
        var fields: [Int: [UInt8]] = [:]
        for number in 2...64 where bitmap >> UInt64(64 - number) & 1 == 1 {
            let count: Int
            switch length(number) {
            case .fixed(let fixed): count = fixed
            case .two, .three:
                let digits = if case .two = length(number) { 2 } else { 3 }
                guard let value = Int(String(decoding: rest.prefix(digits), as: UTF8.self)) else { return nil }
                count = value
                rest = rest.dropFirst(digits)
            case nil: return nil
            }
            guard rest.count >= count else { return nil }
            fields[number] = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return rest.isEmpty ? (String(decoding: bytes[..<4], as: UTF8.self), fields) : nil
    }

    /// A purchase in the name of a terminal by somebody who has none of its keys: KSN, health element and MAC are
    /// zeros.
    static func forgedPurchase(at till: Till, with card: TestCard, cents: Int, trace: Int) -> [UInt8] {
        func digits(_ value: Int, _ count: Int) -> [UInt8] {
            let text = String(value)
            return Array((String(repeating: "0", count: max(0, count - text.count)) + text).utf8)
        }
        func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }
        return encode(
            "0200",
            [
                (2, Array(card.number.utf8)), (3, digits(0, 6)), (4, digits(cents, 12)), (7, digits(101_120_000, 10)),
                (11, digits(trace, 6)), (12, digits(120_000, 6)), (13, digits(101, 4)),
                (14, Array("\(card.expiry)".utf8)), (22, digits(51, 3)), (25, digits(0, 2)), (41, Array(till.id.utf8)),
                (42, Array(till.merchant.utf8)), (49, digits(978, 3)), (62, zeros(till.isAES ? 12 : 10)),
                (63, zeros(36)), (64, zeros(8)),
            ])
    }
}
