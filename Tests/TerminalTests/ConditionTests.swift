// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

/// P02: the POS application's own soundness.
@Suite struct ConditionTests {
    static func own(_ rig: Rig, _ code: WarningCode) -> OwnWarning? { rig.terminal.book.service.warning(code) }

    /// Crashes that follow one another within the time that counts.
    static func crashed(
        _ times: Int, every pause: Interval = .minutes(1), _ configuration: TerminalConfiguration = Rig.configuration()
    ) throws -> Rig {
        var rig = Rig.ready(configuration)
        for _ in 0..<times {
            rig.wait(pause)
            try rig.crash()
        }
        return rig
    }

    // MARK: - Starts

    @Test
    func
        `Two unclean starts are borne, the third within ten minutes is P02, which stops new sales and keeps the lease`()
        throws
    {
        var rig = try Self.crashed(2)
        #expect(rig.terminal.refusal(now: rig.now) == nil)
        rig.wait(.minutes(1))
        rig.host.evidenceCode = "TR"
        try rig.crash()
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.p02]))
        #expect(Self.own(rig, .p02) == OwnWarning(code: .p02, severity: .s3, since: rig.now, needsOrder: true))
        let report = rig.sent.first { $0.mti == .administrativeAdvice }
        #expect(report?[.administrativeData] == "P02" && report?.macField != nil)
        let evidence = rig.sent.first { $0.has(57) && $0.mti == .networkRequest }
        #expect(evidence?[.administrativeData] == "P02")
    }

    @Test func `Three unclean starts in more than ten minutes, and any number of orderly ones, are no fault`() throws {
        #expect(try Self.crashed(4, every: .minutes(5)).terminal.openWarnings.isEmpty)
        var rig = Rig.ready()
        for _ in 0..<6 {
            rig.clear()
            rig.fire(.shutDown)
            #expect(rig.terminal.refusal(now: rig.now) == .offline)
            rig.fire(.connected)
            rig.fire(.startSale(Rig.sale()))
            #expect(rig.sent.isEmpty)
            try rig.crash()
            #expect(rig.terminal.refusal(now: rig.now) == nil)
        }
        #expect(rig.terminal.book.service.uncleanStarts.isEmpty)
    }

    @Test func `Neither time nor a restart nor a lease ends a crash loop, but the host's word does`() throws {
        var rig = try Self.crashed(3, Rig.unhurried)
        rig.wait(.hours(30))
        rig.fire(.shutDown)
        try rig.crash()
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.p02]))
        #expect(rig.terminal.signOn.leaseExpires != nil)
        rig.host.cleared = [.h01, .p02]
        rig.wait(.minutes(10))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
        #expect(rig.terminal.book.service.uncleanStarts.isEmpty)
        rig.sell()
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test func `A shut-down takes a sale that is out back, and answers nothing afterwards`() throws {
        var rig = ReversalTests.inFlight()
        rig.fire(.shutDown)
        #expect(rig.outcome == .reversed(.noAnswer, STAN(3)))
        rig.clear()
        rig.wait(.minutes(1))
        #expect(rig.sent.isEmpty)
        rig.isHostSilent = false
        try rig.crash()
        #expect(rig.terminal.openReversalCount == 0)
        #expect(rig.terminal.book.service.uncleanStarts.isEmpty)
    }

    // MARK: - Parameters

    /// Set up for another merchant.
    static var altered: TerminalConfiguration {
        var configuration = Rig.configuration()
        configuration.merchant = MerchantID(number: 543_210_987_654_321)
        return configuration
    }

    static func changes() -> [(inout TerminalConfiguration) -> Void] {
        [
            { $0.merchant = MerchantID(number: 1) }, { $0.profile = .aes }, { $0.dialect = .iso8583Binary },
            { $0.wantsTrackKey = true }, { $0.currency = .usd }, { $0.stepUp = [.pin] },
        ]
    }

    @Test func `Every parameter is told from another, and neither patience nor the application's version is one`() {
        let usual = Rig.configuration()
        var seen = [usual.parameters]
        for change in Self.changes() {
            var changed = usual
            change(&changed)
            #expect(!seen.contains(changed.parameters))
            seen.append(changed.parameters)
        }
        var patient = usual
        patient.retryMax = .minutes(9)
        patient.application = SoftwareVersion(7, 0, 0)
        #expect(patient.parameters == usual.parameters)
    }

    @Test func `Altered parameters are P02 until those of the commissioning are back`() throws {
        var rig = Rig.ready()
        rig.fire(.shutDown)
        try rig.restart(Self.altered)
        rig.fire(.powerUp)
        rig.fire(.connected)
        rig.wait(.minutes(10))
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.p02]))
        #expect(Self.own(rig, .p02)?.needsOrder == false)
        rig.fire(.shutDown)
        try rig.restart(Rig.configuration())
        rig.fire(.powerUp)
        rig.fire(.connected)
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test func `Other parameters stay when the host's ticket names P02, and are what later starts are held against`()
        throws
    {
        var rig = Rig.ready()
        rig.fire(.shutDown)
        try rig.restart(Self.altered)
        rig.fire(.powerUp)
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.p02]))
        rig.host.cleared = [.p02]
        rig.fire(.connected)
        #expect(rig.terminal.refusal(now: rig.now) == nil)
        rig.host.cleared = []
        rig.fire(.shutDown)
        try rig.crash()
        #expect(rig.terminal.refusal(now: rig.now) == nil)
        try rig.restart(Rig.configuration())
        rig.fire(.powerUp)
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.p02]))
    }

    @Test(arguments: [(Interval.hours(23), Severity.s2), (.hours(25), .s3)])
    func `A fault that is back within a day of a new loading stops everything`(after: Interval, severity: Severity)
        throws
    {
        var rig = Rig.ready(Rig.unhurried)
        for configuration in [Self.altered, Rig.unhurried] {
            rig.fire(.shutDown)
            try rig.restart(configuration)
            rig.fire(.powerUp)
        }
        #expect(rig.terminal.openWarnings.isEmpty)
        rig.fire(.connected)
        rig.wait(after)
        rig.isDiskFull = true
        rig.fire(.disconnected)
        rig.fire(.connected)
        rig.sell()
        #expect(Self.own(rig, .p02)?.severity == severity)
        #expect((rig.terminal.signOn.leaseExpires == nil) == (severity == .s2))
    }
}
