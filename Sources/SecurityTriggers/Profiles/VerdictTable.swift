// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What is known of all terminals, by their numbers, from when a score first asked for it: 680 bytes for each that sold.
struct VerdictTable: Sendable {
    /// Milliseconds since 1970 from which on everything was counted; nil while no score asks.
    private(set) var since: Int64?
    private var records = BlockArray(stride: MemoryLayout<TerminalVerdicts>.stride)

    var residentBytes: Int { records.residentBytes }

    /// Begins to count, or gives everything back.
    mutating func keep(_ isKept: Bool, since time: Int64) {
        if isKept, since == nil {
            since = time
        } else if !isKept, since != nil {
            self = VerdictTable()
        }
    }

    /// Good until the next change; nil where nothing is known.
    func find(_ terminal: UInt32) -> UnsafePointer<TerminalVerdicts>? {
        guard Int(terminal) < records.count else { return nil }
        // Safe: the stride is the record's, and memory that was never written is zero, which is a record without a verdict.
        return records.read(Int(terminal)).assumingMemoryBound(to: TerminalVerdicts.self)
    }

    mutating func change(_ terminal: UInt32, _ change: (inout TerminalVerdicts) -> Void) {
        guard since != nil, terminal < SiteRecord.unseen else { return }
        while records.count <= Int(terminal) { _ = records.append() }
        // Safe: as in `find`.
        change(&records.write(Int(terminal)).assumingMemoryBound(to: TerminalVerdicts.self).pointee)
    }

    // MARK: Codec

    func encode(to writer: inout ByteWriter) {
        writer.signed(since ?? 0)
        writer.count(records.count)
        for terminal in 0..<records.count { find(UInt32(terminal))?.pointee.encode(to: &writer) }
    }

    /// - Parameter names: terminals that have a number.
    init(from reader: inout ByteReader, names: Int) throws(CodecError) {
        let offset = reader.offset
        since = try reader.signed()
        let count = try reader.count()
        guard count <= names else { throw .invalid(offset: offset, what: "verdicts") }
        for terminal in 0..<count {
            let record = try TerminalVerdicts(from: &reader)
            change(UInt32(terminal)) { $0 = record }
        }
    }

    init() {}
}
