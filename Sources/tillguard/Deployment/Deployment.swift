// SPDX-License-Identifier: Apache-2.0
import Console
import Estate
import Foundation
import Host
import HostServer
import Journal
import Logging
import ModuleProtocol
import ModuleServer
import NIOCore
import NIOPosix
import PaymentCryptography
import SecurityModule
import SecurityTriggers
import Storage
import TerminalAgent
import Vocabulary

/// One server on one data directory: journal, host, projections; and, where wanted, a console and virtual terminals.
final class Deployment: Sendable {
    struct Options: Sendable {
        var data: String
        /// Where the host's module runs.
        var module = ModulePlace.inProcess
        /// The module's process has ended, was started again, or never will be.
        var onModule: @Sendable (ModuleProcess.Event) -> Void = { _ in }
        var host = "127.0.0.1"
        var port = 0
        var tls = false
        /// Nil: the rules of the data directory, or the shipped ones in a new one.
        var rulesFile: String?
        /// Whether tables are kept for the console.
        var projects = true
        /// Where links of messages begin.
        var origin = "http://127.0.0.1:8080"
        var clock: @Sendable () -> Instant = WallClock.now
        /// For a replay: the recorded time of a message.
        var recordedTime: (@Sendable ([UInt8]) -> Instant?)?
        /// Other hosts and whose cards they decide; nil: as the journal has it, with every one of them away.
        var upstream: UpstreamFile?
        /// A line to another host has come up or gone down.
        var onLine: (@Sendable (_ name: String, _ isUp: Bool) -> Void)?
        /// Hears of records that are durable before anything else does.
        var witness: (@Sendable (HostRecord) -> Void)?
        /// How much may wait for the disk.
        var limits = GateLimits.standard
        /// In whose name a new journal's rules are recorded.
        var rulesBy = Deployment.system
        var onFailure: @Sendable () -> Void = {}
    }

    let options: Options
    let server: HostServer
    /// Who makes keys of terminals and references of PINs.
    let issuer: any HostIssuingPort
    /// Who gives keys to modules that are in service.
    let keyLoading: any KeyLoadingPort
    let committed: Committed
    let reader: RecordsReader?
    let links: CaseLinks
    let group: MultiThreadedEventLoopGroup
    let replayed: Int
    /// The estate's authority and what it certified; nil without TLS.
    let certificates: EstateCertificates?
    private let records: RecordsStore?
    private let directory: DataDirectory
    private let housed: HousedModule

    /// The host's module, of a server that has it in its own process.
    var module: SoftHostModule {
        guard let module = housed.local else { preconditionFailure("this server's module has a process of its own") }
        return module
    }

    static let system = Principal(staff: StaffID(packed: 0x5359_5354_454D_0000), role: .system)

