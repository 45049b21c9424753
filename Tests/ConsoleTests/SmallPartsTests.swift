// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Foundation
import Host
import Issuer
import SecurityModule
import SecurityTriggers
import Storage
import TerminalAgent
import Testing
import Vocabulary

@testable import Console

struct SmallPartsTests {
    @Test("Every fault that the bench can make has its words in both languages")
    func faults() {
        let names =
            HardwareFault.allCases.map(\.rawValue) + TerminalFault.allCases.map(\.rawValue)
            + LinkFault.allCases.map(\.rawValue) + ModuleFault.allCases.map(\.rawValue)
        for name in names { #expect(ConsoleTexts.has("fault_\(name)"), "\(name)") }
    }

    @Test(
        "A form is read as browsers write it",
        arguments: [
            ("a=1&b=2", ["a": "1", "b": "2"]), ("a=x+y%20z", ["a": "x y z"]), ("a=%E6%94%B6%E9%93%B6", ["a": "收银"]),
            ("a", ["a": ""]), ("", [:]), ("a=1=2", ["a": "1=2"]), ("%61=b", ["a": "b"]),
        ])
    func form(_ text: String, _ expected: [String: String]) throws {
        let fields = try #require(Fields(form: Array(text.utf8)))
        for (name, value) in expected { #expect(fields[name] == value) }
        #expect(fields["missing"] == nil)
    }

    @Test("A broken form is refused", arguments: ["a=%", "a=%4", "a=%GG", "a=%FF", "%FF=a"])
    func brokenForm(_ text: String) { #expect(Fields(form: Array(text.utf8)) == nil) }

    @Test(
        "A form has at most as many fields as the limit",
        arguments: [
            (Fields.fieldsMax - 1, true), (Fields.fieldsMax, true), (Fields.fieldsMax + 1, false),
        ])
    func manyFields(_ count: Int, _ isRead: Bool) {
        let text = (0..<count).map { "a\($0)=1" }.joined(separator: "&")
        #expect((Fields(form: Array(text.utf8)) != nil) == isRead)
    }

    @Test("A door closes after its last wrong answer, opens after its time, and forgets after a right one")
    func attempts() async throws {
        let bank = try Bank()
        let door = AttemptGuard<Int>(
            try AttemptLedger(in: bank.path), name: "door", limit: 3, lockedFor: .minutes(5))
        let start = Instant(seconds: 1_000)
        for left in [3, 2, 1] {
            #expect(door.triesLeft(1, now: start) == left)
            #expect(await door.reserve(1, now: start))
        }
        #expect(door.triesLeft(1, now: start) == 0)
        #expect(await !door.reserve(1, now: start + .minutes(4)))
        #expect(door.triesLeft(2, now: start) == 3)
        #expect(await door.reserve(1, now: start + .minutes(5)))
        #expect(door.triesLeft(1, now: start + .minutes(5)) == 2)
        await door.succeeded(1, now: start + .minutes(5))
        #expect(door.triesLeft(1, now: start + .minutes(5)) == 3)
    }

    @Test("Tries outlive the process, are forgotten after their time, and one that cannot be written is none")
    func durableAttempts() async throws {
        let bank = try Bank()
        let start = Instant(seconds: 1_000)
        func door() throws -> AttemptGuard<Int> {
            AttemptGuard(try AttemptLedger(in: bank.path), name: "door", limit: 3, lockedFor: .minutes(5))
        }
        for left in [2, 1, 0] {
            #expect(await (try door()).reserve(1, now: start))
            #expect(try door().triesLeft(1, now: start) == left)
        }
        #expect(await !(try door()).reserve(1, now: start + .minutes(4)))
        #expect(try door().triesLeft(2, now: start) == 3)
        #expect(try door().triesLeft(1, now: start + .minutes(5)) == 3)
        // Another guard's doors are its own.
        let other = AttemptGuard<Int>(
            try AttemptLedger(in: bank.path), name: "other", limit: 3, lockedFor: .minutes(5))
        #expect(other.triesLeft(1, now: start) == 3)
        let gone = AttemptGuard<Int>(
            try AttemptLedger(in: bank.path + "/nowhere"), name: "door", limit: 3, lockedFor: .minutes(5))
        #expect(await !gone.reserve(1, now: start))
        try SealedFile.write(Array("{}".utf8), to: bank.path + "/attempts.json")
        #expect(throws: AttemptLedgerError.unreadable(path: bank.path + "/attempts.json", what: "format")) {
            try AttemptLedger(in: bank.path)
        }
    }

    @Test("Answers given at the same time all count")
    func parallelAttempts() async throws {
        let bank = try Bank()
        let door = AttemptGuard<Int>(
            try AttemptLedger(in: bank.path), name: "door", limit: 5, lockedFor: .minutes(5))
        let admitted = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 { group.addTask { await door.reserve(1, now: Instant(seconds: 1)) } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(admitted == 5)
    }

    @Test("Sessions are found by their cookie alone, and the oldest goes when there are too many")
    func sessions() throws {
        let store = SessionStore()
        let user = User(name: staff("a"), role: .operator)
        let start = Instant(seconds: 0)
        let first = store.begin(user, now: start)
        #expect(store.find(first.cookie, now: start)?.id == first.session.id)
        #expect(store.find(String(first.cookie.reversed()), now: start) == nil)
        #expect(store.find("", now: start) == nil)
        for number in 0..<SessionStore.sessionsMax { _ = store.begin(user, now: start + .seconds(Int64(number) + 1)) }
        #expect(store.find(first.cookie, now: start + .seconds(2)) == nil)
        let kept = store.begin(user, now: start)
        store.setFlash(Flash(isError: false, text: "once"), kept.session)
        #expect(store.takeFlash(kept.session)?.text == "once")
        #expect(store.takeFlash(kept.session) == nil)
        // However busy.
        let busy = store.begin(user, now: start)
        for minute in stride(from: Int64(0), to: 720, by: 20) {
            #expect(store.find(busy.cookie, now: start + .minutes(minute)) != nil)
        }
        #expect(store.find(busy.cookie, now: start + .hours(12)) == nil)
    }

    @Test(
        "Months of a statement follow each other across the year",
        arguments: [
            ("2026-08", "2026-07", "2026-09"), ("2026-01", "2025-12", "2026-02"), ("2026-12", "2026-11", "2027-01"),
        ])
    func months(_ text: String, _ previous: String, _ next: String) throws {
        let month = try #require(Month(text))
        #expect(month.text == text && month.previous.text == previous && month.next.text == next)
    }

    @Test(
        "What is no month is none",
        arguments: ["", "2026", "2026-13", "2026-00", "2026-8", "26-08-1", "abcd-ef", "1969-12"])
    func noMonth(_ text: String) { #expect(Month(text) == nil) }

    @Test(
        "Amounts are grouped by thousands",
        arguments: [
            (0, "0.00 EUR"), (-5, "-0.05 EUR"), (99_999, "999.99 EUR"), (100_000, "1,000.00 EUR"),
            (-123_456_789, "-1,234,567.89 EUR"),
        ])
    func money(_ units: Int, _ text: String) {
        #expect(Formatting.money(Money(minorUnits: Int64(units), .eur)) == text)
    }

    @Test(
        "Ages name their two largest units",
        arguments: [
            (0, "just now", "刚刚"), (59, "59 s", "59 秒"), (60, "1 min", "1 分钟"), (3_700, "1 h 1 min", "1 小时 1 分钟"),
            (90_000, "1 d 1 h", "1 天 1 小时"),
        ])
    func age(_ seconds: Int, _ en: String, _ zh: String) {
        #expect(Formatting.age(.seconds(Int64(seconds)), .en) == en)
        #expect(Formatting.age(.seconds(Int64(seconds)), .zh) == zh)
    }

    @Test("Links and codes are the case's own, differ, and another key makes others")
    func links() {
        let links = caseLinks(String(repeating: "AB", count: 32))
        let others = caseLinks(String(repeating: "CD", count: 32))
        let tokens = (1...200).map { links.token(CaseID($0)) }
        #expect(Set(tokens).count == 200 && tokens.allSatisfy { $0.utf8.count == CaseLinks.tokenLength })
        for number in 1...200 {
            let id = CaseID(UInt64(number))
            #expect(links.verify(token: links.token(id), of: id))
            #expect(links.verify(token: links.token(id).lowercased(), of: id))
            #expect(!links.verify(token: links.token(id), of: CaseID(UInt64(number) + 1)))
            #expect(!others.verify(token: links.token(id), of: id))
            #expect(links.code(id).utf8.count == CaseLinks.codeLength)
            #expect(links.verify(code: links.code(id), of: id))
            #expect(!links.verify(code: String(links.code(id).dropLast()), of: id))
        }
        #expect(!links.verify(token: "", of: CaseID(1)) && !links.verify(code: "", of: CaseID(1)))
        // HMAC-SHA-256 under 32 bytes AB over `link:C1`, made with another implementation.
        #expect(links.token(CaseID(1)) == "766BEF5F4CC51D838E8FBFFC95240685")
        #expect(links.code(CaseID(1)) == "755276")
    }
}

/// Templates and texts hold together.
struct TextTests {
    @Test("Every text that a template names is there")
    func templates() throws {
        let known = Set(ConsoleTexts.keys)
        let catalogue = Set(ConsoleTexts.catalogue(.en).keys)
        for (name, bytes) in PageRenderer.templates {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.contains("{{{") && !text.contains("{{&"), "\(name) leaves something unescaped")
            for match in text.matches(of: /\{\{([tc])\.(\w+)\}\}/) {
                let key = String(match.output.2)
                #expect((match.output.1 == "t" ? known : catalogue).contains(key), "\(name): \(match.output.0)")
            }
            // Every form that changes something carries its token, but the cardholder's, whose address is one.
            for form in text.components(separatedBy: "<form method=\"post\"").dropFirst() where name != "cardholder" {
                let inside = form.components(separatedBy: "</form>")[0]
                #expect(inside.contains("name=\"csrf\""), "\(name) has a form without its token")
            }
        }
    }

    @Test("Every text that code makes of a value is there")
    func dynamicKeys() {
        let keys =
            Intent.allCases.map { "intent_\($0.rawValue)" } + TradingState.allCases.map { "state_\($0.rawValue)" }
            + TimelineKind.allCases.map { "timeline_\($0.rawValue)" } + CaseState.allCases.map { "case_\($0)" }
            + CardStatus.allCases.map { "card_\($0)" } + OutboxAudience.allCases.map { "audience_\($0.rawValue)" }
            + OutboxChannel.allCases.map { "channel_\($0.rawValue)" }
            + OutboxState.allCases.map { "outbox_\($0.rawValue)" }
            + ["approve", "require_proof", "refer", "decline", "retain"].map { "action_\($0)" }
            + ConsoleRoutes.goods.map { "goods_\($0)" } + Action.all.map(\.done)
            + EstateOrder.Kind.allCases.map { "order_\($0)" } + EstateAct.Kind.allCases.map { "act_\($0)" }
            + Inspection.Finding.allCases.map { "finding_\($0)" }
            + (OrderForm.atTerminal + OrderForm.ofEstate).flatMap { $0.form.fields.map { "field_\($0)" } }
            + ["keySet", "epoch", "seal", "custody", "permittedSerial", "claimant", "orders", "inspection"]
            .map { "fact_\($0)" }
            + ["eraseEverything", "revokeKeys", "unlockSupervisors", "beginLogEpoch"].map { "moduleOrder_\($0)" }
            + [
                "releases", "digests", "keySetEnd", "terms", "matrix", "revokeKeySet", "extendLeases", "trustSupplier",
            ].map { "standing_\($0)" }
            + ListKind.allCases.flatMap { ["listkind_\($0)", "listvalue_\($0)"] }
            + ListStepKind.allCases.map { "liststep_\($0)" }
        for key in keys { #expect(ConsoleTexts.has(key), "\(key)") }
    }

    @Test("Every refusal is a sentence in both languages")
    func refusals() throws {
        let estate: [CommandRefusal] = [
            .estate(.unknownTerminal), .estate(.unknownMerchant), .estate(.alreadyExists),
            .estate(.notAllowed(.halted)),
            .estate(.secondPersonRequired), .estate(.warningNotOpen), .estate(.clearanceNotHere(.sc)),
            .estate(.emptyRange), .estate(.sealMismatch), .estate(.keySetNotFresh), .estate(.notTrusted),
            .estate(.outOfBounds), .estate(.nothingDue), .malformed(.name), .busy, .stopping,
        ]
        let issuer: [IssuerRefusal] = [
            .unknownAccount, .unknownCard, .unknownCase, .alreadyExists, .notFrozen, .alreadyAnswered,
            .secondPersonRequired, .factorRequired, .tooManyNotices, .badNotice, .currencyMismatch,
        ]
        let lists: [ListRefusal] = [
            .name, .text, .unknownList, .alreadyExists, .wrongKind(.mcc), .unchanged, .expired, .expiry, .alreadyListed,
            .notListed, .tooManyLists, .tooManyChanges, .inUse, .fileMissing,
        ]
        let others = issuer.map(CommandRefusal.issuer) + lists.map(CommandRefusal.list) + [.notYours(.merchant)]
        for refusal in estate + others {
            #expect(ConsoleTexts.has(RefusalSentence.key(refusal)), "\(refusal)")
            #expect(RefusalSentence.text(refusal, .en) != RefusalSentence.text(refusal, .zh))
        }
    }

    @Test("No text is the same in both languages, and none is empty")
    func bothLanguages() {
        for key in ConsoleTexts.keys {
            let (en, zh) = (ConsoleTexts.text(key, .en), ConsoleTexts.text(key, .zh))
            #expect(!en.isEmpty && !zh.isEmpty && en != zh, "\(key)")
            for placeholder in en.matches(of: /\{\w+\}/) { #expect(zh.contains(placeholder.output), "\(key)") }
        }
    }
}
