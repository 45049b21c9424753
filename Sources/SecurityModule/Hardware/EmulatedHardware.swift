// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// The hardware around the module's core, emulated: sensors, battery-backed memory and the algorithm unit.
///
/// Everything can be set from outside, so that a fault is made where it would arise; nothing here raises a warning. A
/// shell keeps the value in a file (`encoded()`), applies `ModuleEffect.raiseCounter` to it, and hands it to the module
/// with `TerminalSecurityModule.sense(_:now:)` whenever it changes.
public struct EmulatedHardware: Equatable, Sendable {
    /// The case switch.
    public var caseOpen = false
    /// The conductive mesh around the module.
    public var meshBroken = false
    public var batteryMillivolts: Int32 = 3_000
    public var temperatureCelsius: Int32 = 24
    public var supplyMillivolts: Int32 = 5_000
    /// An unseated connector delivers no command: the link is the shell's to simulate.
    public var connectorSeated = true
    /// How often the connector has lost contact; only rises.
    public var flaps: UInt32 = 0
    /// The known-answer tests that the algorithm unit computes wrongly, in ascending order.
    public var faultyAlgorithms: [KnownAnswerTest] = []
    /// Key slots that have lost their content, in ascending order.
    public var erasedSlots: [KeySlot] = []
    public var activationErased = false
    public var installedFirmware: SoftwareVersion
    /// What `repair(.incompatible)` puts back.
    public var approvedFirmware: SoftwareVersion
    /// The random source gives one value for ever.
    public var randomSourceStuck = false
    /// The monotonic counter beside the memory: the version of the newest image that was stored durably. It survives
    /// the replacement of the image by an older one.
    public private(set) var nvCounter: UInt64 = 0

    public init(firmware: SoftwareVersion) {
        installedFirmware = firmware
        approvedFirmware = firmware
    }

    /// A monotonic counter does not fall: a lower value changes nothing.
    public mutating func raiseCounter(to value: UInt64) { nvCounter = max(nvCounter, value) }
}

// MARK: - The module's one door to the hardware

extension EmulatedHardware {
    /// Whether the enclosure is open or broken (T01).
    var enclosureBreached: Bool { caseOpen || meshBroken }

    /// What the algorithm unit gives where it should give `answer`.
    func computed(_ test: KnownAnswerTest, _ answer: [UInt8]) -> [UInt8] {
        guard faultyAlgorithms.contains(test), let first = answer.first else { return answer }
        return [first ^ 1] + answer.dropFirst()
    }

    /// What the noise source gives where a sound one gives `word`.
    func noise(_ word: UInt64) -> UInt64 { randomSourceStuck ? 0 : word }

    func holds(_ slot: KeySlot) -> Bool { !erasedSlots.contains(slot) }

    /// Equal but for the counter, which the module itself raises.
    func sensesAlike(_ other: EmulatedHardware) -> Bool {
        var other = other
        other.nvCounter = nvCounter
        return self == other
    }
}

// MARK: - In a file

extension EmulatedHardware {
    private static let version: UInt8 = 1

    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.byte(Self.version)
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
        writer.flag(randomSourceStuck)
        writer.unsigned(nvCounter)
        return writer.bytes
    }

    /// - Throws: `CodecError` for anything but exactly one encoded value.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else { throw .invalid(offset: 0, what: "hardware version") }
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
        randomSourceStuck = try reader.flag()
        nvCounter = try reader.unsigned()
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of hardware") }
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
