// SPDX-License-Identifier: Apache-2.0
import Glibc
import ModuleWire

/// A client at its socket.
final class ServedClient {
    let socket: UnixSocket
    private let session: ModuleSession
    private let limits: ModuleServer.Limits
    private var output: [UInt8] = []
    private var sent = 0
    private let since: Monotonic
    /// Since when it takes nothing of what waits for it.
    private var stuckSince: Monotonic?
    private(set) var isOver = false
    /// Whether it was thrown out.
    private(set) var isAtFault = false

    init(_ socket: UnixSocket, _ service: HostModuleService, _ limits: ModuleServer.Limits) {
        self.socket = socket
        self.limits = limits
        session = ModuleSession(service)
        since = .now
    }

    private var waiting: Int { output.count - sent }
    private var mayAnswer: Bool { waiting < limits.outputBytes }

    /// Whether it has something to be done without waiting for its socket.
    var isReady: Bool { session.isReady && mayAnswer }

    /// What it waits for at its socket.
    var events: Int32 {
        let reading = !session.hasEnded && !session.isReady && mayAnswer ? Int32(POLLIN) : 0
        return reading | (waiting > 0 ? Int32(POLLOUT) : 0)
    }

    /// When it is thrown out, if nothing happens.
    var deadline: Monotonic? {
        if let stuckSince { return stuckSince + limits.stuckMilliseconds }
        return session.isIntroduced ? nil : since + limits.introductionMilliseconds
    }

    /// Reads a portion, answers what is whole of it, within its share, and sends what the socket takes.
    func turn(_ events: Int32, _ service: HostModuleService, _ room: UnsafeMutableRawBufferPointer) {
        if events & Int32(POLLIN) != 0 {
            switch socket.receive(into: room) {
            case .bytes(let count): session.receive(UnsafeRawBufferPointer(rebasing: room[..<count]))
            case .nothing: break
            case .over: isOver = true
            }
        } else if events & Int32(POLLERR | POLLHUP | POLLNVAL) != 0 {
            isOver = true
        }
        let share = service.counters.messages + limits.messagesATurn
        for _ in 0..<limits.framesATurn where mayAnswer && service.counters.messages < share {
            guard let answer = session.answer() else { break }
            output += answer
        }
        flush()
        if session.hasEnded, waiting == 0 || isOver { throwOut() }
        if let deadline, deadline <= .now { throwOut() }
    }

    private func throwOut() {
        isOver = true
        isAtFault = true
    }

    private func flush() {
        guard waiting > 0, !isOver else { return }
        switch output.withUnsafeBytes({ socket.send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }) {
        case .bytes(let count):
            sent += count
            stuckSince = nil
        case .nothing: break
        case .over: isOver = true
        }
        if waiting == 0 {
            output.removeAll(keepingCapacity: output.capacity <= limits.outputBytes)
            sent = 0
        } else if stuckSince == nil {
            stuckSince = .now
        }
    }
}
