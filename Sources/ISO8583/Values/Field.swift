// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A data element by name, with the type its value has: `view[.stan]`, `builder.set(.stan, stan)`.
public struct Field<Value: Sendable>: Sendable {
    /// 2 to 128.
    public let number: Int
    /// A data element of a private dialect.
    public init(_ number: Int) { self.number = number }
}

extension Field where Value == STAN {
    /// DE 11
    public static var stan: Field { Field(11) }
}
extension Field where Value == TerminalID {
    /// DE 41
    public static var terminal: Field { Field(41) }
}
extension Field where Value == MerchantID {
    /// DE 42
    public static var merchant: Field { Field(42) }
}
extension Field where Value == RRN {
    /// DE 37
    public static var rrn: Field { Field(37) }
}
extension Field where Value == MCC {
    /// DE 18
    public static var mcc: Field { Field(18) }
}

/// Fields read and set as numbers.
extension Field where Value == UInt64 {
    /// DE 3
    public static var processingCode: Field { Field(3) }
    /// DE 4, in minor units
    public static var amount: Field { Field(4) }
    /// DE 7, MMDDhhmmss
    public static var transmissionTime: Field { Field(7) }
    /// DE 12, hhmmss
    public static var localTime: Field { Field(12) }
    /// DE 13, MMDD
    public static var localDate: Field { Field(13) }
    /// DE 14, YYMM
    public static var expiration: Field { Field(14) }
    /// DE 22
    public static var entryMode: Field { Field(22) }
    /// DE 23
    public static var cardSequence: Field { Field(23) }
    /// DE 25
    public static var condition: Field { Field(25) }
    /// DE 49, ISO 4217
    public static var currency: Field { Field(49) }
    /// DE 66: 1 in balance, 2 out of balance
    public static var settlementCode: Field { Field(66) }
    /// DE 70
    public static var networkCode: Field { Field(70) }
}

/// Fields read and set as text.
extension Field where Value == String {
    /// DE 38
    public static var approvalCode: Field { Field(38) }
    /// DE 39
    public static var responseCode: Field { Field(39) }
    /// DE 43
    public static var nameAndLocation: Field { Field(43) }
    /// DE 44
    public static var reference: Field { Field(44) }
    /// DE 48
    public static var displayText: Field { Field(48) }
    /// DE 54
    public static var additionalAmounts: Field { Field(54) }
    /// DE 59: six digits of the batch number, then a letter for each way of step-up that the terminal supports
    public static var terminalData: Field { Field(59) }
    /// DE 60
    public static var administrativeData: Field { Field(60) }
    /// DE 61
    public static var goods: Field { Field(61) }
}

/// Fields read and set as the bytes that stand in the message.
extension Field where Value == ArraySlice<UInt8> {
    /// DE 2 as its digits are encoded; `MessageView.pan` reads it, `MessageBuilder.set(pan:)` writes it.
    public static var pan: Field { Field(2) }
    /// DE 35
    public static var track2: Field { Field(35) }
    /// DE 52
    public static var pinBlock: Field { Field(52) }
    /// DE 55
    public static var chipData: Field { Field(55) }
    /// DE 57
    public static var evidence: Field { Field(57) }
    /// DE 58
    public static var nonce: Field { Field(58) }
    /// DE 62
    public static var ksn: Field { Field(62) }
    /// DE 63
    public static var health: Field { Field(63) }
    /// DE 110
    public static var pinBlock4: Field { Field(110) }
}
