// SPDX-License-Identifier: Apache-2.0
import CHardening
import Glibc

/// A Unix stream socket that does not block, closed with its owner.
final class UnixSocket {
    let file: Int32

    init(taking file: Int32) { self.file = file }

    deinit { close(file) }

    private static func make() throws(ModuleServerError) -> UnixSocket {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let file = socket(AF_UNIX, kind, 0)
        guard file >= 0 else { throw .socket(errno: errno) }
        return UnixSocket(taking: file)
    }

    private static func withAddress<R>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) throws(ModuleServerError) -> R {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .pathTooLong }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        return withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    static func connected(to path: String) throws(ModuleServerError) -> UnixSocket {
        let made = try make()
        let result = try withAddress(path) { connect(made.file, $0, $1) }
        guard result == 0 else { throw .socket(errno: errno) }
        return made
    }

    /// Listens, for the owner of the file alone. A socket that nobody serves any more is replaced.
    static func listening(at path: String, backlog: Int32) throws(ModuleServerError) -> UnixSocket {
        let isServed: Bool
        do throws(ModuleServerError) { (_, isServed) = (try connected(to: path), true) } catch {
            if error == .pathTooLong { throw error }
            isServed = error == .socket(errno: EAGAIN)
        }
        guard !isServed else { throw .isServed }
        unlink(path)
        let made = try make()
        // Between `bind` and `chmod` nobody else may come in.
        let mask = umask(0o177)
        let result = try withAddress(path) { bind(made.file, $0, $1) }
        umask(mask)
        guard result == 0, listen(made.file, backlog) == 0 else { throw .socket(errno: errno) }
        return made
    }

    /// The next client; nil when none waits.
    func accepted() -> UnixSocket? {
        let client = chardening_accept(file)
        return client >= 0 ? UnixSocket(taking: client) : nil
    }

    /// Whether the other end is of this process's user.
    var isOfSameUser: Bool { chardening_peer_user(file) == Int64(geteuid()) }

    enum Transfer: Equatable {
        case bytes(Int)
        /// Nothing now.
        case nothing
        /// The line is closed or broken.
        case over
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        Self.transfer { Glibc.send(file, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
    }

    func receive(into room: UnsafeMutableRawBufferPointer) -> Transfer {
        let transfer = Self.transfer { recv(file, room.baseAddress, room.count, 0) }
        return transfer == .bytes(0) ? .over : transfer
    }

    private static func transfer(_ call: () -> Int) -> Transfer {
        while true {
            let count = call()
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .nothing
            default: return .over
            }
        }
    }

    /// Whether the other end has closed, or has sent what nobody asked for.
    var isStale: Bool {
        var waiting = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) != 0
    }

    /// Waits for one of the events.
    /// - Returns: false when the time is up.
    func wait(_ events: Int32, until deadline: Monotonic) -> Bool {
        var waiting = pollfd(fd: file, events: Int16(events), revents: 0)
        while true {
            let result = poll(&waiting, 1, deadline.remaining)
            if result > 0 { return true }
            guard result < 0, errno == EINTR else { return false }
        }
    }
}

/// A moment of the clock that nobody sets, in milliseconds.
struct Monotonic: Comparable, Sendable {
    var milliseconds: Int64

    static var now: Monotonic {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Monotonic(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }

    static func + (moment: Monotonic, milliseconds: Int64) -> Monotonic {
        Monotonic(milliseconds: moment.milliseconds + milliseconds)
    }

    static func < (left: Monotonic, right: Monotonic) -> Bool { left.milliseconds < right.milliseconds }

    var isPast: Bool { self <= .now }

    /// Milliseconds until then, for `poll`; 0 when it is past.
    var remaining: Int32 { Int32(clamping: max(0, milliseconds - Self.now.milliseconds)) }
}
