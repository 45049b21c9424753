// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

/// Every transition is caused by something, and by that alone.
@Suite("A terminal's way")
struct LifecycleTests {
    @Test("a new device is personalised, shipped, received by two who see its seal whole, keyed by two and activated")
    func factoryToShop() throws {
        var desk = try Desk()
        let id = TerminalID("NEW00001")!
        var record = try desk.terminal
        record.serial = 500
        desk.apply(try desk.estate.decideTerminal(id, record, isNew: true))
        func state() -> Lifecycle? { desk.estate.terminals[id]?.lifecycle }
        #expect(state() == .manufactured)
        #expect(
            desk.refuses(.notAllowed(.manufactured)) { () throws(EstateRefusal) in
                try desk.estate.decideAct(.ship(id, seal: "S1"), by: Desk.alice)
            })
        try desk.act(.personalise(id))
        #expect(state() == .personalised)
        try desk.act(.ship(id, seal: "S1"))
        #expect(state() == .inTransit)
        #expect(
            desk.refuses(.sealMismatch) { () throws(EstateRefusal) in
                try desk.estate.decideOrder(.receive(id, seal: "S2"), by: Desk.alice, now: desk.now)
            })
        desk.apply(try desk.estate.decideOrder(.receive(id, seal: "S1"), by: Desk.alice, now: desk.now))
        #expect(state() == .inTransit)
        #expect(
            desk.refuses(.secondPersonRequired) { () throws(EstateRefusal) in
                try desk.estate.decideOrder(.receive(id, seal: "S1"), by: Desk.alice, now: desk.now)
            })
        desk.apply(try desk.estate.decideOrder(.receive(id, seal: "S1"), by: Desk.bob, now: desk.now))
        #expect(state() == .stocked)
        #expect(throws: EstateRefusal.notAllowed(.stocked)) {
            try desk.estate.decideActivation(id, by: Desk.alice)
        }
        try desk.order(.loadInitialKeys(id))
        #expect(state() == .commissioned)
        desk.apply(try desk.estate.decideActivation(id, by: Desk.alice))
        desk.apply(try desk.estate.decideActivation(id, by: Desk.bob))
        #expect(desk.estate.brokenInvariants() == [])
    }

    @Test("half an order is forgotten after a day, and another order is not its other half")
    func proposals() throws {
        var desk = try Desk.active()
        let order = EstateOrder.issueKeys(Desk.id, keySet: 4)
        desk.apply(try desk.estate.decideOrder(order, by: Desk.alice, now: desk.now))
        desk.apply(try desk.estate.decideOrder(.issueKeys(Desk.id, keySet: 5), by: Desk.bob, now: desk.now))
        #expect(try desk.terminal.keySet == 3 && desk.estate.proposals.count == 2)
        desk.now = desk.now + .hours(24)
        desk.apply(try desk.estate.decideOrder(order, by: Desk.bob, now: desk.now))
        #expect(try desk.terminal.keySet == 3)
        desk.apply(try desk.estate.decideOrder(order, by: Desk.alice, now: desk.now))
        #expect(try desk.terminal.keySet == 4)
        #expect(desk.estate.proposals == [])
    }

    @Test("new keys count anew, are never old or revoked ones, and nothing trades before evidence under them")
    func newKeys() throws {
        var desk = try Desk.active()
        for keySet in UInt16(0)...3 {
            #expect(
                desk.refuses(.keySetNotFresh) { () throws(EstateRefusal) in
                    try desk.estate.decideOrder(.issueKeys(Desk.id, keySet: keySet), by: Desk.alice, now: desk.now)
                })
        }
        try desk.order(.revokeKeySet(4, since: desk.now))
        #expect(
            desk.refuses(.keySetNotFresh) { () throws(EstateRefusal) in
                try desk.estate.decideOrder(.issueKeys(Desk.id, keySet: 4), by: Desk.alice, now: desk.now)
            })
        try desk.issueKeys(5)
        #expect(try desk.terminal.lease == nil && desk.terminal.health.highest == 0)
        #expect(desk.refusal == .leaseExpired)
        var old = desk
        old.evidence.keySet = 3
        #expect(raised(old.signOn()) == [.t03])
        #expect(isGranted(desk.signOn()))
        #expect(desk.refusal == nil)
    }

    @Test("a fallen counter takes two people and is over under new keys")
    func counters() throws {
        var desk = try Desk.active()
        desk.evidence.eventCounter -= 1
        #expect(raised(desk.signOn()) == [.h04])
        try desk.clear(.h04)
        #expect(raised(desk.signOn()) == [.h04], "the counters have not risen")
        try desk.issueKeys(4)
        #expect(isGranted(desk.signOn()))
        #expect(try desk.terminal.warnings.isEmpty && desk.terminal.lifecycle == .active)
    }

    @Test(
        "what the service centre alone clears leaves by custody of two, the next identity, new keys and activation",
        arguments: [WarningCode.t01, .t02, .s01, .h05, .l03, .k04])
    func serviceCentre(code: WarningCode) throws {
        var desk = try Desk.active()
        desk.report([code])
        for staff in [Desk.alice, Desk.bob] {
            #expect(
                desk.refuses(.clearanceNotHere(.sc)) { () throws(EstateRefusal) in
                    try desk.estate.decideClearance(Desk.id, code, by: staff)
                })
        }
        #expect(throws: EstateRefusal.self) {
            try desk.estate.decideOrder(
                .reidentify(Desk.id, serial: 78, keySet: 4), by: Desk.alice, now: desk.now)
        }
        try desk.order(.takeIntoServiceCentre(Desk.id))
        #expect(try desk.terminal.lifecycle == .inServiceCentre)
        #expect(try desk.terminal.dossier.custody?.people == [Desk.alice, Desk.bob])
        #expect(desk.refusal != nil)
        #expect(raised(desk.signOn()) != nil)
        #expect(
            desk.refuses(.keySetNotFresh) { () throws(EstateRefusal) in
                try desk.estate.decideOrder(
                    .reidentify(Desk.id, serial: 78, keySet: 3), by: Desk.alice, now: desk.now)
            })
        let count = try desk.terminal.leaseCount
        try desk.order(.reidentify(Desk.id, serial: 78, keySet: 4))
        let terminal = try desk.terminal
        #expect(terminal.lifecycle == .personalised && terminal.identityEpoch == 2 && terminal.serial == 78)
        #expect(terminal.warnings.isEmpty && terminal.activationApprovedBy == nil && terminal.leaseCount == count)
        #expect(terminal.deathTokenHash == nil && terminal.linkTokenHash == nil)
        // What the old identity says counts for nothing.
        var old = desk
        #expect(!isGranted(old.signOn()))
        #expect(desk.estate.decideTokenReport(Desk.id, token: Desk.death, codes: []) == nil)
        try desk.act(.ship(Desk.id, seal: "B7"))
        try desk.order(.receive(Desk.id, seal: "B7"))
        try desk.order(.loadInitialKeys(Desk.id))
        desk.evidence.serial = 78
        desk.evidence.identityEpoch = 2
        desk.evidence.keySet = 4
        desk.evidence.lifecycle = .commissioned
        desk.evidence.openWarnings = []
        #expect(raised(desk.signOn()) == [.a01])
        try desk.activate()
        #expect(isGranted(desk.signOn()))
        #expect(try desk.terminal.lifecycle == .active && desk.terminal.warnings.isEmpty)
        #expect(desk.refusal == nil)
        #expect(desk.estate.brokenInvariants() == [])
    }

    @Test("a sound terminal is not taken into the service centre")
    func soundStays() throws {
        let desk = try Desk.active()
        #expect(
            desk.refuses(.notAllowed(.active)) { () throws(EstateRefusal) in
                try desk.estate.decideOrder(.takeIntoServiceCentre(Desk.id), by: Desk.alice, now: desk.now)
            })
    }

    @Test("a second H01 within seven days is the service centre's, and a later one clears itself again")
    func secondFailure() throws {
        for (days, clearance) in [(6, Clearance.sc), (8, .auto)] {
            var desk = try Desk.active()
            desk.report([.h01])
            #expect(isGranted(desk.signOn()))
            desk.now = desk.now + .days(Int64(days))
            desk.report([.h01])
            #expect(try desk.terminal.warnings.first?.clearance == clearance)
            #expect(isGranted(desk.signOn()) == (clearance == .auto))
            if clearance == .sc { try desk.order(.takeIntoServiceCentre(Desk.id)) }
        }
    }

    @Test(
        "what came back too soon after its proof takes one operator",
        arguments: [(WarningCode.k06, 1), (.l01, 3)])
    func flapping(code: WarningCode, proofs: Int) throws {
        var desk = try Desk.active()
        for _ in 0..<proofs {
            desk.report([code])
            desk.now = desk.now + .seconds(30)
            #expect(isGranted(desk.signOn()))
        }
        desk.report([code])
        #expect(raised(desk.signOn()) == [])
        #expect(desk.refusal == .moduleHalted)
        try desk.clear(code, by: [Desk.alice])
        #expect(isGranted(desk.signOn()))
        #expect(desk.refusal == nil)
    }

    @Test("a lost terminal is refused whatever it proves, and found again it is the service centre's")
    func lost() throws {
        var desk = try Desk.active()
        try desk.act(.reportLost(Desk.id))
        #expect(try desk.terminal.lifecycle == .lost && desk.terminal.lease == nil)
        #expect(desk.refusal == .terminalNotActive)
        #expect(raised(desk.signOn()) == [])
        #expect(throws: EstateRefusal.notAllowed(.lost)) {
            try desk.estate.decideAct(.reportLost(Desk.id), by: Desk.bob)
        }
        try desk.order(.takeIntoServiceCentre(Desk.id))
        #expect(try desk.terminal.lifecycle == .inServiceCentre)
    }

    @Test("a terminal in maintenance trades again when it is over and evidence is accepted, not before")
    func maintenance() throws {
        var desk = try Desk.active()
        try desk.act(.enterMaintenance(Desk.id))
        #expect(desk.refusal == .terminalNotActive)
        #expect(raised(desk.signOn()) == [])
        try desk.act(.endMaintenance(Desk.id))
        #expect(try desk.terminal.lifecycle == .maintenance)
        #expect(throws: EstateRefusal.notAllowed(.maintenance)) {
            try desk.estate.decideAct(.endMaintenance(Desk.id), by: Desk.bob)
        }
        #expect(isGranted(desk.signOn()))
        #expect(try desk.terminal.lifecycle == .active)
        #expect(desk.refusal == nil)
    }

    @Test("two people scrap a terminal, and nothing brings it back")
    func retired() throws {
        var desk = try Desk.active()
        try desk.order(.retire(Desk.id))
        #expect(try desk.terminal.lifecycle == .decommissioned)
        #expect(raised(desk.signOn()) == [])
        for order in [EstateOrder.retire(Desk.id), .takeIntoServiceCentre(Desk.id), .issueKeys(Desk.id, keySet: 9)] {
            #expect(throws: EstateRefusal.notAllowed(.decommissioned)) {
                try desk.estate.decideOrder(order, by: Desk.alice, now: desk.now)
            }
        }
    }
}
