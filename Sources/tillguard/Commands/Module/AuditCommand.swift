// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import PaymentCryptography
import SecurityModule
import Vocabulary

/// `tillguard module audit`: looks at audit logs that were collected.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Look at the audit logs that were collected from modules.",
        subcommands: [Export.self, Show.self, Verify.self])

    static func read(_ path: String) throws -> AuditFile {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw DeploymentError.refused("\(path) cannot be read")
        }
        do { return try AuditFile(decoding: [UInt8](bytes)) } catch {
            throw DeploymentError.refused("\(path) is no audit log: \(error)")
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify a collected audit log, and name the first bad record.",
            discussion: """
                Exit 0 for a sound log, 1 for one that was edited, cut, put into another order, set back or forked, \
                and for a file that is none.

                Example: tillguard module audit verify T0000001.tgal --first-key @chain.key --public-key 03A1…

                JSON: sound; of a sound log records, checkpoints, end (index, digest), boot, unlogged, unproved, \
                closed, uncollected; of another one finding, index; fork with --against.
                """)
        @Option(help: "The chain's first key: 32 bytes in hexadecimal, @file or - for the standard input.")
        var firstKey: CryptoInput
        @Option(help: "The public key of the module's identity: 33 or 65 bytes in hexadecimal, or @file.")
        var publicKey: CryptoInput
        @Option(help: "The head that the module attested last, INDEX:DIGEST; without it a cut end cannot be seen.")
        var head: String?
        @Option(help: "Another file of the same log: is it a second history?")
        var against: String?
        @Flag(help: "Print the answer as JSON.") var json = false
        @Argument(help: "The file of the collected log.") var file: String

        func run() throws {
            let key = try firstKey.key("--first-key", [ForwardMAC.keyCount])
            let point = try publicKey.bytes("--public-key", [P256PublicKey.compressedCount, P256PublicKey.byteCount])
            guard let signer = try? P256PublicKey(point) else {
                throw ValidationError("--public-key: not a point of P-256")
            }
            let attested = try head.map(Self.parseHead)
            let log = try AuditCommand.read(file)
            var answer: [JSON.Member]
            var isSound = true
            do throws(AuditFinding) {
                answer = Self.members(try log.verify(firstKey: key, publicKey: signer, attested: attested))
            } catch {
                isSound = false
                answer = [
                    .init("sound", .bool(false)), .init("finding", .string(error.name)),
                    .init("index", error.index.map { JSON.integer(Int64($0)) } ?? .null),
                ]
            }
            if let against {
                let fork = log.fork(from: try AuditCommand.read(against), signedBy: signer)
                answer.append(.init("fork", fork.map { JSON.integer(Int64($0)) } ?? .null))
                if fork != nil { isSound = false }
            }
            print(json ? JSON.object(answer).text : Self.text(answer))
            if !isSound { throw ExitCode(1) }
        }

        private static func parseHead(_ text: String) throws -> AuditHead {
            let parts = text.split(separator: ":")
            guard parts.count == 2, let index = UInt32(parts[0]), let digest = Hex.bytes(String(parts[1])),
                digest.count == SHA256.digestCount
            else { throw ValidationError("--head: expected a record's number, a colon and 64 hexadecimal digits") }
            return AuditHead(index: index, digest: digest)
        }

        private static func members(_ report: AuditReport) -> [JSON.Member] {
            let end: JSON = [
                "index": .integer(Int64(report.end.index)), "digest": .string(Hex.text(report.end.digest)),
            ]
            return [
                .init("sound", .bool(true)), .init("records", .integer(Int64(report.records))),
                .init("checkpoints", .integer(Int64(report.checkpoints))), .init("end", end),
                .init("boot", .integer(Int64(report.boot))),
                .init("unlogged", .integer(Int64(clamping: report.unlogged))),
                .init("unproved", .integer(Int64(report.unproved))), .init("closed", .bool(report.isClosed)),
                .init("uncollected", .integer(Int64(report.uncollected))),
            ]
        }

        private static func text(_ answer: [JSON.Member]) -> String {
            answer.map { member in
                let value = member.value["index"].map { "\($0.text) \(member.value["digest"]?.string ?? "")" }
                return member.name.padding(toLength: 15, withPad: " ", startingAt: 0) + " "
                    + (value ?? member.value.string ?? (member.value == .null ? "—" : member.value.text))
            }.joined(separator: "\n")
        }
    }
}
