// SPDX-License-Identifier: Apache-2.0

/// Something that a hardware may have a sensor for.
public enum HardwareSensor: UInt8, CaseIterable, Sendable {
    /// Case switch and mesh.
    case enclosure = 1
    case battery = 2
    case temperature = 3
    case supply = 4
    /// The connector between module and terminal.
    case connector = 5
    /// The unit that computes the module's algorithms.
    case algorithmUnit = 6
    /// The places that hold keys and the activation record.
    case keyMemory = 7
    /// A raw noise source behind the random numbers.
    case noise = 8
}

/// What a hardware really offers, so that neither the module nor the estate takes it for more.
public struct HardwareProfile: Equatable, Sendable {
    /// What stands behind the keys.
    public enum Assurance: String, Sendable {
        /// Files of the process: nothing resists whoever reads them.
        case emulated
        /// A PKCS#11 token; how good it is only its maker's certificate says. SoftHSM is files again.
        case token
        /// A TPM 2.0: keys leave it in no form that another TPM could use; no tamper sensors.
        case tpm
    }

    /// Who keeps something.
    public enum Keeper: String, Sendable {
        /// The hardware itself, whatever this process and its disk do.
        case hardware
        /// This project's code, in a file or an object that can be put back by whoever can write there.
        case software
    }

    /// The back end: `emulated`, `pkcs11` or `tpm2`.
    public var name: String
    /// What the hardware says of itself: maker and model.
    public var model: String
    public var assurance: Assurance
    /// What it measures; all else the module is told in nominal values.
    public var sensors: [HardwareSensor]
    /// Who sees to it that the counter never falls.
    public var counter: Keeper
    /// Who counts wrong PINs.
    public var lockOut: Keeper
    /// Who seals the storage key and signs.
    public var keys: Keeper
    /// Where random numbers come from: the hardware, or the system's generator.
    public var random: Keeper

    public init(
        name: String, model: String, assurance: Assurance, sensors: [HardwareSensor], counter: Keeper,
        lockOut: Keeper, keys: Keeper, random: Keeper
    ) {
        (self.name, self.model, self.assurance, self.sensors) = (name, model, assurance, sensors)
        (self.counter, self.lockOut, self.keys, self.random) = (counter, lockOut, keys, random)
    }

    /// What the module is told in nominal values, for want of a sensor.
    public var unmeasured: [HardwareSensor] { HardwareSensor.allCases.filter { !sensors.contains($0) } }
}
