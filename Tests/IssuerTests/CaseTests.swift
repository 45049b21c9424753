// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Testing
import Vocabulary

@testable import Issuer

@Suite("Cases, passes and freezes")
struct CaseTests {
    private func error(_ body: () throws(IssuerRefusal) -> IssuerRecord) -> IssuerRefusal? {
        do throws(IssuerRefusal) {
            _ = try body()
            return nil
        } catch { return error }
    }

    @Test("“it was me” needs a factor, and earns a stopped purchase one pass")
    func confirmation() throws {
        var desk = try Desk()
        desk.refer()
        let id = CaseID(1)
        #expect(try desk.state().openCase == id)
        #expect(
            error { () throws(IssuerRefusal) in
                try desk.issuer.decideConfirmation(id, by: Desk.carol, factor: false, now: desk.now)
            } == .factorRequired)
        desk.apply(try desk.issuer.decideConfirmation(id, by: Desk.carol, factor: true, now: desk.now))
        #expect(
            error { () throws(IssuerRefusal) in
                try desk.issuer.decideConfirmation(id, by: Desk.carol, factor: true, now: desk.now)
            } == .alreadyAnswered)
        #expect(
            error { () throws(IssuerRefusal) in try desk.issuer.decideDenial(id, by: Desk.carol) } == .alreadyAnswered)
        let card = try desk.state()
        #expect(card.openCase == nil && card.pass?.caseID == id)
        let inTime = desk.now + .minutes(15) - Interval(microseconds: 1)
        func covers(_ amount: Int64, _ shop: UInt64 = 7, _ at: Instant, _ currency: Currency = .eur) -> Bool {
            desk.issuer.passCovers(
                card, Money(minorUnits: amount, currency), MerchantID(number: shop), at: at)
        }
        #expect(covers(100_00, at(inTime)) && covers(1, at(inTime)))
        #expect(!covers(100_01, at(inTime)) && !covers(100_00, 8, inTime) && !covers(100_00, 7, inTime, .usd))
        #expect(!covers(100_00, at(desk.now + .minutes(15))))
        #expect(!desk.issuer.passCovers(try desk.state(Desk.sister), Money(minorUnits: 1, .eur), Desk.shop, at: inTime))
        func covers(_ amount: Int64, _ at: Instant) -> Bool { covers(amount, 7, at) }
        func at(_ instant: Instant) -> Instant { instant }
    }

    @Test("a purchase that was not stopped earns no pass")
    func notStopped() throws {
        var desk = try Desk()
        desk.issuer.apply(
            CardEffects(pin: .right, debit: 5, openCase: (CaseID(1), desk.fraudCase(stopped: false))), to: Desk.card,
            at: desk.now)
        desk.apply(try desk.issuer.decideConfirmation(CaseID(1), by: Desk.carol, factor: true, now: desk.now))
        #expect(try desk.state().pass == nil)
    }

    @Test("a word given while the account is frozen closes the case and earns nothing")
    func frozenWord() throws {
        var desk = try Desk()
        desk.refer()
        desk.apply(try desk.issuer.decideFreeze(Desk.account, by: Desk.carol))
        desk.apply(try desk.issuer.decideConfirmation(CaseID(1), by: Desk.carol, factor: true, now: desk.now))
        #expect(desk.issuer.cases[CaseID(1)]?.state == .confirmed)
        #expect(try desk.state().pass == nil)
        #expect(desk.issuer.brokenInvariants() == [])
    }

    @Test("“not me” freezes the account and voids what was let through in advance, on every card")
    func denial() throws {
        var desk = try Desk()
        desk.refer(1)
        desk.apply(try desk.issuer.decideConfirmation(CaseID(1), by: Desk.carol, factor: true, now: desk.now))
        desk.refer(2)
        let challenge = Challenge(
            reference: 5, terminal: Desk.till, amount: Money(minorUnits: 1, .eur), expires: desk.now)
        desk.issuer.apply(CardEffects(pin: .right, debit: 0, challenge: challenge), to: Desk.sister, at: desk.now)
        desk.apply(try desk.issuer.decideDenial(CaseID(2), by: Desk.carol))
        #expect(try desk.account.frozen == Freeze(since: desk.now, caseID: CaseID(2), by: Desk.carol))
        #expect(try desk.state().pass == nil && desk.state().openCase == nil)
        #expect(try desk.state(Desk.sister).challenge == nil)
        #expect(desk.issuer.cases[CaseID(2)]?.answeredBy == Desk.carol)
        #expect(desk.issuer.brokenInvariants() == [])
    }

    @Test("a freeze is lifted by a second person, and a new freeze forgets who asked")
    func unfreeze() throws {
        var desk = try Desk()
        #expect(
            error { () throws(IssuerRefusal) in try desk.issuer.decideUnfreeze(Desk.account, by: Desk.carol) }
                == .notFrozen)
        desk.apply(try desk.issuer.decideFreeze(Desk.account, by: Desk.carol))
        desk.apply(try desk.issuer.decideUnfreeze(Desk.account, by: Desk.carol))
        #expect(
            error { () throws(IssuerRefusal) in try desk.issuer.decideUnfreeze(Desk.account, by: Desk.carol) }
                == .secondPersonRequired)
        desk.apply(try desk.issuer.decideFreeze(Desk.account, by: Desk.dave))
        #expect(try desk.account.frozen?.liftAskedBy == nil)
        desk.apply(try desk.issuer.decideUnfreeze(Desk.account, by: Desk.dave))
        desk.apply(try desk.issuer.decideUnfreeze(Desk.account, by: Desk.carol))
        #expect(try desk.account.frozen == nil)
    }

    @Test("a dispute does not take the place of the case that waits for an answer, and one line is disputed once")
    func dispute() throws {
        var desk = try Desk()
        desk.refer(1)
        let dispute = desk.fraudCase(stopped: false, rrn: 50, isDispute: true)
        desk.apply(try desk.issuer.decideDispute(CaseID(2), dispute))
        #expect(try desk.state().openCase == CaseID(1))
        #expect(
            error { () throws(IssuerRefusal) in try desk.issuer.decideDispute(CaseID(3), dispute) } == .alreadyExists)
        #expect(
            error { () throws(IssuerRefusal) in
                try desk.issuer.decideDispute(CaseID(2), desk.fraudCase(rrn: 51, isDispute: true))
            } == .alreadyExists)
        desk.apply(try desk.issuer.decideConfirmation(CaseID(2), by: Desk.carol, factor: true, now: desk.now))
        desk.apply(try desk.issuer.decideDispute(CaseID(3), dispute))
        #expect(desk.issuer.cases.count == 3)
    }
}
