// SPDX-License-Identifier: Apache-2.0
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Storage
import TerminalAgent
import Vocabulary

/// The web console: pages for operators, analysts and merchants, the cardholder's page, the virtual terminal, and the
/// JSON API behind them.
///
/// It reads committed projections, and changes the world only by commands through its port.
public struct Console: Sendable {
    let routes: ConsoleRoutes
    private let logger: Logger

    /// - Parameters:
    ///   - records: the projections.
    ///   - commands: the one door for changes.
    ///   - feed: tells when there is something new for live pages.
    ///   - desk: the virtual terminals; nil where the server runs none.
    ///   - backTests: tries rules on the past; nil where the server does not.
    ///   - models: what the host knows of its models; nil where the console shows none.
    ///   - lists: the lists that rules name; nil where the server shows none.
    ///   - links: the same key as the projector's, or no link that was sent opens.
    ///   - users: who may log in.
    ///   - attempts: wrong passwords and codes, those before a restart included.
    ///   - now: the clock.
    /// - Throws: an error of the template that cannot be read, which a test would have found.
    public init(
        configuration: ConsoleConfiguration, records: RecordsReader, commands: any CommandPort,
        feed: any CommittedFeed, desk: (any VirtualTerminalDesk)?, backTests: (any BackTestPort)? = nil,
        models: (any ModelPort)? = nil, lists: (any ListPort)? = nil, links: CaseLinks, users: UserStore,
        attempts: AttemptLedger, logger: Logger, now: @escaping @Sendable () -> Instant = SystemTime.now
    ) throws {
        let sessions = SessionStore()
        routes = ConsoleRoutes(
            configuration: configuration, records: records, commands: commands, feed: feed, desk: desk,
            backTests: backTests, models: models, lists: lists, links: links,
            users: users, attempts: attempts, sessions: sessions, pages: try PageRenderer(sessions: sessions), now: now)
        self.logger = logger
    }

    /// Serves until the task is cancelled or its service group shuts down gracefully.
    ///
    /// - Parameters:
    ///   - group: the event loops, one thread of the console's own.
    ///   - onRunning: is told the port that was bound.
    /// - Throws: what binding the address throws.
    public func run(
        on group: any EventLoopGroup, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        let application = buildApplication(on: group, onRunning: onRunning)
        let live = routes.live
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await application.run()
        } onCancelOrGracefulShutdown: {
            // Live pages never end by themselves, and a server that shuts down waits for its connections.
            live.close()
        }
    }

    /// The application itself, for a service group of one's own; `run(on:onRunning:)` also ends its live pages.
    public func buildApplication(
        on group: any EventLoopGroup, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let configuration = routes.configuration
        var quiet = logger
        // The framework's own lines; a request's address may hold a cardholder's token.
        quiet.logLevel = max(logger.logLevel, .warning)
        return Application(
            router: routes.router(),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(ConsoleConfiguration.connectionsMax)),
            onServerRunning: { [logger] channel in
                let port = channel.localAddress?.port ?? configuration.port
                logger.info("console listens", metadata: ["host": "\(configuration.host)", "port": "\(port)"])
                await onRunning(port)
            },
            eventLoopGroupProvider: .shared(group), logger: quiet)
    }
}
