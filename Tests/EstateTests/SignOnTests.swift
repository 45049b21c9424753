// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ModuleProtocol
import Testing
import Vocabulary

@Suite("Sign-on")
struct SignOnTests {
    @Test("two people and accepted evidence activate a terminal, and not one of them less")
    func activation() throws {
        var desk = try Desk()
        #expect(raised(desk.signOn()) == [.a01])
        #expect(try desk.terminal.lifecycle == .commissioned)
        desk.apply(try desk.estate.decideActivation(Desk.id, by: Desk.alice))
        #expect(throws: EstateRefusal.secondPersonRequired) {
            try desk.estate.decideActivation(Desk.id, by: Desk.alice)
        }
        #expect(raised(desk.signOn()) == [.a01])
        desk.apply(try desk.estate.decideActivation(Desk.id, by: Desk.bob))
        #expect(throws: EstateRefusal.notAllowed(.commissioned)) {
            try desk.estate.decideActivation(Desk.id, by: Desk.bob)
        }
        #expect(desk.refusal == .terminalNotActive)
        #expect(isGranted(desk.signOn()))
        #expect(try desk.terminal.lifecycle == .active && desk.terminal.warnings.isEmpty)
        #expect(desk.refusal == nil)
        #expect(desk.estate.brokenInvariants() == [])
    }

    @Test("an answer that never arrived costs the new terminal nothing: its next evidence is accepted again")
    func lostFirstTicket() throws {
        var desk = try Desk()
        try desk.activate()
        #expect(isGranted(desk.signOn()))
        // The ticket is lost: the module is as it was, never in service.
        desk.now = desk.now + .seconds(30)
        #expect(isGranted(desk.signOn()))
        #expect(try desk.terminal.warnings.isEmpty && desk.terminal.lifecycle == .active)
        #expect(try desk.terminal.leaseCount == 2)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let raised: [WarningCode]
        let change: @Sendable (inout EvidenceClaims) -> Void
    }

    static let bad: [Bad] = [
        Bad(testDescription: "another nonce", raised: []) { $0.nonce[3] ^= 1 },
        Bad(testDescription: "another identity epoch", raised: [.t03]) { $0.identityEpoch += 1 },
        Bad(testDescription: "another key set", raised: [.t03]) { $0.keySet += 1 },
        Bad(testDescription: "another profile", raised: [.t03]) { $0.profile = .tdes },
        Bad(testDescription: "a fallen event counter", raised: [.h04]) { $0.eventCounter -= 1 },
        Bad(testDescription: "a fallen health counter", raised: [.h04]) { $0.healthCounter = 3 },
        Bad(testDescription: "firmware too old", raised: [.c02]) { $0.firmware = SoftwareVersion(0, 9, 9) },
        Bad(testDescription: "firmware too new", raised: [.c02]) { $0.firmware = SoftwareVersion(2, 0, 0) },
        Bad(testDescription: "a self-test of yesterday", raised: [.s03]) { $0.selfTestAgeSeconds = 86_400 },
        Bad(testDescription: "a self-test never passed", raised: [.s03]) { $0.selfTestAgeSeconds = .max },
        Bad(testDescription: "activation lost", raised: [.a01]) { $0.lifecycle = .suspended },
        Bad(testDescription: "scrapped", raised: [.a01]) { $0.lifecycle = .decommissioned },
        Bad(testDescription: "a key missing", raised: [.k02]) {
            $0.lifecycle = .halted
            $0.openWarnings = [RaisedWarning(.k02)]
        },
        Bad(testDescription: "tampered", raised: [.t01]) {
            $0.lifecycle = .halted
            $0.openWarnings = [RaisedWarning(.t01)]
        },
        Bad(testDescription: "new sales stopped by S04", raised: [.s04]) {
            $0.openWarnings = [RaisedWarning(.h05), RaisedWarning(.s04)]
        },
    ]

    @Test("unsound evidence earns no lease and opens the right warning", arguments: bad)
    func unsound(bad: Bad) throws {
        var desk = try Desk.active()
        let lease = try desk.terminal.lease
        bad.change(&desk.evidence)
        #expect(raised(desk.signOn()) == bad.raised)
        #expect(try desk.terminal.lease == lease)
        #expect(try desk.terminal.warnings.map(\.code) == bad.raised)
        let halts = bad.raised.contains { $0.halts == .all }
        let tampered = bad.raised.contains { $0.zeroises == .all }
        #expect(try desk.terminal.lifecycle == (tampered ? .tampered : halts ? .halted : .active))
        #expect(desk.estate.brokenInvariants() == [])
    }

    @Test("evidence that is absent or not authentic earns nothing and opens nothing")
    func absent() throws {
        var desk = try Desk.active()
        #expect(raised(desk.signOn(without: true)) == [])
        #expect(raised(desk.signOn(nonces: [])) == [])
        #expect(try desk.terminal.warnings.isEmpty && desk.terminal.lifecycle == .active)
    }

    @Test("several faults are named at once")
    func several() throws {
        var desk = try Desk.active()
        desk.evidence.eventCounter = 0
        desk.evidence.firmware = SoftwareVersion(9, 0, 0)
        desk.evidence.openWarnings = [RaisedWarning(.k02)]
        #expect(raised(desk.signOn()) == [.h04, .c02, .k02])
    }

    /// A module that halted for a reason that a proof takes away is halted, not deactivated.
    @Test(
        "a halted module whose warnings clear by proof signs on without any person",
        arguments: [
            WarningCode.h01, .s03, .a02, .l01, .k06, .c02,
        ])
    func autoCleared(code: WarningCode) throws {
        var desk = try Desk.active()
        desk.report([code])
        #expect(try desk.terminal.lifecycle == .halted)
        #expect(desk.refusal == .moduleHalted)
        desk.evidence.lifecycle = .halted
        // What only the module can see it no longer claims once its self-test has passed.
        desk.evidence.openWarnings = WarningCode.endedByModuleProof.contains(code) ? [] : [RaisedWarning(code)]
        #expect(isGranted(desk.signOn()))
        #expect(desk.ticket?.cleared == [code])
        #expect(try desk.terminal.lifecycle == .active && desk.terminal.warnings.isEmpty)
        #expect(desk.estate.brokenInvariants() == [])
    }

    @Test(
        "a fault that only the module can see halts for as long as its evidence names it",
        arguments: [WarningCode.h01, .h06])
    func stillThere(code: WarningCode) throws {
        var desk = try Desk.active()
        desk.report([code])
        desk.evidence.lifecycle = .halted
        desk.evidence.openWarnings = [RaisedWarning(code)]
        #expect(raised(desk.signOn()) == [code])
        #expect(desk.refusal == .moduleHalted)
    }

    @Test("firmware that the matrix comes to allow is proved by the next evidence")
    func compatibility() throws {
        var desk = try Desk.active()
        desk.evidence.firmware = SoftwareVersion(2, 0, 0)
        #expect(raised(desk.signOn()) == [.c02])
        #expect(try desk.terminal.firmware == SoftwareVersion(2, 0, 0))
        desk.apply(
            .compatibilitySet(
                FirmwareRange(minimum: SoftwareVersion(1, 0, 0), maximum: SoftwareVersion(2, 0, 0)), by: Desk.alice))
        #expect(desk.refusal == .moduleHalted)
        #expect(isGranted(desk.signOn()))
        #expect(desk.refusal == nil)
    }

    @Test("a ticket says what the lease is: number, identity, nonce, a day, the matrix, and what is cleared")
    func ticket() throws {
        var desk = try Desk.active()
        desk.report([.k02, .h05])
        desk.apply(try desk.estate.decideClearance(Desk.id, .k02, by: Desk.alice))
        desk.evidence.openWarnings = [RaisedWarning(.k02), RaisedWarning(.h05)]
        #expect(isGranted(desk.signOn()))
        guard let ticket = desk.ticket else { throw Missing() }
        #expect(ticket.grantsLease && ticket.hostTime == desk.now && ticket.orders.isEmpty)
        #expect(try ticket.binding == desk.estate.binding(desk.terminal))
        #expect(ticket.leaseID == 2 && ticket.identityEpoch == 1 && ticket.nonce == Desk.nonce)
        #expect(ticket.validForSeconds == 86_400 && ticket.activated)
        #expect(ticket.firmwareMinimum == desk.estate.compatibility.minimum)
        #expect(ticket.firmwareMaximum == desk.estate.compatibility.maximum)
        #expect(ticket.cleared == [.k02])
        #expect(try LeaseTicket(decoding: ticket.encoded()) == ticket)
        #expect(try desk.terminal.warnings.map(\.code) == [.h05])
    }

    @Test("a lease lasts its day and is refused from its last microsecond on")
    func expiry() throws {
        var desk = try Desk.active()
        let end = try desk.terminal.lease?.expires
        #expect(end == desk.now + .hours(24))
        desk.evidence.selfTestNumber += 1
        desk.now = desk.now + .hours(24) - Interval(microseconds: 1)
        #expect(desk.refusal == nil)
        #expect(desk.estate.expectation(for: try desk.terminal, now: desk.now) != nil)
        desk.now = desk.now + Interval(microseconds: 1)
        #expect(desk.refusal == .leaseExpired)
        #expect(desk.estate.expectation(for: try desk.terminal, now: desk.now) == nil)
    }

    @Test("the host's clock measures the self-test's age, from what the evidence said")
    func selfTestAge() throws {
        var desk = try Desk.active()
        desk.evidence.selfTestAgeSeconds = 23 * 3_600
        #expect(isGranted(desk.signOn()))
        #expect(desk.refusal == nil)
        desk.now = desk.now + .hours(1)
        #expect(desk.refusal == .healthNotProved)
        desk.evidence.selfTestNumber += 1
        #expect(desk.refusal == nil)
        var usage = desk.usage()
        usage.selfTestNumber = desk.evidence.selfTestNumber
        desk.estate.apply(usage, at: desk.now)
        #expect(try desk.terminal.selfTestAt == desk.now)
    }

    @Test("an unknown terminal's sign-on is refused like stale evidence")
    func unknown() throws {
        var desk = try Desk.active()
        let ghost = TerminalID("GHOST")!
        let usage = desk.usage(ghost)
        let record = desk.estate.decideSignOn(
            ghost, usage: usage, evidence: desk.evidence, nonces: [Desk.nonce], now: desk.now)
        #expect(raised(record) == [])
        let before = desk.snapshot
        desk.estate.apply(record, at: desk.now)
        #expect(desk.snapshot == before)
    }
}
