// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The life of models: which gives the scores of its name, what waits, what is scored beside it, and what was before.
public struct ModelBook: Equatable, Sendable {
    /// In ascending order of their numbers.
    public internal(set) var versions: [ModelVersion] = []
    /// The number of the model that is scored beside the one of its name.
    public internal(set) var shadow: UInt32?
    /// The first half of a roll-back.
    public internal(set) var rollBack: RuleBook.RollBack?
    /// The highest number that was given.
    public internal(set) var last: UInt32 = 0

    /// Versions that are kept, with their texts of up to 8 MiB; the journal has the older ones.
    public static let versionsMax = 16
    /// Of those, how many may wait for an approval.
    public static let waitingMax = 4
    /// Names with a model in force.
    public static let liveMax = 8

    public init() {}

    public subscript(number: UInt32) -> ModelVersion? { index(of: number).map { versions[$0] } }

    /// Those that wait to be put in force, the oldest first.
    public var waiting: [ModelVersion] { versions.filter { $0.state.isWaiting } }
    /// Those in force, one for a name.
    public var live: [ModelVersion] { versions.filter { $0.state == .live } }
    /// The model in force under a name.
    public func live(_ name: String) -> ModelVersion? { versions.first { $0.state == .live && $0.name == name } }

    private func index(of number: UInt32) -> Int? { versions.lastIndex { $0.number == number } }

    // MARK: - Changes

    mutating func apply(_ change: ModelChange, at: Instant) {
        switch change {
        case .proposed(let number, let name, let text, let staff):
            // Numbers are given in order: a record with another one is none that this host has made.
            guard number == last &+ 1 else { return }
            append(
                ModelVersion(
                    number: number, name: name, text: text.afterReading,
                    step: ModelVersion.Step(kind: .proposed, by: staff, at: at)))
        case .shadowed(let number, let staff):
            if take(.shadowed, number, staff, at) != nil { shadow = number }
        case .approved(let number, let staff):
            if let index = take(.approved, number, staff, at) { versions[index].state = .approved }
        case .activated(let number, let staff): enforce(number, .activated, staff, at)
        case .rollBackAsked(let number, let staff):
            guard take(.rollBackAsked, number, staff, at) != nil else { return }
            rollBack = RuleBook.RollBack(version: number, by: staff, at: at)
        case .rolledBack(let number, _, let staff):
            rollBack = nil
            enforce(number, .rolledBack, staff, at)
        case .withdrawn(let number, let staff):
            if let index = take(.withdrawn, number, staff, at) { versions[index].state = .withdrawn }
            if shadow == number { shadow = nil }
        }
    }

    private mutating func enforce(
        _ number: UInt32, _ kind: ModelVersion.Step.Kind, _ staff: StaffID, _ at: Instant
    ) {
        guard let index = take(kind, number, staff, at) else { return }
        let name = versions[index].name
        for other in versions.indices where versions[other].state == .live && versions[other].name == name {
            versions[other].state = .retired
        }
        versions[index].state = .live
        if shadow == number { shadow = nil }
    }

    private mutating func take(
        _ kind: ModelVersion.Step.Kind, _ number: UInt32, _ staff: StaffID, _ at: Instant
    ) -> Int? {
        guard let index = index(of: number) else { return nil }
        versions[index].take(kind, by: staff, at: at)
        return index
    }

    private mutating func append(_ version: ModelVersion) {
        if versions.count >= Self.versionsMax {
            // There is one: those that wait and those in force together are fewer than all.
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
        writer.list(versions) { $1.encode(to: &$0) }
    }

    init(snapshot reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        last = try reader.unsigned()
        shadow = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
        rollBack = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try RuleBook.RollBack(from: &reader)
        }
        versions = try reader.list { (reader: inout ByteReader) throws(CodecError) in try ModelVersion(from: &reader) }
        guard brokenInvariants().isEmpty else { throw .invalid(offset: start, what: "model book") }
    }

    /// Sentences about what must never be so.
    func brokenInvariants() -> [String] {
        var broken: [String] = []
        if zip(versions, versions.dropFirst()).contains(where: { $0.number >= $1.number }) {
            broken.append("models are out of order")
        }
        if versions.last.map({ $0.number > last }) ?? false { broken.append("a model has no number") }
        let names = live.map(\.name).sorted()
        if zip(names, names.dropFirst()).contains(where: ==) { broken.append("two models of one name are in force") }
        if versions.count > Self.versionsMax { broken.append("more models are kept than may be") }
        if let shadow, self[shadow]?.state.isWaiting != true { broken.append("a model that is watched does not wait") }
        return broken
    }
}
