// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import Synchronization

/// A free port, kept free for a server of this process that will listen on it a little later.
///
/// The socket is bound and does not listen. Linux lets another one be bound to the same port as long as both allow it
/// (`SO_REUSEADDR`, socket(7)), as this process's servers do; and it gives the port to nobody who asks for any free one.
final class PortReservation: Sendable {
    let port: Int
    private let descriptor: Mutex<Int32?>

    /// - Throws: `DeploymentError` for an address that cannot be bound.
    init(host: String) throws {
        let address = try SocketAddress.makeAddressResolvingHost(host, port: 0)
        let family = address.protocol == .inet6 ? AF_INET6 : AF_INET
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        var isFree: Int32 = 1
        guard descriptor >= 0,
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isFree, socklen_t(MemoryLayout<Int32>.size)) == 0,
            address.withSockAddr({ bind(descriptor, $0, socklen_t($1)) }) == 0, let port = Self.port(of: descriptor)
        else {
            let why = String(cString: strerror(errno))
            if descriptor >= 0 { Foundation.close(descriptor) }
            throw DeploymentError.refused("no free port on \(host): \(why)")
        }
        self.port = port
        self.descriptor = Mutex(descriptor)
    }

    deinit { close() }

    /// Gives the port up; whoever listens on it by then goes on.
    func close() {
        let open = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        if let open { Foundation.close(open) }
    }

    private static func port(of descriptor: Int32) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return nil }
        // Both families keep the port, in network order, behind the family's two bytes.
        return withUnsafeBytes(of: &storage) { Int($0[2]) << 8 | Int($0[3]) }
    }
}
