// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Foundation
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

/// A file of `Tests/Vectors/module`, written once and readable for ever.
struct ModuleVectors {
    private let json: JSON

    init(_ name: String) throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/module/\(name).json")
        json = try JSON(parsing: [UInt8](try Data(contentsOf: url)))
    }

    func bytes(_ name: String) throws -> [UInt8] { try #require(Hex.bytes(try text(name))) }
    func text(_ name: String) throws -> String { try #require(json[name]?.string, "\(name)") }
    func integer(_ name: String) throws -> Int64 { try #require(json[name]?.integer, "\(name)") }
    func list(_ name: String) throws -> [[UInt8]] {
        try #require(json[name]?.array).map { try #require($0.string.flatMap(Hex.bytes)) }
    }
    func key(_ name: String) throws -> SecretKey {
        let bytes = try bytes(name)
        return SecretKey(count: bytes.count) { $0.copyBytes(from: bytes) }
    }
}

@Suite("Logs and journals that were kept")
struct KeptTests {
    @Test("an audit log of the first form is read and verified, and its second history found")
    func auditLog() throws {
        let vectors = try ModuleVectors("audit_log")
        let firstKey = try vectors.key("first_key")
        let publicKey = try P256PublicKey(vectors.bytes("public_key"))
        let log = try AuditFile(decoding: vectors.bytes("log"))
        let fork = try AuditFile(decoding: vectors.bytes("fork"))
        let report = try log.verify(firstKey: firstKey, publicKey: publicKey)
        #expect(try Int64(report.records) == vectors.integer("records") && report.isClosed)
        #expect(try "\(report.end.index):\(Hex.text(report.end.digest))" == vectors.text("head"))
        _ = try fork.verify(firstKey: firstKey, publicKey: publicKey)
        #expect(try log.fork(from: fork, signedBy: publicKey).map { Int64($0) } == vectors.integer("fork_index"))
        let short = try AuditFile(decoding: vectors.bytes("short"))
        _ = try short.verify(firstKey: firstKey, publicKey: publicKey)
        #expect(short.fork(from: log, signedBy: publicKey) == nil)
        for file in ["log", "fork", "short"] {
            #expect(try AuditFile(decoding: vectors.bytes(file)).encoded() == vectors.bytes(file))
        }
    }

    @Test("a sealed journal of the first form is opened")
    func journal() throws {
        let vectors = try ModuleVectors("sealed_journal")
        let terminal = try #require(TerminalID(try vectors.text("terminal")))
        let identity = JournalIdentity(
            terminal: terminal, identityEpoch: UInt16(clamping: try vectors.integer("identity_epoch")), serial: 1)
        var opener = SealOpener(key: try P256PrivateKey(scalar: vectors.key("host_key")))
        guard var verifier = JournalVerifier(identity, firstKey: try vectors.key("first_key")) else { throw Missing() }
        let delivery = verifier.open(try vectors.list("records"), with: &opener)
        #expect(delivery.findings.isEmpty)
        #expect(try delivery.records.dropLast().map(\.content) == vectors.list("contents"))
        let last = try #require(delivery.records.last)
        #expect(last.closing?.warning == .t01 && last.intents == [3])
        let state = verifier.state
        #expect(try state.open == [3] && state.through == UInt64(vectors.list("records").count))
    }
}
