// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Reads the values of an import.
enum ListValue {
    /// The key that a text stands for; nil for no value of the kind.
    static func key(_ text: ArraySlice<UInt8>, _ kind: ListKind, _ cardKey: (PAN) -> CardKey) -> ListKey? {
        switch kind {
        case .card:
            if text.count == 32 { return hexadecimal(text) }
            return PAN(ascii: text).map { ListKey(cardKey($0)) }
        case .terminal: return TerminalID(ascii: text).map { ListKey($0) }
        case .merchant: return number(text, figuresMax: 15).map { ListKey(MerchantID(number: $0)) }
        case .mcc:
            guard text.count == 4 else { return nil }
            return number(text, figuresMax: 4).map { ListKey(MCC(UInt16($0))) }
        case .goods: return GoodsCode(ascii: text).map { ListKey($0) }
        case .country: return ListKey(country: text)
        }
    }

    /// A day, which is its first second, or a time such as 2026-12-31T18:00:00Z; in seconds since 1970.
    static func expiry(_ text: ArraySlice<UInt8>) -> UInt32? {
        let date = String(decoding: text, as: UTF8.self)
        guard let instant = Instant(iso8601: text.count == 10 ? date + "T00:00:00Z" : date),
            (1...Int64(UInt32.max)).contains(instant.seconds)
        else { return nil }
        return UInt32(instant.seconds)
    }

    private static func number(_ text: ArraySlice<UInt8>, figuresMax: Int) -> UInt64? {
        guard (1...figuresMax).contains(text.count) else { return nil }
        var number: UInt64 = 0
        for byte in text {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + UInt64(byte - 0x30)
        }
        return number
    }

    private static func hexadecimal(_ text: ArraySlice<UInt8>) -> ListKey? {
        var (high, low) = (UInt64(0), UInt64(0))
        for byte in text {
            let figure: UInt8
            switch byte {
            case 0x30...0x39: figure = byte - 0x30
            case 0x41...0x46: figure = byte - 0x41 + 10
            case 0x61...0x66: figure = byte - 0x61 + 10
            default: return nil
            }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(figure)
        }
        return ListKey(high: high, low: low)
    }
}
