// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

extension WireReply {
    /// The frame of this reply.
    /// - Parameter number: of the request.
    public func frame(_ number: UInt32) -> WireFrame {
        var writer = ByteWriter(capacity: capacity)
        write(to: &writer)
        return WireFrame(number: number, kind: self.number, body: writer.bytes)
    }

    /// About what a batch takes.
    private var capacity: Int {
        switch self {
        case .open(let verdicts): 8 + 64 * verdicts.count
        case .seal(let messages): messages.reduce(8) { $0 + $1.count + 4 }
        case .cardKeys(let keys): 8 + 16 * keys.count
        default: 128
        }
    }

    private func write(to writer: inout ByteWriter) {
        switch self {
        case .refused(let refusal): writer.byte(refusal.rawValue)
        case .hello(let welcome):
            writer.byte(welcome.version)
            writer.sized(welcome.identity)
            writer.sized(welcome.publicKey)
        case .status(let status): status.write(to: &writer)
        case .open(let verdicts): writer.list(verdicts) { $1.write(to: &$0) }
        case .seal(let messages): writer.list(messages) { $0.sized($1) }
        case .cardKeys(let keys): writer.list(keys) { $0.card($1) }
        case .nonce(let bytes), .sealPAN(let bytes), .provision(let bytes), .linkKey(let bytes): writer.sized(bytes)
        case .openPAN(let pan): writer.optional(pan) { $0.pan($1) }
        case .zoneSeal(let message): writer.optional(message) { $0.sized($1) }
        case .zoneKeyNumber(let number): writer.optional(number) { $0.unsigned($1) }
        case .makeZoneKeys(let offer): writer.optional(offer) { $1.write(to: &$0) }
        case .readZoneKeys(let outcome): outcome.write(to: &writer)
        case .useZoneKeys(let areKnown): writer.flag(areKnown)
        case .pinReference(let reference): reference.writeWire(to: &writer)
        case .verifyLog(let verdict): verdict.write(to: &writer)
        case .openJournal(let delivery): delivery.write(to: &writer)
        case .certify(let result): writer.result(result) { $1.write(to: &$0) }
        case .sendKeys(let result): writer.result(result) { $1.write(to: &$0) }
        case .beginCeremony(let result): writer.result(result) { $1.write(to: &$0) }
        case .takeSheet(let result): writer.result(result) { $1.write(to: &$0) }
        }
    }

    /// - Throws: `.malformed` for anything but exactly one reply of its kind within the limits.
    public init(_ frame: WireFrame) throws(WireRefusal) {
        var reader = ByteReader(frame.body)
        do throws(CodecError) { self = try Self.read(frame.kind, from: &reader) } catch { throw .malformed }
        guard reader.isAtEnd else { throw .malformed }
    }

    private static func read(_ number: UInt8, from reader: inout ByteReader) throws(CodecError) -> WireReply {
        if number == WireKind.refused { return .refused(try reader.choice(WireRefusal.self)) }
        guard number >= WireKind.replyBit, let kind = WireKind(rawValue: number & ~WireKind.replyBit) else {
            throw .invalid(offset: 0, what: "reply")
        }
        return switch kind {
        case .hello:
            .hello(
                WireWelcome(
                    version: try reader.byte(), identity: try reader.sized(exactly: WireLimits.identityBytes),
                    publicKey: try reader.sized(exactly: WireLimits.publicKeyBytes)))
        case .status: .status(try ModuleServiceStatus(from: &reader))
        case .open:
            .open(
                try reader.list(max: WireLimits.batch) { (reader: inout ByteReader) throws(CodecError) in
                    try OpenVerdict(from: &reader)
                })
        case .seal:
            .seal(
                try reader.list(max: WireLimits.batch) { (reader: inout ByteReader) throws(CodecError) in
                    try reader.message()
                })
        case .cardKeys:
            .cardKeys(
                try reader.list(max: WireLimits.batch) { (reader: inout ByteReader) throws(CodecError) in
                    try reader.card()
                })
        case .nonce: .nonce(try reader.sized(max: WireLimits.valueBytes))
        case .sealPAN: .sealPAN(try reader.sized(max: WireLimits.valueBytes))
        case .openPAN:
            .openPAN(try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.pan() })
        case .zoneSeal:
            .zoneSeal(try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.message() })
        case .zoneKeyNumber:
            .zoneKeyNumber(
                try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() })
        case .makeZoneKeys:
            .makeZoneKeys(
                try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                    try ZoneKeyOffer(from: &reader)
                })
        case .readZoneKeys: .readZoneKeys(try ReadZoneKeys(from: &reader))
        case .useZoneKeys: .useZoneKeys(try reader.flag())
        case .pinReference: .pinReference(try PINReference(fromWire: &reader))
        case .provision: .provision(try reader.sized(max: WireLimits.provisioningBytes))
        case .linkKey: .linkKey(try reader.sized(max: WireLimits.valueBytes))
        case .verifyLog: .verifyLog(try LogVerdict(from: &reader))
        case .openJournal: .openJournal(try JournalDelivery(from: &reader))
        case .certify:
            .certify(
                try reader.result { (reader: inout ByteReader) throws(CodecError) in try WireCredential(from: &reader) }
            )
        case .sendKeys:
            .sendKeys(
                try reader.result { (reader: inout ByteReader) throws(CodecError) in
                    try WireTransportedKeys(from: &reader)
                })
        case .beginCeremony:
            .beginCeremony(
                try reader.result { (reader: inout ByteReader) throws(CodecError) in try WireCeremony(from: &reader) })
        case .takeSheet:
            .takeSheet(
                try reader.result { (reader: inout ByteReader) throws(CodecError) in try WireSheet(from: &reader) })
        }
    }
}
