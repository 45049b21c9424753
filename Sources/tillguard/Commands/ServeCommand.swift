// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Catalogue
import Console
import Estate
import Foundation
import Host
import HostServer
import Logging
import ModuleProtocol
import NIOCore
import NIOPosix
import ServiceLifecycle
import Storage
import Synchronization
import TerminalAgent
import UnixSignals
import Vocabulary

extension Logger.Level: @retroactive ExpressibleByArgument {}

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run host, console, estate and issuer on one data directory.")

    @Option(help: "The data directory; made if it is not there.")
    var data = "data"
    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"
    @Option(help: "Port for terminals; 0 takes a free one.")
    var port = 8583
    @Option(help: "Port of the console; 0 takes a free one.")
    var consolePort = 8080
    @Option(help: "What links of messages to cardholders begin with; the console's address if not given.")
    var origin: String?
    @Flag(help: "TLS 1.3 with mutual authentication between terminals and host.")
    var tls = false
    @Option(help: "A rule file; watched, and proposed when it changes.")
    var rules: String?
    @Flag(help: "Put a changed rule file in force at once, without a second person.")
    var unattendedRules = false
    @Option(help: "A file of other issuers' hosts and whose cards they decide.")
    var upstream: String?
    @Option(help: "Where the host's security module runs: in a process of its own, or in-process.")
    var module = ModulePlace.process
    @Flag(help: "Let the demo estate stand still.")
    var quiet = false
    @Flag(help: "Print one JSON object a line, for programs.")
    var json = false
    @Option(help: .hidden)
    var dieBehind: DeathBehind?
    /// Seconds that the server and its virtual terminals are ahead of the machine's clock. For tests and drills.
    @Option(help: .hidden)
    var clockAhead: Int64 = 0
    /// The bench may move the clock, and put a second device beside a terminal.
    @Flag(help: .hidden)
    var drill = false
    @Option(help: "Log level: trace, debug, info, notice, warning, error, critical.")
    var logLevel = Logger.Level.warning

    func validate() throws {
        guard (0...65_535).contains(port), (0...65_535).contains(consolePort) else {
            throw ValidationError("a port is a number from 0 to 65535")
        }
        guard !unattendedRules || rules != nil else {
            throw ValidationError("--unattended-rules is about the file of --rules")
        }
    }

    func run() async throws {
        var logger = Logger(label: "tillguard") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        OpenFiles.raiseLimit()
        let failed = Failure()
        var options = Deployment.Options(data: data)
        options.host = host
        options.port = port
        options.tls = tls
        options.rulesFile = rules
        options.onFailure = { failed.set() }
        let printer = ServePrinter(json: json)
        let clock = ShiftedClock(ahead: clockAhead)
        options.clock = { clock.now }
        options.upstream = try upstream.map { try UpstreamFile.read($0) }
        if let death = dieBehind { options.witness = { death.hear($0) } }
        // The host's loop never waits for whoever reads what is printed.
        let (lines, said) = AsyncStream.makeStream(
            of: (name: String, isUp: Bool).self, bufferingPolicy: .bufferingNewest(256))
        options.onLine = { said.yield(($0, $1)) }
        options.module = module
        options.onModule = { printer.module($0) }
        // Before anything is made; the name service may be asked, and nothing runs yet that would wait for it.
        guard (try? SocketAddress.makeAddressResolvingHost(host, port: port)) != nil else {
            throw DeploymentError.unknownHost(host)
        }
        // Links name the console's port, and the first may be written before the console listens.
        let reservation = consolePort == 0 ? try PortReservation(host: host) : nil
        let consolePort = reservation?.port ?? consolePort
        options.origin = origin ?? "http://\(host):\(consolePort)"
        let deployment = try await Deployment.start(options, logger: logger)
        try await run(deployment, clock, consolePort: consolePort, reservation, logger, printer, failed, lines)
    }

    private func run(
        _ deployment: Deployment, _ clock: ShiftedClock, consolePort: Int, _ reservation: PortReservation?,
        _ logger: Logger,
        _ printer: ServePrinter, _ failed: Failure, _ lines: AsyncStream<(name: String, isUp: Bool)>
    ) async throws {
        let terminalLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let consoleLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let isNew = try await deployment.server.read { $0.estate.terminals.isEmpty }
        if isNew { try await DemoEstate.setUp(deployment) }
        let risks = try await deployment.server.read { $0.estate.profileRisks }
        let bank = try await TerminalBank(
            directory: data + "/terminals",
            host: deployment.address,
            loop: terminalLoop.next(), logger: logger, now: { clock.now },
            witness: dieBehind.map { death in { @Sendable (terminal: TerminalID) in death.hear(terminal) } },
            facility: DemoEstate.facility(deployment))
        try await DemoEstate.addTills(to: bank, deployment.issuer)
        // A second device in a terminal's name has files of its own.
        var spare: TerminalBank?
        if drill {
            spare = try await TerminalBank(
                directory: data + "/terminals.spare", host: deployment.address, loop: terminalLoop.next(),
                logger: logger, now: { clock.now }, facility: DemoEstate.facility(deployment))
        }
        let moveClock: @Sendable (Int64) -> Void = { clock.set(ahead: $0) }
        let bench = Bench(bank, spare: spare, moveClock: drill ? moveClock : nil)
        let control = try await ControlSocket.listen(
            at: data + "/terminals.sock", bench: bench, on: terminalLoop, logger: logger)
        let users = try UserStore(in: data)
        let issued = try users.bootstrap()
        guard let reader = deployment.reader else { preconditionFailure("serve keeps projections") }
        var configuration = ConsoleConfiguration(
            host: host, port: consolePort, origin: deployment.options.origin,
            testCards: DemoEstate.cards.map { TestCard(pan: $0.pan, expiry: $0.expiry, label: $0.holder) })
        configuration.readLog = AuditLines.read
        let backTests = BackTestRunner(data: data, logger: logger)
        let console = try Console(
            configuration: configuration, records: reader, commands: ServerCommands(server: deployment.server),
            feed: deployment.committed,
            desk: bank, backTests: backTests, models: ServerModels(server: deployment.server),
            lists: ServerLists(
                server: deployment.server, files: ListFiles(data: data), issuer: deployment.issuer),
            links: deployment.links, users: users, attempts: try AttemptLedger(in: data), logger: logger)

        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: ConsoleService(console: console, loop: consoleLoop, host: host, port: consolePort) {
                            consolePort in
                            reservation?.close()
                            printer.started(
                                terminals: deployment.server.port, console: consolePort, host: host,
                                origin: deployment.options.origin, isNew: isNew, replayed: deployment.replayed,
                                issued: issued, risks: risks, data: data)
                        }),
                    .init(service: DecisionPrinter(feed: deployment.committed, printer: printer)),
                    .init(service: LinePrinter(lines: lines, printer: printer)),
                    .init(
                        service: RulesWatcher(
                            path: rules, isUnattended: unattendedRules, server: deployment.server, printer: printer)),
                    .init(service: backTests),
                    .init(service: DemoTraffic(bank: bank, isQuiet: quiet)),
                    .init(service: failed),
                ], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger))
        // Everything is stopped, whatever goes wrong on the way; what went wrong first is what is said.
        var outcome: (any Error)?
        func attempt(_ step: () async throws -> Void) async {
            do { try await step() } catch { outcome = outcome ?? error }
        }
        await attempt { try await services.run() }
        await attempt { try await control.close() }
        await bank.shutdown()
        await spare?.shutdown()
        await attempt { try await deployment.shutdown() }
        await attempt { try await terminalLoop.shutdownGracefully() }
        await attempt { try await consoleLoop.shutdownGracefully() }
        if let outcome { throw outcome }
        printer.stopped()
    }
}

/// The console as a service of the group.
private struct ConsoleService: Service {
    let console: Console
    let loop: MultiThreadedEventLoopGroup
    let host: String
    let port: Int
    let onRunning: @Sendable (Int) -> Void

    func run() async throws {
        do { try await console.run(on: loop) { onRunning($0) } } catch {
            throw DeploymentError.listening(on: host, port, error)
        }
    }
}

/// Ends the process's services when the host has stopped for a failed commit.
final class Failure: Service, Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func set() { continuation.yield() }

    func run() async throws {
        for await _ in stream.cancelOnGracefulShutdown() {
            throw DeploymentError.refused("the journal could not be written; the host has stopped")
        }
    }
}
