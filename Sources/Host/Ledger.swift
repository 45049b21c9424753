// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import Vocabulary

/// A transaction that was approved and may still be referred to: by a void, a refund, a completion or a reversal.
public struct LedgerEntry: Equatable, Sendable {
    public enum State: UInt8, CaseIterable, Sendable {
        case standing = 1
        case voided = 2
        case reversed = 3
        /// A pre-authorisation whose hold was debited.
        case completed = 4
        /// A pre-authorisation whose time ran out.
        case expired = 5
    }

    /// The reference of its answer, and its name here.
    public var rrn: RRN
    public var kind: TransactionKind
    public var terminal: TerminalID
    public var merchant: MerchantID
    public var card: CardKey
    public var account: AccountID
    public var amount: Money
    public var at: Instant
    public var stan: STAN
    /// DE 7.
    public var transmission: UInt64
    public var approvalCode: UInt32
    /// The terminal's batch it counts in.
    public var batch: UInt32
    /// The business day it belongs to.
    public var day: UInt32
    public var state = State.standing
    /// What refunds have given back of it.
    public var refunded: Int64 = 0
    /// The transaction it refers to.
    public var original: RRN?
    /// How another host knows it; nil: it was decided here.
    public var upstream: UpstreamName?
    /// The amount was no larger than the card had spent before: should it prove a fraud, the terminal is suspect. True for
    /// one out of a snapshot that did not say.
    public var isPlain = true

    /// Beside the state: the amount was not plain.
    private static let oddTag: UInt8 = 0x80

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(rrn.number)
        writer.byte(kind.rawValue)
        writer.code(terminal)
        writer.unsigned(merchant.number)
        writer.card(card)
        writer.unsigned(account.number)
        writer.money(amount)
        writer.instant(at)
        writer.unsigned(stan.number)
        writer.unsigned(transmission)
        writer.unsigned(approvalCode)
        writer.unsigned(batch)
        writer.unsigned(day)
        writer.byte(state.rawValue | (isPlain ? 0 : Self.oddTag))
        writer.signed(refunded)
        writer.optional(original) { $0.unsigned($1.number) }
        writer.optional(upstream) { $1.encode(to: &$0) }
    }

    init(from reader: inout ByteReader, hasUpstream: Bool) throws(CodecError) {
        rrn = RRN(try reader.unsigned())
        kind = try reader.raw(TransactionKind.self, "kind of transaction")
        terminal = try reader.code()
        merchant = MerchantID(number: try reader.unsigned())
        card = try reader.card()
        account = AccountID(try reader.unsigned())
        amount = try reader.money()
        at = try reader.instant()
        stan = STAN(try reader.unsigned())
        transmission = try reader.unsigned()
        approvalCode = try reader.unsigned()
        batch = try reader.unsigned()
        day = try reader.unsigned()
        let start = reader.offset
        let marks = try reader.byte()
        guard let state = State(rawValue: marks & ~Self.oddTag) else {
            throw .invalid(offset: start, what: "state of a transaction")
        }
        (self.state, isPlain) = (state, marks & Self.oddTag == 0)
        refunded = try reader.signed()
        original = try reader.optional { (reader: inout ByteReader) throws(CodecError) in RRN(try reader.unsigned()) }
        guard hasUpstream else { return }
        upstream = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try UpstreamName(from: &reader)
        }
    }

    init(
        rrn: RRN, kind: TransactionKind, terminal: TerminalID, merchant: MerchantID, card: CardKey,
        account: AccountID, amount: Money, at: Instant, stan: STAN, transmission: UInt64, approvalCode: UInt32,
        batch: UInt32, day: UInt32
    ) {
        (self.rrn, self.kind, self.terminal, self.merchant) = (rrn, kind, terminal, merchant)
        (self.card, self.account, self.amount, self.at) = (card, account, amount, at)
        (self.stan, self.transmission, self.approvalCode) = (stan, transmission, approvalCode)
        (self.batch, self.day) = (batch, day)
    }

    init(_ sale: Authorisation, _ card: CardKey, _ account: AccountID, kind: TransactionKind, at: Instant) {
        self.init(
            rrn: sale.answer.rrn, kind: kind, terminal: sale.usage.terminal, merchant: sale.merchant, card: card,
            account: account, amount: sale.amount, at: at, stan: sale.names.key.stan,
            transmission: sale.names.transmission, approvalCode: sale.answer.approvalCode, batch: 0, day: 0)
    }

    /// Whether it may still be taken back whole.
    var isWhole: Bool { state == .standing && refunded == 0 }

    /// What a pre-authorisation holds while it stands.
    var hold: Hold {
        Hold(id: rrn, card: card, account: account, amount: amount.minorUnits, expires: at + Hold.lifetime)
    }
}

