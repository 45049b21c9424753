// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ModuleProtocol
import SecurityTriggers
import Testing
import Vocabulary

@testable import Host

@Suite("Records of audit logs")
struct LogRecordTests {
    private static let position = LogPosition(
        epoch: 2, origin: 40, index: 77, digest: [UInt8](repeating: 0x0D, count: 32), isClosed: true, boot: 5,
        eventCounter: 9)

    private static func taken(_ outcome: LogTaken.Outcome, _ usage: TerminalUsage? = Samples.usage) -> EstateRecord {
        .logTaken(LogTaken(terminal: Samples.terminal, usage: usage, segment: [1, 0xFE, 3], outcome: outcome))
    }

    private static let remembered = RememberedReport(names: Samples.names, answer: Samples.answer(.adviceAccepted))

    private static let evidence: EvidenceClaims = {
        var evidence = Samples.evidence
        evidence.device = DeviceClaims(
            model: 1, revision: 2, bootCount: 3, firmwareDigest: [], applicationDigest: [], isDebuggable: false,
            position: nil, binding: 4, logIndex: 77, journalIndex: 0, inventory: [])
        evidence.identity = IdentityClaims(key: [2] + [UInt8](repeating: 7, count: 32), logEpoch: 2)
        return evidence
    }()

    private static let records: [(String, HostRecord.Body)] =
        [
            (
                "signedOn.identity",
                .estate(
                    .signedOn(
                        SignedOn(
                            usage: Samples.usage, lease: Lease(id: 9, expires: Samples.at + .hours(24)),
                            evidence: evidence)
                    ))
            ),
            ("log.accepted", .report(taken(.accepted(position)), remembered)),
            ("log.token", .estate(taken(.accepted(position), nil))),
        ]
        + LogFinding.allCases.map { ("log.\($0)", .report(taken(.broken($0, at: .max)), remembered)) }

    @Test("records decode for ever, to the same bytes")
    func golden() throws {
        let golden = try Files.golden("records-log-1.hex")
        #expect(golden.map(\.name) == Self.records.map(\.0))
        for (line, (name, body)) in zip(golden, Self.records) {
            let record = try HostRecord(decoding: line.bytes)
            #expect(record == HostRecord(at: Samples.at, body), "\(name)")
            #expect(record.encoded() == line.bytes, "\(name)")
            for end in 0..<line.bytes.count {
                #expect(throws: CodecError.self) { try HostRecord(decoding: Array(line.bytes[..<end])) }
            }
        }
    }

    @Test("position, identity key and S06 come back out of a snapshot, and one before logs has none")
    func snapshot() throws {
        var host = Host(rules: try require(Files.shippedRules))
        for (name, record) in Samples.first where name != "issuer.cardAdded.plain" { host.apply(record) }
        for (_, body) in Self.records { host.apply(HostRecord(at: Samples.at, body)) }
        let terminal = try require(host.estate.terminals[Samples.terminal])
        #expect(terminal.dossier.log.position == Self.position && terminal.dossier.log.attestedEpoch == 2)
        #expect(terminal.dossier.identityKey == Self.evidence.identity?.key)
        #expect(terminal.warnings.contains { $0.code == .s06 })
        let read = try Host(snapshot: host.snapshot())
        #expect(read.estate.terminals[Samples.terminal] == terminal && read.digest() == host.digest())
        let golden = try require(try Files.golden("snapshot-log-1.hex").first).bytes
        // That version kept no more of the rules' life than what was in force, and of the windows 48 hours of events.
        var seventh = try Host(snapshot: golden)
        seventh.ruleBook = host.ruleBook
        #expect(seventh.triggers.cardCount == host.triggers.cardCount)
        seventh.triggers = host.triggers
        #expect(seventh.digest() == host.digest())
        let old = try Host(snapshot: try require(try Files.golden("snapshot-6.hex").first).bytes)
        #expect(old.estate.terminals.values.allSatisfy { $0.dossier.log == CollectedLog() })
        #expect(old.estate.terminals.values.allSatisfy { $0.dossier.identityKey.isEmpty })
    }
}
