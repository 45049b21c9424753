// SPDX-License-Identifier: Apache-2.0
import Foundation
import Host
import HostServer
import Logging
import NIOCore
import NIOPosix
import SecurityTriggers
import Storage
import Vocabulary

/// A replay from beginning to end: a host of its own on a data directory, and the terminals that send it the recording.
enum ReplayRun {
    struct Options: Sendable {
        var file: String
        /// Only the first so many rows.
        var limit: Int?
        var data: String
        var inFlight = 64
        var connections = 16
        /// Nil: the shipped rules, or those the data directory was begun with.
        var rulesFile: String?
    }

    /// Runs until the recording ends or a stop is requested.
    /// - Throws: `ReplayError`, `LoadFailure`, and what the host's start throws.
    static func run(_ options: Options, progress: ReplayProgress, logger: Logger) async throws -> ReplaySummary {
        // Whatever is wrong with the file shows before anything is written.
        let recording = try Recording(path: options.file)
        let lines = try await NIOThreadPool.singleton.runIfActive { try RecordedFile.lines(in: options.file) }
        let total = min(max(0, lines - 1), options.limit ?? .max)
        progress.setTotal(total)
        let first = try await NIOThreadPool.singleton.runIfActive {
            try recording.next(min(ReplaySender.chunkRows, total))
        }
        let earlier = try await tally(options.data)
        let clock = VirtualClock(max(earlier.latest, first.first?.at ?? .epoch))
        var settings = Deployment.Options(data: options.data)
        settings.rulesFile = options.rulesFile
        settings.projects = false
        // So that a later run can tell that this is a replay's, and whether the rules are still the same.
        settings.rulesBy = ReplayTally.principal
        settings.clock = { clock.now }
        settings.recordedTime = { RecordedTime.instant(of: $0, near: clock.now) }
        let deployment = try await Deployment.start(settings, logger: logger)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let outcome: Result<ReplaySender.Measured, any Error>
        do {
            if !earlier.isEmpty { try await requireSameRules(deployment, options) }
            var sender = try await ReplaySender(
                options, deployment, clock: clock, earlier: earlier, progress: progress, on: group.next())
            outcome = .success(try await sender.send(first, recording, total: total))
        } catch {
            outcome = .failure(error)
        }
        try await deployment.shutdown()
        try await group.shutdownGracefully()
        let measured = try outcome.get()
        let tally = try await tally(options.data)
        // What was answered is what is written: nothing more, nothing less.
        guard tally.count - earlier.count == measured.answered else {
            throw ReplayError.answersDiffer(received: measured.answered, journal: tally.count - earlier.count)
        }
        var summary = ReplaySummary(measured.rows, tally, total: total)
        summary.take(measured)
        summary.earlier = earlier.count
        summary.data = options.data
        return summary
    }

    /// What the directory's journal says; nothing for a new directory.
    private static func tally(_ data: String) async throws -> ReplayTally {
        guard FileManager.default.fileExists(atPath: data + "/journal.db") else { return ReplayTally() }
        return try await NIOThreadPool.singleton.runIfActive { try ReplayTally.read(data) }
    }

    private static func requireSameRules(_ deployment: Deployment, _ options: Options) async throws {
        guard let file = options.rulesFile else { return }
        let text = try RuleFiles.read(file).text
        guard try await deployment.server.read({ $0.rules.source }) == text else {
            throw ReplayError.otherRules(data: options.data)
        }
    }
}
