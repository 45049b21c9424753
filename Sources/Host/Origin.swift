// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import UnionPay

/// Where a message came from, and in which dialect: what its answer needs beside the decision.
struct Origin {
    var channel: UInt64
    /// UnionPay's TPDU and header; nil where the message came without.
    var envelope: UnionPay.Envelope?
    /// The message as it came in UnionPay's dialect; nil in the cores' own.
    var wire: MessageView?

    var dialect: NetworkProfile { wire == nil ? .iso8583 : .unionPayPOS }

    /// Reads a message of either dialect. The first byte tells: a TPDU, a packed message type below 10, or the character 0.
    static func read(
        _ incoming: HostEngine.Incoming, _ spec: MessageSpec
    ) throws(DecodeError) -> (view: MessageView, origin: Origin) {
        var bytes = incoming.bytes
        let envelope = UnionPay.Envelope(taking: &bytes)
        var origin = Origin(channel: incoming.channel, envelope: envelope)
        guard envelope != nil || bytes.first.map({ $0 < 0x10 }) ?? false else {
            return (try MessageView(bytes, spec: spec), origin)
        }
        let wire = try MessageView(bytes, spec: .unionpayPOS)
        origin.wire = wire
        // A request that the cores cannot even name is no message of theirs.
        return (UnionPay.coreRequest(wire) ?? wire, origin)
    }
}
