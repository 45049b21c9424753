// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ModuleProtocol
import Storage
import Testing
import Vocabulary

struct OrderProjectionTests {
    private func order(_ random: inout SeededRandom, _ id: TerminalID, _ now: Instant) -> EstateOrder {
        let keySet = UInt16(1 + random.below(4))
        return switch random.below(10) {
        case 0: .receive(id, seal: "S")
        case 1: .loadInitialKeys(id)
        case 2, 3: .issueKeys(id, keySet: keySet)
        case 4: .permitSwap(id, serial: UInt64(random.below(5)))
        case 5: .erase(id, .t03)
        case 6: .takeIntoServiceCentre(id)
        case 7: .reidentify(id, serial: UInt64(random.below(5)), keySet: keySet)
        case 8: .revokeKeySet(keySet, since: now)
        default: .extendLeases(until: now + .hours(3))
        }
    }

    private func act(_ random: inout SeededRandom, _ id: TerminalID) -> EstateAct {
        switch random.below(7) {
        case 0: .personalise(id)
        case 1: .ship(id, seal: "S")
        case 2: .enterMaintenance(id)
        case 3: .reportLost(id)
        case 4: .inspect(id, findings: [.seal], photo: "p.jpg")
        case 5: .inspect(id, findings: [], photo: "q.jpg")
        default: .setKeySetEnd(UInt16(random.below(4)), until: Instant(seconds: 2_000_000_000))
        }
    }

    @Test("Keys, custody and orders of the projections are those of the estate, whatever happens", arguments: 1...6)
    func agrees(_ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let bank = try Bank()
        try bank.open()
        let (first, second) = (staff("cust1"), staff("cust2"))
        for step in 0..<100 {
            bank.advance(.minutes(1))
            let name = random.below(2) == 0 ? "T1" : "T2"
            let id = terminalID(name)
            switch random.below(6) {
            case 0:
                var evidence = bank.evidence()
                evidence.serial = UInt64(random.below(5))
                let lease = Lease(id: UInt32(step), expires: bank.now + .hours(24))
                let closed = Array((bank.estate().terminals[id]?.warnings ?? []).map(\.code).prefix(1))
                try bank.commit(
                    .estate(
                        .signedOn(
                            SignedOn(
                                usage: try bank.usage(name), lease: lease, evidence: evidence, closed: closed,
                                raised: [RaisedWarning(.a03, .s4)]))))
            case 1: try bank.commit(.estate(.swapRefused(try bank.usage(name), serial: 9)))
            case 2:
                var change = ClockChange(id)
                change.raised = [RaisedWarning(.p03), RaisedWarning(.t04, .s2)]
                try bank.commit(.estate(.ticked([change])))
            case 3: try bank.commit(.estate(.acted(act(&random, id), by: first)))
            case 4: try bank.commit(.estate(.proposed(order(&random, id, bank.now), by: first)))
            default: try bank.commit(.estate(.ordered(order(&random, id, bank.now), by: [first, second])))
            }
            let core = try #require(bank.estate().terminals[id])
            let shown = try #require(try await bank.reader.terminal(id, now: bank.now))
            let custody = try #require(try await bank.reader.custody(of: id))
            #expect(shown.terminal.lifecycle == core.lifecycle, "seed \(seed) step \(step)")
            #expect(shown.terminal.serial == core.serial && shown.terminal.leaseExpires == core.lease?.expires)
            #expect(custody.keySet == core.keySet && custody.epoch == core.identityEpoch)
            #expect(custody.permittedSerial == core.dossier.permit?.serial)
            #expect(custody.claimant == core.dossier.claimant && custody.erasure == core.dossier.erasure?.rawValue)
            #expect(custody.shipment == core.dossier.shipment?.seal)
            #expect(custody.inspection?.photo == core.dossier.inspection?.photo)
            let rows = shown.warnings.filter(\.isOpen).map {
                "\($0.code.rawValue) \($0.severity.name) \($0.clearedBy) \($0.deadline.map(\.microseconds) ?? 0)"
            }
            let open = core.warnings.map {
                "\($0.code.rawValue) \($0.severity.name) \($0.clearedBy.map(\.description)) "
                    + "\($0.deadline.map(\.microseconds) ?? 0)"
            }
            #expect(rows.sorted() == open.sorted(), "seed \(seed) step \(step)")
            let waiting = try await bank.reader.proposals(id, now: bank.now)
            #expect(waiting.count == bank.estate().proposals.count { $0.order.terminal == id })
        }
    }

    @Test("What terminals did under a compromised key set since a date is listed, and nothing else")
    func transactions() async throws {
        let bank = try Bank()
        try bank.open()
        let sale = try bank.sale(1_000, at: "T1")
        bank.advance(.minutes(1))
        let since = bank.now
        let second = try bank.sale(2_000, at: "T1")
        bank.advance(.minutes(1))
        let people = [staff("cust1"), staff("cust2")]
        try bank.commit(.estate(.ordered(.issueKeys(terminalID("T1"), keySet: 2), by: people)))
        bank.advance(.minutes(1))
        let third = try bank.sale(3_000, at: "T1")
        func listed(_ keySet: UInt16, _ since: Instant) async throws -> [RRN] {
            try await bank.reader.transactions(ofKeySet: keySet, since: since).map(\.rrn)
        }
        #expect(try await listed(1, .epoch) == [sale.answer.rrn, second.answer.rrn])
        #expect(try await listed(1, since) == [second.answer.rrn])
        #expect(try await listed(2, .epoch) == [third.answer.rrn])
        #expect(try await listed(3, .epoch).isEmpty)
    }

    @Test("An extension of leases shows until its end and no longer")
    func outage() async throws {
        let bank = try Bank()
        try bank.open()
        let until = Instant(seconds: bank.now.seconds + 3_600)
        try bank.commit(.estate(.ordered(.extendLeases(until: until), by: [staff("oper1"), staff("oper2")])))
        #expect(try await bank.reader.outage(at: until - .seconds(1))?.until == until)
        #expect(try await bank.reader.outage(at: until) == nil)
    }
}
