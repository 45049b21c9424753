// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ModuleProtocol
import Testing
import Vocabulary

@Suite("Clearance")
struct ClearanceTests {
    /// Every code of the catalogue, by who may clear it.
    @Test("a warning is cleared by whom the catalogue says and by nobody else", arguments: WarningCode.allCases)
    func everyCode(code: WarningCode) throws {
        var desk = try Desk.active()
        desk.report([code])
        // T05 stops the device that claims the number, which gets no lease, and not the one that reports it.
        let stops = code.halts != .none && code != .t05
        #expect((desk.refusal != nil) == stops)
        func clear(_ staff: StaffID) -> EstateRefusal? {
            do throws(EstateRefusal) {
                desk.apply(try desk.estate.decideClearance(Desk.id, code, by: staff))
                return nil
            } catch { return error }
        }
        switch code.clearance {
        case .auto:
            // The application may ask for an operator where its own proof does not do.
            #expect(clear(Desk.alice) == (code == .p02 ? nil : .clearanceNotHere(.auto)))
            #expect(isGranted(desk.signOn()))
        case .r1:
            #expect((raised(desk.signOn()) != nil) == stops)
            if stops {
                #expect(clear(Desk.alice) == nil)
                #expect(clear(Desk.alice) == .secondPersonRequired)
                #expect(desk.refusal == .moduleHalted, "cleared, and not yet proved")
            } else {
                #expect(clear(Desk.alice) == nil)
            }
            #expect(isGranted(desk.signOn()))
        case .d2:
            #expect(clear(Desk.alice) == nil)
            #expect(clear(Desk.alice) == .secondPersonRequired)
            #expect((raised(desk.signOn()) != nil) == stops)
            #expect(clear(Desk.bob) == nil)
            switch code {
            case .k01, .l02:
                #expect(raised(desk.signOn()) == [], "cleared by two, and still under the old keys")
                try desk.issueKeys(4)
            case .t06:
                #expect(raised(desk.signOn()) == [], "cleared by two, and not inspected again")
                desk.now = desk.now + .minutes(1)
                try desk.act(.inspect(Desk.id, findings: [], photo: "after.jpg"))
            default: break
            }
            #expect(isGranted(desk.signOn()))
        case .sc:
            #expect(clear(Desk.alice) == .clearanceNotHere(.sc))
            #expect(clear(Desk.bob) == .clearanceNotHere(.sc))
            #expect((raised(desk.signOn()) != nil) == stops)
            #expect(try desk.terminal.warnings.map(\.code) == [code])
            return
        }
        #expect(try desk.terminal.warnings.isEmpty && desk.terminal.lifecycle == .active)
        #expect(desk.refusal == nil)
        #expect(desk.estate.brokenInvariants() == [])
    }

    @Test(
        "what a proof clears at the severity it begins with takes one operator when it has grown graver",
        arguments: [WarningCode.a04, .p02])
    func graver(code: WarningCode) throws {
        var desk = try Desk.active()
        desk.evidence.eventCounter += 1
        let statement = WarningStatement(
            identityEpoch: 1, eventCounter: desk.evidence.eventCounter, openWarnings: [RaisedWarning(code, .s2)])
        desk.apply(
            desk.estate.decideReport(
                Desk.id, usage: desk.usage(), codes: [], statement: statement, claims: desk.claims))
        #expect(raised(desk.signOn()) == [])
        try desk.clear(code, by: [Desk.alice])
        #expect(isGranted(desk.signOn()))
        #expect(desk.refusal == nil)
    }

    @Test(
        "P02 that the application reports with its evidence ends by an operator's word, and unreported by the evidence")
    func application() throws {
        var desk = try Desk.active()
        desk.report([.p02])
        #expect(raised(desk.signOn(reported: [.p02])) == [], "it is still there")
        #expect(desk.refusal == .moduleHalted)
        #expect(isGranted(desk.signOn()))
        desk.report([.p02])
        #expect(!isGranted(desk.signOn(reported: [.p02])))
        try desk.clear(.p02, by: [Desk.alice])
        #expect(isGranted(desk.signOn(reported: [.p02])))
        #expect(desk.ticket?.cleared == [.p02])
        #expect(desk.refusal == nil)
    }

