// SPDX-License-Identifier: Apache-2.0

/// Field 59: tags of two letters, three digits of length, the value. Strict: no tag twice, no unknown tag, nothing behind.
struct PrivateData: Equatable {
    enum Tag: String, CaseIterable {
        /// Date and time of transmission MMDDhhmmss, then the local date and time MMDDhhmmss.
        case time = "TM"
        /// What the terminal can ask a cardholder for.
        case support = "SU"
        /// A step-up's challenge, or the reference to quote.
        case reference = "RF"
        /// Warning codes, or how a challenge was answered.
        case administrative = "AD"
        case goods = "GD"
        /// The original's message type and time of transmission MMDDhhmmss.
        case original = "OR"
    }

    /// In the order of `Tag.allCases`.
    private var values = [String?](repeating: nil, count: Tag.allCases.count)

    init() {}

    init?(text: some StringProtocol) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            guard rest.count >= 5, let tag = Tag(rawValue: String(decoding: rest.prefix(2), as: UTF8.self)),
                let count = Self.number(rest.dropFirst(2).prefix(3)), count > 0, rest.count >= 5 + count,
                self[tag] == nil
            else { return nil }
            rest = rest.dropFirst(5)
            self[tag] = String(decoding: rest.prefix(count), as: UTF8.self)
            rest = rest.dropFirst(count)
        }
    }

    subscript(tag: Tag) -> String? {
        get { values[Self.position(tag)] }
        set { values[Self.position(tag)] = newValue.flatMap { $0.isEmpty ? nil : $0 } }
    }

    /// Nil when there is nothing to say: an empty field would not be read.
    var text: String? {
        let text = Tag.allCases.map { tag in
            self[tag].map { tag.rawValue + UnionPay.digits(UInt64($0.utf8.count), 3) + $0 } ?? ""
        }.joined()
        return text.isEmpty ? nil : text
    }

    private static func position(_ tag: Tag) -> Int { Tag.allCases.firstIndex(of: tag) ?? 0 }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
