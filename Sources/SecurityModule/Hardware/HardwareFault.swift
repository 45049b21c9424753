// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// A fault that can be made in the emulated hardware, by its name on the command line.
public enum HardwareFault: String, CaseIterable, Sendable {
    /// The case is opened.
    case tamper
    /// The mesh is broken.
    case mesh
    /// The case was opened and closed again while the module had no power.
    case openedUnpowered
    /// The backup battery is low.
    case battery
    /// The backup battery is empty.
    case batteryEmpty
    /// The module is warmer than it may be in operation.
    case temperature
    /// The module is heated beyond the tamper limit.
    case overheat
    /// The processor's clock is slower than it may be in operation.
    case frequency
    /// The processor's clock is driven beyond the tamper limit.
    case glitch
    /// The module's clock is a quarter of an hour ahead.
    case clock
    /// A key of the keypad is stuck.
    case stuckKey
    /// A line of the keypad is broken.
    case keypadLine
    /// The algorithm unit computes wrongly.
    case selfTest
    /// The random source is stuck.
    case random
    /// Three quarters of the random source's samples are zero.
    case randomBiased
    /// The random source repeats itself.
    case randomPeriodic
    /// The random source gives two values in turn.
    case randomAlternating
    /// The random source gives the same value over and over, now and then.
    case randomBursts
    /// The memory of the financial keys loses them; keys loaded again after the repair stay.
    case missingKey
    /// The activation record is erased.
    case notActivated
    /// The firmware is replaced by a version nobody approves of.
    case incompatible
    /// The board is of a revision nobody approves of.
    case otherRevision
    /// One bit of the module's executable is another.
    case executable
    /// One bit of the POS application is another.
    case application
    /// A debugger is attached to the module.
    case debugger
    /// The device is somewhere else.
    case moved
    /// The connector loses contact.
    case loose

    /// The warning by which this fault is found. The module itself sees a loose connector once it has lost contact more
    /// than three times in ten minutes, a wrong clock when a ticket tells the time, and altered software where a
    /// supplier's key is pinned.
    public var warning: WarningCode {
        switch self {
        case .tamper, .mesh, .openedUnpowered: .t01
        case .battery: .h05
        case .batteryEmpty, .overheat, .glitch: .t02
        case .temperature, .frequency, .clock: .h06
        case .stuckKey, .keypadLine: .h07
        case .selfTest: .h01
        case .random, .randomBiased, .randomPeriodic, .randomAlternating, .randomBursts: .h02
        case .missingKey: .k02
        case .notActivated: .a01
        case .incompatible: .c02
        case .otherRevision: .c01
        case .executable: .s01
        case .application: .p01
        case .debugger: .t03
        case .moved: .t04
        case .loose: .l01
        }
    }

    /// Who finds it: the module, the terminal by its link, or the estate by the module's evidence.
    public var detector: Detector {
        switch self {
        case .loose: .terminal
        case .otherRevision, .debugger, .moved: .estate
        default: .module
        }
    }
}

extension EmulatedHardware {
    /// Makes the fault.
    public mutating func apply(_ fault: HardwareFault) {
        switch fault {
        case .tamper: caseOpen = true
        case .mesh: meshBroken = true
        case .openedUnpowered: openedLatch = true
        case .battery: batteryMillivolts = HardwareLimits.batteryLowMillivolts - 100
        case .batteryEmpty: batteryMillivolts = 0
        case .temperature: temperatureCelsius = HardwareLimits.operatingCelsius.upperBound + 10
        case .overheat: temperatureCelsius = HardwareLimits.tamperCelsius.upperBound + 10
        case .frequency: frequencyKilohertz = HardwareLimits.operatingKilohertz.lowerBound - 1_000
        case .glitch: frequencyKilohertz = HardwareLimits.tamperKilohertz.upperBound + 20_000
        case .clock: clockSkewSeconds = 900
        case .stuckKey: keypad.stuckKeys = 1 << 5
        case .keypadLine: keypad.brokenLines = 1 << 6
        case .selfTest: faultyAlgorithms = KnownAnswerTest.allCases
        case .random: noise = .stuck(0)
        case .randomBiased: noise = .biased(192)
        case .randomPeriodic: noise = .periodic(24)
        case .randomAlternating: noise = .alternating(0x55, 0xAA)
        case .randomBursts: noise = .bursts(length: 12, every: 200)
        case .missingKey: erasedSlots = [.dukpt, .master]
        case .notActivated: activationErased = true
        case .incompatible: installedFirmware = SoftwareVersion(0, 0, 1)
        case .otherRevision: revision = .max
        case .executable: executableAltered = true
        case .application: applicationAltered = true
        case .debugger: isDebugged = true
        case .moved: position = Position(latitude: 1_352_083, longitude: 103_819_839)
        case .loose:
            connectorSeated = false
            flaps &+= 1
        }
    }

    /// Takes the fault away, as an authorised technician would. The module's warning stays until it is cleared.
    public mutating func repair(_ fault: HardwareFault) {
        let sound = EmulatedHardware(firmware: approvedFirmware)
        switch fault {
        case .tamper: caseOpen = false
        case .mesh: meshBroken = false
        case .openedUnpowered: openedLatch = false
        case .battery, .batteryEmpty: batteryMillivolts = sound.batteryMillivolts
        case .temperature, .overheat: temperatureCelsius = sound.temperatureCelsius
        case .frequency, .glitch: frequencyKilohertz = sound.frequencyKilohertz
        case .clock: clockSkewSeconds = 0
        case .stuckKey: keypad.stuckKeys = 0
        case .keypadLine: keypad.brokenLines = 0
        case .selfTest: faultyAlgorithms = []
        case .random, .randomBiased, .randomPeriodic, .randomAlternating, .randomBursts: noise = .sound
        case .missingKey: erasedSlots = []
        case .notActivated: activationErased = false
        case .incompatible: installedFirmware = approvedFirmware
        case .otherRevision: revision = sound.revision
        case .executable: executableAltered = false
        case .application: applicationAltered = false
        case .debugger: isDebugged = false
        case .moved: position = installedPosition
        case .loose: connectorSeated = true
        }
    }
}
