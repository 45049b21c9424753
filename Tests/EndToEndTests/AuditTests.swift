// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ModuleProtocol
import PaymentCryptography
import Terminal
import Testing
import Vocabulary

@testable import SecurityModule

/// A line to a bank: profile and dialect.
struct AuditedLine: Sendable, CustomTestStringConvertible {
    var profile: KeyProfile
    var dialect: TerminalDialect

    static let all = [
        AuditedLine(profile: .aes, dialect: .iso8583), AuditedLine(profile: .tdes, dialect: .iso8583Binary),
        AuditedLine(profile: .sessionTDES, dialect: .iso8583), AuditedLine(profile: .sessionSM4, dialect: .unionPayPOS),
    ]
    var testDescription: String { "\(profile), \(dialect.rawValue)" }
}

extension LiveTill {
    /// What the bank has of the module's log.
    var collected: CollectedLog { get throws { try bank.terminal(id).dossier.log } }

    /// A lying application: what it makes of the segments that it is given.
    func falsifyLog(_ change: @escaping (inout LogSegment) -> Void) {
        forge = { reply in
            guard case .log(let bytes, let last, let isLast) = reply, var segment = try? LogSegment(decoding: bytes)
            else {
                return reply
            }
            change(&segment)
            return .log(segment: segment.encoded(), through: last, isLast: isLast)
        }
    }

    /// Records as the module writes them, the last ones by attestations. Storing each of a thousand would take a minute.
    func fillLog(to count: Int) {
        while module.auditLog.entries.count < count - 4 { module.append(.memoryRenewed, at: bank.now) }
        while module.auditLog.entries.count < count {
            let before = module.auditLog.entries.count
            let nonce = [UInt8](repeating: 3, count: 16)
            _ = ask(.attest(nonce: nonce, application: SoftwareVersion(2, 0, 0)))
            guard module.auditLog.entries.count > before else { return }
        }
    }
}

