// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography

/// The keys that a terminal's module is loaded with, in the order of their key blocks.
public enum LoadableKey: UInt8, CaseIterable, Sendable {
    /// DUKPT's initial key, in a session profile the TMK.
    case initial = 1
    case health = 2
    case lease = 3
    /// The first key of the chain of the audit log's epochs.
    case auditRoot = 4
    /// The first key of the sealed journal's chain.
    case journal = 5

    /// What the module does with it.
    func operation(_ profile: KeyProfile) -> KeyOperation {
        switch self {
        case .initial: profile.isSession ? .openSessionKeys : .deriveTransactionKeys
        case .health: .proveHealth
        case .lease: .verifyTicket
        case .auditRoot, .journal: .deriveRecordKeys
        }
    }

    /// The bytes of the key.
    var count: Int {
        switch self {
        case .initial, .health, .lease: 16
        case .auditRoot, .journal: ForwardMAC.keyCount
        }
    }

    /// The header that the host's module writes: no more than what the operation needs.
    func header(_ profile: KeyProfile) -> KeyBlockHeader {
        let (usage, algorithm, mode): (KeyUsage, KeyAlgorithm, ModeOfUse) =
            switch self {
            case .initial where profile.isSession: (.keyEncryption, profile.isSM4 ? .sm4 : .tdes, .decrypt)
            case .initial: (.initialDUKPT, profile == .tdes ? .tdes : .aes, .derive)
            case .health: (.cmac, .aes, .generate)
            case .lease: (.cmac, .aes, .verify)
            case .auditRoot, .journal: (.keyDerivation, .hmac, .derive)
            }
        return KeyBlockHeader(
            version: .d, usage: usage, algorithm: algorithm, modeOfUse: mode,
            optionalBlocks: algorithm == .hmac ? [.hash(.sha256)] : [])
    }
}

/// Why a module takes no keys; nothing has changed.
public enum KeyLoadRefusal: Error, Equatable, Sendable {
    /// No form of key blocks, or not authentic under this key.
    case unreadable
    /// A key that the profile needs is not there.
    case missing(LoadableKey)
    /// The block is not authentic, or breaks a rule of the standard.
    case block(LoadableKey, KeyBlockError)
    /// The header does not allow what the module would do with the key.
    case notPermitted(LoadableKey, KeyOperation)
    /// The key has another length than its place, or is weak.
    case unsuitable(LoadableKey)
    /// Made for another terminal, module, profile or identity, or the module has been tampered with.
    case notForThisModule
    /// The key set was revoked (K01).
    case revoked
    /// A transaction counter would be used again, or is none.
    case counter
    /// The key memory is broken.
    case memory
    /// The module has no identity key, or does not know the host's signing key.
    case noIdentity
    /// No transport of keys is under way, or its time is over.
    case noTransport
    /// The host does not vouch for the facility.
    case notEndorsed
    /// A token of TR-34.
    case transport(TR34Error)
}
