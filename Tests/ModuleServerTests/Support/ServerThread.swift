// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleServer
import ModuleServerFixture

/// A module served by a thread of the test's own process.
final class ServerThread: @unchecked Sendable {
    // Unchecked: the service belongs to the thread from `init` until `stop` has joined it.

    let socket: String
    private let lifeline = Pipe()
    private let ended = DispatchSemaphore(value: 0)
    private var isRunning = true
    private let service: HostModuleService

    /// - Parameter service: nil: the module of the seed.
    init(
        _ socket: String, seed: UInt64 = Place.seed, limits: ModuleServer.Limits = ModuleServer.Limits(),
        service: HostModuleService? = nil
    ) throws {
        self.socket = socket
        let service = try service ?? ModuleFixture.service(seed: seed)
        let server = try ModuleServer(service, at: socket, limits: limits)
        self.service = service
        let parcel = Parcel(server)
        let (lifeline, ended) = (lifeline, ended)
        Thread.detachNewThread {
            parcel.value.serve(until: lifeline.fileHandleForReading.fileDescriptor)
            ended.signal()
        }
    }

    /// Ends the server, with all its lines.
    func stop() {
        guard isRunning else { return }
        isRunning = false
        try? lifeline.fileHandleForWriting.close()
        ended.wait()
    }

    deinit { stop() }
}

/// Hands a value to the one thread that owns it from then on.
struct Parcel<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
