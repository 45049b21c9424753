// SPDX-License-Identifier: Apache-2.0

/// Why a hardware did not do what it was asked for. No case carries a value of a key or a PIN.
public enum HardwareError: Error, Equatable, Sendable {
    /// Cannot be reached: no such library, device or socket, or it does not answer in time.
    case unavailable
    /// Never provisioned.
    case notProvisioned
    /// Has destroyed its keys; only a new provisioning makes it useful again.
    case erased
    case notAuthorised
    /// A PIN or its length; so many tries are left.
    case wrongPIN(triesLeft: Int)
    /// Too many wrong PINs, over restarts.
    case locked
    /// No storage key has been sealed.
    case nothingSealed
    /// What was sealed has been changed.
    case corrupt
    /// The platform is not in the state that the key was sealed to (TPM: platform configuration registers).
    case stateChanged
    /// An argument is outside its limits (`SecureHardwareLimits`).
    case badInput
    /// The hardware lacks a mechanism, command or attribute that is needed.
    case unsupported
    /// An answer that no sound hardware gives.
    case malformedAnswer
    /// The hardware's own code: a CK_RV of PKCS#11, a TPM_RC.
    case failed(code: UInt32)
    /// A file could not be read or written; the system's number.
    case storage(errno: Int32)
}

/// Where a hardware stands in its life.
public enum HardwareCondition: Equatable, Sendable {
    case blank
    /// Provisioned, and so many wrong PINs away from being locked.
    case ready(triesLeft: Int)
    case locked
    case erased
}
