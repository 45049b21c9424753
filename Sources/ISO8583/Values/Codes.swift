// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// DE 39: two characters.
public struct ResponseCode: PackedCode {
    public static let maximumLength = 2
    public let packed: UInt64
    public init(packed: UInt64) { self.packed = packed }
    /// Approved.
    public static let approved = ResponseCode(packed: 0x3030 << 48)
}

/// DE 38: up to six characters.
public struct ApprovalCode: PackedCode {
    public static let maximumLength = 6
    public let packed: UInt64
    public init(packed: UInt64) { self.packed = packed }
}

/// DE 42 as it stands: fifteen characters, which need not be digits.
public struct MerchantCode: Hashable, Sendable, CustomStringConvertible {
    /// Fifteen characters, spaces behind.
    private let characters: (UInt64, UInt64)

    /// - Returns: nil for text that is empty, longer than fifteen characters, or not printable ASCII.
    public init?(_ text: some StringProtocol) {
        let utf8 = Array(text.utf8)
        guard 1...15 ~= utf8.count, utf8.allSatisfy({ $0 &- 0x20 < 0x5F }) else { return nil }
        self.init { $0 < utf8.count ? utf8[$0] : 0x20 }
    }

    private init(_ character: (Int) -> UInt8) {
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in 0..<8 { high = high << 8 | UInt64(character(index)) }
        for index in 8..<15 { low = low << 8 | UInt64(character(index)) }
        self.init(high: high, low: low << 8)
    }

    private init(high: UInt64, low: UInt64) { characters = (high, low) }

    init?(_ view: borrowing MessageView) {
        guard let (encoding, range) = view.place(of: 42), encoding.isText, range.count == 15 else { return nil }
        let bytes = view.bytes.span
        if encoding == .ascii {
            // The last eight bytes hold one of the first as well.
            let low = Words.load(bytes.bytes, range.lowerBound + 7).byteSwapped << 8
            self.init(high: Words.load(bytes.bytes, range.lowerBound).byteSwapped, low: low)
            return
        }
        guard let field = view.located(42) else { return nil }
        self.init { field.character($0, in: bytes) }
    }

    /// Without the spaces behind.
    public var description: String {
        var text = [characters.0, characters.1].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
        }
        text.removeLast()
        while text.last == 0x20 { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }

    /// Sets DE 42.
    public func write(to builder: inout MessageBuilder) { builder.set(42, text: description) }

    public static func == (left: MerchantCode, right: MerchantCode) -> Bool { left.characters == right.characters }
    public func hash(into hasher: inout Hasher) {
        hasher.combine(characters.0)
        hasher.combine(characters.1)
    }
}

extension PackedCode {
    /// The characters of a field of text, spaces behind them left out; nil for an empty one.
    init?(_ view: borrowing MessageView, _ number: Int) {
        guard let (encoding, range) = view.place(of: number), encoding.isText else { return nil }
        if encoding == .ascii {
            guard range.count <= min(Self.maximumLength, 8),
                let packed = Words.packed(view.bytes.span.bytes, from: range.lowerBound, to: range.upperBound)
            else { return nil }
            self.init(packed: packed)
            return
        }
        guard let field = view.located(number), field.length <= Self.maximumLength else { return nil }
        let bytes = view.bytes.span
        var count = field.length
        while count > 0, field.character(count - 1, in: bytes) == 0x20 { count -= 1 }
        guard count > 0 else { return nil }
        var packed: UInt64 = 0
        for position in 0..<count {
            let character = field.character(position, in: bytes)
            guard character &- 0x20 < 0x5F else { return nil }
            packed = packed << 8 | UInt64(character)
        }
        self.init(packed: packed << UInt64(8 * (8 - count)))
    }
}

extension MessageView {
    func required<T>(_ field: Int, _ value: T?) throws(DecodeError) -> T {
        guard let value else { throw DecodeError(field, at: spec.compiled.head.mtiBytes, .missingField) }
        return value
    }
}
