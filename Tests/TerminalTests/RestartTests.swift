// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

/// The process dies behind every single effect of a day's work, and what is left must add up.
@Suite struct RestartTests {
    /// What happens at the host and between in the sale that is cut.
    enum Story: CaseIterable {
        case approved, declined, unauthentic, silent, systemError, warning, lineBreaks
    }

    static func play(_ story: Story, _ rig: inout Rig) {
        switch story {
        case .approved: rig.sell()
        case .declined:
            rig.host.saleCode = "51"
            rig.sell()
        case .unauthentic:
            rig.host.manner = .unauthentic
            rig.sell()
        case .silent:
            rig.host.manner = .silent
            rig.sell()
            rig.wait(.seconds(20))
        case .systemError:
            rig.host.saleCode = "96"
            rig.sell()
        case .warning:
            rig.host.manner = .silent
            rig.sell()
            rig.module.warnings = [.h01]
            rig.wait(.seconds(2))
            rig.module.warnings = []
        case .lineBreaks:
            rig.host.manner = .silent
            rig.sell()
            rig.fire(.disconnected)
            rig.fire(.connected)
        }
    }

    @Test(arguments: Story.allCases)
    func `Wherever the process dies, the completion stands or the reversal arrives, never neither and never both`(
        story: Story
    ) throws {
        var whole = Rig.ready()
        Self.play(story, &whole)
        let effects = whole.effects.count
        #expect(effects > 8)
        for cut in 1...effects {
            for profile in KeyProfile.dukpt {
                var rig = Rig.ready(Rig.configuration(profile))
                rig.fuse = cut
                Self.play(story, &rig)
                try rig.restart()
                rig.host.manner = .proper
                rig.host.saleCode = "00"
                rig.module.warnings = []
                rig.fire(.powerUp)
                rig.fire(.connected)
                rig.wait(.minutes(3))
                check(rig, story, cut)
                // And it sells again.
                rig.clear()
                rig.sell()
                guard case .approved(let next) = rig.outcome else {
                    Issue.record("\(story) cut \(cut): no sale")
                    return
                }
                #expect(!rig.sentSales.dropLast().contains(next.stan), "\(story) cut \(cut): a trace number came twice")
            }
        }
    }

    private func check(_ rig: Rig, _ story: Story, _ cut: Int) {
        #expect(rig.terminal.openReversalCount == 0, "\(story) cut \(cut)")
        #expect(rig.terminal.openReportCount == 0, "\(story) cut \(cut)")
        #expect(rig.terminal.refusal(now: rig.now) == nil, "\(story) cut \(cut)")
        for booking in rig.host.bookings {
            var isCompleted = false
            if case .approved(let sale)? = rig.terminal.lastSale { isCompleted = sale.stan == booking.stan }
            #expect((booking.state == .booked) == isCompleted, "\(story) cut \(cut): host \(booking.state)")
        }
        for outcome in rig.outcomes {
            switch outcome {
            case .approved(let sale): #expect(rig.host.state(of: sale.stan) == .booked, "\(story) cut \(cut)")
            case .reversed(_, let stan): #expect(rig.host.state(of: stan) != .booked, "\(story) cut \(cut)")
            case .declined, .refused, .balance, .pending: break
            }
        }
    }

    @Test func `A second crash in the middle of the delivery changes nothing`() throws {
        for first in 1...30 {
            for second in stride(from: 1, through: 30, by: 3) {
                var rig = Rig.ready()
                rig.fuse = first
                rig.sell()
                try rig.restart()
                rig.fuse = second
                rig.fire(.powerUp)
                rig.fire(.connected)
                try rig.restart()
                rig.fire(.powerUp)
                rig.fire(.connected)
                rig.wait(.minutes(2))
                check(rig, .approved, first * 100 + second)
            }
        }
    }

    @Test func `A reversal that was due before the restart goes out as a repeat, a new one as a first`() throws {
        var rig = ReversalTests.inFlight()
        try rig.restart()
        rig.fire(.powerUp)
        rig.isHostSilent = false
        rig.fire(.connected)
        #expect(rig.sent.first { $0.has(90) }?.mti == .reversalRequest)
        #expect(rig.sent.first { $0.has(90) }?[.responseCode] == "96")
        rig = ReversalTests.inFlight()
        rig.wait(.seconds(20))
        try rig.restart()
        rig.fire(.powerUp)
        rig.isHostSilent = false
        rig.fire(.connected)
        #expect(rig.sent.first { $0.has(90) }?.mti == .reversalRepeat)
        #expect(rig.sent.first { $0.has(90) }?[.responseCode] == "98")
    }

    @Test func `A snapshot in the place of the journal makes no difference`() throws {
        var rig = ReversalTests.inFlight()
        let snapshot = rig.terminal.snapshot()
        let fromJournal = try Terminal(configuration: Rig.configuration(), journal: rig.disk)
        let fromSnapshot = try Terminal(configuration: Rig.configuration(), journal: [snapshot])
        #expect(fromJournal.snapshot() == fromSnapshot.snapshot())
        rig.disk = [snapshot]
        try rig.restart()
        rig.isHostSilent = false
        rig.fire(.powerUp)
        rig.fire(.connected)
        #expect(rig.terminal.openReversalCount == 0)
    }

    @Test func `Two power-ups in one life take a sale in flight back`() {
        var rig = ReversalTests.inFlight()
        rig.isHostSilent = false
        rig.fire(.powerUp)
        #expect(rig.outcome == .reversed(.noAnswer, STAN(3)))
        rig.wait(.seconds(30))
        #expect(rig.terminal.openReversalCount == 0)
    }
}
