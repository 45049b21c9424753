// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Synchronization

/// The servers of a run and the folder they write into; both are gone afterwards, however the run ends.
final class Workshop: Sendable {
    private struct State {
        var servers: [ServerProcess] = []
        var isClosed = false
    }

    let folder: String
    private let executable: String
    private let rulesText: String
    private let state = Mutex(State())
    private let closing = Mutex(false)

    init(executable: String, rulesText: String) throws {
        self.executable = executable
        self.rulesText = rulesText
        // Short, for a Unix socket's path is.
        folder = NSTemporaryDirectory() + "tillguard-demo-\(getpid())-\(UInt32.random(in: 0..<100_000))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    var servers: [ServerProcess] { state.withLock { $0.servers } }

    /// Starts a server and waits until it listens.
    func start(_ name: String) throws -> ServerProcess {
        let server = try state.withLock { state in
            guard !state.isClosed else { throw DemoError.noServer("the run is over") }
            let server = try ServerProcess(
                name, executable: executable, folder: "\(folder)/\(name)", rulesText: rulesText,
                origin: "http://127.0.0.1")
            state.servers.append(server)
            return server
        }
        try server.waitUntilReady()
        return server
    }

    /// Stops every server and removes the folder. Safe to call twice and from elsewhere: whoever comes second waits.
    /// - Parameter status: ends the process with it, before anybody who waits goes on.
    func close(exitingWith status: Int32? = nil) {
        let servers = state.withLock { state in
            state.isClosed = true
            return state.servers
        }
        closing.withLock { isDone in
            defer { if let status { exit(status) } }
            guard !isDone else { return }
            isDone = true
            for server in servers { server.stop() }
            do { try FileManager.default.removeItem(atPath: folder) } catch {
                try? FileHandle.standardError.write(contentsOf: Data("\(folder) could not be removed: \(error)\n".utf8))
            }
        }
    }

    /// Closes the workshop and ends the process when somebody presses Ctrl-C; a demo leaves nothing behind.
    /// - Returns: the sources, to be kept as long as they are to work.
    func closeOnInterrupt() -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { self.close(exitingWith: 128 + number) }
            source.resume()
            return source
        }
    }
}
