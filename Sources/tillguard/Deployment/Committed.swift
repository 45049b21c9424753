// SPDX-License-Identifier: Apache-2.0
import Console
import Dispatch
import Foundation
import Host
import HostServer
import Logging
import Storage
import Synchronization
import Vocabulary

/// What follows from the journal, behind the gate: projections first, then whoever watches live.
///
/// One thread projects in journal order; the host's loop only hands batches over.
final class Committed: CommittedFeed, Sendable {
    private let queue = DispatchQueue(label: "tillguard.projector")
    private let projector: RecordsProjector?
    private let logger: Logger
    private let subscribers = Mutex(Subscribers())
    private let onFailure: @Sendable () -> Void

    private struct Subscribers {
        var next: UInt64 = 0
        var continuations: [(UInt64, AsyncStream<CommittedRecord>.Continuation)] = []
    }

    /// A subscriber that falls further behind than this loses the oldest and sees the gap.
    private static let bufferedMax = 1_024

    /// - Parameters:
    ///   - projector: nil where nobody reads projections.
    ///   - onFailure: the host has stopped for a failed commit.
    init(projector: RecordsProjector?, logger: Logger, onFailure: @escaping @Sendable () -> Void) {
        self.projector = projector
        self.logger = logger
        self.onFailure = onFailure
    }

    /// For `HostServer`: returns at once.
    var sink: HostServer.CommittedSink {
        { event in
            switch event {
            case .committed(let records): self.queue.async { self.take(records) }
            case .failed: self.onFailure()
            }
        }
    }

    private func take(_ records: [(sequence: UInt64, record: HostRecord)]) {
        do { try projector?.project(records.map { ($0.sequence, $0.record) }) } catch {
            // The journal is the truth: the next start projects again what is missing.
            logger.error("a projection failed", metadata: ["error": "\(error)"])
        }
        let continuations = subscribers.withLock { $0.continuations.map(\.1) }
        guard !continuations.isEmpty else { return }
        for (sequence, record) in records {
            for continuation in continuations {
                continuation.yield(CommittedRecord(sequence: sequence, record: record))
            }
        }
    }

    func subscribe() -> AsyncStream<CommittedRecord> {
        AsyncStream(bufferingPolicy: .bufferingNewest(Self.bufferedMax)) { continuation in
            let id = subscribers.withLock { subscribers in
                subscribers.next += 1
                subscribers.continuations.append((subscribers.next, continuation))
                return subscribers.next
            }
            continuation.onTermination = { _ in
                self.subscribers.withLock { $0.continuations.removeAll { $0.0 == id } }
            }
        }
    }

    /// Waits until everything handed over has been projected, and ends every subscription.
    func drain() {
        queue.sync {}
        for (_, continuation) in subscribers.withLock({ $0.continuations }) { continuation.finish() }
    }
}

/// What the console shows of models.
struct ServerModels: ModelPort {
    let server: HostServer

    func models() async throws -> (book: ModelBook, reports: [ModelReport]) {
        try await server.read { ($0.models, $0.modelWatch.reports) }
    }
}

/// The console's door to the host.
struct ServerCommands: CommandPort {
    let server: HostServer

    func submit(_ command: Command, by principal: Principal) async throws {
        try await server.submit(command, by: principal)
    }
}
