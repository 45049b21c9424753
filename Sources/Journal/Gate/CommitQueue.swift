// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The records of a gate on their way to the disk: packed as they come, sealed when the disk is free.
///
/// Invariants:
/// - at most one commit is in flight; the frames that wait follow it, oldest first;
/// - a submission's records are in one frame, and no frame that waits is empty;
/// - once closed, nothing is added and nothing is taken.
@usableFromInline
struct CommitQueue: ~Copyable {
    /// Records packed for one commit, the count in front still missing.
    private struct Frame {
        var body: ByteWriter
        var records: Int
    }

    /// Where a submission went: a frame that waited already, or a new one behind it.
    @usableFromInline
    enum Placement {
        case lastFrame
        case newFrame
    }

    private let limits: GateLimits
    private var chain: Chain
    private var frames: [Frame] = []
    private var queuedRecords = 0
    private var queuedBytes = 0
    /// The last record of the commit in flight.
    private var inFlight: UInt64?
    private var isClosed = false
    /// The sequence number that the next submitted record gets.
    private var next: UInt64
    /// The last record that is known to be durable.
    private var durable: UInt64

    @usableFromInline
    init(after head: JournalHead, limits: GateLimits) {
        self.limits = limits
        chain = Chain(after: head)
        next = head.next
        durable = head.next &- 1
    }

    @usableFromInline
    var closed: Bool { isClosed }
    @usableFromInline
    var isInFlight: Bool { inFlight != nil }
    @usableFromInline
    var nextSequence: UInt64 { next }
    @usableFromInline
    var durableThrough: UInt64 { durable }
    @usableFromInline
    var waitingRecords: Int { queuedRecords }

    /// Checks a submission of one record without adding it.
    @usableFromInline
    func admit(_ record: [UInt8]) throws(GateError) {
        try admit(records: 1, bytes: record.count)
    }

    /// Checks a submission of several records without adding it.
    @usableFromInline
    func admit(_ records: [[UInt8]]) throws(GateError) {
        var bytes = 0
        for record in records { bytes += record.count }
        try admit(records: records.count, bytes: bytes)
    }

    private func admit(records: Int, bytes: Int) throws(GateError) {
        guard !isClosed else { throw .closed }
        guard records <= limits.commitRecordsMax else { throw .tooManyRecords(records) }
        let framed = bytes + records * RecordFrame.recordOverheadMax + RecordFrame.countBytesMax
        guard framed <= RecordFrame.bytesMax else { throw .recordTooLarge(bytes: bytes) }
        guard queuedRecords + records <= limits.queuedRecordsMax, queuedBytes + framed <= limits.queuedBytesMax
        else { throw .full }
    }

    /// Adds an admitted record.
    @usableFromInline
    mutating func append(_ record: [UInt8]) -> Placement {
        let placement = place(records: 1, bytes: record.count)
        add(record)
        return placement
    }

    /// Adds admitted records, all to one frame.
    @usableFromInline
    mutating func append(_ records: [[UInt8]]) -> Placement {
        var bytes = 0
        for record in records { bytes += record.count }
        let placement = place(records: records.count, bytes: bytes)
        for record in records { add(record) }
        return placement
    }

    /// Opens a new frame unless the last one has room.
    private mutating func place(records: Int, bytes: Int) -> Placement {
        if let last = frames.indices.last {
            let size = frames[last].body.bytes.count + bytes + records * RecordFrame.recordOverheadMax
            if frames[last].records + records <= limits.commitRecordsMax,
                size + RecordFrame.countBytesMax <= limits.commitBytesMax
            {
                return .lastFrame
            }
        }
        frames.append(Frame(body: ByteWriter(capacity: bytes + 1_024), records: 0))
        return .newFrame
    }

    private mutating func add(_ record: [UInt8]) {
        let last = frames.count - 1
        let before = frames[last].body.bytes.count
        RecordFrame.append(record, to: &frames[last].body)
        frames[last].records += 1
        queuedRecords += 1
        queuedBytes += frames[last].body.bytes.count - before
        next += 1
    }

    /// Seals the oldest frame if the disk is free.
    @usableFromInline
    mutating func take() -> Commit? {
        guard !isClosed, inFlight == nil, !frames.isEmpty else { return nil }
        let frame = frames.removeFirst()
        queuedRecords -= frame.records
        queuedBytes -= frame.body.bytes.count
        var framed = ByteWriter(capacity: RecordFrame.countBytesMax + frame.body.bytes.count)
        framed.count(frame.records)
        framed.raw(frame.body.bytes)
        let commit = chain.seal(framed.bytes, count: frame.records)
        inFlight = commit.last
        return commit
    }

    /// Notes that the commit in flight is durable.
    @usableFromInline
    mutating func land(upTo last: UInt64) throws(GateError) {
        guard !isClosed else { throw .closed }
        guard inFlight == last else { throw .notInFlight(expected: inFlight, reported: last) }
        inFlight = nil
        durable = last
    }

    @usableFromInline
    mutating func close() {
        isClosed = true
        inFlight = nil
        frames = []
        queuedRecords = 0
        queuedBytes = 0
    }
}
