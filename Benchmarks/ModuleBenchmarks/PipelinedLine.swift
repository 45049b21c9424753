// SPDX-License-Identifier: Apache-2.0
import Glibc
import ModuleProtocol
import ModuleWire
import PaymentCryptography

/// A line with many requests under way at once, some commands each: as clients that know nothing of each other's batches have it.
final class PipelinedLine {
    private let file: Int32
    private var buffer = WireBuffer()

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
        guard result == 0 else { throw BenchError(what: "connect") }
        let hello = WireHello(role: .host, publicKey: try P256PrivateKey.generate().publicKey.bytes)
        try send(WireRequest.hello(hello).frame(0).encoded())
        while buffer.isReady == false { try receive() }
        _ = try buffer.next()
    }

    deinit { close(file) }

    private func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw BenchError(what: "write") }
            sent += count
        }
    }

    private func receive() throws {
        try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { room in
            let count = read(file, room.baseAddress, room.count)
            guard count > 0 else { throw BenchError(what: "read") }
            buffer.append(UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
    }

    /// Sends frames, never more than so many unanswered.
    /// - Returns: seconds from each frame's leaving to its answer.
    func run(_ frames: [[UInt8]], count: Int, inFlight: Int) throws -> [Double] {
        var began: [Double] = []
        var times: [Double] = []
        while times.count < count {
            // What there is room for leaves in one write.
            var portion: [UInt8] = []
            while began.count < count, began.count - times.count < inFlight {
                portion += frames[began.count % frames.count]
                began.append(SocketBench.now())
            }
            if !portion.isEmpty { try send(portion) }
            try receive()
            while let frame = try buffer.next() {
                guard case .open(let verdicts) = try WireReply(frame), verdicts.allSatisfy({ $0.pin == .right })
                else {
                    throw BenchError(what: "another verdict")
                }
                times.append(SocketBench.now() - began[times.count])
            }
        }
        return times
    }
}
