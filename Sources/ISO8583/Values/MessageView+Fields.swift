// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension MessageView {
    /// The value as a number; nil if the field is not present or holds something else.
    public subscript(field: Field<UInt64>) -> UInt64? { number(field.number) }
    /// The value as text without the spaces behind it.
    public subscript(field: Field<String>) -> String? { text(field.number) }
    /// The value as it stands in the message.
    public subscript(field: Field<ArraySlice<UInt8>>) -> ArraySlice<UInt8>? { bytes(field.number) }

    /// Nil also for 000000, which is no trace number.
    public subscript(field: Field<STAN>) -> STAN? {
        number(field.number).flatMap { UInt32(exactly: $0) }.flatMap { 1...999_999 ~= $0 ? STAN($0) : nil }
    }
    /// Nil also for a reference that is not all digits.
    public subscript(field: Field<RRN>) -> RRN? { number(field.number).map { RRN($0) } }
    /// The merchant category code.
    public subscript(field: Field<MCC>) -> MCC? { number(field.number).flatMap { UInt16(exactly: $0) }.map { MCC($0) } }

    /// Nil also for an identification that is not 1 to 15 digits.
    public subscript(field: Field<MerchantID>) -> MerchantID? { number(field.number).map { MerchantID(number: $0) } }

    /// Nil also for an identification of spaces.
    public subscript(field: Field<TerminalID>) -> TerminalID? { TerminalID(self, field.number) }

    /// DE 2, its digits plain or packed; nil unless it is there and an account number.
    public var pan: PAN? {
        guard let place = located(2) else { return nil }
        if place.layout.encoding == .ascii { return PAN(ascii: bytes[place.range]) }
        return PAN(ascii: (0..<place.characterCount).map { place.character($0, in: bytes.span) })
    }

    /// DE 4 in the currency of DE 49; nil unless both are there.
    public var amount: Money? {
        guard let units = number(4).flatMap({ Int64(exactly: $0) }),
            let currency = number(49).flatMap({ UInt16(exactly: $0) })
        else { return nil }
        return Money(minorUnits: units, Currency(numeric: currency))
    }
}

extension MessageBuilder {
    /// Zero padded to the field's length.
    public mutating func set(_ field: Field<UInt64>, _ value: UInt64) { set(field.number, number: value) }
    /// Space padded to the length of a fixed field.
    public mutating func set(_ field: Field<String>, _ value: String) { set(field.number, text: value) }
    /// Taken as the bytes stand in the message.
    public mutating func set(_ field: Field<ArraySlice<UInt8>>, _ value: some Collection<UInt8>) {
        set(field.number, bytes: value)
    }
    /// Six digits.
    public mutating func set(_ field: Field<STAN>, _ value: STAN) { set(field.number, number: UInt64(value.number)) }
    /// Twelve digits.
    public mutating func set(_ field: Field<RRN>, _ value: RRN) { set(field.number, number: value.number) }
    /// Four digits.
    public mutating func set(_ field: Field<MCC>, _ value: MCC) { set(field.number, number: UInt64(value.code)) }
    /// Fifteen digits.
    public mutating func set(_ field: Field<MerchantID>, _ value: MerchantID) {
        set(field.number, number: value.number)
    }

    /// Space padded to eight characters.
    public mutating func set(_ field: Field<TerminalID>, _ value: TerminalID) {
        var packed = value.packed
        var characters = InlineArray<8, UInt8>(repeating: 0x20)
        var index = 0
        while packed != 0 {
            characters[index] = UInt8(truncatingIfNeeded: packed >> 56)
            packed <<= 8
            index += 1
        }
        if setPlain(field.number, characters.span.bytes, 0..<8, isText: true) { return }
        let count = index
        write(field.number) { (builder, layout) in
            guard layout.encoding.isText else { return builder.fail(field.number, .notText) }
            builder.set(field.number, layout, characters: characters.span.extracting(0..<count))
        }
    }

    /// Sets DE 2, whether its digits are plain or packed.
    public mutating func set(pan: PAN) {
        let digits = pan.ascii
        if setPlain(2, digits.span.bytes, 0..<digits.count, isText: true) { return }
        write(2) { (builder, layout) in
            guard layout.encoding.isText || layout.encoding == .bcd else { return builder.fail(2, .notText) }
            builder.set(2, layout, characters: digits.span)
        }
    }

    /// Sets DE 4 and DE 49; a negative amount is refused by `encode()`.
    public mutating func set(amount: Money) {
        guard let units = UInt64(exactly: amount.minorUnits) else { return fail(4, .badCharacter) }
        set(4, number: units)
        set(49, number: UInt64(amount.currency.numeric))
    }
}
