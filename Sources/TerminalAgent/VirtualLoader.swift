// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Storage
import Vocabulary

/// What stands for a terminal's loader and flash: the module's software in two slots, the POS application, and the supplier
/// who has signed them. The files are what is measured; that nobody executes them is the emulation.
///
///     a, b           the module's software in its two slots
///     application    the POS application
///
/// The supplier's private key is in no file: it lives as long as this value, and updates with it.
// @unchecked: used on the terminals' event loop alone, once it is made.
final class VirtualLoader: @unchecked Sendable {
    private let supplier: P256PrivateKey
    private let path: String
    private var security: UInt32 = 1
    /// When the files were measured last.
    private(set) var measuredAt: Instant?

    private static let softwareBytes = 4_096
    /// A module wants to be measured once a day.
    private static let measuredEvery = Interval.hours(12)

    /// Installs new software in a directory.
    init(_ path: String) throws {
        supplier = try P256PrivateKey.generate()
        self.path = path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in ["a", "application"] { try write(name) }
    }

    var supplierKey: P256PublicKey { supplier.publicKey }

    private func write(_ name: String) throws {
        try SealedFile.write(RandomBytes.bytes(Self.softwareBytes), to: "\(path)/\(name)")
    }

    /// SHA-256 of a file; empty where there is none.
    private func digest(_ name: String) throws -> [UInt8] {
        try SealedFile.read("\(path)/\(name)").map { SHA256.hash($0) } ?? []
    }

    private func manifest(_ component: SoftwareComponent, of name: String) throws -> SoftwareManifest {
        try SoftwareManifest(
            signing: component, SoftwareVersion(1, 0, UInt16(clamping: security)), digest: digest(name),
            securityVersion: security, by: supplier)
    }

    /// Hands a new module the supplier's word on what is installed.
    func present(to module: inout TerminalSecurityModule, now: Instant) throws {
        try module.present(manifest(.module, of: "a"), now: now)
        try module.present(manifest(.application, of: "application"), now: now)
    }

    /// Measures what the module starts next.
    func measure(for module: inout TerminalSecurityModule, now: Instant) throws {
        let slot = module.bootSlot == .a ? "a" : "b"
        module.measure(executable: try digest(slot), application: try digest("application"), now: now)
        measuredAt = now
    }

    func isMeasurementDue(_ now: Instant) -> Bool { measuredAt.map { now - $0 >= Self.measuredEvery } ?? true }

    /// Writes the next version into the spare slot, signed, and has the module try it.
    func update(_ module: inout TerminalSecurityModule, now: Instant) throws {
        let spare = module.bootSlot == .a ? "b" : "a"
        security += 1
        try write(spare)
        try module.stageUpdate(manifest(.module, of: spare), now: now)
        try module.tryUpdate(now: now)
    }
}
