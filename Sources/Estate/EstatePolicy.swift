// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// What people have laid down for the whole estate.
public struct EstatePolicy: Sendable {
    /// By the maker's number of the model; 0 stands for every model that is not named.
    public internal(set) var releases = Registry<UInt16, ReleasePolicy>()
    /// SHA-256 of every firmware that was released. Empty: none is known, and no digest is judged.
    public internal(set) var digests: [[UInt8]] = []
    /// Until when a key set may be used.
    public internal(set) var keySets = Registry<UInt16, Instant>()
    /// Key sets that are compromised (K01).
    public internal(set) var revoked: [Revocation] = []
    public internal(set) var terms = Registry<MerchantID, MerchantTerms>()
    /// The supplier whose compatibility matrix is believed: a P-256 key, compressed; empty: none.
    public internal(set) var supplierKey: [UInt8] = []
    public internal(set) var matrix: CompatibilityMatrix?
    /// In an outage leases last until then (rule R14).
    public internal(set) var outage: LeaseExtension?

    /// A key set that is compromised.
    public struct Revocation: Equatable, Sendable {
        public var keySet: UInt16
        /// Since when it may have been known to others.
        public var since: Instant
    }

    public struct LeaseExtension: Equatable, Sendable {
        public var until: Instant
        public var people: [StaffID]
        public var at: Instant
    }

    public static let digestsMax = 64
    public static let revokedMax = 256
    /// No outage is bridged for longer.
    public static let extensionMax = Interval.hours(72)

    public init() {}

    public func isRevoked(_ keySet: UInt16) -> Bool { revoked.contains { $0.keySet == keySet } }

    public func release(of model: UInt16) -> ReleasePolicy? { releases[model] ?? releases[0] }

    /// The extension in force.
    public func leaseExtension(at now: Instant) -> LeaseExtension? { outage.flatMap { now < $0.until ? $0 : nil } }
}

/// Which firmware a model should have, and by when.
public struct ReleasePolicy: Equatable, Sendable {
    /// Below it: an advisory.
    public var recommended: SoftwareVersion
    /// Below it: no new sale.
    public var minimum: SoftwareVersion
    /// What is not recommended stops at the deadline, and sells no more a week before it.
    public var deadline: Instant?

    /// How long before the deadline new sales stop.
    public static let restrictedBefore = Interval.days(7)

    public init(recommended: SoftwareVersion, minimum: SoftwareVersion, deadline: Instant?) {
        (self.recommended, self.minimum, self.deadline) = (recommended, minimum, deadline)
    }
}

/// What the estate knows of a merchant beside name, category and place: two of the five elements that a terminal is bound
/// to, how far from the place it may be, and what time it is there.
public struct MerchantTerms: Equatable, Sendable {
    /// The acquiring institution.
    public var acquirer: UInt64
    /// The number by which the acquirer knows the settlement account.
    public var account: UInt64
    /// Metres.
    public var radius: UInt32
    /// The shop's local time, in quarter hours east of UTC; what rules call the hour goes by it.
    public var offset: Int8

    /// UTC−12:00 to UTC+14:00, as far as local times go.
    public static let offsets: ClosedRange<Int8> = -48...56
    /// Where nothing was laid down.
    public static let standard = MerchantTerms(acquirer: 0, account: 0, radius: 1_000)

    /// ` UTC+5:45`; empty where it is UTC.
    var localTime: String {
        let minutes = Int(offset.magnitude) * 15
        let rest = minutes % 60
        return offset == 0 ? "" : " UTC\(offset < 0 ? "-" : "+")\(minutes / 60):\(rest < 10 ? "0" : "")\(rest)"
    }

    public init(acquirer: UInt64, account: UInt64, radius: UInt32, offset: Int8 = 0) {
        (self.acquirer, self.account, self.radius, self.offset) = (acquirer, account, radius, offset)
    }
}

extension EstatePolicy {
    func snapshot(to writer: inout ByteWriter) {
        writer.count(releases.count)
        for (model, policy) in zip(releases.keys, releases.values) {
            writer.unsigned(model)
            policy.encode(to: &writer)
        }
        writer.list(digests) { $0.sized($1) }
        writer.count(keySets.count)
        for (keySet, until) in zip(keySets.keys, keySets.values) {
            writer.unsigned(keySet)
            writer.instant(until)
        }
        writer.list(revoked) {
            $0.unsigned($1.keySet)
            $0.instant($1.since)
        }
        writer.count(terms.count)
        for (merchant, terms) in zip(terms.keys, terms.values) {
            writer.unsigned(merchant.number)
            terms.encode(to: &writer)
        }
        writer.sized(supplierKey)
        writer.optional(matrix) { $1.encode(to: &$0) }
        writer.optional(outage) {
            $0.instant($1.until)
            $0.people($1.people)
            $0.instant($1.at)
        }
    }

    init(snapshot reader: inout ByteReader) throws(CodecError) {
        for _ in 0..<(try reader.count()) {
            let start = reader.offset
            let model: UInt16 = try reader.unsigned()
            guard releases[model] == nil else { throw .invalid(offset: start, what: "model named twice") }
            releases.insert(model, try ReleasePolicy(from: &reader))
        }
        digests = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.sized() }
        for _ in 0..<(try reader.count()) {
            let start = reader.offset
            let keySet: UInt16 = try reader.unsigned()
            guard keySets[keySet] == nil else { throw .invalid(offset: start, what: "key set named twice") }
            keySets.insert(keySet, try reader.instant())
        }
        revoked = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            Revocation(keySet: try reader.unsigned(), since: try reader.instant())
        }
        for _ in 0..<(try reader.count()) {
            let start = reader.offset
            let merchant = MerchantID(number: try reader.unsigned())
            guard terms[merchant] == nil else { throw .invalid(offset: start, what: "merchant named twice") }
            terms.insert(merchant, try MerchantTerms(from: &reader))
        }
        supplierKey = try reader.sized()
        matrix = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try CompatibilityMatrix(from: &reader)
        }
        outage = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            LeaseExtension(until: try reader.instant(), people: try reader.people(), at: try reader.instant())
        }
    }
}

extension ReleasePolicy {
    func encode(to writer: inout ByteWriter) {
        writer.unsigned(recommended.packed)
        writer.unsigned(minimum.packed)
        writer.optional(deadline) { $0.instant($1) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        recommended = SoftwareVersion(packed: try reader.unsigned())
        minimum = SoftwareVersion(packed: try reader.unsigned())
        deadline = try reader.optionalInstant()
    }
}

extension MerchantTerms {
    /// Beside the radius: a local time follows that is not UTC.
    private static let offsetTag: UInt64 = 1 << 32

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(acquirer)
        writer.unsigned(account)
        writer.unsigned(UInt64(radius) | (offset == 0 ? 0 : Self.offsetTag))
        if offset != 0 { writer.byte(UInt8(bitPattern: offset)) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        (acquirer, account) = (try reader.unsigned(), try reader.unsigned())
        let start = reader.offset
        let marks: UInt64 = try reader.unsigned()
        radius = UInt32(truncatingIfNeeded: marks)
        offset = marks & Self.offsetTag == 0 ? 0 : Int8(bitPattern: try reader.byte())
        guard marks < Self.offsetTag << 1, (offset == 0) == (marks & Self.offsetTag == 0) else {
            throw .invalid(offset: start, what: "terms of a merchant")
        }
    }
}
