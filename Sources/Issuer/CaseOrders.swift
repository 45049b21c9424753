// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What the rules behind a case ordered beside it.
public struct CaseOrders: Equatable, Sendable {
    /// The cardholder is asked: by letter and code, and the case waits for the answer.
    public var asksCardholder: Bool
    /// The issuer is told at once, beside the list of cases.
    public var notifiesIssuer: Bool
    /// How long a confirmed purchase may be presented once more; nil: `Issuer.passLifetime`.
    public var hold: Interval?

    public init(asksCardholder: Bool, notifiesIssuer: Bool, hold: Interval? = nil) {
        (self.asksCardholder, self.notifiesIssuer, self.hold) = (asksCardholder, notifiesIssuer, hold)
    }

    private static let asks: UInt8 = 1
    private static let notifies: UInt8 = 2
    private static let holds: UInt8 = 4

    func encode(to writer: inout ByteWriter) {
        writer.byte(
            (asksCardholder ? Self.asks : 0) | (notifiesIssuer ? Self.notifies : 0) | (hold == nil ? 0 : Self.holds))
        if let hold { writer.interval(hold) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        let marks = try reader.byte()
        guard marks < 8 else { throw .invalid(offset: start, what: "orders of a case") }
        self.init(asksCardholder: marks & Self.asks != 0, notifiesIssuer: marks & Self.notifies != 0)
        if marks & Self.holds != 0 { hold = try reader.interval() }
    }
}

extension FraudCase {
    /// Whether the cardholder has been asked. Before cases said so, whoever was suspected was; of a dispute or of what a dead
    /// terminal left open nobody is.
    public var asksCardholder: Bool { orders?.asksCardholder ?? (!isDispute && !isUnfinished) }

    /// How long a confirmation lets the purchase be presented once more.
    public var passLifetime: Interval { orders?.hold ?? Issuer.passLifetime }
}
