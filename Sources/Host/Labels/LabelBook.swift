// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// Which transactions have a verdict: one each, so that counters count each once.
public struct LabelBook: Equatable, Sendable {
    /// A transaction's verdict, by the reference of its answer.
    public struct Entry: Equatable, Sendable {
        public var rrn: RRN
        /// `fraud` or `genuine`; what was withdrawn has none.
        public var verdict: TransactionLabel.Verdict
        /// When it became known.
        public var known: Instant
        public var by: StaffID
        /// The amount was no larger than the card had spent before; a withdrawal takes back what was counted so.
        public var isPlain = false
    }

    /// In ascending order of references.
    public private(set) var entries: [Entry] = []
    /// The oldest transaction's goes for the one after these.
    public static let countMax = 32_768
    /// Beside the verdict.
    private static let plainTag: UInt8 = 0x80

    init() {}

    private func place(of rrn: RRN) -> (index: Int, isThere: Bool) {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].rrn < rrn { low = middle + 1 } else { high = middle }
        }
        return (low, low < entries.count && entries[low].rrn == rrn)
    }

    public subscript(rrn: RRN) -> Entry? {
        let (index, isThere) = place(of: rrn)
        return isThere ? entries[index] : nil
    }

    mutating func set(_ entry: Entry) {
        let (index, isThere) = place(of: entry.rrn)
        if isThere {
            entries[index] = entry
        } else {
            entries.insert(entry, at: index)
            if entries.count > Self.countMax { entries.removeFirst() }
        }
    }

    mutating func remove(_ rrn: RRN) {
        let (index, isThere) = place(of: rrn)
        if isThere { entries.remove(at: index) }
    }

    func snapshot(to writer: inout ByteWriter) {
        writer.list(entries) { writer, entry in
            writer.unsigned(entry.rrn.number)
            writer.byte(entry.verdict.rawValue | (entry.isPlain ? Self.plainTag : 0))
            writer.instant(entry.known)
            writer.code(entry.by)
        }
    }

    init(snapshot reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        entries = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            let rrn = RRN(try reader.unsigned())
            let offset = reader.offset
            let marks = try reader.byte()
            guard let verdict = TransactionLabel.Verdict(rawValue: marks & ~Self.plainTag) else {
                throw .invalid(offset: offset, what: "verdict of a transaction")
            }
            return Entry(
                rrn: rrn, verdict: verdict, known: try reader.instant(), by: try reader.code(),
                isPlain: marks & Self.plainTag != 0)
        }
        guard brokenInvariants().isEmpty else { throw .invalid(offset: start, what: "labels") }
    }

    func brokenInvariants() -> [String] {
        var broken: [String] = []
        if zip(entries, entries.dropFirst()).contains(where: { $0.rrn >= $1.rrn }) {
            broken.append("labels are out of order")
        }
        if entries.contains(where: { $0.verdict == .withdrawn }) { broken.append("a withdrawn label is kept") }
        if entries.count > Self.countMax { broken.append("more labels are kept than may be") }
        return broken
    }
}
