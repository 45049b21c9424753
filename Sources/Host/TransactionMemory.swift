// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Issuer
import Vocabulary

/// What the host answered, as far as the journal keeps it: enough to build the answer again, MACed for the repeat.
public struct StoredAnswer: Equatable, Sendable {
    public var intent: Intent
    /// Six digits; 0 when nothing was approved.
    public var approvalCode: UInt32
    public var rrn: RRN
    /// What the cardholder quotes, or the challenge of a step-up; empty when there is none.
    public var reference: String

    public init(intent: Intent, approvalCode: UInt32, rrn: RRN, reference: String) {
        self.intent = intent
        self.approvalCode = approvalCode
        self.rrn = rrn
        self.reference = reference
    }

    public func encode(to writer: inout ByteWriter) {
        writer.byte(intent.wireNumber)
        writer.unsigned(approvalCode)
        writer.unsigned(rrn.number)
        writer.text(reference)
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        guard let intent = Intent(wireNumber: try reader.byte()) else { throw .invalid(offset: start, what: "intent") }
        self.init(
            intent: intent, approvalCode: try reader.unsigned(), rrn: RRN(try reader.unsigned()),
            reference: try reader.text())
    }
}

/// By what a repeated request is known again: terminal, STAN and its own local date and time (rule R4). Amount and
/// card are compared too: the same key with another content is a conflict, never a second sale.
public struct TransactionKey: Equatable, Sendable {
    public var stan: STAN
    /// DE 13 and DE 12 as one number, MMDDhhmmss.
    public var localTime: UInt64

    public init(stan: STAN, localTime: UInt64) {
        self.stan = stan
        self.localTime = localTime
    }
}

/// One answered transaction.
public struct RememberedTransaction: Equatable, Sendable {
    public var key: TransactionKey
    /// DE 7, by which a reversal names its original.
    public var transmission: UInt64
    public var digest: UInt64
    public var card: CardKey?
    public var amount: Money
    public var at: Instant
    public var answer: StoredAnswer
    /// A reversal has taken effect; or, for a tombstone, came before its original.
    public var isReversed: Bool
    /// A reversal whose original has not been seen: the original is refused when it comes.
    public var isTombstone: Bool
    /// Message type of the request: 0200, 0400, 0620.
    public var kind: UInt16
    /// The one-time pass this sale used, for its reversal to give back.
    public var pass: OneTimePass?

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(key.stan.number)
        writer.unsigned(key.localTime)
        writer.unsigned(transmission)
        writer.word(digest)
        writer.optional(card) { $0.card($1) }
        writer.money(amount)
        writer.instant(at)
        answer.encode(to: &writer)
        writer.flag(isReversed)
        writer.flag(isTombstone)
        writer.unsigned(kind)
        writer.optional(pass) { $1.encode(to: &$0) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let stan = STAN(try reader.unsigned())
        key = TransactionKey(stan: stan, localTime: try reader.unsigned())
        transmission = try reader.unsigned()
        digest = try reader.word()
        card = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.card() }
        amount = try reader.money()
        at = try reader.instant()
        answer = try StoredAnswer(from: &reader)
        isReversed = try reader.flag()
        isTombstone = try reader.flag()
        kind = try reader.unsigned()
        pass = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try OneTimePass(from: &reader) }
    }

    init(
        key: TransactionKey, transmission: UInt64, digest: UInt64, card: CardKey?, amount: Money, at: Instant,
        answer: StoredAnswer, isReversed: Bool, isTombstone: Bool, kind: UInt16, pass: OneTimePass? = nil
    ) {
        self.key = key
        self.transmission = transmission
        self.digest = digest
        self.card = card
        self.amount = amount
        self.at = at
        self.answer = answer
        self.isReversed = isReversed
        self.isTombstone = isTombstone
        self.kind = kind
        self.pass = pass
    }
}

/// The last transactions of one terminal, newest overwriting oldest.
///
/// A terminal has one request in flight and repeats it within minutes; 256 of them reach back hours at any till.
public struct TransactionMemory: Equatable, Sendable {
    public static let capacity = 256

    private var ring: [RememberedTransaction] = []
    /// The STAN of each place in the ring. Nearly every search finds nothing, and this kilobyte says so without the
    /// transactions being looked at.
    private var stans: [UInt32] = []
    private var next = 0

    init() {}

    /// The newest first.
    private func position(of stan: STAN, where matches: (RememberedTransaction) -> Bool) -> Int? {
        var index = next
        for _ in stans.indices {
            index = index == 0 ? stans.count - 1 : index - 1
            if stans[index] == stan.number, matches(ring[index]) { return index }
        }
        return nil
    }

    func find(_ key: TransactionKey, kind: UInt16) -> RememberedTransaction? {
        position(of: key.stan) { $0.key == key && $0.kind == kind }.map { ring[$0] }
    }

    /// The sale a reversal means: by its STAN and transmission time.
    func original(stan: STAN, transmission: UInt64) -> RememberedTransaction? {
        position(of: stan) { $0.transmission == transmission && $0.kind == 0x0200 }.map { ring[$0] }
    }

    mutating func insert(_ transaction: RememberedTransaction) {
        if ring.count < Self.capacity {
            ring.append(transaction)
            stans.append(transaction.key.stan.number)
            next = ring.count % Self.capacity
        } else {
            ring[next] = transaction
            stans[next] = transaction.key.stan.number
            next = (next + 1) % Self.capacity
        }
    }

    mutating func markReversed(stan: STAN, transmission: UInt64) {
        let found = position(of: stan) { $0.transmission == transmission && $0.kind == 0x0200 }
        if let found { ring[found].isReversed = true }
    }

    /// Sales that stand: approved and not reversed. For invariants.
    var standing: [RememberedTransaction] {
        ring.filter { $0.kind == 0x0200 && $0.answer.intent.isApproval && !$0.isReversed }
    }

    func snapshot(to writer: inout ByteWriter) {
        writer.count(next)
        writer.list(ring) { $1.encode(to: &$0) }
    }

    init(snapshot reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        let position: UInt64 = try reader.unsigned()
        ring = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try RememberedTransaction(from: &reader)
        }
        // Until it is full, the next place is the one behind the last.
        guard position < UInt64(Self.capacity), ring.count <= Self.capacity,
            ring.count == Self.capacity || position == UInt64(ring.count)
        else {
            throw .invalid(offset: start, what: "transaction memory")
        }
        stans = ring.map(\.key.stan.number)
        next = Int(position)
    }
}
