// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Logging
import Vocabulary

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure durable authorisations a second, client included.",
        discussion: """
            Every request carries a real PIN, a health element and a MAC under keys that advance; every answer's MAC \
            is checked; every answer waited for the journal's disk. The client is a process of its own, so that the \
            server's processor time is the server's. Afterwards the journal must hold as many authorisations as \
            answers were received.
            """)

    @Option(help: "Terminals, each with keys of its own.")
    var terminals = 1_000
    @Option(help: "Cards, each with a PIN and an account of its own.")
    var cards = 10_000
    @Option(help: "How long to measure.")
    var seconds = 15
    @Option(help: "Authorisations under way at a time.")
    var inFlight = 64
    @Option(help: "Connections the terminals share.")
    var connections = 64
    @Option(help: "An empty data directory on a disk; a temporary one under /var/tmp if not given.")
    var data: String?
    @Flag(help: "Fill the console's tables meanwhile, as serve does.")
    var records = false
    @Flag(help: "Allow a data directory in memory, where nothing is durable.")
    var allowTmpfs = false
    @Flag(help: "Measure round trips on one connection that journal nothing, --in-flight as its window.")
    var echo = false
    @Flag(help: "Print the figures as JSON.")
    var json = false
    @Option(help: .hidden)
    var clientOf: Int?

    func validate() throws {
        guard (4...LoadEstate.terminalsMax).contains(terminals) else {
            throw ValidationError("--terminals is at least 4")
        }
        guard (1...LoadEstate.cardsMax).contains(cards) else { throw ValidationError("--cards is at least 1") }
        guard (1...3_600).contains(seconds) else { throw ValidationError("--seconds is 1 to 3600") }
        guard inFlight >= 1, echo || inFlight <= min(terminals, cards), inFlight <= 4_096 else {
            throw ValidationError("--in-flight is at least 1, and no more than terminals, cards or 4096")
        }
        guard (1...1_024).contains(connections) else { throw ValidationError("--connections is 1 to 1024") }
    }

    func run() async throws {
        var logger = Logger(label: "tillguard") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        OpenFiles.raiseLimit()
        let temporary = data == nil ? "/var/tmp/tillguard-bench-" + UUID().uuidString : nil
        var options = BenchOptions(data: data ?? temporary ?? "")
        options.terminals = terminals
        options.cards = cards
        options.seconds = seconds
        options.inFlight = inFlight
        options.connections = connections
        options.keepsRecords = records
        options.allowsTmpfs = allowTmpfs
        if let clientOf {
            return try await echo
                ? EchoBench.client(options, port: clientOf) : BenchClient.run(options, port: clientOf)
        }
        defer { if let temporary { try? FileManager.default.removeItem(atPath: temporary) } }
        if echo {
            let report = try await EchoBench.run(options, executable: "/proc/self/exe", logger: logger)
            return print(json ? report.json.text : report.text)
        }
        let report = try await BenchRun.run(options, executable: "/proc/self/exe", logger: logger) {
            ReplayProgress.write($0 + "\n")
        }
        print(json ? report.json.text : report.text)
    }
}
