// SPDX-License-Identifier: Apache-2.0

/// A card transaction, whatever network profile carries it. The raw value is the number that records keep.
///
/// | kind | MTI | DE 3 | DE 25 | UnionPay 60.1 | reversed without an answer | PIN | original |
/// |---|---|---|---|---|---|---|---|
/// | purchase | 0200 | 000000 | 00 | 22 | yes | yes | no |
/// | purchaseVoid | 0200 | 200000 | 00 | 23 | yes | no | yes |
/// | refund | 0220 | 200000 | 00 | 25 | no, repeated | no | yes |
/// | preAuthorisation | 0100 | 030000 | 06 | 10 | yes | yes | no |
/// | preAuthorisationVoid | 0100 | 200000 | 06 | 11 | yes | no | yes |
/// | completion | 0200 | 000000 | 06 | 20 | yes | no | yes |
/// | completionVoid | 0200 | 200000 | 06 | 21 | yes | no | yes |
/// | balance | 0200 | 310000 | 00 | 01 | no | yes | no |
public enum TransactionKind: UInt8, CaseIterable, Sendable {
    case purchase = 1
    /// Takes a purchase back within its business day and batch.
    case purchaseVoid = 2
    /// Gives money of a purchase or a completion back, on any later day, in parts if need be.
    case refund = 3
    /// Holds an amount without debiting it.
    case preAuthorisation = 4
    case preAuthorisationVoid = 5
    /// Debits what a pre-authorisation holds.
    case completion = 6
    case completionVoid = 7
    /// Asks for the balance and moves nothing.
    case balance = 8

    /// What a kind adds to the totals of its terminal's batch.
    public enum Side: UInt8, CaseIterable, Sendable {
        case none, debit, credit
    }

    private struct Row {
        let name: String
        let messageType: UInt16
        let processingCode: UInt64
        let condition: UInt64
        let unionPayType: UInt8
        let isReversed: Bool
        let asksForPIN: Bool
        /// What its original may be; empty: it has none.
        let originals: [TransactionKind]
        let side: Side
    }

    private static let rows: [Row] = [
        row("purchase", 0x0200, 000000, 00, 22, reversed: true, pin: true, [], .debit),
        row("purchaseVoid", 0x0200, 200000, 00, 23, reversed: true, pin: false, [.purchase], .credit),
        row("refund", 0x0220, 200000, 00, 25, reversed: false, pin: false, [.purchase, .completion], .credit),
        row("preAuthorisation", 0x0100, 030000, 06, 10, reversed: true, pin: true, [], .none),
        row("preAuthorisationVoid", 0x0100, 200000, 06, 11, reversed: true, pin: false, [.preAuthorisation], .none),
        row("completion", 0x0200, 000000, 06, 20, reversed: true, pin: false, [.preAuthorisation], .debit),
        row("completionVoid", 0x0200, 200000, 06, 21, reversed: true, pin: false, [.completion], .credit),
        row("balance", 0x0200, 310000, 00, 01, reversed: false, pin: true, [], .none),
    ]

    private static func row(
        _ name: String, _ messageType: UInt16, _ processingCode: UInt64, _ condition: UInt64, _ unionPayType: UInt8,
        reversed: Bool, pin: Bool, _ originals: [TransactionKind], _ side: Side
    ) -> Row {
        Row(
            name: name, messageType: messageType, processingCode: processingCode, condition: condition,
            unionPayType: unionPayType, isReversed: reversed, asksForPIN: pin, originals: originals, side: side)
    }

    private var row: Row { Self.rows[Int(rawValue) - 1] }

    /// The name in options, texts (`kind.…`) and data files.
    public var name: String { row.name }
    /// Four packed decimal digits: 0200 is `0x0200`.
    public var messageType: UInt16 { row.messageType }
    /// DE 3.
    public var processingCode: UInt64 { row.processingCode }
    /// DE 25.
    public var condition: UInt64 { row.condition }
    /// DE 60.1 of the UnionPay POS profile.
    public var unionPayType: UInt8 { row.unionPayType }
    /// Whether a missing answer causes a reversal. A refund is repeated until it is answered; a balance is forgotten.
    public var isReversed: Bool { row.isReversed }
    /// Whether the cardholder is asked for the PIN.
    public var asksForPIN: Bool { row.asksForPIN }
    /// Whether it refers to a transaction before it.
    public var hasOriginal: Bool { !row.originals.isEmpty }
    /// What it adds to its batch's totals once approved.
    public var side: Side { row.side }
    /// Whether it takes another transaction back whole.
    public var isVoid: Bool { hasOriginal && row.processingCode == 200_000 && isReversed }

    /// Whether it may refer to a transaction of that kind.
    public func refers(to original: TransactionKind) -> Bool { row.originals.contains(original) }

    /// The text people read.
    public func title(_ language: Language) -> String { Texts.text("kind.\(name)", language) }

    /// The kind of a request; nil for a combination that none has.
    ///
    /// - Parameter messageType: four packed decimal digits without the repeat digit.
    public init?(messageType: UInt16, processingCode: UInt64, condition: UInt64) {
        for kind in Self.allCases {
            let row = kind.row
            guard row.messageType == messageType, row.processingCode == processingCode, row.condition == condition
            else { continue }
            self = kind
            return
        }
        return nil
    }

    /// - Returns: nil for a name that none has.
    public init?(name: some StringProtocol) {
        guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = kind
    }
}
