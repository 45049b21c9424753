// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The starts of the module, and which of the last ones nobody has closed: a watchdog's reset, a crash and a cut of the
/// power close none.
struct BootRecords: Equatable, Sendable {
    static let window = Interval.minutes(10)
    /// S02.
    static let unclosedMax = 3

    /// Rises with every start.
    private(set) var count: UInt32 = 0
    /// Oldest first, at most one more than `unclosedMax`.
    private(set) var open: [Instant] = []

    init() {}

    /// Opens the record of this start.
    ///
    /// - Returns: whether `unclosedMax` starts before it, within the window, were not closed. Then counting starts anew.
    mutating func start(at now: Instant) -> Bool {
        count = count.saturatingAdd(1)
        open.removeAll { now - $0 > Self.window || $0 > now }
        let isLoop = open.count >= Self.unclosedMax
        if isLoop { open.removeAll() }
        open.append(now)
        return isLoop
    }

    /// Closes the record of the last start.
    mutating func close() { if !open.isEmpty { open.removeLast() } }

    /// Past what a newer image has counted: each start has stored one image at least.
    mutating func skip(_ images: UInt64) { count = count.saturatingAdd(UInt32(clamping: images)) }

    func write(to writer: inout ByteWriter) {
        writer.unsigned(count)
        writer.list(open) { $0.instant($1) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        count = try reader.unsigned()
        let start = reader.offset
        open = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.instant() }
        guard open.count <= Self.unclosedMax + 1 else { throw .invalid(offset: start, what: "open starts") }
    }
}
