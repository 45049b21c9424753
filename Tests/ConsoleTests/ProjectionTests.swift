// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Foundation
import GRDB
import Host
import Issuer
import Journal
import ModuleProtocol
import SecurityTriggers
import Storage
import Testing
import Vocabulary

struct ProjectionTests {
    @Test("Terminals and warnings of the projections are those of the estate, whatever happens", arguments: 1...8)
    func estateAgrees(_ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let bank = try Bank()
        try bank.open()
        let people = ["oper1", "oper2", "oper3"].map(staff)
        for step in 0..<120 {
            bank.advance(.seconds(1))
            let id = random.below(2) == 0 ? "T1" : "T2"
            let terminal = terminalID(id)
            switch random.below(9) {
            case 0, 1: try bank.raise(WarningCode.allCases[random.below(WarningCode.allCases.count)], at: id)
            case 2: try bank.grantLease(id)
            case 3:
                let raised = RaisedWarning([.c02, .h04, .s03][random.below(3)])
                try bank.commit(
                    .estate(.signOnRefused(try bank.usage(id), raised: [raised], bank.evidence())))
            case 4: try bank.commit(.estate(.suspended(terminal, by: people[0])))
            case 5: try bank.commit(.estate(.resumed(terminal, by: people[1])))
            default:
                let principal = Principal(staff: people[random.below(3)], role: .operator)
                let open = bank.estate().terminals[terminal]?.warnings ?? []
                guard !open.isEmpty else { continue }
                try? await bank.submit(.clearWarning(terminal, open[random.below(open.count)].code), by: principal)
            }
            let core = try #require(bank.estate().terminals[terminal])
            let row = try #require(try await bank.reader.terminal(terminal, now: bank.now))
            #expect(row.terminal.lifecycle == core.lifecycle, "seed \(seed) step \(step)")
            #expect(row.terminal.leaseExpires == core.lease?.expires)
            #expect(row.terminal.firmware == core.firmware?.description)
            let rows = row.warnings.filter(\.isOpen).map {
                "\($0.code.rawValue) \($0.since.microseconds) \($0.clearedBy)"
            }
            let open = core.warnings.map {
                "\($0.code.rawValue) \($0.since.microseconds) \($0.clearedBy.map(\.description))"
            }
            #expect(rows.sorted() == open.sorted(), "seed \(seed) step \(step)")
        }
    }

