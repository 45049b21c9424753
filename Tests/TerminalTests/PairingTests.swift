// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

/// L01 to L03, C01, K06 and P04: what the terminal finds by itself, and whose word ends it.
@Suite struct PairingTests {
    /// The module has been exchanged and has said so.
    static func swapped() -> Rig {
        var rig = Rig.ready()
        rig.host.evidenceCode = "TR"
        rig.module.serial = 43
        rig.wait(.seconds(2))
        return rig
    }

    // MARK: - L02

    @Test func `The first accepted lease pairs the module, and not its word alone`() throws {
        var rig = Rig()
        rig.isHostSilent = true
        rig.fire(.powerUp)
        rig.fire(.connected)
        #expect(rig.terminal.book.service.pairing == nil)
        rig.isHostSilent = false
        rig.wait(.minutes(1))
        #expect(rig.terminal.book.service.pairing == Pairing(serial: 42, identityEpoch: 1))
        try rig.crash()
        #expect(rig.terminal.book.service.pairing == Pairing(serial: 42, identityEpoch: 1))
    }

    @Test func `Another module is L02 in the step in which it names itself, and is reported by the old one's token`() {
        let rig = Self.swapped()
        #expect(rig.halts.first == [.l02])
        #expect(rig.terminal.signOn.leaseExpires == nil)
        let report = rig.sent.first { $0.mti == .administrativeAdvice }
        #expect(report?[.administrativeData] == "L02" && report?.bytes(58).map { Array($0) } == [0x11, 1])
        #expect(rig.terminal.book.service.warning(.l02)?.severity == .s1)
    }

