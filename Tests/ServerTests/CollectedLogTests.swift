// SPDX-License-Identifier: Apache-2.0
import Foundation
import SecurityModule
import Testing
import Vocabulary

@testable import tillguard

/// What a running server has collected of its terminals' modules, taken out beside it.
@Suite("Collected audit logs")
struct CollectedLogTests {
    @Test("Logs are exported beside a running server, its module verifies them again, and another module does not")
    func export() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let terminal = try #require(TerminalID("TILL0001"))
            let (server, _) = try await Child.serve(directory, ["--module", "process"])
            var audit: CollectedAudit?
            try await eventually("a log") {
                audit = try CollectedAudit(of: terminal, inJournalOf: directory.path)
                return audit?.taken.isEmpty == false
            }
            let (code, child) = try await Child.run([
                "module", "audit", "export", "TILL0001", "--data", directory.path, "--out", directory.file("logs"),
                "--verify", "--json",
            ])
            let answer = try JSON(parsing: Array(child.output.utf8))
            #expect(code == 0 && answer["verified"]?.bool == true, "\(child.output) \(child.errors)")
            #expect(answer["broken"]?.array?.isEmpty == true && answer["identityKey"]?.string?.count == 66)
            let file = try #require(answer["files"]?.array?.first)
            #expect(file["epoch"]?.integer == 1 && file["records"]?.integer ?? 0 > 0)
            #expect(file["last"]?.integer == (file["first"]?.integer ?? 0) + (file["records"]?.integer ?? 0) - 1)
            let path = directory.file("logs/" + (file["file"]?.string ?? ""))
            let (shown, printed) = try await Child.run(["module", "audit", "show", path, "--json"])
            let records = printed.events
            #expect(shown == 0 && Int64(records.count) >= file["records"]?.integer ?? 0)
            #expect(records.contains { $0["event"]?.string == "logBegun" })
            #expect(records.allSatisfy { $0["proved"]?.bool == true })
            // Another host's module did not write these chains' first keys.
            let taken = try #require(audit)
            #expect(try taken.contradictions(SoftHostModule.create()).count == taken.taken.count)
            let (unknown, said) = try await Child.run([
                "module", "audit", "export", "NOBODY01", "--data", directory.path,
            ])
            #expect(unknown == 1 && said.errors.contains("no terminal"))
            server.interrupt()
            #expect(try await server.exit() == 0)
            // Nobody serves the keys any more: they are opened for the verification.
            let (later, other) = try await Child.run([
                "module", "audit", "export", "TILL0001", "--data", directory.path, "--out", directory.file("later"),
                "--verify",
            ])
            #expect(later == 0 && other.output.contains("verified every stretch"), "\(other.errors)")
        }
    }
}
