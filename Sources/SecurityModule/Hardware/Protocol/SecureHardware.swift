// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// What a security module stands on: the place where the root of its keys lies.
///
/// The module itself is a pure value (`TerminalSecurityModule`); the hardware is a port of the shell around it, and
/// `HardwareModule` joins the two. A back end keeps four things that outlive the process: a device master key that never
/// leaves it, the storage key sealed under that, an identity key (ECDSA on P-256), and a counter.
///
/// Rules for every back end; one conformance suite holds all of them to these:
/// 1. The counter never falls: not over a restart, a kill, an erasure or a new provisioning.
/// 2. What a call changes is durable when the call returns.
/// 3. `erase()` needs no authorisation, can be repeated, and after a cut anywhere in it a repetition ends it. From its
///    first durable step on, no copy of anything that was stored outside gives the storage key back.
/// 4. Sealed key and identity key are used only after `authorise`. Five wrong values lock the hardware, over restarts,
///    until it is provisioned anew; a try is counted before the value is looked at.
/// 5. What the hardware answers is not believed: whatever is too long, too short or malformed is `malformedAnswer`.
public protocol SecureHardware: ~Copyable {
    /// What this hardware really offers.
    var profile: HardwareProfile { get }

    /// Where the hardware stands in its life. Changes nothing.
    mutating func condition() throws(HardwareError) -> HardwareCondition

    /// Makes the device master key, a new identity key and, for a new hardware, the counter. Whatever was sealed before
    /// is erased first.
    ///
    /// - Parameter pin: what `authorise` will ask for; 4 to 32 bytes.
    mutating func provision(pin: borrowing SecretKey) throws(HardwareError)

    /// Opens the use of the sealed key and the identity key, until this value goes.
    ///
    /// - Throws: `.wrongPIN`, `.locked`, `.notProvisioned`, `.erased`.
    mutating func authorise(pin: borrowing SecretKey) throws(HardwareError)

    /// Keeps the storage key, sealed; replaces the one before.
    ///
    /// - Parameter key: 16 to 32 bytes.
    mutating func seal(_ key: borrowing SecretKey) throws(HardwareError)

    /// The storage key.
    ///
    /// - Throws: `.nothingSealed`, `.erased`, `.notAuthorised`, `.stateChanged`, `.corrupt`.
    mutating func unseal() throws(HardwareError) -> SecretKey

    /// The counter as it stands now.
    mutating func counter() throws(HardwareError) -> UInt64

    /// Raises the counter to `value`; a lower value changes nothing. A cut may leave it between the two.
    mutating func raiseCounter(to value: UInt64) throws(HardwareError)

    /// The public part of the identity key: 65 bytes, an uncompressed point (SEC 1 2.3.3) of P-256.
    mutating func identityPublicKey() throws(HardwareError) -> [UInt8]

    /// An ECDSA signature (FIPS 186-5) by the identity key.
    ///
    /// - Parameter digest: the 32 bytes of a SHA-256.
    /// - Returns: 64 bytes, r and s.
    mutating func sign(digest: [UInt8]) throws(HardwareError) -> [UInt8]

    /// Fills the buffer from the hardware's random source.
    mutating func fillRandom(_ buffer: UnsafeMutableRawBufferPointer) throws(HardwareError)

    /// The sensors as the module takes them: `nominal` with everything replaced that this hardware measures. What it has
    /// no sensor for stays nominal, and is missing in `profile.sensors`.
    mutating func readings(over nominal: EmulatedHardware) throws(HardwareError) -> EmulatedHardware

    /// Destroys the sealed storage key, the identity key, and the ability to unseal.
    mutating func erase() throws(HardwareError)
}

/// Figures that hold for every back end.
public enum SecureHardwareLimits {
    /// Bytes of a PIN. PKCS#11 tokens take no less, TPM authorisation values no more.
    public static let pinLengths = 4...32
    /// Wrong PINs in a row that lock the hardware.
    public static let triesMax = 5
    /// Bytes of a storage key.
    public static let keyLengths = 16...32
    /// Steps that one call may raise the counter by. A module's image raises it by a few; more is a defect, and on a TPM
    /// would be so many writes.
    public static let counterStepMax: UInt64 = 4_096
    /// Bytes of an uncompressed point of P-256.
    public static let publicKeyLength = 65
    /// Bytes of a SHA-256, and of a number of P-256.
    public static let digestLength = 32
    public static let signatureLength = 64
}
