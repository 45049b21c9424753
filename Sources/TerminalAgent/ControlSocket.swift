// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Foundation
import Logging
import ModuleProtocol
import NIOCore
import NIOPosix
import Terminal
import Vocabulary

/// The bench on which the virtual terminals stand: a Unix socket in the data directory, one JSON object a line.
///
/// It stands for hands: those of the cardholder on the keypad, of the clerk on the till, of whoever opens the case. What
/// it can do to a module, it does to the hardware or the keypad port; it has no way to clear a warning.
///
///     {"op":"terminals"}                                     {"op":"faults"}
///     {"op":"screen","terminal":"TILL0001"}                  {"op":"status","terminal":"TILL0001"}
///     {"op":"sale","terminal":"…","pan":"…","expiry":3012,"amount":1250,"goods":["FOOD"],"pin":true}
///     {"op":"sale", … ,"kind":"purchaseVoid","trace":17}     {"op":"sale", … ,"kind":"refund","rrn":4711}
///     {"op":"settle","terminal":"…"}                         {"op":"batch","terminal":"…"}
///     {"op":"signOff","terminal":"…"}                       {"op":"signOn","terminal":"…"}
///     {"op":"key","terminal":"…","key":"5"}                  keys: 0–9, a–f, enter, clear, cancel
///     {"op":"fault","terminal":"…","fault":"tamper"}         {"op":"repair", …}    {"op":"cancel", …}
///     {"op":"load","terminal":"…"}                          keys, as the estate has issued them, by TR-34
///     {"op":"ceremony","terminal":"…","custodians":[2,3]}    the same by custodians; then for each, once entered:
///     {"op":"component","terminal":"…"}                      opens the keypad for 64 digits and 6 of the check value
///     {"op":"keypad","terminal":"…"}                         what became of the last passcode or component
///     {"op":"loadWrapped","terminal":"…","provisioning":"…"} what the ceremony's key opens
///     {"op":"place","terminal":"…","pinned":true}           sets up a terminal that the estate knows
///     {"op":"exchange","terminal":"…"}                      another module, new from its maker
///     {"op":"install","terminal":"…","version":"1.3.0"}     firmware
///     {"op":"supervisor","terminal":"…","number":1,"act":"enrol"}    opens the keypad for a passcode; or enter
///
/// What thieves do: `copy` all that is in a terminal, `burn` counters, `keep` the application as it is and later `loot` the
/// module of a protected sale with that, past the terminal's own checks. With `--drill`, `"device":2` is a second device that
/// claims the terminal's number, and `{"op":"clock","ahead":3600}` moves the server's clock.
public struct ControlSocket: Sendable {
    public static let lineMax = 16_384
    private let channel: any Channel

    /// Listens; an old socket file of a process that is gone is replaced.
    public static func listen(
        at path: String, bench: Bench, on group: any EventLoopGroup, logger: Logger
    ) async throws -> ControlSocket {
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ControlConnection(bench: bench))
                }
            }
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        // Whoever can write here can open every case: the owner alone.
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return ControlSocket(channel: channel)
    }

    public func close() async throws { try await channel.close() }
}

private final class ControlConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let bench: Bench
    private var pending: [UInt8] = []
    /// Lines are answered one after another.
    private var last: EventLoopFuture<Void>?

    init(bench: Bench) { self.bench = bench }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pending += unwrapInboundIn(data).readableBytesView
        while let end = pending.firstIndex(of: 0x0A) {
            let line = Array(pending[..<end])
            pending.removeFirst(end + 1)
            answer(line, on: context.channel)
        }
        if pending.count > ControlSocket.lineMax { context.close(promise: nil) }
    }

    private func answer(_ line: [UInt8], on channel: any Channel) {
        let before = last ?? channel.eventLoop.makeSucceededVoidFuture()
        let bench = bench
        last = before.flatMap {
            channel.eventLoop.makeFutureWithTask { await ControlRequest.perform(line, bench).text + "\n" }
        }.flatMap { text in channel.writeAndFlush(ByteBuffer(string: text)) }
    }
}
