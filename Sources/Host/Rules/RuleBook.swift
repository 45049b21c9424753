// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The life of rule sets: what is in force, what waits, what is watched, and what was before.
///
/// One person proposes, another one approves; whatever was in force can be put in force again, by two people too.
public struct RuleBook: Equatable, Sendable {
    /// In ascending order of their numbers; the set in force is always among them, unless it has no record of its own.
    public internal(set) var versions: [RuleVersion] = []
    /// The number of the set in force; 0: what the host was started with.
    public internal(set) var live: UInt32 = 0
    /// The number of the set that is judged beside it.
    public internal(set) var shadow: UInt32?
    /// The first half of a roll-back.
    public internal(set) var rollBack: RollBack?
    /// The highest number that was given.
    public internal(set) var last: UInt32 = 0

    public struct RollBack: Equatable, Sendable {
        public var version: UInt32
        public var by: StaffID
        public var at: Instant

        /// After this time nobody need remember what was meant.
        public static let lifetime = Interval.hours(24)

        init(version: UInt32, by: StaffID, at: Instant) { (self.version, self.by, self.at) = (version, by, at) }

        func encode(to writer: inout ByteWriter) {
            writer.unsigned(version)
            writer.code(by)
            writer.instant(at)
        }

        init(from reader: inout ByteReader) throws(CodecError) {
            (version, by, at) = (try reader.unsigned(), try reader.code(), try reader.instant())
        }
    }

    /// Versions that are kept, with their texts of up to 1 MiB; the journal has the older ones.
    public static let versionsMax = 64
    /// Of those, how many may wait for an approval.
    public static let waitingMax = 16

    public init() {}

    public subscript(number: UInt32) -> RuleVersion? { index(of: number).map { versions[$0] } }

    /// Those that wait to be put in force, the oldest first.
    public var waiting: [RuleVersion] { versions.filter { $0.state.isWaiting } }

    private func index(of number: UInt32) -> Int? { versions.lastIndex { $0.number == number } }

    // MARK: - Changes

    /// A set that one person, or the system, puts in force.
    mutating func load(_ text: String, by staff: StaffID, at: Instant) {
        retire()
        append(
            RuleVersion(
                number: last &+ 1, text: text, base: live, state: .live,
                step: RuleVersion.Step(kind: .loaded, by: staff, at: at)))
        live = last
    }

    /// - Returns: the text that is in force or watched from now on.
    mutating func apply(_ change: RuleChange, at: Instant) -> (live: String?, shadow: String?) {
        switch change {
        case .proposed(let number, let text, let base, let staff):
            // Numbers are given in order: a record with another one is none that this host has made.
            guard number == last &+ 1 else { return (nil, nil) }
            append(
                RuleVersion(
                    number: number, text: text, base: base, state: .proposed,
                    step: RuleVersion.Step(kind: .proposed, by: staff, at: at)))
        case .shadowed(let number, let staff):
            guard let index = take(.shadowed, number, staff, at) else { return (nil, nil) }
            shadow = number
            return (nil, versions[index].text)
        case .approved(let number, let staff):
            if let index = take(.approved, number, staff, at) { versions[index].state = .approved }
        case .activated(let number, let staff): return (enforce(number, .activated, staff, at), nil)
        case .rollBackAsked(let number, let staff):
            guard take(.rollBackAsked, number, staff, at) != nil else { return (nil, nil) }
            rollBack = RollBack(version: number, by: staff, at: at)
        case .rolledBack(let number, _, let staff):
            rollBack = nil
            return (enforce(number, .rolledBack, staff, at), nil)
        case .withdrawn(let number, let staff):
            if let index = take(.withdrawn, number, staff, at) { versions[index].state = .withdrawn }
            if shadow == number { shadow = nil }
        }
        return (nil, nil)
    }

    private mutating func enforce(
        _ number: UInt32, _ kind: RuleVersion.Step.Kind, _ staff: StaffID, _ at: Instant
    ) -> String? {
        guard let index = take(kind, number, staff, at) else { return nil }
        retire()
        versions[index].state = .live
        live = number
        if shadow == number { shadow = nil }
        return versions[index].text
    }

    private mutating func take(
        _ kind: RuleVersion.Step.Kind, _ number: UInt32, _ staff: StaffID, _ at: Instant
    ) -> Int? {
        guard let index = index(of: number) else { return nil }
        versions[index].take(kind, by: staff, at: at)
        return index
    }

    private mutating func retire() {
        if let index = index(of: live) { versions[index].state = .retired }
    }

    private mutating func append(_ version: RuleVersion) {
        if versions.count >= Self.versionsMax {
            // There is one: waiting and live together are fewer than all.
            let oldest = versions.firstIndex { !$0.state.isWaiting && $0.state != .live }
            if let oldest { versions.remove(at: oldest) }
        }
        versions.append(version)
        last = version.number
    }

    // MARK: - Snapshot

    func snapshot(to writer: inout ByteWriter) {
        writer.unsigned(last)
        writer.optional(shadow) { $0.unsigned($1) }
        writer.optional(rollBack) { $1.encode(to: &$0) }
        writer.list(versions) { $1.encode(to: &$0, hasText: $1.state != .live) }
    }

    /// - Parameters:
    ///   - live: the number of the set in force, which stands at the beginning of a snapshot, as its text does.
    init(snapshot reader: inout ByteReader, live: UInt32, text: String) throws(CodecError) {
        let start = reader.offset
        self.live = live
        last = try reader.unsigned()
        shadow = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
        rollBack = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try RollBack(from: &reader)
        }
        versions = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try RuleVersion(from: &reader)
        }
        for index in versions.indices where versions[index].state == .live {
            guard versions[index].text.isEmpty else { throw .invalid(offset: start, what: "text of live rules") }
            versions[index].text = text
        }
        guard brokenInvariants().isEmpty else { throw .invalid(offset: start, what: "rule book") }
    }

    /// The book of a host whose snapshot did not keep one: it begins with the set in force, and nothing before it can be
    /// put back.
    init(live: UInt32) { (self.live, last) = (live, live) }

    /// Sentences about what must never be so.
    func brokenInvariants() -> [String] {
        var broken: [String] = []
        if zip(versions, versions.dropFirst()).contains(where: { $0.number >= $1.number }) {
            broken.append("rule sets are out of order")
        }
        if versions.last.map({ $0.number > last }) ?? false || live > last { broken.append("a rule set has no number") }
        if versions.contains(where: { ($0.state == .live) != ($0.number == live) }) {
            broken.append("not exactly the rules in force are live")
        }
        if versions.count > Self.versionsMax { broken.append("more rule sets are kept than may be") }
        if let shadow, self[shadow]?.state.isWaiting != true { broken.append("what is watched does not wait") }
        return broken
    }
}
