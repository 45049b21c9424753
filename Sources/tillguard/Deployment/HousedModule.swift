// SPDX-License-Identifier: Apache-2.0
import Logging
import ModuleProtocol
import ModuleServer
import ModuleWire
import PaymentCryptography
import SecurityModule
import Storage

/// The host's module wherever it runs, and what the rest of a server has of it.
struct HousedModule: Sendable {
    let port: any HostModulePort & ZoneModulePort & Sendable
    let issuer: any HostIssuingPort
    let keyLoading: any KeyLoadingPort
    let links: CaseLinks
    /// The module, if it is in this process.
    let local: SoftHostModule?
    /// Its process, if it has one of its own.
    let process: ModuleProcess?

    /// Where the module of a data directory is served.
    static func socket(in directory: String) -> String { directory + "/module.sock" }

    /// Opens the module in this process, or starts its own and waits until it is ready.
    static func open(
        _ place: ModulePlace, in directory: String, logger: Logger,
        onEvent: @escaping @Sendable (ModuleProcess.Event) -> Void
    ) throws -> HousedModule {
        switch place {
        case .inProcess:
            let keys = try HostKeys.open(in: directory)
            return HousedModule(
                port: keys.module, issuer: keys.module, keyLoading: KeyLoadingService(keys.module),
                links: CaseLinks(key: keys.linkKey), local: keys.module, process: nil)
        case .process: return try started(in: directory, logger: logger, onEvent: onEvent)
        }
    }

    private static func started(
        in directory: String, logger: Logger, onEvent: @escaping @Sendable (ModuleProcess.Event) -> Void
    ) throws -> HousedModule {
        let socket = socket(in: directory)
        let program = ModuleProcess.Program(
            path: "/proc/self/exe",
            arguments: ["tillguard", "module", "serve", "--data", directory, "--socket", socket, "--supervised"],
            socket: socket)
        let process = try ModuleProcess.start(program) { event in
            logger.error("the host's module", metadata: ["event": "\(event)"])
            onEvent(event)
        }
        let issuer = RemoteHostIssuer(at: socket)
        let port = RemoteHostModule(at: socket) { isUp in
            logger.notice("the host's module", metadata: ["answers": "\(isUp)"])
        }
        // The first answer says which module this is: no other will do afterwards.
        let status = try port.status()
        logger.info(
            "the host's module has a process of its own",
            metadata: ["process": "\(status.processID)", "memory": "\(status.lockedMemory)"])
        return HousedModule(
            port: port, issuer: issuer, keyLoading: RemoteKeyLoading(at: socket),
            links: CaseLinks(key: try issuer.linkKey()), local: nil, process: process)
    }
}
