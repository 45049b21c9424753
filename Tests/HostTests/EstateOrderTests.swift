// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import ModuleProtocol
import SecurityModule
import Testing
import Vocabulary

/// Orders, acts and the clock at the host, with real keys.
@Suite("Orders to the estate")
struct EstateOrderTests {
    static let cust = ["CUST1", "CUST2"].map { Principal(staff: StaffID($0)!, role: .custodian) }
    static let centre = ["SERV1", "SERV2"].map { Principal(staff: StaffID($0)!, role: .serviceCentre) }
    static let operators = [Bench.alice, Bench.bob]

    private func order(_ order: EstateOrder, _ bench: Bench, by people: [Principal]) throws {
        for person in people { try bench.submit(.order(order), by: person) }
    }

    private func act(_ act: EstateAct, _ bench: Bench, by person: Principal) throws {
        try bench.submit(.act(act), by: person)
    }

    /// The ticket in an answer to a sign-on.
    private func ticket(_ reply: Reply) throws -> LeaseTicket? {
        try reply.view.bytes(57).map { try LeaseTicket(decoding: Array($0.dropLast(LeaseTicket.macLength))) }
    }

    @Test(
        "a refused sign-on of an authentic module brings its orders, sealed, and no lease",
        arguments: [KeyProfile.tdes, .aes, .sessionTDES])
    func refusedWithOrders(profile: KeyProfile) throws {
        let bench = try Bench()
        let till = try bench.till("TILL0001", profile)
        #expect(try ticket(till.signOn())?.grantsLease == true)
        try order(.revokeKeySet(1, since: bench.now - .days(2)), bench, by: Self.operators)
        let nonce = try till.nonce()
        let reply = try bench.send(
            try till.evidence(till.module.attest(nonce: nonce, application: SoftwareVersion(1, 0, 0))))
        let told = try require(try ticket(reply))
        #expect(reply.code != "00" && reply.view.bytes(62) == nil && reply.warnings == "K01")
        #expect(!told.grantsLease && told.orders == [.revokeKeys(keySet: 1)] && told.hostTime == bench.now)
        #expect(told.nonce == nonce && told.cleared.isEmpty)
        if !profile.isSession { #expect(try till.isAuthentic(reply)) }
        // Whatever is not authentic gets no ticket.
        let stale = try bench.send(
            try till.evidence(
                till.module.attest(nonce: [UInt8](repeating: 1, count: 16), application: SoftwareVersion(1, 0, 0))))
        #expect(stale.view.bytes(57) == nil)
        try bench.check()
    }

    @Test("the service centre's new identity trades, and nothing of the old one is believed any more")
    func newIdentity() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        #expect(try till.sell(SaleSpec(card)).code == "00")
        let nonce = try till.nonce()
        let oldSale = try till.message(SaleSpec(card, 7_00))
        _ = try bench.send(try till.tokenReport(till.token, "T01"))
        #expect(try bench.terminal(till.id).lifecycle == .tampered)
        #expect(bench.refusal(.order(.takeIntoServiceCentre(till.id)), by: Bench.alice) == .notYours(.operator))
        try order(.takeIntoServiceCentre(till.id), bench, by: Self.centre)
        try order(.reidentify(till.id, serial: 9_002, keySet: 2), bench, by: Self.centre)
        #expect(try bench.send(oldSale).code != "00")
        let attested = till.module.attest(nonce: nonce, application: SoftwareVersion(1, 0, 0))
        let answer = try bench.send(try till.evidence(attested))
        #expect(answer.code != "00" && !answer.isSealed)
        try act(.ship(till.id, seal: "B1"), bench, by: Self.cust[0])
        try order(.receive(till.id, seal: "B1"), bench, by: Self.cust)
        try order(.loadInitialKeys(till.id), bench, by: Self.cust)
        let record = try bench.terminal(till.id)
        #expect(record.identityEpoch == 2 && record.keySet == 2)
        let renewed = try Till(
            bench, till.id, till.merchant, till.currency,
            bench.module.provision(record.keys(till.id), serial: 9_002, firmware: Bench.firmware))
        #expect(try renewed.signOn().code != "00")
        try bench.submit(.activate(till.id), by: Bench.alice)
        try bench.submit(.activate(till.id), by: Bench.bob)
        #expect(try renewed.signOn().code == "00")
        bench.wait(.seconds(2))
        #expect(try renewed.sell(SaleSpec(card)).code == "00")
        #expect(try till.sell(SaleSpec(card)).code != "00")
        try bench.check()
    }

