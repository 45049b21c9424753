// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleProtocol
import ModuleServer
import ModuleServerFixture
import SecurityModule
import Synchronization
import Vocabulary

/// Where a host's module may be. What a test says of one place holds of all.
enum Place: String, CaseIterable {
    case inProcess, thread, process

    static let seed: UInt64 = 20_261_128
    static let zone = ModuleFixture.zone

    /// The module itself, to hold what others say against.
    static func module() throws -> SoftHostModule { try ModuleFixture.module(seed: seed) }
}

/// A host's module at some place, and who uses it.
final class Housed {
    let port: any HostModulePort & ZoneModulePort
    let issuer: any HostIssuingPort
    private let scratch: Scratch
    private let server: ServerThread?
    private let process: ModuleProcess?

    init(_ place: Place) throws {
        scratch = try Scratch()
        switch place {
        case .inProcess:
            let module = try Place.module()
            (port, issuer, server, process) = (module, module, nil, nil)
        case .thread:
            server = try ServerThread(scratch.socket)
            process = nil
            (port, issuer) = (RemoteHostModule(at: scratch.socket), RemoteHostIssuer(at: scratch.socket))
        case .process:
            server = nil
            process = try Worker.start(scratch.socket) { _ in }
            (port, issuer) = (RemoteHostModule(at: scratch.socket), RemoteHostIssuer(at: scratch.socket))
        }
    }

    deinit {
        process?.stop()
        server?.stop()
    }
}

/// The worker's process, and what was heard of it.
enum Worker {
    static func path() throws -> String {
        try require(Bundle.main.executableURL).deletingLastPathComponent().appending(path: "ModuleServerWorker").path
    }

    static func start(
        _ socket: String, seed: UInt64 = Place.seed, watch: Int64 = 2_000,
        onEvent: @escaping @Sendable (ModuleProcess.Event) -> Void
    ) throws -> ModuleProcess {
        try ModuleProcess.start(
            ModuleProcess.Program(
                path: try path(), arguments: ["ModuleServerWorker", "serve", socket, String(seed)], socket: socket),
            watch: watch, onEvent: onEvent)
    }
}

/// What was heard, in order, and a way to wait for the next.
final class Heard: Sendable {
    private let events = Mutex<[ModuleProcess.Event]>([])
    private let arrived = DispatchSemaphore(value: 0)

    var all: [ModuleProcess.Event] { events.withLock { $0 } }

    func hear(_ event: ModuleProcess.Event) {
        events.withLock { $0.append(event) }
        arrived.signal()
    }

    /// Waits for the next event that has not been waited for.
    func next() throws {
        guard arrived.wait(timeout: .now() + .seconds(30)) == .success else { throw Missing() }
    }
}
