// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// An amount that a pre-authorisation keeps from being spent: no debit until it is completed.
public struct Hold: Equatable, Sendable {
    /// The reference of the pre-authorisation's answer.
    public var id: RRN
    public var card: CardKey
    public var account: AccountID
    /// In minor units of the account's currency.
    public var amount: Int64
    /// Released from then on if nothing has completed it.
    public var expires: Instant

    /// How long a pre-authorisation holds its amount (UnionPay POS: 30 days).
    public static let lifetime = Interval.days(30)

    /// How long a debit is held whose transaction was perhaps not completed: until its case is answered, and so for ever.
    public static let untilAnswered = Interval.days(36_500)

    public init(id: RRN, card: CardKey, account: AccountID, amount: Int64, expires: Instant) {
        self.id = id
        self.card = card
        self.account = account
        self.amount = amount
        self.expires = expires
    }

    public func encode(to writer: inout ByteWriter) {
        writer.unsigned(id.number)
        writer.card(card)
        writer.unsigned(account.number)
        writer.signed(amount)
        writer.instant(expires)
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        id = RRN(try reader.unsigned())
        card = try reader.card()
        account = AccountID(try reader.unsigned())
        amount = try reader.signed()
        expires = try reader.instant()
    }
}

/// The open holds of all accounts, in the order of their references.
public struct HoldBook: Equatable, Sendable {
    /// In ascending order of `id`.
    public private(set) var holds: [Hold] = []
    /// More are not opened: a pre-authorisation is refused then.
    public static let countMax = 100_000

    public init() {}

    public var isFull: Bool { holds.count >= Self.countMax }

    /// Where a hold stands, or where it would.
    private func position(of id: RRN) -> (index: Int, isThere: Bool) {
        var low = 0
        var high = holds.count
        while low < high {
            let middle = (low + high) / 2
            if holds[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return (low, low < holds.count && holds[low].id == id)
    }

    public subscript(id: RRN) -> Hold? {
        let (index, isThere) = position(of: id)
        return isThere ? holds[index] : nil
    }

    /// - Returns: false, and nothing has changed, for a reference that holds already.
    mutating func open(_ hold: Hold) -> Bool {
        let (index, isThere) = position(of: hold.id)
        if !isThere { holds.insert(hold, at: index) }
        return !isThere
    }

    /// - Returns: false, and nothing has changed, for a hold that is not open.
    mutating func close(_ id: RRN) -> Bool {
        let (index, isThere) = position(of: id)
        if isThere { holds.remove(at: index) }
        return isThere
    }
}
