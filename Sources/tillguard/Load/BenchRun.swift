// SPDX-License-Identifier: Apache-2.0
import Foundation
import Host
import HostServer
import Journal
import Logging
import NIOPosix
import Storage
import Vocabulary

/// A benchmark from beginning to end. This process is the server, a child of the same executable the client, so that
/// each one's processor time is its own.
enum BenchRun {
    private static let commandBatch = 1_000

    /// - Parameter executable: the program the client's process runs.
    /// - Throws: `BenchError`, and what the host's start throws.
    static func run(
        _ options: BenchOptions, executable: String, logger: Logger, say: (String) -> Void
    ) async throws -> BenchReport {
        try FileManager.default.createDirectory(
            atPath: options.data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard try options.allowsTmpfs || !FileSystem.isInMemory(options.data) else {
            throw BenchError.onTmpfs(options.data)
        }
        guard !FileManager.default.fileExists(atPath: options.data + "/journal.db") else {
            throw BenchError.notEmpty(options.data)
        }
        var settings = Deployment.Options(data: options.data)
        settings.projects = options.keepsRecords
        let deployment = try await Deployment.start(settings, logger: logger)
        let outcome: Result<Measured, any Error>
        do { outcome = .success(try await measure(options, deployment, executable, say)) } catch {
            outcome = .failure(error)
        }
        try await deployment.shutdown()
        let measured = try outcome.get()
        let journal = try await NIOThreadPool.singleton.runIfActive {
            try BenchJournal.read(options.data, after: measured.before)
        }
        guard journal.authorisations == measured.client.answers else {
            throw BenchError.answersDiffer(received: measured.client.answers, journal: journal.authorisations)
        }
        return BenchReport(
            options: options, client: measured.client, serverMicroseconds: measured.serverMicroseconds, journal: journal
        )
    }

    private struct Measured: Sendable {
        var client: BenchClientResult
        var serverMicroseconds: Int64
        /// The last record before the load.
        var before: UInt64
    }

    private static func measure(
        _ options: BenchOptions, _ deployment: Deployment, _ executable: String, _ say: (String) -> Void
    ) async throws -> Measured {
        say("setting up \(Figures.grouped(options.terminals)) terminals and \(Figures.grouped(options.cards)) cards")
        var commands: [(command: Command, principal: Principal)] = []
        for terminal in 0..<options.terminals {
            commands += LoadEstate.commands(terminal: terminal, name: "Shop \(terminal)")
        }
        for card in 0..<options.cards {
            commands += LoadEstate.commands(card: card, holder: "Holder \(card)", by: deployment.module)
        }
        for start in stride(from: 0, to: commands.count, by: commandBatch) {
            try await deployment.server.submit(Array(commands[start..<min(start + commandBatch, commands.count)]))
        }
        let client = try BenchClientProcess(executable: executable, options, port: deployment.server.port)
        let parcel = ClientParcel(client: client)
        let ready = try await NIOThreadPool.singleton.runIfActive { try parcel.client.next() }
        guard ready["event"]?.string == "ready" else { throw BenchError.clientFailed("said \(ready.text)") }
        say("measuring for \(options.seconds) s, \(options.inFlight) in flight")
        let before = try await deployment.server.read { $0.sequence }
        let cpuBefore = ProcessorTime.microseconds()
        try client.go()
        let done = try await NIOThreadPool.singleton.runIfActive { try parcel.client.next() }
        let cpu = ProcessorTime.microseconds() - cpuBefore
        guard let result = BenchClientResult(done) else { throw BenchError.clientFailed("said \(done.text)") }
        await NIOThreadPool.singleton.runAndIgnore { parcel.client.end() }
        return Measured(client: result, serverMicroseconds: cpu, before: before)
    }
}

/// Carries the client's process to the thread that waits for its words.
private struct ClientParcel: @unchecked Sendable {
    // Safe: each call is awaited before the next is made.
    let client: BenchClientProcess
}

extension NIOThreadPool {
    /// For work that cannot fail while the process lives.
    fileprivate func runAndIgnore(_ body: @escaping @Sendable () -> Void) async {
        // The singleton pool is never shut down.
        _ = try? await runIfActive(body)
    }
}

/// What the journal says of a load.
struct BenchJournal: Equatable, Sendable {
    var records = 0
    var authorisations = 0
    var bytes = 0
    /// Records of each commit, sorted.
    var commits: [Int] = []

    /// Reads and verifies the journal from the record after `sequence` on.
    static func read(_ directory: String, after sequence: UInt64) throws -> BenchJournal {
        var journal = BenchJournal()
        let reader = try JournalReader(path: directory)
        try reader.verify()
        try reader.read(from: sequence + 1) { commit in
            guard commit.first > sequence else { return }
            journal.commits.append(commit.count)
            journal.bytes += commit.bytes.count
        }
        try reader.readRecords(from: sequence + 1) { _, bytes in
            journal.records += 1
            if case .authorisation = try HostRecord(decoding: bytes).body { journal.authorisations += 1 }
        }
        journal.commits.sort()
        return journal
    }
}
