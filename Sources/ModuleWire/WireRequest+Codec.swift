// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

extension WireRequest {
    /// The frame of this request.
    public func frame(_ number: UInt32) -> WireFrame {
        var writer = ByteWriter(capacity: capacity)
        write(to: &writer)
        return WireFrame(number: number, kind: kind.rawValue, body: writer.bytes)
    }

    /// About what a batch takes.
    private var capacity: Int {
        switch self {
        case .open(let commands): commands.reduce(8) { $0 + $1.message.count + 96 }
        case .seal(let commands): commands.reduce(8) { $0 + $1.message.count + 160 }
        case .cardKeys(let pans): 8 + 20 * pans.count
        default: 128
        }
    }

    private func write(to writer: inout ByteWriter) {
        switch self {
        case .hello(let hello):
            writer.byte(hello.version)
            writer.byte(hello.role.rawValue)
            writer.sized(hello.publicKey)
        case .status, .linkKey: break
        case .open(let commands): writer.list(commands) { $1.write(to: &$0) }
        case .seal(let commands): writer.list(commands) { $1.write(to: &$0) }
        case .cardKeys(let pans): writer.list(pans) { $0.pan($1) }
        case .nonce(let context): writer.sized(context)
        case .sealPAN(let pan): writer.pan(pan)
        case .openPAN(let sealed): writer.sized(sealed)
        case .zoneSeal(let message), .zoneKeyNumber(let message): message.write(to: &writer)
        case .makeZoneKeys(let zone): writer.text(zone.name)
        case .readZoneKeys(let blocks, let zone):
            writer.text(blocks)
            writer.text(zone.name)
        case .useZoneKeys(let sets, let sending, let zone):
            writer.list(sets) { $1.writeWire(to: &$0) }
            writer.unsigned(sending)
            writer.text(zone.name)
        case .pinReference(let pan, let block, let kind):
            writer.pan(pan)
            writer.sized(block)
            switch kind {
            case .pvv(let index): writer.optional(index) { $0.byte($1) }
            case .offset: writer.flag(false)
            }
        case .provision(let order): order.write(to: &writer)
        case .verifyLog(let question): question.writeWire(to: &writer)
        case .openJournal(let command): command.write(to: &writer)
        case .certify(let order): order.writeWire(to: &writer)
        case .sendKeys(let order): order.writeWire(to: &writer)
        case .beginCeremony(let wanted): wanted.write(to: &writer)
        case .takeSheet(let part, let ceremony):
            writer.byte(part)
            writer.unsigned(ceremony)
        }
    }

    /// - Throws: `.unknownCommand`, or `.malformed` for anything but exactly one request of its kind within the limits.
    public init(_ frame: WireFrame) throws(WireRefusal) {
        guard let kind = WireKind(rawValue: frame.kind) else { throw .unknownCommand }
        var reader = ByteReader(frame.body)
        do throws(CodecError) { self = try Self.read(kind, from: &reader) } catch { throw .malformed }
        guard reader.isAtEnd else { throw .malformed }
    }

    private static func read(_ kind: WireKind, from reader: inout ByteReader) throws(CodecError) -> WireRequest {
        switch kind {
        case .hello:
            .hello(
                WireHello(
                    version: try reader.byte(), role: try reader.choice(WireRole.self),
                    publicKey: try reader.sized(exactly: WireLimits.publicKeyBytes)))
        case .status: .status
        case .open:
            .open(
                try reader.list(max: WireLimits.batch) { (reader: inout ByteReader) throws(CodecError) in
                    try OpenCommand(from: &reader)
                })
        case .seal:
            .seal(
                try reader.list(max: WireLimits.batch) { (reader: inout ByteReader) throws(CodecError) in
                    try SealCommand(from: &reader)
                })
        case .cardKeys:
            .cardKeys(
                try reader.list(max: WireLimits.batch) { (reader: inout ByteReader) throws(CodecError) in
                    try reader.pan()
                })
        case .nonce: .nonce(try reader.sized(max: WireLimits.contextBytes))
        case .sealPAN: .sealPAN(try reader.pan())
        case .openPAN: .openPAN(try reader.sized(max: WireLimits.valueBytes))
        case .zoneSeal: .zoneSeal(try ZoneMessage(from: &reader))
        case .zoneKeyNumber: .zoneKeyNumber(try ZoneMessage(from: &reader))
        case .makeZoneKeys: .makeZoneKeys(try reader.zone())
        case .readZoneKeys: .readZoneKeys(try reader.text(max: WireLimits.keyBlockBytes), try reader.zone())
        case .useZoneKeys:
            .useZoneKeys(
                try reader.list(max: WireLimits.batch) { (reader: inout ByteReader) throws(CodecError) in
                    try ZoneKeySet(fromWire: &reader)
                }, sending: try reader.unsigned(), try reader.zone())
        case .pinReference: try pinReference(&reader)
        case .provision: .provision(try ProvisioningOrder(from: &reader))
        case .linkKey: .linkKey
        case .verifyLog: .verifyLog(try LogQuestion(fromWire: &reader))
        case .openJournal: .openJournal(try OpenJournalCommand(from: &reader))
        case .certify: .certify(try CertifyOrder(fromWire: &reader))
        case .sendKeys: .sendKeys(try SendKeysOrder(fromWire: &reader))
        case .beginCeremony: .beginCeremony(try WireCeremonyOrder(from: &reader))
        case .takeSheet: .takeSheet(try reader.byte(), ceremony: try reader.unsigned())
        }
    }

    private static func pinReference(_ reader: inout ByteReader) throws(CodecError) -> WireRequest {
        let pan = try reader.pan()
        let block = try reader.sized(exactly: WireLimits.pinBlockBytes)
        let index = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.byte() }
        return .pinReference(pan, block: block, kind: index.map { .pvv(keyIndex: $0) } ?? .offset)
    }
}
