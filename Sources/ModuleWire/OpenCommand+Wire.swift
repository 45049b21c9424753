// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

extension TerminalKeys {
    func write(to writer: inout ByteWriter) {
        writer.code(terminal)
        writer.byte(profile.rawValue)
        writer.unsigned(keySet)
        writer.unsigned(identityEpoch)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            terminal: try reader.code(), profile: try reader.choice(KeyProfile.self), keySet: try reader.unsigned(),
            identityEpoch: try reader.unsigned())
    }
}

extension OpenCommand {
    func write(to writer: inout ByteWriter) {
        keys.write(to: &writer)
        writer.sized(message)
        writer.range(ksn)
        writer.range(mac)
        writer.optional(health) { $0.range($1) }
        writer.optional(evidence) { $0.range($1) }
        writer.count(macStart)
        writer.optional(expectation) { writer, expectation in
            writer.unsigned(expectation.leaseID)
            writer.unsigned(expectation.eventCounter)
            writer.unsigned(expectation.counterAbove)
        }
        writer.optional(sessions) { $1.write(to: &$0) }
        writer.optional(pin) { writer, pin in
            writer.range(pin.block)
            writer.pan(pin.pan)
            pin.reference.writeWire(to: &writer)
        }
        writer.optional(translation) { writer, translation in
            writer.range(translation.block)
            writer.pan(translation.pan)
            writer.text(translation.zone.name)
        }
        writer.optional(cryptogram) { $1.write(to: &$0) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            keys: try TerminalKeys(from: &reader), message: try reader.message(), ksn: try reader.range(),
            mac: try reader.range(), health: try reader.optionalRange(), evidence: try reader.optionalRange())
        macStart = try reader.place()
        expectation = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            HealthExpectation(
                leaseID: try reader.unsigned(), eventCounter: try reader.unsigned(),
                counterAbove: try reader.unsigned())
        }
        sessions = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try SessionCandidates(from: &reader)
        }
        pin = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            PINQuestion(
                block: try reader.range(), pan: try reader.pan(), reference: try PINReference(fromWire: &reader))
        }
        translation = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            TranslatePIN(block: try reader.range(), pan: try reader.pan(), zone: try reader.zone())
        }
        cryptogram = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try CryptogramQuestion(from: &reader)
        }
    }
}

extension SessionCandidates {
    fileprivate func write(to writer: inout ByteWriter) {
        writer.optional(current) { $0.unsigned($1) }
        writer.optional(previous) { $0.unsigned($1) }
        writer.flag(admitsNoMAC)
    }

    fileprivate init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            current: try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() },
            previous: try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() },
            admitsNoMAC: try reader.flag())
    }
}

extension PINReference {
    func writeWire(to writer: inout ByteWriter) {
        switch self {
        case .pvv(let value, let index):
            writer.byte(1)
            writer.unsigned(value)
            writer.byte(index)
        case .offset(let digits):
            writer.byte(2)
            writer.sized(digits)
        }
    }

    init(fromWire reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        switch try reader.byte() {
        case 1: self = .pvv(try reader.unsigned(), keyIndex: try reader.byte())
        case 2:
            let digits = try reader.sized(max: WireLimits.offsetDigits)
            guard digits.allSatisfy({ $0 <= 9 }) else { throw .invalid(offset: start, what: "offset") }
            self = .offset(digits)
        default: throw .invalid(offset: start, what: "PIN reference")
        }
    }
}

extension ChipReference {
    func write(to writer: inout ByteWriter) {
        writer.byte(scheme.rawValue)
        writer.byte(sequence)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(scheme: try reader.choice(ChipScheme.self), sequence: try reader.byte())
    }
}

extension CryptogramQuestion {
    fileprivate func write(to writer: inout ByteWriter) {
        writer.list(objects) { writer, object in
            writer.unsigned(object.tag)
            writer.range(object.value)
        }
        writer.pan(pan)
        reference.write(to: &writer)
    }

    fileprivate init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            objects: try reader.list(max: WireLimits.chipObjects) { (reader: inout ByteReader) throws(CodecError) in
                ChipObject(tag: try reader.unsigned(), value: try reader.range())
            }, pan: try reader.pan(), reference: try ChipReference(from: &reader))
    }
}
