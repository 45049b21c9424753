// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import SecurityTriggers
import Testing
import Vocabulary

@testable import Host

/// Lists that rules name and do not hold: in force with the next decision, and after every start the same.
@Suite("Lists in the host")
struct ListTests {
    static let rules = """
        tillguard-rules 1
        ruleset lists version 1
        list stopped = card from "hot"
        rule listed { when card in stopped then decline as exceedsLimit }

        """
    private static let desk = ListOrigin(source: "desk", reason: "reported by telephone")

    /// A list of cards as its file has it.
    static func file(
        _ name: String, _ cards: [CardKey], kind: ListKind = .card, reason: String = "stolen"
    ) -> OpenedList {
        do {
            var importer = try ListImporter(
                name: name, kind: kind, origin: ListOrigin(source: "scheme", reason: reason)
            ) { _ in CardKey(high: 0, low: 0) }
            for card in cards { importer.add(Array("\(Hex.text(card.high))\(Hex.text(card.low))\n".utf8)) }
            return try OpenedList(reading: importer.finish().list.bytes)
        } catch { preconditionFailure("\(error)") }
    }

    private func bench() throws -> (Bench, Till, TestCard) {
        let bench = try Bench(rules: try RuleSet(parsing: Self.rules))
        return (bench, try bench.till(), try bench.card())
    }

    private func entry(_ card: TestCard, until expires: Instant? = nil) -> Command {
        .addListEntry(list: "hot", .card, ListEntry(ListKey(card.key), Self.desk, expires: expires))
    }

    private func removal(_ card: TestCard) -> Command {
        .removeListEntry(list: "hot", .card, ListKey(card.key), reason: "found again")
    }

    private func refusal(_ bench: Bench, _ command: Command) -> ListRefusal? {
        guard case .list(let refusal)? = bench.refusal(command, by: Bench.carol) else { return nil }
        return refusal
    }

    @Test("a card is stopped from the decision after its entry on, and no more after its removal or expiry")
    func entries() throws {
        let (bench, till, card) = try bench()
        let code = { try till.sell(SaleSpec(card)).code }
        #expect(try code() == "00", "a list that is not there is unknown, and its rule silent")
        try bench.submit(.createList("hot", .card, source: "desk"), by: Bench.carol)
        #expect(try code() == "00")
        try bench.submit(entry(card), by: Bench.carol)
        #expect(try code() == "61")
        #expect(try till.sell(SaleSpec(try bench.card(2))).code == "00")
        try bench.submit(removal(card), by: Bench.dave)
        #expect(try code() == "00")
        try bench.submit(entry(card, until: bench.now + .hours(1)), by: Bench.carol)
        #expect(try code() == "61")
        bench.wait(.hours(1))
        #expect(try code() == "00")
        try bench.check()
    }

    @Test("a file takes the place of the one before at once, and what was changed by hand stays over it, or goes")
    func swap() throws {
        let (bench, till, first) = try bench()
        let (second, third) = (try bench.card(2), try bench.card(3))
        let codes = { try [first, second, third].map { try till.sell(SaleSpec($0)).code } }
        try bench.submit(
            .loadList(Self.file("hot", [first.key]), source: "scheme", keepsChanges: true), by: Bench.carol)
        #expect(try codes() == ["61", "00", "00"])
        try bench.submit(entry(third), by: Bench.carol)
        try bench.submit(removal(first), by: Bench.carol)
        #expect(try codes() == ["00", "00", "61"])
        let next = Self.file("hot", [first.key, second.key])
        try bench.submit(.loadList(next, source: "scheme", keepsChanges: true), by: Bench.dave)
        #expect(try codes() == ["00", "61", "61"], "the desk's word stands over a new file")
        let held = try require(bench.engine.host.lists["hot"])
        #expect(held.list.count == 2 && held.by == Bench.dave.staff && held.at == bench.now && held.source == "scheme")
        try bench.check()
        try bench.submit(.loadList(next, source: "scheme", keepsChanges: false), by: Bench.dave)
        #expect(try codes() == ["61", "61", "00"])
        try bench.check()
    }

    @Test("what was added for a time is no word over a file that comes later")
    func expiredChanges() throws {
        let (bench, till, card) = try bench()
        try bench.submit(.createList("hot", .card, source: "desk"), by: Bench.carol)
        try bench.submit(entry(card, until: bench.now + .hours(1)), by: Bench.carol)
        bench.wait(.hours(2))
        let file = Self.file("hot", [card.key])
        try bench.submit(.loadList(file, source: "scheme", keepsChanges: true), by: Bench.carol)
        #expect(bench.engine.host.lists["hot"]?.list.changeCount == 0)
        #expect(try till.sell(SaleSpec(card)).code == "61")
        // Taken out and put back for a time: its end is the end, whatever the file says.
        try bench.submit(removal(card), by: Bench.carol)
        try bench.submit(entry(card, until: bench.now + .hours(1)), by: Bench.carol)
        bench.wait(.hours(2))
        #expect(try till.sell(SaleSpec(card)).code == "00")
        try bench.check()
    }

