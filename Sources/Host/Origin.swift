// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import UnionPay

/// Where a message came from, and in which dialect: what its answer needs beside the decision.
struct Origin {
    var channel: UInt64
    /// UnionPay's TPDU and header; nil where the message came without.
    var envelope: UnionPay.Envelope?
    /// The message as it came in UnionPay's dialect; nil in those that the cores read themselves.
    var wire: MessageView?

    var dialect: NetworkProfile { wire == nil ? .iso8583 : .unionPayPOS }

    /// Reads a message of any dialect.
    static func read(_ incoming: HostEngine.Incoming) throws(DecodeError) -> (view: MessageView, origin: Origin) {
        var bytes = incoming.bytes
        let envelope = UnionPay.Envelope(taking: &bytes)
        var origin = Origin(channel: incoming.channel, envelope: envelope)
        let wire = try MessageView(bytes, spec: .ofTerminal(bytes, inEnvelope: envelope != nil))
        guard envelope != nil else { return (wire, origin) }
        origin.wire = wire
        // A request that the cores cannot even name is no message of theirs.
        return (UnionPay.coreRequest(wire) ?? wire, origin)
    }
}

extension MessageSpec {
    /// The layout of a terminal's message. UnionPay's alone stand in an envelope, which begins with 60; all message types
    /// begin with the digit 0, so that the first byte of another is below 10 where digits are packed, and 30 where not.
    public static func ofTerminal(_ message: [UInt8], inEnvelope: Bool) -> MessageSpec {
        guard !inEnvelope else { return .unionpayPOS }
        return message.first.map { $0 < 0x10 } ?? false ? .iso8583_1987_binary : .iso8583_1987
    }
}
