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
    /// The latch of the light sensor and the case switch, which the backup battery powers: it keeps what happened while
    /// the module itself was without power, and closing the case does not reset it.
    public var openedLatch = false
    public var batteryMillivolts: Int32 = 3_000
    public var temperatureCelsius: Int32 = 24
    public var supplyMillivolts: Int32 = 5_000
    /// The clock of the module's processor.
    public var frequencyKilohertz: Int32 = 48_000
    /// How far the module's own clock is ahead of the time it is told.
    public var clockSkewSeconds: Int32 = 0
    /// An unseated connector delivers no command: the link is the shell's to simulate.
    public var connectorSeated = true
    /// How often the connector has lost contact; only rises.
    public var flaps: UInt32 = 0
    public var keypad = KeypadLines()
    /// The known-answer tests that the algorithm unit computes wrongly, in ascending order.
    public var faultyAlgorithms: [KnownAnswerTest] = []
    /// Key slots whose memory is broken, in ascending order: what a slot holds is destroyed, and it holds nothing.
    public var erasedSlots: [KeySlot] = []
    public var activationErased = false
    public var installedFirmware: SoftwareVersion
    /// What `repair(.incompatible)` puts back.
    public var approvedFirmware: SoftwareVersion
    /// The maker's numbers of model and revision.
    public var model: UInt16 = 1
    public var revision: UInt16 = 1
    /// What the positioning receiver says, if there is one.
    public var position: Position?
    /// What `repair(.moved)` puts back.
    public var installedPosition: Position?
    /// A debugger is attached.
    public var isDebugged = false
    /// One bit of the module's executable, or of the POS application, is another when it is measured.
    public var executableAltered = false
    public var applicationAltered = false
    public var noise = NoiseModel.sound
    /// The monotonic counter beside the memory: the version of the newest image that was stored durably. It survives
    /// the replacement of the image by an older one.
    public internal(set) var nvCounter: UInt64 = 0

    public init(firmware: SoftwareVersion) {
        installedFirmware = firmware
        approvedFirmware = firmware
    }

    /// The random source gives one value for ever.
    public var randomSourceStuck: Bool {
        get { noise == .stuck(0) }
        set { noise = newValue ? .stuck(0) : .sound }
    }

    /// A monotonic counter does not fall: a lower value changes nothing.
    public mutating func raiseCounter(to value: UInt64) { nvCounter = max(nvCounter, value) }
}

// MARK: - The module's one door to the hardware

extension EmulatedHardware {
    /// Whether the enclosure is open or broken, or has been opened while the power was off (T01).
    var enclosureBreached: Bool { caseOpen || meshBroken || openedLatch }

    /// A sensor is outside what the terminal is sold for (H06).
    var isBeyondOperatingLimits: Bool {
        !HardwareLimits.operatingCelsius.contains(temperatureCelsius)
            || !HardwareLimits.operatingMillivolts.contains(supplyMillivolts)
            || !HardwareLimits.operatingKilohertz.contains(frequencyKilohertz)
    }

    /// A sensor is where only an attack brings it, or the sensors have no power left (T02).
    var isBeyondTamperLimits: Bool {
        !HardwareLimits.tamperCelsius.contains(temperatureCelsius)
            || !HardwareLimits.tamperMillivolts.contains(supplyMillivolts)
            || !HardwareLimits.tamperKilohertz.contains(frequencyKilohertz)
            || batteryMillivolts < HardwareLimits.batteryEmptyMillivolts
    }

    /// The module's own clock when it is told the time.
    func clock(_ told: Instant) -> Instant { told + .seconds(Int64(clockSkewSeconds)) }

    /// What the algorithm unit gives where it should give `answer`.
    func computed(_ test: KnownAnswerTest, _ answer: [UInt8]) -> [UInt8] {
        guard faultyAlgorithms.contains(test), let first = answer.first else { return answer }
        return [first ^ 1] + answer.dropFirst()
    }

    /// What a component measures that should measure `digest`; nothing stays nothing.
    func measured(_ digest: [UInt8], _ component: SoftwareComponent) -> [UInt8] {
        let isAltered = component == .module ? executableAltered : applicationAltered
        guard isAltered, let first = digest.first else { return digest }
        return [first ^ 1] + digest.dropFirst()
    }

    func holds(_ slot: KeySlot) -> Bool { !erasedSlots.contains(slot) }

    /// Equal but for the counter, which the module itself raises.
    func sensesAlike(_ other: EmulatedHardware) -> Bool {
        var other = other
        other.nvCounter = nvCounter
        return self == other
    }
}
