// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite struct ReportTests {
    @Test func `A lost module is reported with the link token of the accepted lease, which stops only this terminal`() {
        var rig = Rig.ready()
        rig.fire(.moduleLost)
        let report = rig.sent.first
        #expect(report?.mti == .administrativeAdvice && report?[.administrativeData] == "L01")
        #expect(report?.bytes(58).map { Array($0) } == [0x11, 1])
        #expect(report?.has(62) == false && report?.has(63) == false && report?.macField == nil)
        #expect(rig.terminal.openReportCount == 0)
        rig.clear()
        rig.fire(.moduleLost)
        #expect(rig.effects.isEmpty)
    }

    @Test func `The link token survives a restart`() throws {
        var rig = Rig.ready()
        try rig.restart()
        rig.isModuleSilent = true
        rig.fire(.powerUp)
        rig.fire(.connected)
        rig.wait(.seconds(8))
        #expect(rig.sent.first?.bytes(58).map { Array($0) } == [0x11, 1])
    }

    @Test func `A token that the host does not know is followed by the next one it may know`() {
        var rig = Rig.ready()
        // The host accepts the evidence that names token 2, and its answer is lost.
        rig.host.losesLeases = true
        rig.wait(.hours(4) + .seconds(1))
        rig.clear()
        rig.isModuleSilent = true
        rig.host.reportCode = "63"
        rig.fire(.moduleLost)
        #expect(rig.sent.map { $0.bytes(58).map { Array($0) } } == [[0x11, 1]])
        #expect(rig.terminal.openReportCount == 1)
        rig.wait(.seconds(2))
        #expect(rig.sent.map { $0.bytes(58).map { Array($0) } } == [[0x11, 1], [0x11, 2]])
        // Both were shown; the last receipt has to do.
        #expect(rig.terminal.openReportCount == 0)
    }

    @Test func `A tampered module is reported with its death token and does not sign on`() {
        var rig = Rig.ready()
        rig.module.state = .tampered
        rig.module.warnings = [.t01]
        rig.module.deathToken = [0xDE, 0xAD]
        rig.wait(.minutes(10))
        #expect(rig.sent.map(\.mti) == [.administrativeAdvice])
        #expect(rig.sent.first?.bytes(58).map { Array($0) } == [0xDE, 0xAD])
        #expect(rig.sent.first?[.administrativeData] == "T01")
        #expect(rig.terminal.openReportCount == 0)
    }

    @Test func `A module that refuses to protect a report is reported with the link token`() {
        var rig = Rig.ready()
        rig.module.warnings = [.k01]
        rig.module.state = .halted
        rig.host.evidenceCode = "TR"
        rig.module.refusals = [(.report, .halted)]
        rig.wait(.seconds(10))
        let report = rig.sent.first { $0.mti == .administrativeAdvice }
        #expect(report?.bytes(58).map { Array($0) } == [0x11, 1])
        #expect(rig.terminal.openReportCount == 0)
    }

    @Test func `A report is repeated as 0621 under its trace number until a receipt comes, also after a restart`()
        throws
    {
        var rig = Rig.ready()
        rig.isHostSilent = true
        rig.module.warnings = [.h05]
        rig.wait(.seconds(60))
        let sent = rig.sent
        #expect(sent.map(\.mti) == [.administrativeAdvice, .administrativeAdviceRepeat, .administrativeAdviceRepeat])
        #expect(Set(sent.map { $0[.stan] }).count == 1)
        try rig.restart()
        rig.isHostSilent = false
        rig.fire(.powerUp)
        rig.fire(.connected)
        #expect(rig.sent.filter { $0.mti == .administrativeAdviceRepeat }.map { $0[.stan] } == [sent[0][.stan]])
        #expect(!rig.sent.contains { $0.mti == .administrativeAdvice })
        #expect(rig.terminal.openReportCount == 0)
    }

    @Test func `Warnings found together are one report, and one still open is not reported again`() {
        var rig = Rig.ready()
        rig.module.warnings = [.t04, .h01, .h05]
        rig.wait(.seconds(20))
        #expect(rig.sent.filter { $0.has(60) }.map { $0[.administrativeData] } == ["H01,H05,T04"])
        #expect(rig.halts == [[.h01, .t04]])
    }

    @Test func `A repeat does not name again what the application had found and what is over by then`() {
        var rig = Rig.ready()
        rig.host.reportCode = "63"
        rig.module.warnings = [.h05]
        // As a full journal would, and is mended before the host has taken the report.
        rig.fire(.storeFailed)
        let first = rig.sent.filter { $0.has(60) }.map { $0[.administrativeData] }
        #expect(first == ["P02"] || first == ["H05,P02"])
        rig.wait(.seconds(3))
        rig.fire(.storeRestored)
        rig.clear()
        rig.wait(.minutes(2))
        #expect(rig.terminal.openWarnings == [.h05])
        let repeats = rig.sent.filter { $0.has(60) && $0.mti == .administrativeAdviceRepeat }
        #expect(!repeats.isEmpty && repeats.allSatisfy { $0[.administrativeData]?.contains("P02") == false })
    }
}