@Suite("The audit log from module to host")
struct AuditTests {
    @Test(
        "it is collected after a sign-on, verified, kept in the journal, and freed by the next ticket",
        arguments: AuditedLine.all)
    func day(line: AuditedLine) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, line.profile, heartbeat: .minutes(5), dialect: line.dialect)
        let log = till.module.auditLog
        let first = try till.collected.position
        #expect(first.epoch == 1 && first.index == log.position.index && first.digest == log.head)
        #expect(log.anchor.index == 0)
        #expect(till.sell(card, 1_00)?.isApproved == true)
        till.wait(.hours(13))
        #expect(till.module.auditLog.anchor.index >= first.index)
        #expect(try till.collected.position.index == till.module.auditLog.position.index)
        #expect(till.sell(card, 1_00)?.isApproved == true)
        #expect(try bank.terminal(till.id).warnings.isEmpty)
        try bank.check()

        // What the auditor finds in the journal verifies without the host.
        var file = AuditFile(AuditIdentity(serial: 4_711, epoch: 1))
        for record in bank.records {
            guard case .report(.logTaken(let taken), _) = record.body else { continue }
            file.segments.append(try LogSegment(decoding: taken.segment))
        }
        let keys = try bank.terminal(till.id).keys(till.id)
        guard let firstKey = AuditLog.firstKey(of: 1, root: bank.module.masters.auditRoot(keys)) else {
            throw Missing()
        }
        let report = try file.verify(firstKey: firstKey, publicKey: try require(till.module.identityKey))
        #expect(report.end == till.module.auditLog.position && report.records == Int(report.end.index))
    }

    @Test("a host that comes back from journal or snapshot goes on where it was")
    func recovery() throws {
        let bank = try Bank()
        let till = try LiveTill.trading(bank, .aes)
        let host = try Host(snapshot: bank.engine.host.snapshot())
        let dossier = try require(host.estate.terminals[till.id]).dossier
        let collected = try till.collected
        #expect(collected.position.index > 0 && dossier.log == collected)
        #expect(dossier.identityKey == till.module.identityKey?.compressed)
        guard case .log(let segment, _, _) = till.ask(.collectLog(from: 1, bytesMax: 999)) else { throw Missing() }
        let question = try require(host.estate.logQuestion(till.id, segment: segment))
        #expect(bank.engine.host.estate.logQuestion(till.id, segment: segment) == question)
        #expect(bank.module.verifyLog(question) == .accepted(question.position))
        try bank.check()
    }

    @Test("answers that are lost and modules that are cut bring the same records again, and nothing breaks")
    func losses() throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, .tdes)
        for round in 0..<4 {
            till.losesAnswers = round % 2 == 0
            till.fire(.signOn)
            till.wait(.minutes(6))
            till.losesAnswers = false
            try till.restartModule(inOrder: round > 1)
            if round == 2 { try till.restartTerminal(inOrder: false) }
            till.fire(.signOn)
            till.wait(.minutes(6))
        }
        #expect(try till.collected.position.index == till.module.auditLog.position.index)
        #expect(try bank.terminal(till.id).warnings.isEmpty)
        #expect(till.sell(card, 1_00)?.isApproved == true)
        try bank.check()
    }

    @Test("an application that withholds, changes or moves a record stops its own terminal", arguments: 0..<3)
    func lyingApplication(kind: Int) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill(bank, .aes)
        try till.activate()
        till.falsifyLog { segment in
            guard segment.entries.count > 3 else { return }
            switch kind {
            case 0: segment.entries.remove(at: 1)
            case 1: segment.entries[1].record.detail ^= 1
            default: segment.entries.swapAt(1, 2)
            }
        }
        till.start()
        #expect(try bank.terminal(till.id).warnings.map(\.code) == [.s06])
        #expect(till.sell(card, 1_00)?.isApproved != true)
        #expect(try till.collected.position == .none)
        // What broke it is in the journal for whoever investigates, once.
        let taken = bank.records.compactMap { record -> LogTaken? in
            if case .report(.logTaken(let taken), _) = record.body { taken } else { nil }
        }
        let finding = try require([LogFinding.missing, .edited, .reordered][kind])
        #expect(taken.map(\.outcome) == [.broken(finding, at: 2)])
        till.wait(.minutes(10))
        try bank.check()
    }

    @Test("a module that was tampered with tells its log by its death token, up to the tampering and not beyond")
    func tampered() throws {
        let bank = try Bank()
        let till = try LiveTill.trading(bank, .aes)
        till.change { $0.apply(.tamper) }
        till.wait(.minutes(5))
        #expect(try bank.terminal(till.id).lifecycle == .tampered)
        let position = try till.collected.position
        #expect(position.isClosed && position.index == till.module.auditLog.position.index)
        // Whoever knows the token can add nothing that the module did not write, nor break what is known.
        let host = bank.engine.host.estate
        guard case .log(let bytes, _, _) = till.ask(.collectLog(from: 1, bytesMax: 999)) else { throw Missing() }
        var segment = try LogSegment(decoding: bytes)
        segment.entries[0].record.detail ^= 1
        let question = try require(host.logQuestion(till.id, segment: segment.encoded()))
        let verdict = bank.module.verifyLog(question)
        let token = try require(till.status.deathToken)
        #expect(host.decideTokenLog(question, verdict: verdict, token: token) == nil)
        #expect(host.decideTokenLog(question, verdict: .accepted(.none), token: [1]) == nil)
        try bank.check()
    }

    @Test("evidence of another identity key is L02, evidence without one T03, and a new identity the way to change it")
    func identity() throws {
        let bank = try Bank()
        let till = try LiveTill.trading(bank, .aes)
        let known = try bank.terminal(till.id).dossier.identityKey
        #expect(known == till.module.identityKey?.compressed)
        let record = try bank.terminal(till.id)
        // The same keys and serial number in another device, behind counters the host has not seen.
        try till.insert(
            bank.module.provision(
                record.keys(till.id), serial: record.serial, firmware: Bank.firmware,
                firstCounter: record.ksn.highest + 100))
        try till.burn(Int(record.health.highest) + 100)
        till.fire(.signOn)
        till.wait(.minutes(5))
        #expect(try bank.terminal(till.id).warnings.contains { $0.code == .l02 })
        #expect(try bank.terminal(till.id).dossier.identityKey == known)
        #expect(till.module.identityKey?.compressed != known)

        try bank.submit(.act(.reportLost(till.id)), by: Bank.alice)
        try bank.order(.takeIntoServiceCentre(till.id), by: Bank.fred, and: Bank.gina)
        try bank.order(.reidentify(till.id, serial: 9_100, keySet: 2), by: Bank.fred, and: Bank.gina)
        try bank.submit(.act(.ship(till.id, seal: "B7")), by: Bank.dora)
        try bank.order(.receive(till.id, seal: "B7"), by: Bank.dora, and: Bank.erin)
        try bank.order(.loadInitialKeys(till.id), by: Bank.dora, and: Bank.erin)
        try till.insert(
            bank.module.provision(
                try bank.terminal(till.id).keys(till.id), serial: 9_100, firmware: Bank.firmware))
        try till.activate()
        till.wait(.minutes(5))
        #expect(try bank.terminal(till.id).lifecycle == .active)
        let dossier = try bank.terminal(till.id).dossier
        #expect(dossier.identityKey == till.module.identityKey?.compressed && dossier.identityKey != known)
        #expect(dossier.log.position.index == till.module.auditLog.position.index)
        try bank.check()
    }
}
