// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The host's module as the desks see it that issue: terminals get their keys by it, cards what their PINs are verified with. In
/// this process or behind a socket.
public protocol HostIssuingPort: AnyObject, Sendable {
    /// The keyed hash by which the host knows a card.
    func cardKey(_ pan: PAN) throws(ModuleUnavailable) -> CardKey
    /// The PAN for a record.
    func sealPAN(_ pan: PAN) throws(ModuleUnavailable) -> [UInt8]
    /// What the issuer keeps to verify this PIN of this card.
    func pinReference(
        pan: PAN, pin: borrowing ClearPIN, kind: PINReferenceKind
    ) throws(ModuleUnavailable) -> PINReference
    /// The identity and keys of a terminal's module.
    func provision(
        _ keys: TerminalKeys, serial: UInt64, firmware: SoftwareVersion, firstCounter: UInt32, supplier: P256PublicKey?
    ) throws(ModuleUnavailable) -> ModuleProvisioning
}

extension HostIssuingPort {
    /// As `provision(_:serial:firmware:firstCounter:supplier:)`, with no supplier pinned.
    public func provision(
        _ keys: TerminalKeys, serial: UInt64, firmware: SoftwareVersion, firstCounter: UInt32 = 1
    ) throws(ModuleUnavailable) -> ModuleProvisioning {
        try provision(keys, serial: serial, firmware: firmware, firstCounter: firstCounter, supplier: nil)
    }
}

extension SoftHostModule: HostIssuingPort {
    /// What this module is known by, sixteen bytes: it follows from the master keys and says nothing of them. It proves nothing
    /// either; it tells one module from another.
    public var identity: [UInt8] { nonce(Array("tillguard module identity".utf8)) }

    /// Whether every algorithm gives its known answers.
    public static func passesSelfTest() -> Bool { KnownAnswers.firstFailure { $1 } == nil }
}
