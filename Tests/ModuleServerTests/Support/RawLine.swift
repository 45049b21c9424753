// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleWire
import PaymentCryptography

/// A client that sends what it likes.
final class RawLine {
    private let file: Int32
    private var buffer = WireBuffer()
    private var number: UInt32 = 0

    init(_ path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        file = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Missing() }
        // No test hangs on an answer that does not come.
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(file) }

    /// - Returns: false when the line is closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// The next reply; nil when the line is closed.
    func reply() throws -> WireReply? {
        var room = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let frame = try buffer.next() { return try WireReply(frame) }
            let count = recv(file, &room, room.count, 0)
            if count == 0 || count < 0 && errno == ECONNRESET { return nil }
            guard count > 0 else { throw Missing() }
            room.withUnsafeBytes { buffer.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    func ask(_ request: WireRequest) throws -> WireReply? {
        number += 1
        send(request.frame(number).encoded())
        return try reply()
    }

    func ask(kind: UInt8, _ body: [UInt8]) throws -> WireReply? {
        send(WireFrame(number: 1, kind: kind, body: body).encoded())
        return try reply()
    }

    /// Says hello.
    func introduce(_ role: WireRole) throws {
        guard case .hello = try ask(.hello(WireHello(role: role, publicKey: try Self.publicKey()))) else {
            throw Missing()
        }
    }

    static func publicKey() throws -> [UInt8] { try P256PrivateKey.generate().publicKey.bytes }
}
