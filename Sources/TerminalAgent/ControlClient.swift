// SPDX-License-Identifier: Apache-2.0
import Foundation
import Vocabulary

/// A client of the bench, for the command line: one line there, one line back, on a blocking socket.
public final class ControlClient {
    private let descriptor: Int32
    private var pending: [UInt8] = []

    /// - Returns: nil when nothing listens there.
    public init?(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // What was opened is closed by `deinit`, which runs for an object that is whole, failed or not.
        guard connected == 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// - Returns: nil when the line broke.
    public func ask(_ request: JSON) -> JSON? {
        let line = Array((request.text + "\n").utf8)
        var sent = 0
        while sent < line.count {
            let count = line[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return nil }
            sent += count
        }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                defer { pending.removeFirst(end + 1) }
                return try? JSON(parsing: Array(pending[..<end]))
            }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            pending += buffer[..<count]
        }
    }
}
