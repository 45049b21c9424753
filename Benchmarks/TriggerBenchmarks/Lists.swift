// SPDX-License-Identifier: Apache-2.0
import CAllocations
import SecurityTriggers
import Vocabulary

/// A hot list of millions of cards: import of its lines, the file, and look-ups of cards that are on it and that are not.
enum Lists {
    static let lookUps = 1_000_000

    static func run(entries: Int) throws -> [JSON] {
        let before = Memory.resident
        var importer = try ListImporter(
            name: "hot", kind: .card, origin: ListOrigin(source: "scheme", reason: "stolen")
        ) { CardKey(high: 0, low: $0.number) }
        let start = nanoseconds()
        var piece: [UInt8] = []
        for index in 0..<entries {
            let key = Traffic.key(of: UInt32(index))
            piece += Hex.text(key.high).utf8
            piece += Hex.text(key.low).utf8
            piece.append(0x0A)
            if piece.count > 1 << 16 {
                importer.add(piece)
                piece.removeAll(keepingCapacity: true)
            }
        }
        importer.add(piece)
        let result = importer.finish()
        let imported = nanoseconds() - start
        precondition(result.list.importedCount == entries, "every line is an entry")
        let bytes = result.list.bytes
        let reading = nanoseconds()
        let list = try SecurityList(reading: bytes)
        let read = nanoseconds() - reading
        let task = "list of \(entries) cards"
        return [
            [
                "peer": "tillguard", "task": .string("\(task), import with making the lines"),
                "perSecond": .integer(FiveCounters.rate(entries, imported)),
            ],
            look(list, "\(task), look-up of a card on it", first: 0, entries: entries),
            look(list, "\(task), look-up of another", first: entries, entries: entries),
            [
                "peer": "tillguard", "task": .string("\(task), file"), "bytes": .integer(Int64(bytes.count)),
                "readMS": .integer(Int64(read / 1_000_000)),
                "residentBytes": .integer(Int64(Memory.resident - before)),
            ],
        ]
    }

    private static func look(_ list: SecurityList, _ task: String, first: Int, entries: Int) -> JSON {
        var random = SeededRandom(seed: 1)
        // Made before, so that what is timed is the list alone.
        let keys = (0..<lookUps).map { _ in ListKey(Traffic.key(of: UInt32(first + random.below(entries)))) }
        let now = Traffic.start
        var hits = 0
        let asked = callocations_common()
        let start = nanoseconds()
        for key in keys where list.contains(key, at: now) != nil { hits += 1 }
        let elapsed = nanoseconds() - start
        precondition(callocations_common() == asked, "a look-up asks for no memory")
        precondition(hits == (first == 0 ? lookUps : 0), "what is on the list is found and nothing else")
        return [
            "peer": "tillguard", "task": .string(task), "perSecond": .integer(FiveCounters.rate(lookUps, elapsed)),
            "nanoseconds": .integer(Int64(elapsed) / Int64(lookUps)),
        ]
    }
}