    @Test("from its journal or a snapshot the host is the same, knows which files it misses, and takes no other")
    func restart() throws {
        let (bench, till, first) = try bench()
        let second = try bench.card(2)
        let file = Self.file("hot", [first.key])
        try bench.submit(.loadList(file, source: "scheme", keepsChanges: true), by: Bench.carol)
        try bench.submit(.createList("mine", .terminal, source: "desk"), by: Bench.carol)
        try bench.submit(entry(second, until: bench.now + .days(1)), by: Bench.carol)
        let snapshot = bench.engine.host.snapshot()
        var read = try Host(snapshot: snapshot, seed: 4)
        #expect(read.snapshot() == snapshot)
        #expect(read.lists.missing.map(\.name) == ["hot"] && read.lists.missing[0].file?.digest == file.digest)
        #expect(read.rules.listNames.map(\.name) == ["hot"])
        for other in [Self.file("hot", [second.key]), Self.file("hotter", [first.key])] {
            let isTaken = read.supply(other)
            #expect(!isTaken)
        }
        #expect(read.lists.missing.count == 1)
        let isTaken = read.supply(file)
        #expect(isTaken && read.lists.missing.isEmpty)
        #expect(read.snapshot() == snapshot)
        try bench.restart()
        #expect(try till.sell(SaleSpec(first)).code == "61")
        #expect(try till.sell(SaleSpec(second)).code == "61")
        try bench.check()
        // Behind a removal that recovery must know of without the file.
        try bench.submit(removal(first), by: Bench.carol)
        try bench.restart()
        #expect(try till.sell(SaleSpec(first)).code == "00")
        try bench.check()
    }

    @Test("a list whose file is not there is unknown to rules, and nothing is added to it or taken out")
    func missing() throws {
        let (bench, till, card) = try bench()
        let file = Self.file("hot", [card.key])
        try bench.write(
            .list(
                .loaded(
                    name: "hot", kind: .card, file: file.file, source: "scheme", keepsChanges: false,
                    by: Bench.carol.staff)))
        #expect(bench.engine.host.lists.missing.map(\.name) == ["hot"])
        #expect(refusal(bench, entry(card)) == .fileMissing)
        #expect(refusal(bench, removal(card)) == .fileMissing)
        #expect(try till.sell(SaleSpec(card)).code == "00")
        try bench.submit(.loadList(Self.file("hot", []), source: "desk", keepsChanges: false), by: Bench.carol)
        #expect(bench.engine.host.lists.missing.isEmpty)
        try bench.check()
    }

    @Test("rules that are only watched see the lists, and rules put in force and put back do")
    func rulesAndLists() throws {
        let plain = "tillguard-rules 1\nruleset lists version 1\n"
        let bench = try Bench(rules: try RuleSet(parsing: plain))
        let (till, card) = (try bench.till(), try bench.card())
        try bench.submit(.replaceRules(plain), by: Bench.system)
        try bench.submit(.createList("hot", .card, source: "desk"), by: Bench.carol)
        try bench.submit(.proposeRules(Self.rules.replacing("version 1", with: "version 2")), by: Bench.carol)
        try bench.submit(.shadowRules(2), by: Bench.carol)
        _ = try till.sell(SaleSpec(card))
        #expect(try bench.lastSale().shadow == nil)
        try bench.submit(entry(card), by: Bench.carol)
        #expect(try till.sell(SaleSpec(card)).code == "00")
        #expect(try bench.lastSale().shadow?.evaluation.action == .decline)
        try bench.restart()
        #expect(try till.sell(SaleSpec(card)).code == "00")
        #expect(try bench.lastSale().shadow?.evaluation.action == .decline)
        try bench.submit(.approveRules(2), by: Bench.dave)
        try bench.submit(.activateRules(2), by: Bench.carol)
        #expect(try till.sell(SaleSpec(card)).code == "61")
        try bench.submit(.rollBackRules(1), by: Bench.carol)
        try bench.submit(.rollBackRules(1), by: Bench.dave)
        #expect(try till.sell(SaleSpec(card)).code == "00")
        try bench.submit(.rollBackRules(2), by: Bench.carol)
        try bench.submit(.rollBackRules(2), by: Bench.dave)
        #expect(try till.sell(SaleSpec(card)).code == "61")
        try bench.check()
    }

