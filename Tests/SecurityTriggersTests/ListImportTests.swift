// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

/// Stands in for the issuer's keyed hash.
private func hashed(_ pan: PAN) -> CardKey { CardKey(high: ~pan.number, low: pan.number &* 3) }

private func imported(
    _ text: String, kind: ListKind = .card, expires: Instant? = nil, pieces: Int = .max
) throws -> ListImport {
    var importer = try ListImporter(
        name: "hot", kind: kind, origin: ListOrigin(source: "scheme", reason: "lost"), expires: expires, cardKey: hashed
    )
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        importer.add(Array(bytes.prefix(pieces)))
        bytes = bytes.dropFirst(pieces)
    }
    return importer.finish()
}

@Suite("Importing lists")
struct ListImportTests {
    private let table = """
        \u{FEFF}# of the scheme
        reason,value,note,expires,source
        stolen,4111111111111111,x,2026-12-31,scheme a\r
        lost,5500005555555559,,,

        fraud,6200000000000005,,2026-08-14T10:00:00Z,desk
        again,4111111111111111,,,desk
        bad,4111111111111112,,,desk
        late,340000000000009,,never,desk
        short,30000000000004
        4111 1111 1111 1111,30000000000004,,,desk
        """

    @Test(
        "columns are found by their names, and every line that is not taken is told", arguments: [1, 2, 3, 7, 64, .max])
    func table(pieces: Int) throws {
        // The mark of UTF-8 comes before a comment here, so the header is the second line.
        let result = try imported(table, pieces: pieces)
        #expect(result.lines == 11)
        #expect(result.list.importedCount == 3)
        #expect(result.duplicates == 1 && result.refused == 4)
        #expect(
            result.problems == [
                .init(line: 7, reason: .duplicate(of: 3)), .init(line: 8, reason: .value),
                .init(line: 9, reason: .expiry),
                .init(line: 10, reason: .columns), .init(line: 11, reason: .origin),
            ])
        let visa = ListKey(hashed(try #require(PAN("4111111111111111"))))
        let hit = try #require(result.list.contains(visa, at: morning))
        #expect(result.list.origin(of: hit) == ListOrigin(source: "scheme a", reason: "stolen"))
        #expect(hit.expires == CalendarTime(year: 2026, month: 12, day: 31).instant)
        let master = ListKey(hashed(try #require(PAN("5500005555555559"))))
        let second = try #require(result.list.contains(master, at: morning))
        #expect(result.list.origin(of: second) == ListOrigin(source: "scheme", reason: "lost") && second.expires == nil)
    }

    @Test(
        "plain text is a value a line",
        arguments: [
            (ListKind.terminal, "T0000001\nT0000002", 2), (.merchant, "77\n000000000000078\n1234567890123456", 2),
            (.mcc, "5993\n599\n59931\n0742", 2), (.goods, "TOBACCO\nLUXURY\n", 2), (.country, "DE\nFR\nde\nDEU", 2),
            (.card, "0123456789abcdeffedcba9876543210\n0123456789abcdeffedcba987654321g", 1),
        ])
    func plain(kind: ListKind, text: String, count: Int) throws {
        let result = try imported(text, kind: kind)
        #expect(result.list.importedCount == count)
        #expect(result.lines == result.list.importedCount + result.refused)
    }

    @Test("keys are those that a transaction is looked up by")
    func keys() throws {
        #expect(try imported("0123456789ABCDEFFEDCBA9876543210").list.contains(ListKey(card), at: morning) != nil)
        #expect(try imported("T0000001", kind: .terminal).list.contains(ListKey(terminal(1)), at: morning) != nil)
        let shop = ListKey(MerchantID(number: 77))
        #expect(try imported("000000000000077", kind: .merchant).list.contains(shop, at: morning) != nil)
        #expect(try imported("5411", kind: .mcc).list.contains(ListKey(MCC(5_411)), at: morning) != nil)
        let country = try #require(ListKey(country: "DE".utf8))
        #expect(try imported("DE", kind: .country).list.contains(country, at: morning) != nil)
    }

    @Test("a line may be as long as the limit and no longer, however it comes", arguments: [1, 1_000, .max])
    func long(pieces: Int) throws {
        let fits = "value,note\nT1," + String(repeating: "x", count: ListImporter.lineBytesMax - 3) + "\nT2,"
        let exact = try imported(fits, kind: .terminal, pieces: pieces)
        #expect(exact.list.importedCount == 2 && exact.refused == 0)
        let beyond = try imported(fits.replacing("T1,", with: "T1,x"), kind: .terminal, pieces: pieces)
        #expect(beyond.list.importedCount == 1)
        #expect(beyond.problems == [.init(line: 2, reason: .tooLong)])
    }

    @Test("problems are counted beyond those that are kept")
    func manyProblems() throws {
        let count = ListImporter.problemsMax + 5
        let result = try imported(String(repeating: "x\n", count: count) + "5411\n", kind: .mcc)
        #expect(result.refused == count && result.problems.count == ListImporter.problemsMax)
        let repeated = try imported(String(repeating: "5411\n", count: count), kind: .mcc)
        #expect(repeated.duplicates == count - 1 && repeated.list.importedCount == 1)
        #expect(repeated.list.contains(ListKey(MCC(5_411)), at: morning) != nil)
    }

    @Test("an expiry for all, and none beyond what four bytes hold")
    func expiries() throws {
        let list = try imported("5411", kind: .mcc, expires: morning).list
        #expect(list.contains(ListKey(MCC(5_411)), at: morning - .seconds(1)) != nil)
        #expect(list.contains(ListKey(MCC(5_411)), at: morning) == nil)
        #expect(throws: ListError.expiry) {
            try imported("5411", kind: .mcc, expires: Instant(seconds: Int64(UInt32.max) + 1))
        }
        #expect(throws: ListError.expiry) { try imported("5411", kind: .mcc, expires: .epoch) }
    }

    // MARK: Files

    @Test("a file gives the list back, and the same list the same bytes")
    func file() throws {
        for list in [
            try imported(table).list, try imported("5411\n5412", kind: .mcc).list,
            SecurityList(name: "none", kind: .goods),
        ] {
            let bytes = list.bytes
            let read = try SecurityList(reading: bytes)
            #expect(read.bytes == bytes && read.name == list.name && read.kind == list.kind)
            list.forEach { entry in
                let hit = read.contains(entry.key, at: .epoch)
                #expect(hit.map { ListEntry(entry.key, read.origin(of: $0), expires: $0.expires) } == entry)
            }
        }
    }

    @Test("a file that is cut off or changed anywhere is refused")
    func damaged() throws {
        let bytes = try imported(table).list.bytes
        for count in bytes.indices {
            #expect(throws: ListError.self) { try SecurityList(reading: Array(bytes[..<count])) }
        }
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1 << UInt8(place % 8)
            #expect(throws: ListError.self) { try SecurityList(reading: changed) }
        }
    }

    @Test("a file whose digest is right and whose parts are not is refused", arguments: 0..<400)
    func forged(place: Int) throws {
        let bytes = try imported(table).list.bytes
        guard place < bytes.count - 8 else { return }
        var changed = Array(bytes.dropLast(8))
        changed[place] ^= 0x41
        var digest = ListDigest()
        digest.add(changed[...])
        withUnsafeBytes(of: digest.value.littleEndian) { changed += $0 }
        // Some changes give another sound list; none may stop the process, and what is read looks things up.
        guard let list = try? SecurityList(reading: changed) else { return }
        #expect(list.bytes == changed)
        list.forEach { entry in #expect(list.contains(entry.key, at: .epoch) != nil) }
    }
}
