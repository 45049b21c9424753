// SPDX-License-Identifier: Apache-2.0
import Glibc
import ModuleWire

/// Serves a host's module on a Unix socket, in one thread: the module belongs to whoever calls it, and this loop does.
///
/// Every client gets its share of each round, so that none can keep the module from the others; one that floods, stalls or
/// sends rubbish is thrown out, and counted.
public final class ModuleServer {
    public struct Limits: Sendable {
        public var clients = 16
        /// A client with so many unsent bytes is not answered until it has taken some.
        public var outputBytes = 1 << 20
        /// Bytes of one read.
        public var portionBytes = 1 << 17
        public var framesATurn = 64
        public var messagesATurn: UInt64 = 256
        /// How long a client may take to say who it is.
        public var introductionMilliseconds: Int64 = 5_000
        /// How long it may take nothing of what waits for it.
        public var stuckMilliseconds: Int64 = 10_000

        public init() {}
    }

    private let service: HostModuleService
    private let listener: UnixSocket
    private let limits: Limits
    private var clients: [ServedClient] = []

    /// Listens on a socket of mode 0600; nobody is let in before `serve`.
    public init(
        _ service: HostModuleService, at path: String, limits: Limits = Limits()
    ) throws(ModuleServerError) {
        self.service = service
        self.limits = limits
        // Fewer than there is room for: lines that were given up while nobody was let in must not take every place.
        listener = try UnixSocket.listening(at: path, backlog: Int32(max(1, limits.clients / 2)))
    }

    /// Serves until the file, a pipe's reading end, is at its end; without one, for ever.
    public func serve(until lifeline: Int32? = nil) {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: limits.portionBytes, alignment: 16)
        defer {
            // Messages were in it.
            room.initializeMemory(as: UInt8.self, repeating: 0)
            room.deallocate()
            clients = []
        }
        while true {
            // `poll` passes over a file below zero.
            var files = [
                pollfd(fd: listener.file, events: Int16(POLLIN), revents: 0),
                pollfd(fd: lifeline ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            files += clients.map { pollfd(fd: $0.socket.file, events: Int16($0.events), revents: 0) }
            guard poll(&files, nfds_t(files.count), timeout) >= 0 || errno == EINTR else { return }
            if files[1].revents != 0, Self.isAtEnd(files[1].fd) { return }
            for (client, file) in zip(clients, files.dropFirst(2)) { client.turn(Int32(file.revents), service, room) }
            service.counters.thrownOut += UInt64(clients.count { $0.isAtFault })
            clients.removeAll { $0.isOver }
            if files[0].revents != 0 { admit() }
        }
    }

    /// Milliseconds to wait for the sockets; -1: as long as it takes.
    private var timeout: Int32 {
        if clients.contains(where: \.isReady) { return 0 }
        return clients.compactMap(\.deadline).min()?.remaining ?? -1
    }

    /// Whoever holds the other end says nothing that means anything.
    private static func isAtEnd(_ file: Int32) -> Bool {
        var byte: UInt8 = 0
        let count = read(file, &byte, 1)
        return count == 0 || count < 0 && errno != EINTR && errno != EAGAIN
    }

    private func admit() {
        while let socket = listener.accepted() {
            guard socket.isOfSameUser, clients.count < limits.clients else {
                service.counters.turnedAway += 1
                service.counters.count(.busy)
                // It fits into an empty socket, or it does not matter.
                _ = WireReply.refused(.busy).frame(0).encoded().withUnsafeBytes { socket.send($0) }
                continue
            }
            service.counters.clients += 1
            clients.append(ServedClient(socket, service, limits))
        }
    }
}
