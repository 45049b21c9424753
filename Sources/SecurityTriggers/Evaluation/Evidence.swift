// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A transaction behind a figure: one of the newest that it counts, the one in hand left out.
public struct Evidence: Hashable, Sendable {
    /// Its event time, to the millisecond.
    public var at: Instant
    public var terminal: TerminalID

    /// A figure has this many at most.
    public static let countMax = 4

    public init(at: Instant, terminal: TerminalID) { (self.at, self.terminal) = (at, terminal) }
}

extension Scan {
    /// The newest transactions that a velocity is sure to count, the newest first; none for one that sums of days answer.
    func evidence(of velocity: Int) -> [Evidence] {
        guard let step = state.pointee.tables.steps.first(where: { $0.velocity == velocity }) else { return [] }
        var found: [Evidence] = []
        found.reserveCapacity(min(Evidence.countMax, ring.pointee.count))
        if !step.excludesCurrent, step.resets, truth(of: step.reset, for: current) != .no { return found }
        let test = step.function == .share ? step.part : step.filter
        var position = ring.pointee.count
        while position > 0, found.count < Evidence.countMax {
            position -= 1
            let event = ring.pointee[position]
            let time = ring.pointee.time(of: event)
            if now - time >= Int64(step.reach) { break }
            if step.resets, truth(of: step.reset, for: event) != .no { break }
            guard now - time >= step.delay, event.isOf(step.kinds), truth(of: test, for: event) == .yes else {
                continue
            }
            found.append(
                Evidence(at: Instant(microseconds: time * 1_000), terminal: TerminalID(packed: site(event).terminal)))
        }
        return found
    }
}

// MARK: - Codec

extension Evidence {
    func encode(to writer: inout ByteWriter) {
        writer.signed(at.milliseconds)
        writer.code(terminal)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        let (milliseconds, overflow) = try reader.signed().multipliedReportingOverflow(by: 1_000)
        guard !overflow else { throw .invalid(offset: start, what: "evidence") }
        self.init(at: Instant(microseconds: milliseconds), terminal: try reader.code())
    }
}
