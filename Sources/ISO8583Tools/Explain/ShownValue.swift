// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// Shows the values of one message to people: what its specification calls sensitive masked, what is sensitive in every
/// specification masked too, and no account number of the message whole in any other field.
struct ShownValue {
    /// More characters of a value are not shown.
    static let charactersMax = 120
    /// The longest and shortest account numbers that are looked for in open text.
    private static let accountDigits = 13...19

    private let mti: MTI
    private let isSound: Bool
    private let macFields: FieldSet
    /// The account numbers of the message, as text and as the hexadecimal of that.
    private var accounts: [(text: String, masked: String)] = []

    /// Fields whose digits are amounts, times, numbers of terminals and the like, never of an account.
    private static let plainFields = FieldSet([Int](3...33) + [Int](37...42) + [49, 50, 51, 53, 64, 90, 128])
    /// Private fields that carry keys in answers to a sign-on.
    private static let keyFields = FieldSet([48, 53, 62, 63, 96] + [Int](105...127))
    /// Data objects that say nothing about the card or its holder (EMV 4.3 Book 3 Annex A).
    private static let openTags = [
        "4F", "50", "5F2A", "5F34", "82", "84", "8A", "91", "95", "9A", "9B", "9C", "9F02", "9F03", "9F06", "9F09",
        "9F10", "9F1A", "9F1E", "9F21", "9F26", "9F27", "9F33", "9F34", "9F35", "9F36", "9F37", "9F39", "9F40", "9F41",
        "9F63", "DF31",
    ]
    private static let secretTags = ["56", "9F1F", "9F20", "5F20", "9F0B", "5F24", "5F25", "9F6B"]

    /// - Parameter isSound: whether the message was read whole and without a fault. Otherwise it may be read by the
    /// wrong   layout, and digits of an account stand anywhere.
    init(_ view: MessageView, isSound: Bool) {
        mti = view.mti
        macFields = view.spec.macFields
        self.isSound = isSound
        for part in Message(view).fields { collect(part) }
    }

    private mutating func collect(_ part: Message.Part) {
        let tag = Self.tag(part)
        if [.pan, .track].contains(sensitivity(of: part)) {
            var digits = ""
            // Track 1 has a letter before its account number.
            let hasFormat = part.text.unicodeScalars.first.map { $0.properties.isAlphabetic } ?? false
            for scalar in part.text.unicodeScalars.dropFirst(hasFormat ? 1 : 0) {
                guard "0"..."9" ~= scalar else { break }
                digits.unicodeScalars.append(scalar)
            }
            if tag == "5A" || tag == "57" { digits = String(digits.prefix(19)) }
            if Self.accountDigits.contains(digits.utf8.count) {
                let masked = Masking.masked(pan: digits)
                accounts.append((digits, masked))
                accounts.append((Hex.text(digits.utf8), masked))
            }
        }
        for inner in part.parts { collect(inner) }
    }

    // MARK: - Values

    /// The value of a part, for people.
    func text(_ part: Message.Part) -> String {
        var part = part
        part.sensitivity = sensitivity(of: part)
        if part.kind == .binary, part.sensitivity == .pan {
            part.text = String(part.text.prefix { $0 != "F" })
        }
        if part.sensitivity == .track, part.kind != .track, Self.tag(part) == nil { return Self.trackOne(part.text) }
        let shown = Masking.masked(part)
        guard part.sensitivity == .none else { return shown }
        let isPlain = isPlain(part)
        return cut(guarded(printable(shown), isPlain: isPlain))
    }

    /// What the bytes of field 63.2 say, which UnionPay's answers have in two bytes a character; nil for any other part, and
    /// for bytes that are no text.
    func nationalText(_ part: Message.Part) -> String? {
        guard part.path == "63.2", part.kind == .binary, let text = GBK.text(part.bytes) else { return nil }
        return cut(guarded(printable(text), isPlain: false))
    }

    /// Track 1 (ISO/IEC 7813): a letter and the account number masked, nothing behind the first `^`; stars for other
    /// text.
    private static func trackOne(_ text: String) -> String {
        guard let end = text.firstIndex(of: "^"), let format = text.first, !format.isNumber else {
            return String(repeating: "*", count: text.count)
        }
        let account = Masking.masked(pan: String(text[..<end].dropFirst()))
        return "\(format)\(account)^" + String(repeating: "*", count: text[end...].count - 1)
    }

