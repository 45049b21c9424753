// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

extension ZoneMessage {
    func write(to writer: inout ByteWriter) {
        writer.sized(message)
        writer.range(covered)
        writer.range(mac)
        writer.text(zone.name)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            message: try reader.message(), covered: try reader.range(), mac: try reader.range(),
            zone: try reader.zone())
    }
}

extension ZoneKeySet {
    /// Hexadecimal digits of two check values.
    private static let checkValueBytes = 64

    func writeWire(to writer: inout ByteWriter) { encode(to: &writer) }

    init(fromWire reader: inout ByteReader) throws(CodecError) {
        self.init(
            number: try reader.unsigned(), sealed: try reader.sized(max: WireLimits.keyBlockBytes),
            checkValues: try reader.text(max: Self.checkValueBytes))
    }
}

extension ZoneKeyOffer {
    func write(to writer: inout ByteWriter) {
        writer.sized(sealed)
        writer.text(checkValues)
        writer.text(blocks)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            sealed: try reader.sized(max: WireLimits.keyBlockBytes),
            checkValues: try reader.text(max: WireLimits.valueBytes),
            blocks: try reader.text(max: WireLimits.keyBlockBytes))
    }
}

extension ReadZoneKeys {
    func write(to writer: inout ByteWriter) {
        switch self {
        case .offer(let offer):
            writer.byte(1)
            offer.write(to: &writer)
        case .refused(let error): writer.byte(error == .noProtectionKey ? 2 : 3)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        switch try reader.byte() {
        case 1: self = .offer(try ZoneKeyOffer(from: &reader))
        case 2: self = .refused(.noProtectionKey)
        case 3: self = .refused(.damaged)
        default: throw .invalid(offset: start, what: "zone keys")
        }
    }
}
