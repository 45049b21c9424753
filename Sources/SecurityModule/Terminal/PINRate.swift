// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The limit on PIN encryptions that keeps a stolen terminal from trying every PIN (PCI PTS POI, exhaustive PIN
/// determination): one in 30 seconds on average.
///
/// The rule: the module remembers when it encrypted the last 120 PINs. A PIN is encrypted when fewer than 120 are
/// remembered, or the oldest of the 120 is at least 120 × 30 s = one hour old. So a queue of customers is served at
/// any speed, but no hour ever sees more than 120 PINs. What comes faster is refused; ten refusals without an
/// encryption between them raise K05.
struct PINRate: Equatable, Sendable {
    static let window = 120
    static let interval = Interval.seconds(30)
    static let refusalsMax = 10

    /// Oldest first, at most `window`.
    private(set) var uses: [Instant] = []
    private(set) var refusals = 0

    func allows(at now: Instant) -> Bool {
        guard uses.count == Self.window, let oldest = uses.first else { return true }
        return now - oldest >= Self.interval * Int64(Self.window)
    }

    mutating func recordUse(at now: Instant) {
        if uses.count == Self.window { uses.removeFirst() }
        uses.append(now)
        refusals = 0
    }

    /// - Returns: whether this refusal is one too many.
    mutating func recordRefusal() -> Bool {
        refusals += 1
        guard refusals >= Self.refusalsMax else { return false }
        refusals = 0
        return true
    }

    /// The same, with uses at `now` charged in advance: what a stored image says, so that a restart forgets none.
    func charged(_ count: Int, at now: Instant) -> PINRate {
        var charged = self
        for _ in 0..<count { charged.recordUse(at: now) }
        charged.refusals = refusals
        return charged
    }

    /// After the clock was set back: no use may lie in the future, or the oldest would never age.
    mutating func clamp(to now: Instant) {
        for index in uses.indices where uses[index] > now { uses[index] = now }
    }

    init() {}

    func write(to writer: inout ByteWriter) {
        writer.list(uses) { $0.instant($1) }
        writer.count(refusals)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        uses = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.instant() }
        refusals = try Int(reader.unsigned(UInt16.self))
        guard uses.count <= Self.window else { throw .invalid(offset: start, what: "PIN uses") }
    }
}
