// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import Testing
import Vocabulary

@testable import tillguard

@Suite("The server as a process")
struct ProcessTests {
    @Test("A second process on the same data directory is refused with one line and disturbs nothing")
    func secondProcess() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            try await SpareEstate.prepare(directory, 1)
            let (first, port) = try await Child.serve(directory)
            let (code, second) = try await Child.run(
                ["serve", "--data", directory.path, "--port", "0", "--console-port", "0"])
            #expect(code != 0 && code != nil)
            #expect(second.output.isEmpty)
            let lines = second.errors.split(separator: "\n")
            #expect(lines.count == 1, "\(second.errors)")
            #expect(second.errors.contains("in use") && second.errors.contains(directory.path))

            let till = try SpareEstate.tills(directory, 1)[0]
            let line = try await Line.open(port)
            try await till.signOn(on: line)
            #expect(try await till.sell(.init(SpareEstate.card(0), 1_00), on: line).code == "00")
            first.interrupt()
            #expect(try await first.exit() == 0)
        }
    }

    @Test("An interrupt stops the server with code 0 and a snapshot; the second start resumes and prints no password")
    func interrupted() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let (first, _) = try await Child.serve(directory)
            let started = try await first.event("started")
            #expect(started["new"]?.bool == true)
            // Links name the port that was bound, although any free one was asked for.
            let port = try #require(started["console"]?.integer)
            #expect(port > 0 && started["origin"]?.string == "http://127.0.0.1:\(port)")
            let users = try #require(started["users"]?.array)
            #expect(!users.isEmpty && users.allSatisfy { ($0["password"]?.string?.count ?? 0) >= 12 })
            first.interrupt()
            #expect(try await first.exit() == 0)
            #expect(first.events.last?["event"]?.string == "stopped")
            #expect(first.errors.isEmpty, "\(first.errors)")
            let records = try directory.records().count
            #expect(records > 40)
            #expect(try directory.snapshots().count == 1)

            // For people this time.
            let second = try Child([
                "serve", "--data", directory.path, "--port", "0", "--console-port", "0", "--quiet",
            ])
            try await eventually("the second start") { second.output.contains("Ctrl-C") }
            #expect(second.output.contains("resumed"))
            for user in users {
                let password = try #require(user["password"]?.string)
                #expect(!second.output.contains(password))
            }
            #expect(!second.output.contains("password"))
            second.interrupt()
            #expect(try await second.exit() == 0)
            #expect(try directory.records().count >= records)
        }
    }

    @Test("A server under load stops when it is told to, with everything it answered in the journal")
    func interruptedUnderLoad() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            try await SpareEstate.prepare(directory, 4)
            let tills = try SpareEstate.tills(directory, 4)
            let (child, port) = try await Child.serve(directory)
            let count = Shared(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, till) in tills.enumerated() {
                    group.addTask {
                        guard let line = try? await Line.open(port) else { return }
                        try await till.signOn(on: line)
                        let sale = Till.Sale(try SpareEstate.card(index), 1_00)
                        // Several on the line at a time, so that the host never runs dry.
                        for _ in 0..<48 { try await line.send(till.protect(till.purchase(sale))) }
                        while let bytes = try await line.receive() {
                            #expect(WireMessage(bytes)?[39] == "00")
                            if count.change({
                                $0 += 1; return $0
                            }) == 200 {
                                child.interrupt()
                            }
                            try await line.send(till.protect(till.purchase(sale)))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await child.exit() == 0)
            let booked = try directory.records().count { record in
                guard case .authorisation(let sale) = record.body else { return false }
                return tills.contains { $0.id == sale.usage.terminal }
            }
            let answered = count.read { $0 }
            #expect(answered >= 200)
            // At a stop a till may lose the answers of what it had on the line, as with any cut line.
            #expect(booked >= answered && booked <= answered + 4 * 48)
        }
    }
}