    @Test("a tampered terminal's other warnings are not cleared either")
    func tampered() throws {
        var desk = try Desk.active()
        desk.report([.k02, .t01])
        #expect(try desk.terminal.lifecycle == .tampered)
        #expect(throws: EstateRefusal.clearanceNotHere(.sc)) {
            try desk.estate.decideClearance(Desk.id, .k02, by: Desk.alice)
        }
        #expect(desk.refusal == .moduleTampered)
        #expect(raised(desk.signOn()) == [])
        #expect(throws: EstateRefusal.notAllowed(.tampered)) {
            try desk.estate.decideSuspension(Desk.id, by: Desk.alice)
        }
    }

    @Test("what a module still shows open after people cleared it is opened again")
    func stillThere() throws {
        var desk = try Desk.active()
        desk.report([.k02])
        desk.apply(try desk.estate.decideClearance(Desk.id, .k02, by: Desk.alice))
        desk.evidence.lifecycle = .halted
        desk.evidence.openWarnings = [RaisedWarning(.k02)]
        #expect(isGranted(desk.signOn()))
        #expect(raised(desk.signOn()) == [.k02])
        #expect(try desk.terminal.lifecycle == .halted && desk.terminal.warnings.first?.clearedBy == [])
    }

    @Test("one halting warning cleared leaves the other, and the terminal halted")
    func oneOfTwo() throws {
        var desk = try Desk.active()
        desk.report([.k02, .h07])
        desk.apply(try desk.estate.decideClearance(Desk.id, .k02, by: Desk.alice))
        #expect(raised(desk.signOn()) == [])
        #expect(try desk.terminal.warnings.map(\.code) == [.k02, .h07])
        desk.apply(try desk.estate.decideClearance(Desk.id, .h07, by: Desk.alice))
        #expect(isGranted(desk.signOn()))
        #expect(try desk.terminal.warnings.isEmpty)
    }

    @Test("a warning is open once, however often it is reported, and since it was first")
    func once() throws {
        var desk = try Desk.active()
        desk.report([.k02, .k02])
        let since = desk.now
        desk.now = desk.now + .minutes(5)
        desk.report([.k02])
        #expect(try desk.terminal.warnings.map(\.code) == [.k02])
        #expect(try desk.terminal.warnings.first?.since == since)
    }

    @Test("the warning that stops everything is named before the one that stops new sales")
    func haltingWarning() throws {
        var desk = try Desk.active()
        desk.report([.s04])
        #expect(try desk.terminal.haltingWarning == .s04 && desk.terminal.lifecycle == .active)
        #expect(desk.refusal == .moduleHalted)
        desk.report([.k02])
        #expect(try desk.terminal.haltingWarning == .k02 && desk.terminal.lifecycle == .halted)
    }

    @Test("a report that comes behind the sign-on it led to opens nothing, and one of what came after it does")
    func lateReport() throws {
        var desk = try Desk.active()
        desk.report([.k06])
        #expect(desk.refusal == .moduleHalted)
        desk.signOn()
        #expect(desk.refusal == nil)
        desk.report([.k06, .h05], event: false)
        #expect(try desk.refusal == nil && desk.terminal.warnings == [])
        // What the application finds by itself, no event counter counts.
        desk.report([.p04], event: false)
        #expect(try desk.terminal.warnings.map(\.code) == [.p04])
        desk.report([.k06])
        #expect(desk.refusal == .moduleHalted)
        // Of two reports that both come after it, both count.
        desk.report([.h05], event: false)
        #expect(try desk.terminal.warnings.map(\.code) == [.p04, .k06, .h05])
    }
}
