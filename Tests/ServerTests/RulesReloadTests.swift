// SPDX-License-Identifier: Apache-2.0
import Foundation
import Host
import HostServer
import Journal
import SecurityTriggers
import Storage
import Testing
import Vocabulary

@testable import tillguard

@Suite("A rule file that changes")
struct RulesReloadTests {
    /// Declines from the given number of uses of a card within an hour.
    private func rules(_ version: Int, from uses: Int) -> String {
        """
        tillguard-rules 1
        ruleset shop version \(version)
        velocity uses = count(attempts) by card over 1h
        rule busy {
            when uses >= \(uses)
            then decline as exceedsFrequency
        }

        """
    }

    @Test("A changed file is in force without a restart, counts what came before, and a broken one changes nothing")
    func reload() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            try await SpareEstate.prepare(directory, 1)
            let file = try directory.write(rules(1, from: 100), to: "shop.rules")
            let (child, port) = try await Child.serve(directory, ["--rules", file, "--unattended-rules"])
            _ = try await child.event("rules") { $0["text"]?.string?.contains("is live") == true }
            let till = try SpareEstate.tills(directory, 1)[0]
            let line = try await Line.open(port)
            try await till.signOn(on: line)
            func sell() async throws -> String { try await till.sell(.init(SpareEstate.card(0), 1_00), on: line).code }
            #expect(try await [sell(), sell(), sell()] == ["00", "00", "00"])

            func isLive(_ count: Int) async throws {
                try await eventually("rule set number \(count)") {
                    child.events.count { $0["text"]?.string?.contains("is live") == true } == count
                }
            }
            // Five uses, three of which came under the old file.
            _ = try directory.write(rules(2, from: 5), to: "shop.rules")
            try await isLive(2)
            #expect(try await [sell(), sell()] == ["00", "65"])

            _ = try directory.write(rules(3, from: 100) + "rule broken {", to: "shop.rules")
            let refused = try await child.event("rules") { $0["text"]?.string?.contains("not loaded") == true }
            #expect(refused["text"]?.string?.contains("old ones stay") == true)
            #expect(try await sell() == "65")

            // A file that is gone for a moment changes nothing either.
            try FileManager.default.removeItem(atPath: file)
            #expect(try await sell() == "65")
            _ = try directory.write(rules(4, from: 100), to: "shop.rules")
            try await isLive(3)
            #expect(try await sell() == "00")
            child.interrupt()
            #expect(try await child.exit() == 0)
        }
    }

    @Test("Without the flag a file that differs is proposed, and a second person puts it in force")
    func attended() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            try await SpareEstate.prepare(directory, 1)
            let file = try directory.write(rules(1, from: 1), to: "shop.rules")
            let (child, port) = try await Child.serve(directory, ["--rules", file])
            _ = try await child.event("rules") { $0["text"]?.string?.contains("is proposed") == true }
            let till = try SpareEstate.tills(directory, 1)[0]
            let line = try await Line.open(port)
            try await till.signOn(on: line)
            #expect(try await till.sell(.init(SpareEstate.card(0), 1_00), on: line).code == "00")
            child.interrupt()
            #expect(try await child.exit() == 0)
        }
    }

    @Test("The rules of the file are in force from the first sale on a new data directory")
    func firstStart() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let file = try directory.write(rules(1, from: 1), to: "shop.rules")
            let (child, _) = try await Child.serve(directory, ["--rules", file])
            let till = VirtualTill("TILL0001", of: child, directory)
            try #require(try await till.isReady())
            let pan = String(decoding: DemoEstate.cards[0].pan.ascii, as: UTF8.self)
            #expect(try await till.sell("purchase", pan, 1_00)?["code"]?.string == "65")
            child.interrupt()
            #expect(try await child.exit() == 0)
        }
    }

    @Test("A new journal begins with its rules, so that recovery goes by them whatever rules it is started with")
    func journalled() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let text = rules(1, from: 100)
            let file = try directory.write(text, to: "shop.rules")
            let (child, _) = try await Child.serve(directory, ["--rules", file])
            // No snapshot.
            child.killAtOnce()
            _ = try await child.exit()
            guard case .rulesReplaced(text, _)? = try directory.records().first?.body else {
                Issue.record("the journal does not begin with its rules")
                return
            }
            let recovered = try RecoveredHost.open(
                at: directory.path, rules: try RuleSet(parsing: RuleFiles.shipped), logger: silent)
            #expect(recovered.host.rules.source == text && recovered.host.rulesVersion == 1)
        }
    }

    @Test("A journal whose rules this version cannot read is not served by others; the refusal names the version")
    func unreadable() throws {
        let directory = try TemporaryDirectory()
        let text = "tillguard-rules 1\nrule later { when phase_of_moon > 3 then decline }\n"
        let record = HostRecord(at: .epoch, .rulesReplaced(text: text, by: StaffID(packed: 0x5359_5354_454D_0000)))
        var chain = Chain(after: .genesis)
        let data = try DataDirectory(directory.path)
        let journal = try JournalStore(in: data)
        try journal.append(chain.seal(RecordFrame.encode([record.encoded()]), count: 1))
        try journal.close()
        data.unlock()
        var said = ""
        do {
            let recovered = try RecoveredHost.open(
                at: directory.path, rules: try RuleSet(parsing: RuleFiles.shipped), logger: silent)
            Issue.record("it is served by \(recovered.host.rules.name)")
        } catch let error as RecoveryError { said = "\(error)" }
        #expect(said.contains("version 1") && said.contains("2:"), "\(said)")
    }

    @Test("The shipped rules are recorded too, and once")
    func shippedJournalled() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            for _ in 0..<2 { try await ServerHouse.on(directory) { _ in } }
            let recorded = try directory.records().compactMap { record -> String? in
                if case .rulesReplaced(let text, _) = record.body { text } else { nil }
            }
            #expect(recorded == [RuleFiles.shipped])
        }
    }

    @Test(
        "A file that is no rule file stops the start with one line",
        arguments: [
            ("rules: []\n", "1"), ("", "1"), ("tillguard-rules 9\n", "1"),
            ("tillguard-rules 1\nruleset a version 1\nrule x { when }\n", "3"),
        ])
    func notARuleFile(text: String, line: String) async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let file = try directory.write(text, to: "shop.rules")
            let (code, child) = try await Child.run([
                "serve", "--data", directory.file("data"), "--port", "0", "--console-port", "0", "--rules", file,
            ])
            #expect(code != 0 && code != nil)
            #expect(child.output.isEmpty)
            #expect(child.errors.split(separator: "\n").count == 1, "\(child.errors)")
            #expect(child.errors.contains("\(file):\(line)"), "\(child.errors)")
            #expect(!FileManager.default.fileExists(atPath: directory.file("data")))
        }
    }
}