    static func start(_ options: Options, logger: Logger) async throws -> Deployment {
        // What can be refused is refused before anything is made.
        let shipped = RuleFiles.shipped
        let rules = try options.rulesFile.map { try RuleFiles.read($0).rules } ?? RuleSet(parsing: shipped)
        // Locks the directory, so it comes before the keys: two servers that start at once must not both make some.
        let recovered = try RecoveredHost.open(at: options.data, rules: rules, logger: logger)
        // Before the module takes them: what is loaded in between is for the next start.
        let fresh = try ZoneFiles.fresh(in: options.data)
        let housed = try HousedModule.open(
            options.module, in: options.data, logger: logger, onEvent: options.onModule)
        let links = housed.links
        var records: RecordsStore?
        var projector: RecordsProjector?
        if options.projects {
            let store = try Self.records(in: recovered, logger: logger)
            let made = try RecordsProjector(store: store, rules: rules, links: links, origin: options.origin)
            try made.catchUp(from: recovered.journal)
            records = store
            projector = made
        }
        let committed = Committed(projector: projector, logger: logger, onFailure: options.onFailure)
        var configuration = HostServer.Configuration()
        configuration.host = options.host
        configuration.port = options.port
        configuration.recordedTime = options.recordedTime
        configuration.limits = options.limits
        // A journal says by which rules it was decided before it says what was: recovery never guesses.
        if recovered.host.rulesVersion == 0 {
            configuration.opening = [(.replaceRules(recovered.host.rules.source), options.rulesBy)]
        }
        if let upstream = options.upstream {
            configuration.opening += Self.commands(upstream, in: recovered.host.upstream).map { ($0, Self.system) }
        }
        let known = recovered.host.upstream.destinations.map(\.name)
        // Before traffic begins: keys that custodians have brought replace whatever was exchanged.
        configuration.opening += fresh.map(\.name).filter(known.contains).map {
            (.resetKeys(destination: $0), Self.system)
        }
        configuration.witness = options.witness
        configuration.upstream = HostServer.Upstream(
            addresses: options.upstream?.addresses ?? [:], zones: housed.port, onLine: options.onLine)
        // By the wall clock: a certificate is valid in the time that TLS libraries read.
        let certificates = options.tls ? try EstateCertificates(in: options.data, now: WallClock.now) : nil
        configuration.tls = try certificates?.server(host: options.host)
        // One loop owns terminal connections and host; the console and the virtual terminals have theirs.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let replayed = recovered.replayed
        let directory = recovered.directory
        let server: HostServer
        do {
            server = try await HostServer.start(
                recovered, module: housed.port, configuration: configuration, on: group.next(), logger: logger,
                clock: options.clock, sink: committed.sink)
        } catch {
            // What the caller must know is why it did not start, not what closing said.
            try? records?.close()
            housed.process?.stop()
            directory.unlock()
            try? await group.shutdownGracefully()
            throw DeploymentError.listening(on: options.host, options.port, error)
        }
        for zone in fresh {
            // The next start resets the keys once more, which costs one exchange.
            do { try ZoneFiles.settle(zone, in: options.data) } catch {
                logger.warning("a zone's file could not be written", metadata: ["zone": "\(zone.name)"])
            }
        }
        return Deployment(
            options: options, server: server, housed: housed, committed: committed, records: records, group: group,
            replayed: replayed, certificates: certificates, directory: directory)
    }

    /// What a host must be told to have these destinations and routes.
    private static func commands(_ file: UpstreamFile, in book: UpstreamBook) -> [Command] {
        let changed = file.destinations.filter { !book.destinations.contains($0) }.map { Command.setDestination($0) }
        return changed + (book.routingText == file.routing ? [] : [.setRouting(file.routing)])
    }

    /// Where this host listens, for the terminals of this process.
    var address: HostAddress {
        var address = HostAddress(host: options.host, port: server.port)
        if let certificates { address.tls = { terminal in try certificates.client(terminal) } }
        return address
    }

    /// Projections that run ahead of the journal belong to another one: they are made again.
    private static func records(in recovered: borrowing RecoveredHost, logger: Logger) throws -> RecordsStore {
        let store = try RecordsStore(in: recovered.directory, migrations: RecordsSchema.register)
        do { try store.requireNotAhead(of: recovered.journal.head()) } catch {
            logger.warning("the projections do not belong to this journal and are made again")
            try store.close()
            try RecordsStore.discard(in: recovered.directory)
            return try RecordsStore(in: recovered.directory, migrations: RecordsSchema.register)
        }
        return store
    }

    private init(
        options: Options, server: HostServer, housed: HousedModule, committed: Committed, records: RecordsStore?,
        group: MultiThreadedEventLoopGroup, replayed: Int, certificates: EstateCertificates?, directory: DataDirectory
    ) {
        self.options = options
        self.server = server
        self.housed = housed
        issuer = housed.issuer
        keyLoading = housed.keyLoading
        self.committed = committed
        self.records = records
        reader = records.map { RecordsReader(store: $0) }
        links = housed.links
        self.group = group
        self.replayed = replayed
        self.certificates = certificates
        self.directory = directory
    }

    /// Stops in order: no new message, every commit landed, every answer out, every record projected.
    /// - Throws: what went wrong first; everything is closed all the same.
    func shutdown() async throws {
        let stopped: Result<Void, any Error>
        do { stopped = .success(try await server.shutdown()) } catch { stopped = .failure(error) }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                self.committed.drain()
                self.housed.process?.stop()
                continuation.resume()
            }
        }
        let closed = Result { try records?.close() }
        directory.unlock()
        try await group.shutdownGracefully()
        try stopped.get()
        try closed.get()
    }
}
