// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

/// A long day with every fault, from a seed; the invariants are checked after each event by the rig.
@Suite struct RandomWalkTests {
    @Test(arguments: 1...16 as ClosedRange<UInt64>)
    func `Once the faults stop, the books of host and terminal agree and the terminal sells`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let configuration = Rig.configuration(
            seed % 2 == 0 ? .tdes : .aes, seed % 3 == 0 ? .iso8583Binary : .iso8583)
        var rig = Rig(configuration)
        // Each run lacks some faults, so that others get further.
        let faults = (0..<19).filter { _ in random.chance(perMille: 700) }
        rig.fire(.powerUp)
        rig.fire(.connected)
        for _ in 0..<150 {
            rig.effects = []
            try disturb(&rig, faults.isEmpty ? -1 : faults[random.below(faults.count)], &random)
            if random.chance(perMille: 600) { rig.sell(Rig.sale(wantsPIN: random.chance(perMille: 500))) }
            rig.wait(.milliseconds(Int64(random.below(30_000))))
            if rig.isDead {
                try rig.restart()
                rig.fire(.powerUp)
                rig.fire(.connected)
            }
        }
        rig.module.warnings = []
        rig.module.state = .ready
        rig.module.lifecycle = .active
        rig.module.isAltering = false
        rig.module.refusals = []
        rig.module.refusesKeypad = nil
        rig.isModuleSilent = false
        rig.isHostSilent = false
        rig.isDiskFull = false
        rig.module.serial = 42
        rig.module.profile = configuration.profile
        rig.host = FakeHost(bookings: rig.host.bookings)
        // Somebody goes through what is open.
        rig.host.cleared = WarningCode.foundByApplication
        rig.host.identityEpoch = 2
        try rig.restart(configuration)
        rig.fire(.powerUp)
        rig.fuse = .max
        rig.fire(.moduleLost)
        rig.fire(.connected)
        rig.wait(.minutes(10))
        #expect(rig.terminal.openReversalCount == 0, "seed \(seed)")
        #expect(rig.terminal.openReportCount == 0, "seed \(seed)")
        #expect(rig.terminal.openWarnings.isEmpty, "seed \(seed)")
        rig.clear()
        rig.sell()
        guard case .approved = rig.outcome else {
            Issue.record("seed \(seed): no sale at the end")
            return
        }

        // Every booking that stands was told as approved, or died with its process after the completion was durable.
        let completed = Set(rig.terminal.batch.map(\.stan))
        for booking in rig.host.bookings {
            #expect((booking.state == .booked) == completed.contains(booking.stan), "seed \(seed), \(booking)")
        }
        for outcome in rig.outcomes {
            if case .approved(let sale) = outcome { #expect(completed.contains(sale.stan), "seed \(seed)") }
            if case .reversed(_, let stan) = outcome { #expect(!completed.contains(stan), "seed \(seed)") }
        }
        #expect(Set(rig.sentSales).count == rig.sentSales.count, "seed \(seed): a trace number came twice")
    }

    private func disturb(_ rig: inout Rig, _ fault: Int, _ random: inout SeededRandom) throws {
        switch fault {
        case 0: rig.host.manner = [.proper, .silent, .unauthentic, .withoutMAC, .otherAmount][random.below(5)]
        case 1: rig.host.saleCode = ["00", "00", "00", "51", "96", "1A", "TM", "ZZ"][random.below(8)]
        case 2: rig.fire(random.chance(perMille: 500) ? .disconnected : .connected)
        case 3: rig.isHostSilent.toggle()
        case 4: rig.isModuleSilent.toggle()
        case 5: rig.fire(.moduleLost)
        case 6:
            let codes: [WarningCode] = [.h01, .h05, .p02, .s03, .k05]
            rig.module.warnings = codes.filter { _ in random.chance(perMille: 150) }
        case 7: rig.module.state = random.chance(perMille: 700) ? .ready : .halted
        case 8: rig.host.evidenceCode = random.chance(perMille: 700) ? "00" : "TR"
        case 9: rig.fuse = random.below(40)
        case 10: rig.host.reversalCodes = Array(repeating: "96", count: random.below(4))
        case 11: rig.module.refusals = [(ProtectionPurpose.allCases[random.below(4)], .halted)]
        case 12: rig.fire([.cancel, .keypadConfirmed, .timerFired(.answer), .timerFired(.delivery)][random.below(4)])
        case 13: rig.fire(.messageReceived(random.bytes(random.below(60))))
        case 14: rig.isDiskFull = random.chance(perMille: 300)
        case 15: rig.module.serial = random.chance(perMille: 700) ? 42 : 43
        case 16: rig.host.cleared = random.chance(perMille: 500) ? [] : [.p02, .l01, .l02, .c01]
        case 17:
            if random.chance(perMille: 500) { rig.fire(.shutDown) }
            try rig.crash()
        case 18:
            var configuration = rig.terminal.configuration
            configuration.stepUp = random.chance(perMille: 700) ? .all : [.pin]
            try rig.restart(configuration)
            rig.fire(.powerUp)
            rig.fire(.connected)
        default: break
        }
    }
}
