// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ModuleProtocol
import SecurityTriggers
import Testing
import Vocabulary

@testable import Issuer

/// Who may do what, and that a refusal does nothing.
@Suite("Commands")
struct CommandTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let roles: [Role]
        let command: Command
    }

    static let terminal = TerminalID("TILL0001")!
    static let card = CardKey(high: 1, low: 2)
    static let account = AccountID(1)
    static let record = EstateTerminal(
        merchant: MerchantID(number: 1), profile: .aes, keySet: 1, identityEpoch: 1, serial: 1, currency: .eur)

    static let matrix: [Row] =
        [
            Row(
                testDescription: "addMerchant", roles: [.system],
                command: .addMerchant(
                    MerchantID(number: 9), Merchant(name: "x", mcc: MCC(1), place: Position(latitude: 0, longitude: 0)))
            ),
            Row(testDescription: "addTerminal", roles: [.system], command: .addTerminal(terminal, record)),
            Row(testDescription: "activate", roles: [.operator, .system], command: .activate(terminal)),
            Row(testDescription: "clearWarning", roles: [.operator, .system], command: .clearWarning(terminal, .k02)),
            Row(testDescription: "suspend", roles: [.operator, .system], command: .suspend(terminal)),
            Row(testDescription: "resume", roles: [.operator, .system], command: .resume(terminal)),
            Row(
                testDescription: "setCompatibility", roles: [.operator, .system],
                command: .setCompatibility(
                    FirmwareRange(minimum: SoftwareVersion(1, 0, 0), maximum: SoftwareVersion(2, 0, 0)))),
            Row(
                testDescription: "registerTerminal", roles: [.custodian, .system],
                command: .registerTerminal(terminal, record)),
            Row(testDescription: "tick", roles: [.system], command: .tick),
        ] + orders + acts + issuing

    private static let orders: [Row] = [
        order([.custodian], .receive(terminal, seal: "S")), order([.custodian], .loadInitialKeys(terminal)),
        order([.custodian], .issueKeys(terminal, keySet: 2)), order([.operator], .permitSwap(terminal, serial: 9)),
        order([.operator], .erase(terminal, .k04)), order([.serviceCentre], .takeIntoServiceCentre(terminal)),
        order([.serviceCentre], .reidentify(terminal, serial: 9, keySet: 2)), order([.operator], .retire(terminal)),
        order([.operator, .custodian], .revokeKeySet(1, since: Bench.start)),
        order([.operator], .extendLeases(until: Bench.start + .hours(1))),
        order([.operator], .trustSupplier(key: [])),
    ]

    private static func order(_ roles: [Role], _ order: EstateOrder) -> Row {
        Row(testDescription: "order \(order.kind)", roles: roles, command: .order(order))
    }

    private static let acts: [Row] = [
        act([.serviceCentre, .system], .personalise(terminal)),
        act([.custodian, .serviceCentre], .ship(terminal, seal: "S")),
        act([.technician, .operator], .enterMaintenance(terminal)),
        act([.technician, .operator], .endMaintenance(terminal)),
        act([.technician, .custodian, .operator], .reportLost(terminal)),
        act([.technician, .operator], .inspect(terminal, findings: [.seal], photo: "p")),
        act(
            [.operator, .system],
            .setReleases(
                model: 0,
                ReleasePolicy(recommended: SoftwareVersion(1, 0, 0), minimum: SoftwareVersion(1, 0, 0), deadline: nil))
        ),
        act([.operator, .system], .setDigests([])), act([.operator, .system], .setKeySetEnd(1, until: Bench.start)),
        act([.operator, .system], .setTerms(MerchantID(number: 1), .standard)),
        act([.operator, .system], .importMatrix(CompatibilityMatrix(version: 1, rows: []))),
    ]

    private static func act(_ roles: [Role], _ act: EstateAct) -> Row {
        Row(testDescription: "act \(act.kind)", roles: roles, command: .act(act))
    }

    private static let issuing: [Row] = [
        Row(
            testDescription: "addAccount", roles: [.system],
            command: .addAccount(AccountID(9), Account(holder: "x", available: 1, currency: .eur))),
        Row(
            testDescription: "addCard", roles: [.system],
            command: .addCard(
                CardKey(high: 9, low: 9),
                Card(
                    account: account, masked: "x", sealedPAN: [], expiry: 3012, pin: .pvv(1, keyIndex: 1),
                    password: nil))),
        Row(
            testDescription: "reportLost", roles: [.analyst, .cardholder, .system], command: .setCardStatus(card, .lost)
        ),
        Row(
            testDescription: "reportStolen", roles: [.analyst, .cardholder, .system],
            command: .setCardStatus(card, .stolen)),
        Row(testDescription: "reinstate", roles: [.analyst, .system], command: .setCardStatus(card, .active)),
        Row(testDescription: "close", roles: [.analyst, .system], command: .setCardStatus(card, .closed)),
        Row(testDescription: "setPIN", roles: [.analyst], command: .setPIN(card, .pvv(1, keyIndex: 1))),
        Row(
            testDescription: "confirmCase", roles: [.analyst, .cardholder],
            command: .confirmCase(CaseID(1), factor: true)),
        Row(testDescription: "denyCase", roles: [.analyst, .cardholder], command: .denyCase(CaseID(1))),
        Row(testDescription: "freeze", roles: [.analyst], command: .freeze(account)),
        Row(testDescription: "unfreeze", roles: [.analyst], command: .unfreeze(account)),
        Row(
            testDescription: "addNotice", roles: [.analyst, .cardholder],
            command: .addNotice(
                card,
                AdvanceNotice(
                    from: Bench.start, until: Bench.start + .days(1), amountMax: Money(minorUnits: 1, .eur),
                    categories: []))),
        Row(
            testDescription: "dispute", roles: [.analyst, .cardholder],
            command: .dispute(
                card, terminal: terminal, merchant: MerchantID(number: 1), amount: Money(minorUnits: 1, .eur),
                rrn: RRN(1))),
        Row(
            testDescription: "replaceRules", roles: [.system], command: .replaceRules("tillguard-rules 1\n")),
        Row(testDescription: "label", roles: [.analyst, .system], command: .label(RRN(1), .fraud)),
        Row(testDescription: "loadRules", roles: [.system], command: .loadRules("tillguard-rules 1\n")),
        Row(
            testDescription: "proposeRules", roles: [.analyst, .system],
            command: .proposeRules("tillguard-rules 1\n")),
        Row(testDescription: "shadowRules", roles: [.analyst], command: .shadowRules(1)),
        Row(testDescription: "approveRules", roles: [.analyst], command: .approveRules(1)),
        Row(testDescription: "activateRules", roles: [.analyst], command: .activateRules(1)),
        Row(testDescription: "rollBackRules", roles: [.analyst], command: .rollBackRules(1)),
        Row(testDescription: "withdrawRules", roles: [.analyst], command: .withdrawRules(1)),
        Row(
            testDescription: "createList", roles: [.analyst, .system], command: .createList("hot", .card, source: "x")),
        Row(
            testDescription: "loadList", roles: [.analyst, .system],
            command: .loadList(ListTests.file("hot", []), source: "x", keepsChanges: true)),
        Row(
            testDescription: "addListEntry", roles: [.analyst, .system],
            command: .addListEntry(list: "hot", .card, ListEntry(ListKey(card), ListOrigin(source: "x", reason: "y")))),
        Row(
            testDescription: "removeListEntry", roles: [.analyst, .system],
            command: .removeListEntry(list: "hot", .card, ListKey(card), reason: "y")),
        Row(testDescription: "dropList", roles: [.analyst, .system], command: .dropList("hot", reason: "y")),
    ]

    @Test("each command is given by its roles and by no other", arguments: matrix, Role.allCases)
    func roles(row: Row, role: Role) throws {
        let bench = try Bench()
        let principal = Principal(staff: StaffID("X")!, role: role)
        let before = bench.digest
        var refused = false
        do throws(CommandRefusal) { _ = try bench.engine.host.decide(row.command, by: principal, now: bench.now) } catch
        {
            refused = error == .notYours(role)
        }
        #expect(refused == !row.roles.contains(role))
        #expect(bench.digest == before)
    }

    @Test("the merchant may give no command at all")
    func merchant() {
        #expect(Self.matrix.allSatisfy { !$0.roles.contains(.merchant) })
    }

    @Test("every order and every act has its row")
    func complete() {
        #expect(Self.orders.count == EstateOrder.Kind.allCases.count)
        #expect(Self.acts.count == EstateAct.Kind.allCases.count)
    }

    @Test("what is unknown, done twice or out of order is refused and leaves the host as it was")
    func refusals() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let ghost = TerminalID("GHOST")!
        let nobody = CardKey(high: 0, low: 0)
        let estate: [(Command, EstateRefusal)] = [
            (.addTerminal(till.id, try bench.terminal(till.id)), .alreadyExists),
            (.addTerminal(ghost, Self.record), .unknownMerchant),
            (.activate(ghost), .unknownTerminal), (.activate(till.id), .notAllowed(.active)),
            (.clearWarning(ghost, .k02), .unknownTerminal), (.clearWarning(till.id, .k02), .warningNotOpen),
            (.suspend(ghost), .unknownTerminal), (.resume(till.id), .notAllowed(.active)),
        ]
        for (command, refusal) in estate { #expect(bench.refusal(command, by: Bench.system) == .estate(refusal)) }
        let issuer: [(Command, IssuerRefusal)] = [
            (.setPIN(nobody, .pvv(1, keyIndex: 1)), .unknownCard), (.setCardStatus(nobody, .lost), .unknownCard),
            (.freeze(AccountID(99)), .unknownAccount), (.unfreeze(AccountID(99)), .unknownAccount),
            (.unfreeze(card.account), .notFrozen), (.confirmCase(CaseID(1), factor: true), .unknownCase),
            (.denyCase(CaseID(1)), .unknownCase),
            (
                .dispute(
                    nobody, terminal: ghost, merchant: till.merchant, amount: Money(minorUnits: 1, .eur), rrn: RRN(1)),
                .unknownCard
            ),
        ]
        for (command, refusal) in issuer { #expect(bench.refusal(command, by: Bench.carol) == .issuer(refusal)) }
        guard case .rules(let error)? = bench.refusal(.proposeRules("nonsense"), by: Bench.carol) else {
            throw Missing()
        }
        #expect("\(error)".isEmpty == false)
        try bench.check()
    }

    @Test("new rules are in force with the next sale, and their version is on its record")
    func replaceRules() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        #expect(try till.sell(SaleSpec(card)).code == "00")
        #expect(try bench.lastSale().rulesVersion == 0)
        try bench.putInForce("tillguard-rules 1\nrule all { when amount > 0.00 EUR then decline }")
        #expect(try till.sell(SaleSpec(card)).code == "59")
        #expect(try bench.lastSale().rulesVersion == 1)
        #expect(bench.lastIntent == .suspectedFraud)
        try bench.check()
        try bench.restart()
        #expect(try till.sell(SaleSpec(card)).code == "59")
    }

    @Test(
        "no rule can decline and mean an approval",
        arguments: ["approved", "reversalAccepted", "signOnAccepted", "nonsense"])
    func declineAsApproved(intent: String) throws {
        let bench = try Bench(rules: "rule all { when amount > 0.00 EUR then decline as \(intent) }")
        let till = try bench.till()
        let card = try bench.card(balance: 1)
        #expect(try till.sell(SaleSpec(card)).code == "59")
        #expect(try bench.available(card) == 1)
        try bench.check()
    }

    @Test("what is added is added as new: no state comes in with it, live or recovered")
    func addedAsNew() throws {
        let bench = try Bench()
        let till = try bench.till()
        var terminal = EstateTerminal(
            merchant: till.merchant, profile: .aes, keySet: 1, identityEpoch: 1, serial: 2, currency: .eur)
        terminal.lifecycle = .active
        terminal.activationAskedBy = StaffID("X")
        terminal.activationApprovedBy = StaffID("Y")
        terminal.lease = Lease(id: 1, expires: bench.now + .days(900))
        let id = TerminalID("TILL0009")!
        try bench.submit(.addTerminal(id, terminal), by: Bench.system)
        #expect(try bench.terminal(id).lifecycle == .commissioned)
        #expect(try bench.terminal(id).lease == nil && bench.terminal(id).activationApprovedBy == nil)
        var account = Account(holder: "H", available: 5_00, currency: .eur)
        account.frozen = Freeze(since: bench.now, caseID: nil, by: StaffID("X")!)
        try bench.submit(.addAccount(AccountID(50), account), by: Bench.system)
        #expect(bench.engine.host.issuer.accounts[AccountID(50)]?.frozen == nil)
        var card = Card(
            account: AccountID(50), masked: "m", sealedPAN: [1], expiry: 3012, pin: .pvv(1, keyIndex: 1), password: nil)
        card.wrongPINs = 2
        card.status = .lost
        card.version = 7
        let key = CardKey(high: 5, low: 5)
        try bench.submit(.addCard(key, card), by: Bench.system)
        #expect(bench.engine.host.issuer.cards[key]?.status == .active)
        #expect(bench.engine.host.issuer.cards[key]?.wrongPINs == 0)
        try bench.check()
    }

    @Test("a notice must begin before it ends, within 90 days, in the account's currency, and eight are enough")
    func notices() throws {
        let bench = try Bench()
        let card = try bench.card()
        let now = bench.now
        func notice(_ from: Instant, _ until: Instant, _ amount: Int64 = 1, _ currency: Currency = .eur) -> Command {
            .addNotice(
                card.key,
                AdvanceNotice(from: from, until: until, amountMax: Money(minorUnits: amount, currency), categories: []))
        }
        let far = Instant(microseconds: .max)
        let long = Instant(microseconds: .min)
        let bad: [Command] = [
            notice(now, now), notice(now + .days(1), now), notice(now - .days(2), now), notice(now, now + .days(91)),
            notice(now, now + .days(1), 0), notice(now, now + .days(1), -5), notice(long, far), notice(now, far),
            notice(long, now + .days(1)),
        ]
        for command in bad { #expect(bench.refusal(command, by: Bench.carol) == .issuer(.badNotice)) }
        #expect(bench.refusal(notice(now, now + .days(1), 1, .usd), by: Bench.carol) == .issuer(.currencyMismatch))
        for _ in 0..<8 { try bench.submit(notice(now, now + .days(90)), by: Bench.carol) }
        #expect(bench.refusal(notice(now, now + .days(1)), by: Bench.carol) == .issuer(.tooManyNotices))
        bench.wait(.days(90))
        try bench.submit(notice(bench.now, bench.now + .days(1)), by: Bench.carol)
        #expect(try bench.card(card).notices.count == 1)
        try bench.check()
    }
}