    @Test("Accounts, cards and cases of the projections are those of the issuer, whatever happens", arguments: 1...8)
    func issuerAgrees(_ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let bank = try Bank()
        try bank.open()
        let analysts = ["desk1", "desk2"].map { Principal(staff: staff($0), role: .analyst) }
        var sales: [(Authorisation, Instant)] = []
        for step in 0..<120 {
            bank.advance(.seconds(Int64(1 + random.below(600))))
            let analyst = analysts[random.below(2)]
            switch random.below(9) {
            case 0, 1, 2:
                let pin: PINVerdict = random.below(4) == 0 ? .wrong : .right
                let sale = try bank.sale(
                    Int64(1_000 + random.below(60_000)), at: random.below(2) == 0 ? "T1" : "T2",
                    intent: pin == .wrong ? .wrongPIN : nil, pin: pin)
                if sale.answer.intent.isApproval { sales.append((sale, bank.now)) }
            case 3:
                guard !sales.isEmpty else { continue }
                let (sale, at) = sales.remove(at: random.below(sales.count))
                try bank.reverse(sale, saleAt: at)
                let row = try await bank.reader.decisions(DecisionQuery()).first { $0.rrn == sale.answer.rrn }
                #expect(row?.reversedAt == bank.now)
            case 4: try? await bank.submit(.freeze(Bank.account), by: analyst)
            case 5: try? await bank.submit(.unfreeze(Bank.account), by: analyst)
            case 6:
                let status = CardStatus.allCases[random.below(CardStatus.allCases.count)]
                try await bank.submit(.setCardStatus(Bank.card, status), by: analyst)
            default:
                let count = bank.issuer().cases.count
                guard count > 0 else { continue }
                let id = CaseID(UInt64(1 + random.below(count)))
                try? await bank.submit(
                    random.below(2) == 0 ? .confirmCase(id, factor: true) : .denyCase(id), by: analyst)
            }
            let core = bank.issuer()
            let account = try #require(core.accounts[Bank.account])
            let card = try #require(core.cards[Bank.card])
            let row = try #require(try await bank.reader.account(Bank.account))
            #expect(row.account.available.minorUnits == account.available, "seed \(seed) step \(step)")
            #expect(row.account.frozenSince == account.frozen?.since)
            #expect(row.account.frozenBy == account.frozen?.by.description)
            #expect(row.account.frozenCase == account.frozen?.caseID)
            #expect(row.account.liftAskedBy == account.frozen?.liftAskedBy?.description)
            #expect(row.cards.map(\.wrongPINs) == [card.wrongPINs])
            #expect(row.cards.map(\.status) == [card.status])
            for (id, fraudCase) in zip(core.cases.keys, core.cases.values) {
                let shown = try #require(try await bank.reader.caseDetail(id))
                #expect(shown.row.state == fraudCase.state && shown.row.amount == fraudCase.amount)
                #expect(shown.row.answeredBy == fraudCase.answeredBy?.description)
                #expect(shown.row.rules == fraudCase.rules)
                #expect(shown.decision?.rrn == fraudCase.rrn)
            }
        }
    }

