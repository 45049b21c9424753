// SPDX-License-Identifier: Apache-2.0
import CHardening
import Glibc
import Synchronization

/// Starts a module's process, waits for its end, starts it again. In a thread of its own.
final class Supervisor: @unchecked Sendable {
    // Unchecked: `child` is the supervising thread's once that runs, and the maker's before; the rest is constant or locked.
    private struct Child {
        var process: Int32
        /// Its standard input: closed, it ends.
        var input: Int32
        /// Its standard output: at its end, it has ended.
        var output: Int32
    }

    private let program: ModuleProcess.Program
    private let watch: Int64
    private let onEvent: @Sendable (ModuleProcess.Event) -> Void
    private var child: Child?
    private var policy = RestartPolicy()
    private let current = Mutex<Int32?>(nil)
    /// Closed at one end, it is at its end at the other: the wish to stop.
    private let wish: (read: Int32, write: Int32)

    init(_ program: ModuleProcess.Program, watch: Int64, onEvent: @escaping @Sendable (ModuleProcess.Event) -> Void) {
        (self.program, self.watch, self.onEvent) = (program, watch, onEvent)
        var ends: [Int32] = [-1, -1]
        let failure = chardening_pipe(&ends)
        precondition(failure == 0, "a pipe can be made")
        wish = (ends[0], ends[1])
    }

    deinit { close(wish.read) }

    var processID: Int32? { current.withLock { $0 } }

    func stop() { close(wish.write) }

    /// Starts the process and waits until it is ready.
    func start() throws(ModuleProcess.StartError) {
        var arguments = program.arguments.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var ends: [Int32] = [-1, -1]
        let process = chardening_spawn(program.path, arguments, environ, &ends)
        guard process > 0 else { throw .notStarted(errno: -process) }
        let child = Child(process: process, input: ends[0], output: ends[1])
        guard isReady(child) else {
            kill(process, SIGKILL)
            _ = reap(child)
            throw .notReady
        }
        self.child = child
        current.withLock { $0 = process }
    }

    private func isReady(_ child: Child) -> Bool {
        let deadline = Monotonic.now + ModuleProcess.readyMilliseconds
        var said: [UInt8] = []
        while said.count < ModuleHouse.ready.utf8.count, !deadline.isPast {
            guard wait(child.output, until: deadline) == .file else { return false }
            var byte: UInt8 = 0
            guard read(child.output, &byte, 1) == 1 else { return false }
            said.append(byte)
        }
        return said == Array(ModuleHouse.ready.utf8)
    }

    func supervise() {
        var unanswered = 0
        let monitor = ModuleMonitor(
            at: program.socket, patience: ModulePatience(connectMilliseconds: watch, answerMilliseconds: watch))
        while let child {
            switch wait(child.output, until: .now + watch) {
            case .wish: return end(child)
            case .time:
                unanswered = (try? monitor.status()) != nil ? 0 : unanswered + 1
                guard unanswered >= Self.unansweredMax else { continue }
                unanswered = 0
                kill(child.process, SIGKILL)
                onEvent(.killed)
            case .file:
                unanswered = 0
                guard isAtEnd(child.output) else { continue }
                lose(child)
            }
        }
    }

    /// Looks in a row that a module may leave unanswered.
    private static let unansweredMax = 3

    /// It has ended by itself: starts it again, as long as that may help.
    private func lose(_ child: Child) {
        self.child = nil
        current.withLock { $0 = nil }
        onEvent(.ended(status: reap(child)))
        while case .start(let pause) = policy.ended(at: .now) {
            guard wait(-1, until: .now + pause) == .time else { return }
            do throws(ModuleProcess.StartError) {
                try start()
                return onEvent(.restarted(processID ?? -1))
            } catch { onEvent(.ended(status: -1)) }
        }
        onEvent(.givenUp)
    }

    private func end(_ child: Child) {
        self.child = nil
        current.withLock { $0 = nil }
        close(child.input)
        var waiting = pollfd(fd: child.output, events: Int16(POLLIN), revents: 0)
        if poll(&waiting, 1, Int32(ModuleProcess.stopMilliseconds)) <= 0 { kill(child.process, SIGKILL) }
        var child = child
        child.input = -1
        _ = reap(child)
    }

    private func reap(_ child: Child) -> Int32 {
        if child.input >= 0 { close(child.input) }
        close(child.output)
        var status: Int32 = 0
        while waitpid(child.process, &status, 0) < 0, errno == EINTR {}
        return status
    }

    private func isAtEnd(_ file: Int32) -> Bool {
        var byte: UInt8 = 0
        return read(file, &byte, 1) == 0
    }

    private enum Occasion {
        case wish, file, time
    }

    /// Waits for the wish to stop, for a file, or for the time.
    private func wait(_ file: Int32, until deadline: Monotonic) -> Occasion {
        while true {
            var waiting = [
                pollfd(fd: wish.read, events: Int16(POLLIN), revents: 0),
                pollfd(fd: file, events: Int16(POLLIN), revents: 0),
            ]
            let result = poll(&waiting, 2, deadline.remaining)
            if waiting[0].revents != 0 { return .wish }
            if waiting[1].revents != 0 { return .file }
            if result == 0 || deadline.isPast { return .time }
        }
    }
}
