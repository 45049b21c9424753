// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Issuer
import ModuleProtocol
import Vocabulary

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
    /// Nil for a purchase, and for what is no card transaction or was refused before it was looked at.
    public var transaction: TransactionKind?
    /// The one-time pass this sale used, for its reversal to give back.
    public var pass: OneTimePass?

    var isApprovedPurchase: Bool { kind == 0x0200 && transaction == nil && answer.intent.isApproval }

    /// What it was, as far as that is known.
    var knownKind: TransactionKind? { isApprovedPurchase ? .purchase : transaction }

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

    /// - Parameter hasKind: false for a snapshot from before there were kinds.
    init(from reader: inout ByteReader, hasKind: Bool) throws(CodecError) {
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
        guard hasKind else { return }
        transaction = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try reader.raw(TransactionKind.self, "kind of transaction")
        }
    }

    init(
        key: TransactionKey, transmission: UInt64, digest: UInt64, card: CardKey?, amount: Money, at: Instant,
        answer: StoredAnswer, isReversed: Bool, isTombstone: Bool, kind: UInt16, pass: OneTimePass? = nil,
        transaction: TransactionKind? = nil
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
        self.transaction = transaction
    }
}

/// The transactions of one terminal that a repeat or a reversal may still mean.
///
/// A terminal delivers what it owes within its business day, an outage included; so everything younger than 24 hours is
/// kept, and the last 256 whatever their age. A limit stands behind that: 4,096, which is a transaction every 21 seconds
/// around the clock. One takes some 220 bytes, so a till of 300 sales a day takes 110 KB at most and the busiest 0.9 MB.
public struct TransactionMemory: Equatable, Sendable {
    /// Younger transactions are kept.
    public static let retention = Interval.hours(24)
    /// So many are kept whatever their age.
    public static let countMin = 256
    /// More than these are never kept.
    public static let countMax = 4_096

    /// By number modulo the capacity; shorter than that until it has been round once.
    private var ring: [RememberedTransaction] = []
    /// By place in the ring: the number of the transaction before it whose STAN falls into the same bucket.
    private var links: [Int] = []
    /// The number of the newest transaction of each bucket, -1 for none: as many buckets as the ring has places.
    private var buckets: [Int] = []
    /// The number of the oldest transaction that is kept; older numbers in `buckets` and `links` mean nothing.
    private var first = 0
    /// The number of the next transaction.
    private var end = 0

    init() {}

    public static func == (left: TransactionMemory, right: TransactionMemory) -> Bool {
        left.transactions.elementsEqual(right.transactions)
    }

    /// The oldest first.
    private var transactions: some Sequence<RememberedTransaction> {
        (first..<end).lazy.map { ring[$0 & (buckets.count - 1)] }
    }

    public var count: Int { end - first }

    /// The place of the newest that fits. STANs rise by one, so that a bucket holds one or two.
    private func position(of stan: STAN, where matches: (RememberedTransaction) -> Bool) -> Int? {
        guard !buckets.isEmpty else { return nil }
        let mask = buckets.count - 1
        var number = buckets[Int(stan.number) & mask]
        while number >= first {
            let place = number & mask
            if ring[place].key.stan == stan, matches(ring[place]) { return place }
            number = links[place]
        }
        return nil
    }

    func find(_ key: TransactionKey, kind: UInt16) -> RememberedTransaction? {
        position(of: key.stan) { $0.key == key && $0.kind == kind }.map { ring[$0] }
    }

    /// The transaction that a reversal or a void means: by its STAN and transmission time.
    func original(stan: STAN, transmission: UInt64) -> RememberedTransaction? {
        originalPosition(stan, transmission).map { ring[$0] }
    }

    private func originalPosition(_ stan: STAN, _ transmission: UInt64) -> Int? {
        position(of: stan) { $0.transmission == transmission && Self.isReversible($0.kind) }
    }

    /// Message types whose missing answer causes a reversal.
    static func isReversible(_ kind: UInt16) -> Bool { kind == 0x0200 || kind == 0x0100 }

    mutating func insert(_ transaction: RememberedTransaction) {
        while count > Self.countMin, transaction.at - oldest.at >= Self.retention { first += 1 }
        if count == buckets.count {
            if count < Self.countMax { grow() } else { first += 1 }
        }
        add(transaction)
    }

    private var oldest: RememberedTransaction { ring[first & (buckets.count - 1)] }

    private mutating func add(_ transaction: RememberedTransaction) {
        let place = end & (buckets.count - 1)
        let bucket = Int(transaction.key.stan.number) & (buckets.count - 1)
        if place == ring.count {
            ring.append(transaction)
            links.append(buckets[bucket])
        } else {
            ring[place] = transaction
            links[place] = buckets[bucket]
        }
        buckets[bucket] = end
        end += 1
    }

    /// Doubles the ring; what it holds is numbered anew from 0.
    private mutating func grow() {
        let kept = Array(transactions)
        let capacity = max(16, buckets.count * 2)
        ring = []
        links = []
        ring.reserveCapacity(capacity)
        links.reserveCapacity(capacity)
        buckets = Array(repeating: -1, count: capacity)
        (first, end) = (0, 0)
        for transaction in kept { add(transaction) }
    }

    mutating func markReversed(stan: STAN, transmission: UInt64, _ isReversed: Bool = true) {
        if let found = originalPosition(stan, transmission) { ring[found].isReversed = isReversed }
    }

    /// Approved purchases, reversed ones too, the oldest first: what a ledger can be made of that is younger than they are.
    var approvedPurchases: [RememberedTransaction] {
        transactions.filter { $0.isApprovedPurchase && !$0.isTombstone }
    }

    /// Sales that stand: approved and not reversed. For invariants.
    var standing: [RememberedTransaction] {
        transactions.filter { $0.isApprovedPurchase && !$0.isReversed }
    }

    func snapshot(to writer: inout ByteWriter) {
        writer.count(count)
        for transaction in transactions {
            transaction.encode(to: &writer)
            writer.optional(transaction.transaction) { $0.byte($1.rawValue) }
        }
    }

    init(snapshot reader: inout ByteReader, hasKinds: Bool = true) throws(CodecError) {
        let start = reader.offset
        let kept = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try RememberedTransaction(from: &reader, hasKind: hasKinds)
        }
        guard kept.count <= Self.countMax else { throw .invalid(offset: start, what: "transaction memory") }
        self.init(kept)
    }

    /// Reads the first version: a ring of 256 with the place of the next in front of it.
    init(ringSnapshot reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        let next: UInt64 = try reader.unsigned()
        let ring = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try RememberedTransaction(from: &reader, hasKind: false)
        }
        // Until it was full, the next place was the one behind the last.
        guard next < 256, ring.count <= 256, ring.count == 256 || next == UInt64(ring.count) else {
            throw .invalid(offset: start, what: "transaction memory")
        }
        let oldest = ring.count == 256 ? Int(next) : 0
        self.init(Array(ring[oldest...] + ring[..<oldest]))
    }

    /// What a snapshot held, the oldest first: nothing of it is too old, since it was kept.
    private init(_ kept: [RememberedTransaction]) {
        for transaction in kept {
            if count == buckets.count { grow() }
            add(transaction)
        }
    }
}
