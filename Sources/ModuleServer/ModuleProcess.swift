// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// A module's process that this one has started and looks after: it is started again when it ends, ended when it no longer
/// answers, and left alone when it cannot stay up. It ends with this process, however that ends.
public final class ModuleProcess: Sendable {
    /// What to start, and where its socket will be.
    public struct Program: Sendable {
        public var path: String
        /// The first is the program's name.
        public var arguments: [String]
        public var socket: String

        public init(path: String, arguments: [String], socket: String) {
            (self.path, self.arguments, self.socket) = (path, arguments, socket)
        }
    }

    /// What becomes of it after its first start.
    public enum Event: Equatable, Sendable {
        /// By itself; what it left to whoever waits for it.
        case ended(status: Int32)
        /// It took commands and answered none, and was ended.
        case killed
        case restarted(Int32)
        /// It is not started again: no transaction is authorised until somebody starts the server anew.
        case givenUp
    }

    public enum StartError: Error, Equatable, Sendable, CustomStringConvertible {
        case notStarted(errno: Int32)
        /// It ended, or said nothing, before it was ready. What it had to say is on the standard error.
        case notReady

        public var description: String {
            switch self {
            case .notStarted(let errno): "the module's process cannot be started: \(String(cString: strerror(errno)))"
            case .notReady: "the module's process ended before it was ready"
            }
        }
    }

    static let readyMilliseconds: Int64 = 30_000
    static let stopMilliseconds: Int64 = 5_000

    private let supervisor: Supervisor
    private let thread: pthread_t
    private let running: Mutex<Bool>

    /// Starts the program and returns when it is ready.
    ///
    /// - Parameters:
    ///   - watch: milliseconds between looks whether it answers.
    ///   - onEvent: called in a thread of its own.
    public static func start(
        _ program: Program, watch: Int64 = 2_000, onEvent: @escaping @Sendable (Event) -> Void
    ) throws(StartError) -> ModuleProcess {
        let supervisor = Supervisor(program, watch: watch, onEvent: onEvent)
        try supervisor.start()
        return ModuleProcess(supervisor)
    }

    private init(_ supervisor: Supervisor) {
        self.supervisor = supervisor
        var thread = pthread_t()
        let box = Unmanaged.passRetained(supervisor)
        let failure = pthread_create(
            &thread, nil,
            { box in
                if let box { Unmanaged<Supervisor>.fromOpaque(box).takeRetainedValue().supervise() }
                return nil
            }, box.toOpaque())
        precondition(failure == 0, "a thread can be made")
        self.thread = thread
        running = Mutex(true)
    }

    /// The process as it is now; nil between two of them.
    public var processID: Int32? { supervisor.processID }

    /// Ends the process and waits for its end.
    public func stop() {
        let wasRunning = running.withLock { running in
            defer { running = false }
            return running
        }
        guard wasRunning else { return }
        supervisor.stop()
        pthread_join(thread, nil)
    }

    deinit { stop() }
}
