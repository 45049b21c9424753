// SPDX-License-Identifier: Apache-2.0
import Glibc
import ModuleProtocol
import ModuleWire

/// One introduced line to a module's process: a request out, its reply in. After any error it is of no use any more.
final class ModuleConnection {
    private let socket: UnixSocket
    private var buffer = WireBuffer()
    private var number: UInt32 = 0
    let keys: ChannelKeys
    let identity: [UInt8]
    private static let portionBytes = 1 << 17
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: portionBytes, alignment: 16)

    deinit {
        // Verdicts and sealed messages were in it.
        room.initializeMemory(as: UInt8.self, repeating: 0)
        room.deallocate()
    }

    /// Connects and says who it is.
    init(_ path: String, _ role: WireRole, until deadline: Monotonic) throws(ModuleUnavailable) {
        do throws(ModuleServerError) { socket = try UnixSocket.connected(to: path) } catch { throw .away }
        guard socket.isOfSameUser else { throw .another }
        let half = ChannelHalf()
        let hello = WireRequest.hello(WireHello(role: role, publicKey: half.publicKey))
        let reply = try Self.exchange(hello.frame(0), socket, &buffer, room, until: deadline)
        guard case .hello(let welcome) = reply else { throw .refused }
        guard welcome.version == WireLimits.version, let keys = half.keys(server: welcome.publicKey) else {
            throw .unreadable
        }
        self.keys = keys
        identity = welcome.identity
    }

    /// Whether the module has gone since the last reply.
    var isStale: Bool { socket.isStale }

    func exchange(_ request: WireRequest, until deadline: Monotonic) throws(ModuleUnavailable) -> WireReply {
        number &+= 1
        return try Self.exchange(request.frame(number), socket, &buffer, room, until: deadline)
    }

    private static func exchange(
        _ frame: WireFrame, _ socket: UnixSocket, _ buffer: inout WireBuffer, _ room: UnsafeMutableRawBufferPointer,
        until deadline: Monotonic
    ) throws(ModuleUnavailable) -> WireReply {
        try send(frame.encoded(), socket, until: deadline)
        while true {
            let answer: WireFrame?
            do throws(WireRefusal) { answer = try buffer.next() } catch { throw .unreadable }
            if let answer { return try read(answer, to: frame) }
            guard socket.wait(Int32(POLLIN), until: deadline) else { throw .late }
            switch socket.receive(into: room) {
            case .bytes(let count): buffer.append(UnsafeRawBufferPointer(rebasing: room[..<count]))
            case .nothing: continue
            case .over: throw .away
            }
        }
    }

    private static func read(_ answer: WireFrame, to frame: WireFrame) throws(ModuleUnavailable) -> WireReply {
        let reply: WireReply
        do throws(WireRefusal) { reply = try WireReply(answer) } catch { throw .unreadable }
        if case .refused = reply { throw .refused }
        guard answer.number == frame.number, answer.kind == frame.kind | WireReply.bit else { throw .unreadable }
        return reply
    }

    private static func send(
        _ bytes: [UInt8], _ socket: UnixSocket, until deadline: Monotonic
    ) throws(ModuleUnavailable) {
        var sent = 0
        while sent < bytes.count {
            switch bytes.withUnsafeBytes({ socket.send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }) {
            case .bytes(let count): sent += count
            case .nothing: guard socket.wait(Int32(POLLOUT), until: deadline) else { throw .late }
            case .over: throw .away
            }
        }
    }
}
