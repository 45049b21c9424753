// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A blocking stream socket with time limits.
package final class Socket {
    private let descriptor: Int32
    private var pending: [UInt8] = []

    private static let seconds = 20

    /// Connects to a port of this machine.
    package init(port: Int) throws {
        descriptor = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        try connect(to: &address, "port \(port)")
    }

    /// Connects to a Unix socket.
    package init(path: String) throws {
        descriptor = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw DemoError.socket("\(path) is too long for a Unix socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        try connect(to: &address, path)
    }

    deinit { close(descriptor) }

    private func connect<Address>(to address: inout Address, _ name: String) throws {
        guard descriptor >= 0 else { throw DemoError.socket("socket: \(errno)") }
        var limit = timeval(tv_sec: Self.seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0 else { throw DemoError.socket("\(name): error \(errno)") }
    }

    package func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw DemoError.socket("send: error \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Takes more bytes off the socket.
    /// - Returns: false at the end of the stream.
    private func fill() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else {
            if errno == ECONNRESET { return false }
            throw DemoError.socket("receive: error \(errno)")
        }
        pending += buffer[..<count]
        return count > 0
    }

    /// One line without its end.
    package func line() throws -> [UInt8] {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                defer { pending.removeFirst(end + 1) }
                return Array(pending[..<end])
            }
            guard try fill() else { throw DemoError.socket("closed within a line") }
        }
    }

    /// So many bytes; nil when the stream ends before them.
    package func bytes(_ count: Int) throws -> [UInt8]? {
        while pending.count < count { guard try fill() else { return nil } }
        defer { pending.removeFirst(count) }
        return Array(pending[..<count])
    }

    /// Everything up to the end of the stream.
    package func rest() throws -> [UInt8] {
        while try fill() {}
        defer { pending = [] }
        return pending
    }
}