    @Test func `Neither the old module nor a restart ends L02`() throws {
        var rig = Self.swapped()
        rig.module.serial = 42
        rig.host.evidenceCode = "00"
        try rig.crash()
        rig.wait(.minutes(5))
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.l02]))
        // The host grants leases and does not know: it is told again.
        #expect(rig.sent.count { $0[.administrativeData] == "L02" && $0.mti == .administrativeAdvice } > 1)
        rig.host.cleared = [.l02]
        rig.wait(.minutes(2))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test func `A host that accepts the new module's sign-on pairs it`() throws {
        var rig = Self.swapped()
        rig.host.evidenceCode = "00"
        rig.wait(.minutes(2))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
        #expect(rig.terminal.book.service.pairing?.serial == 43)
        rig.module.serial = 42
        rig.wait(.seconds(2))
        #expect(rig.halts.last == [.l02])
    }

    @Test func `No reversal leaves under the keys of a module that was swapped`() {
        var rig = ReversalTests.inFlight()
        rig.module.serial = 43
        rig.host.evidenceCode = "TR"
        rig.isHostSilent = false
        rig.wait(.minutes(1))
        #expect(rig.terminal.openReversalCount == 1 && !rig.sent.contains { $0.has(90) })
        rig.host.evidenceCode = "00"
        rig.wait(.minutes(3))
        #expect(rig.terminal.openReversalCount == 0)
    }

    @Test func `Evidence that names another module than the status does is L02 too`() {
        var rig = Rig.ready()
        rig.module.evidencedSerial = 43
        rig.wait(.hours(4) + .seconds(1))
        #expect(rig.terminal.openWarnings == [.l02])
        #expect(rig.terminal.book.service.pairing?.serial == 42)
    }

    @Test func `A refused sign-on's ticket goes to the module and licenses nothing`() {
        var rig = Rig()
        rig.host.evidenceCode = "TR"
        rig.host.orders = true
        rig.fire(.powerUp)
        rig.fire(.connected)
        #expect(rig.module.tickets.map(\.grantsLease) == [false])
        #expect(rig.terminal.refusal(now: rig.now) == .notSignedOn)
        #expect(rig.terminal.book.service.pairing == nil)
    }

    // MARK: - L01 and L03

    @Test(arguments: [3, 4])
    func `Three losses in ten minutes end by the module's proof, a fourth needs the host's word`(losses: Int) {
        var rig = Rig.ready()
        for _ in 0..<losses {
            rig.fire(.moduleLost)
            rig.wait(.minutes(2))
        }
        let isFlapping = losses > 3
        #expect(rig.terminal.openWarnings == (isFlapping ? [.l01] : []))
        guard isFlapping else { return }
        rig.wait(.minutes(20))
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.l01]))
        #expect(rig.sent.last { $0.has(57) && $0.mti == .networkRequest }?[.administrativeData] == "L01")
        rig.host.cleared = [.l01]
        rig.wait(.minutes(2))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test func `Losses that lie further apart than ten minutes are counted apart`() {
        var rig = Rig.ready()
        for _ in 0..<8 {
            rig.fire(.moduleLost)
            rig.wait(.minutes(4))
        }
        #expect(rig.terminal.openWarnings.isEmpty)
    }

    @Test(arguments: 1...3)
    func `A module that answers after a reset is L01 and nothing more`(reset: Int) {
        var rig = Rig.ready()
        rig.isModuleSilent = true
        rig.revivingReset = reset
        rig.wait(.minutes(3))
        #expect(rig.resets == reset)
        #expect(rig.terminal.openWarnings.isEmpty && rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test func `Three resets without an answer are L03, which the returned module does not end`() throws {
        var rig = Rig.ready()
        rig.isModuleSilent = true
        rig.wait(.seconds(8) + .seconds(88))
        #expect(rig.terminal.openWarnings == [.l01])
        rig.wait(.seconds(10))
        #expect(rig.resets == 3 && rig.terminal.openWarnings == [.l01, .l03])
        #expect(rig.sent.last { $0.has(60) }?[.administrativeData] == "L03")
        rig.wait(.minutes(5))
        #expect(rig.resets == 3)
        rig.isModuleSilent = false
        try rig.crash()
        rig.wait(.minutes(10))
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.l03]))
        // The service centre has given it a new identity.
        rig.host.identityEpoch = 2
        rig.wait(.minutes(2))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    // MARK: - C01, K06, P04

    @Test func `A fitting module does not end C01 by itself, the host's word does, and not while another is in`() {
        var rig = Rig.ready()
        rig.module.profile = .aes
        rig.wait(.seconds(2))
        #expect(rig.terminal.openWarnings == [.c01])
        rig.module.profile = .tdes
        rig.wait(.minutes(10))
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.c01]))
        rig.host.cleared = [.c01]
        rig.wait(.minutes(2))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test(arguments: KeyProfile.dukpt, ["77", "A0"])
    func `The host's 77 and A0 drop the keys under DUKPT as well: K06 until the sign-on behind it`(
        profile: KeyProfile, code: String
    ) {
        var rig = Rig.ready(Rig.configuration(profile))
        rig.host.saleCode = code
        rig.host.helloCode = "96"
        rig.sell()
        #expect(rig.effects.contains(.module(.signOnDue)))
        #expect(rig.terminal.openWarnings == [.k06])
        rig.host.helloCode = "00"
        rig.host.saleCode = "00"
        rig.wait(.minutes(2))
        #expect(rig.terminal.openWarnings.isEmpty)
        rig.clear()
        rig.sell()
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test func `Three answers in a row with a wrong MAC are K06, and sign-on ends it`() {
        var configuration = Rig.configuration()
        configuration.reversalAgeMax = .hours(1)
        var rig = Rig.ready(configuration)
        rig.host.manner = .unauthentic
        // An authentic answer in between would begin the count anew.
        rig.host.losesReversals = true
        for count in 1...3 {
            rig.clear()
            rig.sell()
            rig.wait(.minutes(2))
            #expect(rig.halts == (count == 3 ? [[.k06]] : []))
        }
        rig.host.losesReversals = false
        rig.wait(.minutes(3))
        #expect(rig.terminal.openWarnings.isEmpty && rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test func `A backlog stops new sales, after a day everything, and ends when it is delivered`() throws {
        var rig = Rig.ready(Rig.unhurried)
        rig.isHostSilent = true
        rig.sell()
        rig.wait(.seconds(20))
        rig.host.reversalCodes = Array(repeating: "96", count: 100_000)
        rig.isHostSilent = false
        rig.wait(.minutes(15))
        #expect(ConditionTests.own(rig, .p04)?.severity == .s3)
        rig.wait(.hours(12))
        try rig.crash()
        rig.wait(.hours(11) + .minutes(40))
        #expect(ConditionTests.own(rig, .p04)?.severity == .s3)
        rig.wait(.minutes(30))
        #expect(ConditionTests.own(rig, .p04)?.severity == .s2)
        #expect(rig.terminal.signOn.leaseExpires == nil)
        rig.host.reversalCodes = []
        rig.wait(.minutes(15))
        #expect(rig.terminal.openWarnings.isEmpty && rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test(arguments: WarningCode.foundByApplication)
    func `Whatever the terminal finds is promoted when the catalogue's time is over, and not before`(code: WarningCode)
    {
        var warning = OwnWarning(code: code, severity: code.severity, since: Rig.start, needsOrder: false)
        let level = code.entry.levels.first { $0.severity.isGraver(than: code.severity) && $0.after != nil }
        guard let level, let after = level.after else {
            return #expect(warning.promotion(at: Rig.start + .days(1_000)) == nil)
        }
        #expect(warning.promotion(at: Rig.start + after + .seconds(-1)) == nil)
        #expect(warning.promotion(at: Rig.start + after) == level.severity)
        warning.severity = level.severity
        #expect(warning.promotion(at: Rig.start + after) == nil)
    }
}
