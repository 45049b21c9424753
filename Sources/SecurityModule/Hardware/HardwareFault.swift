// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol

/// A fault that can be made in the emulated hardware, by its name on the command line.
public enum HardwareFault: String, CaseIterable, Sendable {
    /// The case is opened.
    case tamper
    /// The mesh is broken.
    case mesh
    /// The backup battery is low.
    case battery
    /// The backup battery is empty.
    case batteryEmpty
    /// The module is warmer than it may be in operation.
    case temperature
    /// The module is heated beyond the tamper limit.
    case overheat
    /// The algorithm unit computes wrongly.
    case selfTest
    /// The random source is stuck.
    case random
    /// The slot of the financial keys is erased.
    case missingKey
    /// The activation record is erased.
    case notActivated
    /// The firmware is replaced by a version nobody approves of.
    case incompatible
    /// The connector loses contact.
    case loose

    /// The warning that the module, or for a loose connector the terminal, finds this fault by. The module itself sees
    /// a loose connector once it has lost contact more than three times in ten minutes.
    public var warning: WarningCode {
        switch self {
        case .tamper, .mesh: .t01
        case .battery: .h05
        case .batteryEmpty, .overheat: .t02
        case .temperature: .h06
        case .selfTest: .h01
        case .random: .h02
        case .missingKey: .k02
        case .notActivated: .a01
        case .incompatible: .c02
        case .loose: .l01
        }
    }
}

extension EmulatedHardware {
    /// Makes the fault.
    public mutating func apply(_ fault: HardwareFault) {
        switch fault {
        case .tamper: caseOpen = true
        case .mesh: meshBroken = true
        case .battery: batteryMillivolts = HardwareLimits.batteryLowMillivolts - 100
        case .batteryEmpty: batteryMillivolts = 0
        case .temperature: temperatureCelsius = HardwareLimits.operatingCelsius.upperBound + 10
        case .overheat: temperatureCelsius = HardwareLimits.tamperCelsius.upperBound + 10
        case .selfTest: faultyAlgorithms = KnownAnswerTest.allCases
        case .random: randomSourceStuck = true
        case .missingKey: erasedSlots = [.dukpt, .master]
        case .notActivated: activationErased = true
        case .incompatible: installedFirmware = SoftwareVersion(0, 0, 1)
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
        case .battery, .batteryEmpty: batteryMillivolts = sound.batteryMillivolts
        case .temperature, .overheat: temperatureCelsius = sound.temperatureCelsius
        case .selfTest: faultyAlgorithms = []
        case .random: randomSourceStuck = false
        case .missingKey: erasedSlots = []
        case .notActivated: activationErased = false
        case .incompatible: installedFirmware = approvedFirmware
        case .loose: connectorSeated = true
        }
    }
}
