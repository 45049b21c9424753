// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import SecurityTriggers
import Vocabulary

/// Imports and files of lists, any bytes: every line is an entry, a repetition, refused, or passed over, however the bytes come; a
/// list comes back from its file; no text that could be a card's number is in it.
@main
enum ListFuzzer {
    static func main() {
        fuzz { start, count in
            var input = FuzzInput(start, count)
            let kind = input.element(ListKind.allCases)
            let piece = 1 + input.number(below: 64)
            let bytes = input.rest()
            let whole = ListFuzzer.read(bytes, kind, pieces: max(1, bytes.count))
            let parts = ListFuzzer.read(bytes, kind, pieces: piece)
            hold(whole.list.bytes == parts.list.bytes && whole.problems == parts.problems, "pieces make another list")
            hold(whole.list.importedCount + whole.duplicates + whole.refused <= whole.lines, "more entries than lines")
            ListFuzzer.check(whole.list)
            if let list = try? SecurityList(reading: bytes) {
                hold(list.bytes == bytes, "a file that is read is another one")
            }
            return 0
        }
    }

    private static func read(_ bytes: [UInt8], _ kind: ListKind, pieces: Int) -> ListImport {
        let origin = ListOrigin(source: "fuzz", reason: "")
        guard
            var importer = try? ListImporter(
                name: "fuzz", kind: kind, origin: origin, cardKey: { CardKey(high: $0.number, low: 1) })
        else { stop("the options are refused") }
        var place = 0
        while place < bytes.count {
            let end = min(place + pieces, bytes.count)
            importer.add(Array(bytes[place..<end]))
            place = end
        }
        return importer.finish()
    }

    private static func check(_ list: SecurityList) {
        guard let again = try? SecurityList(reading: list.bytes) else { stop("a file is refused") }
        var count = 0
        list.forEach { entry in
            count += 1
            let hit = again.contains(entry.key, at: .epoch)
            hold(hit.map { again.origin(of: $0) } == entry.origin, "an entry that is not found again")
            hold(hit?.expires == entry.expires, "another expiry")
            var figures = 0
            for byte in (entry.origin.source + "," + entry.origin.reason).utf8 {
                figures = (0x30...0x39).contains(byte) ? figures + 1 : byte == 0x20 || byte == 0x2D ? figures : 0
                hold(figures < 12, "a text that could hold a card's number")
            }
        }
        hold(count == list.importedCount, "another number of entries")
    }
}
