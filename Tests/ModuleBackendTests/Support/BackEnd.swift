// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleBackends
import PaymentCryptography
import SecurityModule

/// One hardware of a test's own, over state that outlives the values.
struct Subject<Hardware: SecureHardware & ~Copyable> {
    let pin: String
    /// A value over the state as it is, as after a restart of the process.
    let open: () throws -> Hardware
    /// Cuts the hardware's own power, where it has any.
    let cut: () throws -> Void
    /// Arguments of the program that raises the counter until it is killed.
    let worker: () throws -> (arguments: [String], environment: [String: String])
    /// Opens the case: the hardware's own, or the one around it.
    var tamper: (inout HardwareModule<Hardware, DirectoryModuleStore>) throws -> Void = {
        $0.surroundings.apply(.tamper)
    }
    /// What a service centre does about it.
    var repair: (inout Hardware) throws -> Void = { _ in }
    /// Where files of the back end lie.
    let directory: String

    /// Opened and authorised.
    func ready() throws -> Hardware {
        var hardware = try open()
        try hardware.authorise(pin: ModuleBackendTests.pin(pin))
        return hardware
    }

    /// Provisioned for the first time.
    func provisioned() throws -> Hardware {
        var hardware = try open()
        try hardware.provision(pin: ModuleBackendTests.pin(pin))
        return hardware
    }
}

/// What every back end must fulfil.
protocol Check {
    func run<Hardware: SecureHardware & ~Copyable>(_ subject: Subject<Hardware>) throws
}

enum BackEnd: String, CaseIterable, Sendable {
    case emulated
    case pkcs11
    case tpm

    private var absence: String? {
        switch self {
        case .emulated: nil
        case .pkcs11: SoftHSM.absence
        case .tpm: SoftwareTPM.absence
        }
    }

    /// Those that this machine has what they need for.
    static let available: [BackEnd] = allCases.filter { backEnd in
        guard let absence = backEnd.absence else { return true }
        print("Skipped: \(absence)")
        return false
    }

    static func has(_ backEnd: BackEnd) -> Bool { available.contains(backEnd) }

    func run(_ check: some Check) throws {
        let scratch = try Scratch()
        switch self {
        case .emulated: try check.run(Self.emulated(scratch))
        case .pkcs11: try check.run(Self.pkcs11(scratch, token: SoftHSM.token()))
        case .tpm: try check.run(Self.tpm(scratch, SoftwareTPM()))
        }
        withExtendedLifetime(scratch) {}
    }

    static func emulated(_ scratch: Scratch) -> Subject<EmulatedSecureHardware> {
        let path = scratch.file("hardware")
        return Subject(
            pin: "482913", open: { try EmulatedSecureHardware(path, firmware: Counterpart.firmware) }, cut: {},
            worker: { (["emulated", path], [:]) },
            tamper: {
                try $0.withHardware { (hardware) throws(HardwareError) in try hardware.change { $0.apply(.tamper) } }
            }, repair: { try $0.change { $0.repair(.tamper) } }, directory: path)
    }

    static func pkcs11(_ scratch: Scratch, token: String) throws -> Subject<PKCS11Hardware> {
        let world = try SoftHSM.world.get()
        let library = try PKCS11Library(world.library)
        let path = scratch.file("hardware")
        return Subject(
            pin: SoftHSM.pin, open: { try PKCS11Hardware(library, token: token, directory: path) }, cut: {},
            worker: {
                (["pkcs11", path, world.library, token], ["SOFTHSM2_CONF": world.configuration])
            }, directory: path)
    }

    static func tpm(_ scratch: Scratch, _ tpm: SoftwareTPM) -> Subject<TPMHardware> {
        let path = scratch.file("hardware")
        return Subject(
            pin: "482913", open: { try TPMHardware(TPMFile.socket(tpm.socket), directory: path) },
            cut: {
                tpm.kill()
                try tpm.start()
            }, worker: { (["tpm", path, tpm.socket], [:]) }, directory: path)
    }
}
