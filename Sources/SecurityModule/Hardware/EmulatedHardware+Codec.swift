// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// The hardware in a file: version 2. Version 1 ends behind the firmware with the flag of a stuck random source and the
/// counter, and knows nothing of the rest.
extension EmulatedHardware {
    private static let versions: (first: UInt8, current: UInt8) = (1, 2)

    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 192)
        writer.byte(Self.versions.current)
        writer.flag(caseOpen)
        writer.flag(meshBroken)
        writer.signed(Int64(batteryMillivolts))
        writer.signed(Int64(temperatureCelsius))
        writer.signed(Int64(supplyMillivolts))
        writer.flag(connectorSeated)
        writer.unsigned(flaps)
        writer.list(faultyAlgorithms) { $0.byte($1.rawValue) }
        writer.list(erasedSlots) { $0.byte($1.rawValue) }
        writer.flag(activationErased)
        writer.unsigned(installedFirmware.packed)
        writer.unsigned(approvedFirmware.packed)
        noise.write(to: &writer)
        writer.unsigned(nvCounter)
        writeSinceVersion2(to: &writer)
        return writer.bytes
    }

    private func writeSinceVersion2(to writer: inout ByteWriter) {
        writer.flag(openedLatch)
        writer.signed(Int64(frequencyKilohertz))
        writer.signed(Int64(clockSkewSeconds))
        writer.unsigned(keypad.stuckKeys)
        writer.byte(keypad.brokenLines)
        writer.unsigned(model)
        writer.unsigned(revision)
        writer.optional(position) { $1.write(to: &$0) }
        writer.optional(installedPosition) { $1.write(to: &$0) }
        writer.flag(isDebugged)
        writer.flag(executableAltered)
        writer.flag(applicationAltered)
    }

    /// - Throws: `CodecError` for anything but exactly one encoded value.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        let version = try reader.byte()
        guard version == Self.versions.first || version == Self.versions.current else {
            throw .invalid(offset: 0, what: "hardware version")
        }
        caseOpen = try reader.flag()
        meshBroken = try reader.flag()
        batteryMillivolts = try reader.reading()
        temperatureCelsius = try reader.reading()
        supplyMillivolts = try reader.reading()
        connectorSeated = try reader.flag()
        flaps = try reader.unsigned()
        faultyAlgorithms = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try reader.raw(KnownAnswerTest.self, "known-answer test")
        }
        erasedSlots = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try reader.raw(KeySlot.self, "key slot")
        }
        activationErased = try reader.flag()
        installedFirmware = SoftwareVersion(packed: try reader.unsigned())
        approvedFirmware = SoftwareVersion(packed: try reader.unsigned())
        if version == Self.versions.first {
            randomSourceStuck = try reader.flag()
        } else {
            noise = try NoiseModel(from: &reader)
        }
        nvCounter = try reader.unsigned()
        if version != Self.versions.first { try readSinceVersion2(from: &reader) }
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of hardware") }
    }

    private mutating func readSinceVersion2(from reader: inout ByteReader) throws(CodecError) {
        openedLatch = try reader.flag()
        frequencyKilohertz = try reader.reading()
        clockSkewSeconds = try reader.reading()
        keypad.stuckKeys = try reader.unsigned()
        keypad.brokenLines = try reader.byte()
        model = try reader.unsigned()
        revision = try reader.unsigned()
        position = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try Position(from: &reader)
        }
        installedPosition = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try Position(from: &reader)
        }
        isDebugged = try reader.flag()
        executableAltered = try reader.flag()
        applicationAltered = try reader.flag()
    }
}

extension ByteReader {
    /// A signed reading of a sensor.
    fileprivate mutating func reading() throws(CodecError) -> Int32 {
        let start = offset
        guard let value = Int32(exactly: try signed()) else { throw .invalid(offset: start, what: "reading") }
        return value
    }
}
