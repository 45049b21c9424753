// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// Whether what runs is what the supplier has signed.
///
/// The supplier's public key is pinned when the module is personalised, and never changes. Without one nothing can be
/// proved: the module says so by leaving both digests out of its evidence, and stops nothing.
extension TerminalSecurityModule {
    /// What a loader has measured.
    struct Measurement: Equatable, Sendable {
        /// SHA-256; empty: not measured.
        var executable: [UInt8]
        var application: [UInt8]
        var at: Instant
    }

    /// Hands in what the loader has measured of the files that run: at each power-up, and once a day.
    ///
    /// What differs from the supplier's word acts in this step: the module's own executable is S01, the application P01.
    /// A module that is not powered up yet is by this.
    public mutating func measure(executable: [UInt8], application: [UInt8], now told: Instant) {
        let now = tick(told)
        measurement = Measurement(executable: executable, application: application, at: now)
        guard isPoweredUp else { return powerUp(now: told) }
        detect(now, testing: false)
        flush()
    }

    /// Hands in the supplier's word on what is installed.
    ///
    /// - Throws: why it was not taken; what the module knew before stays.
    public mutating func present(_ manifest: SoftwareManifest, now: Instant) throws(SoftwareRefusal) {
        guard record.latch == nil else { throw .tampered }
        let now = tick(now)
        if let refusal = record.software.refusal(of: manifest) {
            countMisuse(now)
            flush()
            throw refusal
        }
        record.software.take(manifest)
        isDirty = true
        if isPoweredUp { detect(now, testing: false) }
        flush()
    }

    /// What is measured of a component that runs now; empty where nothing was measured since power-up.
    func measuredDigest(_ component: SoftwareComponent) -> [UInt8] {
        guard let measurement else { return [] }
        return hardware.measured(component == .module ? measurement.executable : measurement.application, component)
    }

    /// What the evidence says was measured of a component.
    func claimedDigest(_ component: SoftwareComponent) -> [UInt8] {
        record.software.supplier == nil ? [] : measuredDigest(component)
    }

    func isProved(_ component: SoftwareComponent) -> Bool {
        record.software.isProved(component, by: measuredDigest(component))
    }

    /// Whether the part of the self-test that looks at the module's own executable is passed: measured today, and found
    /// to be the supplier's.
    func isExecutableFresh(_ now: Instant) -> Bool {
        guard record.software.supplier != nil else { return true }
        return isProved(.module) && measurement.map { now - $0.at < ModuleDuties.ageMax } == true
    }

    /// S01 for an executable that is not the one the supplier has signed; where nothing has been measured, or nothing been
    /// signed, the self-test is not passed, which is what refuses a PIN then. P01 for an application that was measured and
    /// that nobody has proved, once the terminal is in service.
    mutating func checkSoftware(_ now: Instant) {
        guard record.software.supplier != nil else { return }
        if record.software[.module] != nil, !measuredDigest(.module).isEmpty, !isProved(.module) {
            raise(.s01, now)
        } else if measurement != nil, isCausePresent(.p01, now) {
            raise(.p01, now)
        }
    }
}