    @Test("A case makes three messages: the desk's, a mail with the link, a text with the code, and none has both")
    func messages() async throws {
        let bank = try Bank()
        try bank.open(shop: "Corner Shop")
        let id = try bank.openCase()
        let messages = try await bank.reader.outbox()
        #expect(messages.map(\.channel) == [.desk, .mail, .sms])
        #expect(messages.map(\.audience) == [.issuer, .cardholder, .cardholder])
        #expect(messages.map(\.state) == [.delivered, .queued, .queued])
        let (path, code) = (bank.links.path(id), bank.links.code(id))
        #expect(messages.map(\.link) == [nil, path, nil])
        for text in [messages[1].bodyEN, messages[1].bodyZH] {
            #expect(text.contains("https://bank.example" + path) && !text.contains(code))
        }
        for text in [messages[2].bodyEN, messages[2].bodyZH] { #expect(text.contains(code) && !text.contains("/c/")) }
        for message in messages {
            #expect(!message.bodyEN.contains("541333") && !message.bodyZH.contains("541333"))
            #expect(!message.bodyEN.contains(Bank.card.description))
        }
        #expect(messages[1].bodyEN.contains("R-TEST2") && messages[1].bodyEN.contains("4321"))
        // A dispute asks nobody anything.
        let first = try #require(try await bank.reader.decisions(DecisionQuery(after: 0)).first)
        try await bank.submit(
            .dispute(Bank.card, terminal: first.terminal, merchant: Bank.shop, amount: first.amount, rrn: first.rrn),
            by: Principal(staff: staff("desk1"), role: .analyst))
        let more = try await bank.reader.outbox(after: messages.last?.id ?? 0)
        #expect(more.map(\.channel) == [.desk, .mail] && more.allSatisfy { $0.link == nil })
    }

    @Test("A confirmed case earns a pass, but not while the account is frozen", arguments: [false, true])
    func pass(_ isFrozen: Bool) async throws {
        let bank = try Bank()
        try bank.open()
        let id = try bank.openCase()
        let analyst = Principal(staff: staff("desk1"), role: .analyst)
        if isFrozen { try await bank.submit(.freeze(Bank.account), by: analyst) }
        try await bank.submit(.confirmCase(id, factor: true), by: analyst)
        let shown = try #require(try await bank.reader.caseDetail(id))
        #expect(shown.row.passUntil == bank.issuer().cards[Bank.card]?.pass?.until)
        #expect((shown.row.passUntil == nil) == isFrozen)
    }

    @Test("An explanation is kept with the figures and both languages, and only where a rule spoke")
    func explanations() async throws {
        let bank = try Bank()
        try bank.open()
        try bank.openCase()
        let rows = try await bank.reader.decisions(DecisionQuery(after: 0))
        #expect(rows.map { $0.explanation != nil } == [false, true])
        let explanation = try JSON(parsing: Array(try #require(rows[1].explanation).utf8))
        #expect(explanation["tell"]?["analyst"]?["zh"]?.string?.contains("2 台终端") == true)
        #expect(explanation["code"]?.string == "01")
        #expect(explanation["journal"] == [1, .integer(Int64(rows[1].sequence))])
        // The first of the two purchases stands behind the count, by the reference of its own row.
        let evidence = explanation["rules"]?.array?.first?["because"]?.array?.first?["evidence"]?.array
        #expect(evidence?.first?["rrn"]?.string == rows[0].rrn.description)
        #expect(explanation["tell"]?["merchant_ref"]?.string == "R-TEST2")
        #expect(rows[1].rules == ["large_spread"])
        #expect(rows[1].masked == "541333******4321")
    }

    @Test("Projecting the journal anew, in batches of any size, gives the same tables to the last row")
    func anew() async throws {
        let bank = try Bank()
        try bank.open()
        try bank.openCase()
        try bank.grantLease("T1")
        try bank.raise(.t01, at: "T1")
        let analyst = Principal(staff: staff("desk1"), role: .analyst)
        try await bank.submit(.denyCase(CaseID(1)), by: analyst)
        let second = Principal(staff: staff("desk2"), role: .analyst)
        try await bank.submit(.proposeRules("tillguard-rules 1\n# calm\n"), by: analyst)
        try await bank.submit(.shadowRules(1), by: analyst)
        try bank.sale(1_00, at: "T2")
        try await bank.submit(.approveRules(1), by: second)
        try await bank.submit(.activateRules(1), by: second)
        let live = try Self.dump(bank.store)

        let other = NSTemporaryDirectory() + "tillguard-console-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: other) }
        let directory = try DataDirectory(other)
        let journal = try JournalStore(in: directory)
        var chain = Chain(after: .genesis)
        for record in bank.records { try journal.append(chain.seal(RecordFrame.encode([record.encoded()]), count: 1)) }
        let rules = try RuleSet(parsing: Bank.rules)
        for size in [1, 3, 1_000] {
            try RecordsStore.discard(in: directory)
            let store = try RecordsStore(in: directory, migrations: RecordsSchema.register)
            func projector() throws -> RecordsProjector {
                try RecordsProjector(store: store, rules: rules, links: bank.links, origin: "https://bank.example")
            }
            // The first part by hand, the rest from the journal, by a projector that was not there before.
            let first = bank.records.prefix(size).enumerated().map { (UInt64($0.offset) + 1, $0.element) }
            try projector().project(Array(first))
            try projector().catchUp(from: journal)
            try projector().catchUp(from: journal)
            // What is projected already is passed over.
            try projector().project(Array(first))
            #expect(store.checkpoint() == UInt64(bank.records.count))
            #expect(try Self.dump(store) == live, "batches of \(size)")
            try store.close()
        }
    }

    private static func dump(_ store: RecordsStore) throws -> [String] { try store.read { try dump($0) } }

    private static func dump(_ database: Database) throws -> [String] {
        let tables = try String.fetchAll(
            database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'grdb%' ORDER BY name"
        )
        return try tables.flatMap { table in
            try Row.fetchAll(database, sql: "SELECT * FROM \"\(table)\"").map { "\(table) \($0)" }.sorted()
        }
    }
}