/// The approved transactions of all terminals, in the order of their references: what outlives the duplicate index.
///
/// References rise with the journal, so that an entry is found by halving. Kept in pieces of 1,024, so that a snapshot that is
/// being written down costs the host a copy of a piece and never of the whole. Older than 180 days, or further back than
/// 262,144 transactions, nothing can be referred to any more; at some 180 bytes an entry that is 47 MB.
public struct Ledger: Equatable, Sendable {
    /// The limit behind the age: the oldest piece goes when it is passed.
    public static let countMax = 262_144
    /// Our own default: networks take refunds for up to 180 days.
    public static let retention = Interval.days(180)
    static let pieceSize = 1_024

    private var pieces: [[LedgerEntry]] = []
    public private(set) var count = 0

    init() {}

    /// - Returns: false, and nothing has changed, for a reference that does not lie behind the last.
    mutating func append(_ entry: LedgerEntry) -> Bool {
        guard entry.rrn > pieces.last?.last?.rrn ?? RRN(0) else { return false }
        if pieces.last.map({ $0.count >= Self.pieceSize }) ?? true {
            var piece: [LedgerEntry] = []
            piece.reserveCapacity(Self.pieceSize)
            pieces.append(piece)
        }
        pieces[pieces.count - 1].append(entry)
        count += 1
        forget(at: entry.at)
        return true
    }

    private mutating func forget(at now: Instant) {
        while let oldest = pieces.first, pieces.count > 1,
            count > Self.countMax || oldest.last.map({ now - $0.at > Self.retention }) ?? true
        {
            count -= oldest.count
            pieces.removeFirst()
        }
    }

    private func position(of rrn: RRN) -> (piece: Int, index: Int)? {
        guard let piece = Self.last(in: pieces.count, { pieces[$0][0].rrn <= rrn }) else { return nil }
        guard let index = Self.last(in: pieces[piece].count, { pieces[piece][$0].rrn <= rrn }),
            pieces[piece][index].rrn == rrn
        else { return nil }
        return (piece, index)
    }

    /// The last place that holds, of places that hold up to one of them.
    private static func last(in count: Int, _ holds: (Int) -> Bool) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }

    public func find(_ rrn: RRN) -> LedgerEntry? { position(of: rrn).map { pieces[$0.piece][$0.index] } }

    mutating func change(_ rrn: RRN, _ body: (inout LedgerEntry) -> Void) {
        guard let (piece, index) = position(of: rrn) else { return }
        body(&pieces[piece][index])
    }

    /// Every entry, oldest first.
    public var entries: some Sequence<LedgerEntry> { pieces.lazy.joined() }

    func snapshot(to writer: inout ByteWriter) {
        writer.count(count)
        for piece in pieces { for entry in piece { entry.encode(to: &writer) } }
    }

    /// - Parameter hasUpstream: false for a snapshot of before entries said how another host knows them.
    init(snapshot reader: inout ByteReader, hasUpstream: Bool) throws(CodecError) {
        let total = try reader.count()
        for _ in 0..<total {
            let start = reader.offset
            guard append(try LedgerEntry(from: &reader, hasUpstream: hasUpstream)) else {
                throw .invalid(offset: start, what: "ledger")
            }
        }
    }
}
