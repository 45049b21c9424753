// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a transaction does to an account, so that its inverse takes it back to the cent.
public struct Movement: Equatable, Sendable {
    /// Added to what may be spent, in minor units; what a hold takes or gives back is in it.
    public var available: Int64
    public var opens: Hold?
    public var closes: Hold?

    public static let none = Movement(available: 0)

    public init(available: Int64, opens: Hold? = nil, closes: Hold? = nil) {
        self.available = available
        self.opens = opens
        self.closes = closes
    }

    /// Holds an amount.
    public static func hold(_ hold: Hold) -> Movement { Movement(available: -hold.amount, opens: hold) }
    /// Gives a held amount back.
    public static func release(_ hold: Hold) -> Movement { Movement(available: hold.amount, closes: hold) }
    /// Debits an amount in place of a hold.
    public static func complete(_ hold: Hold, debit: Int64) -> Movement {
        Movement(available: hold.amount - debit, closes: hold)
    }

    public var inverse: Movement { Movement(available: -available, opens: closes, closes: opens) }

    public func encode(to writer: inout ByteWriter) {
        writer.signed(available)
        writer.optional(opens) { $1.encode(to: &$0) }
        writer.optional(closes) { $1.encode(to: &$0) }
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        available = try reader.signed()
        opens = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try Hold(from: &reader) }
        closes = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try Hold(from: &reader) }
    }
}

extension Issuer {
    /// What a movement does, live and in recovery.
    /// - Parameter isForced: it takes effect whatever is available, as the reversal of a void must.
    public mutating func apply(_ movement: Movement, to id: AccountID, isForced: Bool = false) {
        guard let index = accounts.find(id) else { return }
        var account = accounts.values[index]
        if let hold = movement.closes, holds.close(hold.id) { account.held -= hold.amount }
        if let hold = movement.opens, holds.open(hold) { account.held += hold.amount }
        account.available += movement.available
        let missing = max(0, -account.available)
        account.forced = isForced ? max(account.forced, missing) : min(account.forced, missing)
        accounts.values[index] = account
    }

    /// Holds whose time is up, oldest first, as many as one record takes.
    public func expiredHolds(at now: Instant, atMost count: Int) -> [Hold] {
        Array(holds.holds.lazy.filter { $0.expires <= now }.prefix(count))
    }
}
