// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

/// P02: a journal that is full or cannot be written, and one that is damaged.
@Suite struct StoreFailureTests {
    @Test
    func `A sale whose intent cannot be stored is never sent, and none is begun before the journal is whole again`()
        throws
    {
        var rig = Rig.ready()
        rig.isDiskFull = true
        rig.sell()
        #expect(rig.outcome == .refused(.halted([.p02])))
        #expect(rig.sent.allSatisfy { $0.mti == .administrativeAdvice })
        #expect(rig.logs.contains(.storeFailed))
        rig.sell()
        #expect(rig.outcomes.count == 2 && rig.sentSales.isEmpty)
        rig.wait(.minutes(5))
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.p02]))
        rig.isDiskFull = false
        rig.wait(.minutes(2))
        #expect(rig.terminal.refusal(now: rig.now) == nil && rig.logs.contains(.storeRestored))
        rig.sell()
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
        // The snapshot that mended the journal stands for all of it.
        try rig.crash()
        #expect(rig.terminal.batch.count == 1 && rig.terminal.openReversalCount == 0)
    }

    @Test func `A reversal and a report that were journalled before are delivered to a terminal whose disk is full`() {
        var rig = ReversalTests.inFlight()
        rig.wait(.seconds(20))
        #expect(rig.outcome == .reversed(.noAnswer, STAN(3)))
        rig.isDiskFull = true
        rig.module.warnings = [.h05]
        rig.wait(.seconds(4))
        rig.isHostSilent = false
        rig.wait(.minutes(2))
        #expect(rig.terminal.openReversalCount == 0 && rig.terminal.openReportCount == 0)
        #expect(rig.host.state(of: STAN(3)) != .booked)
        #expect(!rig.sent.contains { $0.mti == .networkRequest })
    }

    @Test func `An approval that cannot be stored is taken back, now and after a crash`() throws {
        for crashes in [false, true] {
            var rig = Rig.ready()
            rig.isHostSilent = true
            rig.sell()
            let request = try #require(rig.sent.last?.bytes)
            rig.isDiskFull = true
            let answer = rig.host.answer(request)
            rig.fire(.messageReceived(try #require(answer)))
            #expect(rig.outcome == .reversed(.notFinished, STAN(3)))
            #expect(rig.terminal.batch.isEmpty)
            rig.isHostSilent = false
            rig.isDiskFull = false
            if crashes { try rig.crash() }
            rig.wait(.minutes(2))
            #expect(rig.host.state(of: STAN(3)) == .reversed)
            #expect(rig.terminal.openReversalCount == 0 && rig.terminal.openWarnings.isEmpty)
        }
    }

    @Test func `No sign-on, sign-off or settlement is begun that the journal cannot know of`() {
        var rig = Rig.ready()
        rig.sell()
        rig.isDiskFull = true
        rig.clear()
        rig.fire(.settle)
        rig.fire(.signOn)
        rig.wait(.minutes(3))
        #expect(rig.sent.allSatisfy { $0.mti == .administrativeAdvice })
        rig.isDiskFull = false
        rig.wait(.minutes(3))
        #expect(rig.terminal.refusal(now: rig.now) == nil || rig.terminal.isSettling == false)
        #expect(rig.terminal.openWarnings.isEmpty)
    }

    @Test func `The disk fills behind any record of a day, and the books of host and terminal agree`() throws {
        for story in RestartTests.Story.allCases {
            for records in 0..<8 {
                for crashes in [false, true] {
                    var rig = Rig.ready()
                    rig.recordsLeft = records
                    RestartTests.play(story, &rig)
                    rig.recordsLeft = nil
                    rig.isDiskFull = false
                    rig.host.manner = .proper
                    rig.host.saleCode = "00"
                    rig.module.warnings = []
                    if crashes { try rig.crash() }
                    rig.wait(.minutes(4))
                    #expect(rig.terminal.openReversalCount == 0, "\(story) \(records)")
                    #expect(rig.terminal.refusal(now: rig.now) == nil, "\(story) \(records)")
                    for booking in rig.host.bookings {
                        let isCompleted = rig.terminal.batch.contains { $0.stan == booking.stan }
                        #expect((booking.state == .booked) == isCompleted, "\(story) \(records)")
                    }
                    for outcome in rig.outcomes {
                        if case .approved(let sale) = outcome { #expect(rig.host.state(of: sale.stan) == .booked) }
                        if case .reversed(_, let stan) = outcome { #expect(rig.host.state(of: stan) != .booked) }
                    }
                }
            }
        }
    }

    @Test func `A rewriting that is overtaken by another record is made again before the journal counts as whole`() {
        var rig = Rig.ready()
        rig.isDiskFull = true
        rig.sell()
        rig.isDiskFull = false
        rig.now = rig.now + .seconds(5)
        rig.step(.timerFired(.heartbeat))
        #expect(rig.effects.count { $0.isRewriting } == 1)
        // A record comes between the request and its answer.
        rig.step(.moduleReply(.status(rig.module.status)))
        rig.module.warnings = [.h05]
        rig.step(.moduleReply(.status(rig.module.status)))
        rig.settle()
        #expect(rig.effects.count { $0.isRewriting } == 2)
        #expect(rig.terminal.store == nil)
    }

    // MARK: - Damage

    @Test
    func `A terminal with a damaged journal comes up stopped with P02, keeps what stops it, and lets no money move`()
        throws
    {
        var rig = Rig.ready()
        rig.sell()
        rig.isHostSilent = true
        rig.sell()
        rig.module.serial = 43
        rig.wait(.seconds(2))
        let whole = rig.terminal
        for records in [rig.disk.count, 0] {
            var saved = Terminal(
                configuration: Rig.configuration(), salvaging: Array(rig.disk.prefix(records)) + [[0xFF]])
            #expect(saved.openReversalCount == 0 && saved.batch.isEmpty)
            let effects = saved.handle(.powerUp, now: rig.now)
            #expect(saved.openWarnings.contains(.p02))
            guard case .halted = saved.refusal(now: rig.now) else { return #expect(Bool(false)) }
            #expect(saved.book.service.warning(.p02)?.needsOrder == true)
            // What is written from now on is a journal.
            let journal = effects.compactMap { if case .persist(let bytes) = $0 { bytes } else { nil } }
            let again = try Terminal(configuration: Rig.configuration(), journal: journal)
            #expect(again.snapshot() == saved.snapshot())
            guard records > 0 else { continue }
            #expect(saved.book.service.warning(.l02) != nil && saved.book.linkToken == whole.book.linkToken)
            #expect(saved.lastSTAN.number > whole.lastSTAN.number + 1_000)
            #expect(saved.book.service.pairing == whole.book.service.pairing)
        }
    }

    @Test func `A salvaged terminal trades again once the host has cleared P02`() {
        var rig = Rig.ready()
        rig.terminal = Terminal(configuration: Rig.configuration(), salvaging: [])
        rig.disk = []
        rig.fire(.powerUp)
        rig.fire(.connected)
        rig.wait(.minutes(10))
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.p02]))
        rig.host.cleared = [.p02]
        rig.wait(.minutes(2))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }
}
