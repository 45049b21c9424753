// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// What a terminal's module does with a key that was loaded into it. Each slot's key does one of these and nothing else;
/// whether it may, the header of its key block says (X9.143:2021 6.3), which is authenticated with the key.
///
/// Keys that come from these have no header of their own: their purpose is part of the derivation (X9.24-3 table 3, X9.24-1
/// annex A), or their place in a session's download, which a ticket authenticates.
public enum KeyOperation: CaseIterable, Sendable {
    /// Transaction keys of DUKPT out of the initial key.
    case deriveTransactionKeys
    /// Session keys out of their download, under the TMK.
    case openSessionKeys
    /// CMAC of health element, evidence and statement.
    case proveHealth
    /// Verification of a lease ticket's CMAC.
    case verifyTicket
    /// The keys of audit log and sealed journal, out of their first ones.
    case deriveRecordKeys
    /// Keys out of key blocks.
    case openKeyBlocks

    /// Whether a key may be used so.
    public func permits(_ key: KeyAttributes) -> Bool {
        let rule = rule
        return key.usage == rule.usage && rule.algorithms.contains(key.algorithm) && rule.modes.contains(key.modeOfUse)
    }

    private struct Rule {
        var usage: KeyUsage
        var algorithms: [KeyAlgorithm]
        var modes: [ModeOfUse]
    }

    private var rule: Rule {
        switch self {
        case .deriveTransactionKeys:
            Rule(usage: .initialDUKPT, algorithms: [.tdes, .aes], modes: [.derive, .unrestricted])
        case .openSessionKeys:
            Rule(usage: .keyEncryption, algorithms: [.tdes, .sm4], modes: [.decrypt, .both, .unrestricted])
        case .proveHealth:
            Rule(usage: .cmac, algorithms: [.aes], modes: [.generate, .generateAndVerify, .unrestricted])
        case .verifyTicket:
            Rule(usage: .cmac, algorithms: [.aes], modes: [.verify, .generateAndVerify, .unrestricted])
        case .deriveRecordKeys:
            Rule(usage: .keyDerivation, algorithms: [.hmac], modes: [.derive, .unrestricted])
        case .openKeyBlocks:
            Rule(usage: .keyBlockProtection, algorithms: [.aes], modes: [.decrypt, .both, .unrestricted])
        }
    }
}

extension KeyAlgorithm {
    /// SM4: X9.143 has no letter for it, so one of those that it leaves to its users.
    static let sm4 = KeyAlgorithm(rawValue: "4")
}
