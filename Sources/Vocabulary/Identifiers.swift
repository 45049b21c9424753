// SPDX-License-Identifier: Apache-2.0

/// A short printable ASCII code packed into one word, so that comparing and hashing never touch a `String`.
public protocol PackedCode: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The characters, first in the most significant byte, unused bytes zero.
    var packed: UInt64 { get }
    /// Takes the word as it is; `isWellFormed` tells whether any text packs to it.
    init(packed: UInt64)
    static var maximumLength: Int { get }
}

extension PackedCode {
    /// - Returns: nil for text that is empty, too long, or not printable ASCII. Trailing spaces are dropped.
    public init?(_ text: some StringProtocol) { self.init(ascii: Array(text.utf8)) }

    public init?(ascii bytes: some Collection<UInt8>) {
        var packed: UInt64 = 0
        var trimmed = Array(bytes)
        while trimmed.last == 0x20 { trimmed.removeLast() }
        guard !trimmed.isEmpty, trimmed.count <= Self.maximumLength, trimmed.count <= 8 else { return nil }
        for byte in trimmed {
            guard byte >= 0x20, byte < 0x7F else { return nil }
            packed = packed << 8 | UInt64(byte)
        }
        self.init(packed: packed << UInt64(8 * (8 - trimmed.count)))
    }

    public var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: packed >> UInt64(56 - 8 * $0)) }.filter { $0 != 0 }
    }
    /// Whether some text packs to this word: no gap, no space at the end, printable ASCII alone. What is not well formed
    /// can be written and never read back as what it was.
    public var isWellFormed: Bool {
        let bytes = bytes
        return bytes.last != 0x20 && Self(ascii: bytes) == self
    }
    public var description: String { String(decoding: bytes, as: UTF8.self) }
    public static func < (left: Self, right: Self) -> Bool { left.packed < right.packed }
}

/// DE 41, card acceptor terminal identification: up to 8 characters.
public struct TerminalID: PackedCode {
    public static let maximumLength = 8
    public let packed: UInt64
    public init(packed: UInt64) { self.packed = packed }
}

/// What is sold, as the till names it (`TOBACCO`, `LUXURY`, `GROCERY`): up to 8 characters.
public struct GoodsCode: PackedCode {
    public static let maximumLength = 8
    public let packed: UInt64
    public init(packed: UInt64) { self.packed = packed }
}

/// The name of an operator, analyst or merchant user as records keep it: up to 8 characters.
public struct StaffID: PackedCode {
    public static let maximumLength = 8
    public let packed: UInt64
    public init(packed: UInt64) { self.packed = packed }
}

/// DE 42, card acceptor identification: a number of up to 15 digits.
public struct MerchantID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var number: UInt64
    public init(number: UInt64) { self.number = number }
    public static func < (left: MerchantID, right: MerchantID) -> Bool { left.number < right.number }
    /// Fifteen digits, as DE 42 carries it.
    public var description: String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 15 - digits.count)) + digits
    }
}

/// DE 18, merchant category code (ISO 18245): 0–9999.
public struct MCC: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var code: UInt16
    public init(_ code: UInt16) { self.code = code }
    public static func < (left: MCC, right: MCC) -> Bool { left.code < right.code }
    public var description: String { digits4(Int(code)) }
}

/// DE 11, systems trace audit number: 1–999999.
public struct STAN: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var number: UInt32
    public init(_ number: UInt32) { self.number = number }
    public static func < (left: STAN, right: STAN) -> Bool { left.number < right.number }
    public var next: STAN { STAN(number >= 999_999 ? 1 : number + 1) }
    public var description: String { String(repeating: "0", count: max(0, 6 - "\(number)".count)) + "\(number)" }
}

/// DE 37, retrieval reference number: twelve digits.
public struct RRN: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var number: UInt64
    public init(_ number: UInt64) { self.number = number }
    public static func < (left: RRN, right: RRN) -> Bool { left.number < right.number }
    public var description: String { String(repeating: "0", count: max(0, 12 - "\(number)".count)) + "\(number)" }
}

/// A card as the host knows it: a keyed 128-bit hash of its PAN. It cannot be turned back into a PAN.
public struct CardKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var high: UInt64
    public var low: UInt64
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
    public static func < (left: CardKey, right: CardKey) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
    /// Thirty-two hexadecimal digits.
    public var description: String { Hex.text(high) + Hex.text(low) }
    /// The inverse of `description`.
    public init?(_ text: some StringProtocol) {
        // Digits only: the standard library would take a sign too.
        guard text.utf8.count == 32, Hex.bytes(text) != nil, let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}

/// The account behind one or more cards.
public struct AccountID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var number: UInt64
    public init(_ number: UInt64) { self.number = number }
    public static func < (left: AccountID, right: AccountID) -> Bool { left.number < right.number }
    public var description: String { "A\(number)" }
}

/// A fraud case at the issuer's desk.
public struct CaseID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var number: UInt64
    public init(_ number: UInt64) { self.number = number }
    public static func < (left: CaseID, right: CaseID) -> Bool { left.number < right.number }
    public var description: String { "C\(number)" }
}
