// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Logging
import UnixSignals
import Vocabulary

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Send recorded transactions through a host, as real purchases with a PIN.",
        discussion: """
            The file is CSV, plain or packed by gzip, with a header that names datetime, customer_id, terminal_id and \
            amount, and fraud and scenario where it is labelled. Every customer gets a card, every terminal is a \
            virtual one with keys of its own. The host's time is the recorded time; only latency is \
            measured on the wall.

            Ctrl-C finishes what is under way; the same command on the same --data goes on where it stopped.
            """)

    @Argument(help: "The recorded transactions.")
    var file: String
    @Option(help: "Only the first so many rows.")
    var limit: Int?
    @Option(help: "The data directory; a temporary one, removed at the end, if not given.")
    var data: String?
    @Option(help: "Purchases under way at a time, never two of one card or one terminal.")
    var inFlight = 64
    @Option(help: "A rule file; the shipped rules if not given.")
    var rules: String?
    @Flag(help: "Print the summary as JSON.")
    var json = false

    func validate() throws {
        guard (1...4_096).contains(inFlight) else { throw ValidationError("--in-flight is 1 to 4096") }
        if let limit, limit < 1 { throw ValidationError("--limit is at least 1") }
    }

    func run() async throws {
        let temporary = data == nil ? NSTemporaryDirectory() + "/tillguard-replay-" + UUID().uuidString : nil
        var options = ReplayRun.Options(file: file, data: data ?? temporary ?? "")
        options.limit = limit
        options.inFlight = inFlight
        options.rulesFile = rules
        let result = await Self.replay(options)
        let isResumable = if case .success(let summary) = result { !summary.isComplete } else { false }
        // What was stopped half way can be gone on with; what is complete, or failed, leaves nothing behind.
        if let temporary, !isResumable { try? FileManager.default.removeItem(atPath: temporary) }
        let summary = try result.get()
        print(json ? summary.json.text : summary.text)
        guard isResumable else { return }
        var words = ["tillguard", "replay", file, "--data", options.data]
        if let limit { words += ["--limit", "\(limit)"] }
        if let rules { words += ["--rules", rules] }
        ReplayProgress.write("Stopped. To go on: \(words.joined(separator: " "))\n")
        throw ExitCode(130)
    }

    /// Replays with its progress shown; a signal stops it.
    static func replay(_ options: ReplayRun.Options) async -> Result<ReplaySummary, any Error> {
        var logger = Logger(label: "tillguard") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        let progress = ReplayProgress()
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await progress.show() }
            group.addTask { await stopOnSignal(progress) }
            let result: Result<ReplaySummary, any Error>
            do {
                result = .success(try await ReplayRun.run(options, progress: progress, logger: logger))
            } catch { result = .failure(error) }
            group.cancelAll()
            return result
        }
    }

    /// The first signal lets the replay finish what is under way, the second ends the process at once; the journal
    /// holds what was answered either way.
    private static func stopOnSignal(_ progress: ReplayProgress) async {
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
            if progress.isStopRequested { _exit(130) }
            progress.stop()
        }
    }
}