    @Test("keys of a revoked set are replaced at host and terminal, and the old ones open nothing")
    func newKeys() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        try order(.revokeKeySet(1, since: bench.now), bench, by: [Self.cust[0], Bench.alice])
        let refused = try till.sell(SaleSpec(card))
        #expect(refused.code != "00" && bench.lastIntent == .moduleHalted)
        try order(.issueKeys(till.id, keySet: 2), bench, by: Self.cust)
        for person in Self.operators { try bench.submit(.clearWarning(till.id, .k01), by: person) }
        let keys = try bench.terminal(till.id).keys(till.id)
        let renewed = try Till(
            bench, till.id, till.merchant, till.currency,
            bench.module.provision(keys, serial: 9_001, firmware: Bench.firmware))
        #expect(try till.signOn().code != "00")
        #expect(try bench.terminal(till.id).lease == nil)
        renewed.module.claims.leaseID = 1
        #expect(try renewed.signOn().code == "00")
        bench.wait(.seconds(2))
        #expect(try renewed.sell(SaleSpec(card)).code == "00")
        #expect(try till.sell(SaleSpec(card)).isSealed == false)
        try bench.check()
    }

    @Test("an order takes two people of its roles; one alone, twice or with another role does nothing")
    func fourEyes() throws {
        let bench = try Bench()
        let till = try bench.till()
        let command = Command.order(.issueKeys(till.id, keySet: 2))
        for principal in [Bench.alice, Bench.carol, Bench.system, Self.centre[0]] {
            #expect(bench.refusal(command, by: principal) == .notYours(principal.role))
        }
        try bench.submit(command, by: Self.cust[0])
        #expect(bench.refusal(command, by: Self.cust[0]) == .estate(.secondPersonRequired))
        #expect(try bench.terminal(till.id).keySet == 1)
        #expect(bench.engine.host.estate.proposals.count == 1)
        try bench.submit(command, by: Self.cust[1])
        #expect(try bench.terminal(till.id).keySet == 2)
        try bench.check()
    }

    @Test("the clock writes only what it changes, and a sale moves what dormancy counts from")
    func clock() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        func isDue() -> Bool { bench.engine.host.isTickDue(at: bench.now) }
        #expect(!isDue())
        #expect(bench.refusal(.tick, by: Bench.system) == .estate(.nothingDue))
        bench.wait(.hours(2))
        till.module.claims.selfTestNumber += 1
        #expect(try till.sell(SaleSpec(card)).code == "00")
        #expect(try bench.terminal(till.id).lastTrade == bench.now)
        #expect(try bench.terminal(till.id).lastSeen == bench.now)
        bench.wait(.hours(24))
        #expect(isDue())
        try bench.submit(.tick, by: Bench.system)
        #expect(try bench.terminal(till.id).warnings.map(\.code) == [.p03, .a02])
        #expect(!isDue())
        #expect(try till.signOn().code == "00")
        #expect(try bench.terminal(till.id).warnings.isEmpty)
        try bench.check()
    }

    @Test("a device registered at the maker's has its place in every index of the host")
    func registered() throws {
        let bench = try Bench()
        let till = try bench.till()
        let id = try require(TerminalID("NEW00001"))
        var record = try bench.terminal(till.id)
        record.serial = 9_100
        try bench.submit(.registerTerminal(id, record), by: Self.cust[0])
        #expect(try bench.terminal(id).lifecycle == .manufactured)
        let batch = bench.engine.host.batch(of: id)?.number
        let other = bench.engine.host.batch(of: till.id)?.number
        #expect(batch == other)
        let second = try bench.till("TILL0002")
        #expect(try second.sell(SaleSpec(try bench.card())).code == "00")
        try bench.check()
    }
}