    @Test("what is wrong with a change is said, and nothing changes")
    func refusals() throws {
        let (bench, _, card) = try bench()
        let other = try bench.card(2)
        #expect(refusal(bench, .createList("1hot", .card, source: "desk")) == .name)
        #expect(refusal(bench, .createList("hot", .card, source: "")) == .text)
        #expect(refusal(bench, .createList("hot", .card, source: "card 4000 0000 0000 0002")) == .text)
        #expect(refusal(bench, entry(card)) == .unknownList)
        #expect(refusal(bench, removal(card)) == .unknownList)
        #expect(refusal(bench, .dropList("hot", reason: "old")) == .unknownList)
        try bench.submit(.createList("hot", .card, source: "desk"), by: Bench.carol)
        #expect(refusal(bench, .createList("hot", .card, source: "desk")) == .alreadyExists)
        #expect(refusal(bench, .dropList("hot", reason: "old")) == .inUse)
        #expect(refusal(bench, removal(card)) == .notListed)
        #expect(refusal(bench, entry(card, until: bench.now)) == .expired)
        #expect(refusal(bench, entry(card, until: Instant(seconds: Int64(UInt32.max) + 1))) == .expiry)
        let wrong = Command.addListEntry(list: "hot", .mcc, ListEntry(ListKey(MCC(5_411)), Self.desk))
        #expect(refusal(bench, wrong) == .wrongKind(.card))
        for origin in [
            ListOrigin(source: "desk", reason: ""), ListOrigin(source: "desk", reason: "4000-0000-0000-0002"),
            ListOrigin(source: String(repeating: "x", count: ListOrigin.bytesMax + 1), reason: "long"),
        ] {
            let command = Command.addListEntry(list: "hot", .card, ListEntry(ListKey(card.key), origin))
            #expect(refusal(bench, command) == .text)
        }
        let file = Self.file("hot", [other.key])
        #expect(
            refusal(bench, .loadList(Self.file("hot", [], kind: .mcc), source: "x", keepsChanges: true))
                == .wrongKind(.card))
        try bench.submit(.loadList(file, source: "scheme", keepsChanges: true), by: Bench.carol)
        #expect(refusal(bench, .loadList(file, source: "scheme", keepsChanges: true)) == .unchanged)
        #expect(refusal(bench, .loadList(file, source: "scheme", keepsChanges: false)) == .unchanged)
        #expect(refusal(bench, entry(other)) == .alreadyListed)
        try bench.submit(entry(card, until: bench.now + .hours(1)), by: Bench.carol)
        #expect(refusal(bench, entry(card, until: bench.now + .hours(1))) == .alreadyListed)
        try bench.submit(entry(card, until: bench.now + .hours(2)), by: Bench.carol)
        try bench.submit(entry(card), by: Bench.carol)
        try bench.submit(removal(card), by: Bench.carol)
        #expect(refusal(bench, removal(card)) == .notListed)
        try bench.check()
    }

    @Test("a list that no rules name can be dropped, and there are no more than may be")
    func limits() throws {
        let (bench, _, _) = try bench()
        for number in 0..<ListStore.listsMax {
            try bench.submit(.createList("list\(number)", .goods, source: "desk"), by: Bench.system)
        }
        #expect(refusal(bench, .createList("more", .goods, source: "desk")) == .tooManyLists)
        #expect(
            refusal(bench, .loadList(Self.file("more", []), source: "desk", keepsChanges: true)) == .tooManyLists)
        try bench.submit(.dropList("list7", reason: "no longer sold"), by: Bench.dave)
        try bench.submit(.createList("more", .goods, source: "desk"), by: Bench.carol)
        #expect(bench.engine.host.lists["list7"] == nil && bench.engine.host.lists["more"]?.kind == .goods)
        try bench.check()
    }

    @Test("an entry's record is its own: the reason, the expiry in whole seconds, and who made it")
    func record() throws {
        let (bench, _, card) = try bench()
        try bench.submit(.createList("hot", .card, source: "desk"), by: Bench.carol)
        let expires = bench.now + .seconds(90)
        try bench.submit(entry(card, until: Instant(microseconds: expires.microseconds + 7)), by: Bench.carol)
        guard case .list(.added(let name, let entry, let staff))? = bench.records.last?.body else { throw Missing() }
        #expect(name == "hot" && entry.expires == expires && entry.origin == Self.desk && staff == Bench.carol.staff)
    }
}