    /// The strictest of what the specification says and what is so everywhere.
    func sensitivity(of part: Message.Part) -> FieldSpec.Sensitivity {
        let field = Self.field(part)
        if let tag = Self.tag(part) {
            switch tag {
            case "5A": return .pan
            case "57": return .track
            case _ where Self.secretTags.contains(tag): return .secret
            case _ where Self.openTags.contains(tag) && field == 55: return .none
            default: return part.sensitivity
            }
        }
        switch field {
        case 2, 34: return part.sensitivity == .secret ? .secret : .pan
        case 35, 36, 45: return part.sensitivity == .secret ? .secret : .track
        case 52: return .secret
        case 55: return part.sensitivity == .none && part.kind == .binary ? .secret : part.sensitivity
        default: break
        }
        guard part.sensitivity == .none, isManagement, !macFields.contains(field), field != 64, field != 128 else {
            return part.sensitivity
        }
        let mayBeKeys = part.kind == .binary || Self.keyFields.contains(field) && Self.isLongHex(part.text)
        return mayBeKeys ? .secret : .none
    }

    /// 0800 and its like of every version.
    private var isManagement: Bool { mti.rawValue & 0x0F00 == 0x0800 }

    private static func isLongHex(_ text: String) -> Bool { text.utf8.count >= 16 && Hex.bytes(text) != nil }

    private static func field(_ part: Message.Part) -> Int {
        Int(part.path.prefix { $0 != "." }) ?? 0
    }

    /// The tag of a data object; nil for fields and for parts that are divided otherwise.
    private static func tag(_ part: Message.Part) -> String? {
        guard part.kind == .binary, let point = part.path.lastIndex(of: ".") else { return nil }
        return String(part.path[part.path.index(after: point)...])
    }

    // MARK: - Open text

    /// Whether long runs of digits in the part are no account numbers. Digits of fields 60 and 61 are batches and
    /// traces.
    private func isPlain(_ part: Message.Part) -> Bool {
        if let tag = Self.tag(part) { return Self.openTags.contains(tag) }
        let field = Self.field(part)
        return Self.plainFields.contains(field) || [60, 61].contains(field) && part.kind == .numeric
    }

    private func printable(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || 0x7F...0x9F ~= scalar.value
            output.unicodeScalars.append(isControl ? "·" : scalar)
        }
        while output.hasSuffix(" ") { output.removeLast() }
        return output
    }

    private func cut(_ text: String) -> String {
        guard text.count > Self.charactersMax else { return text }
        return "\(text.prefix(Self.charactersMax))… [\(text.count) characters]"
    }

    /// Account numbers of the message, and other long runs of digits, masked.
    private func guarded(_ text: String, isPlain: Bool) -> String {
        var bytes = Array(text.utf8)
        for account in accounts {
            let wanted = Array(account.text.utf8)
            var index = 0
            while index + wanted.count <= bytes.count {
                if bytes[index..<index + wanted.count].elementsEqual(wanted) {
                    bytes.replaceSubrange(index..<index + wanted.count, with: Array(account.masked.utf8))
                }
                index += 1
            }
        }
        if !isSound || !isPlain { Self.maskRuns(&bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func maskRuns(_ bytes: inout [UInt8]) {
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, 0x30...0x39 ~= bytes[end] { end += 1 }
            if end - start >= accountDigits.lowerBound {
                let run = String(decoding: bytes[start..<end], as: UTF8.self)
                bytes.replaceSubrange(start..<end, with: Array(Masking.masked(pan: run).utf8))
            }
            start = end + 1
        }
    }

    /// Whether the last digit is the check digit of the others (ISO/IEC 7812-1 annex B).
    static func isAccount(_ digits: ArraySlice<UInt8>) -> Bool {
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let value = Int(digit & 15)
            sum += index % 2 == 0 ? value : value < 5 ? 2 * value : 2 * value - 9
        }
        return sum % 10 == 0
    }
}
