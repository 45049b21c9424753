// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The module's identity key: it makes the key itself, of its own noise source, in the first command after it was
/// personalised, and nobody else ever has it. Its signatures say that evidence and checkpoints are of this very module; the
/// health key, which the host has too, cannot.
extension TerminalSecurityModule {
    /// The public half, for whoever verifies a log without a host; nil until the module has made the key.
    public var identityKey: P256PublicKey? { record.identityKey }

    /// Makes the key, once for the identity. What fails is tried again in the next command.
    mutating func makeIdentityIfDue(_ now: Instant, _ random: inout some RandomSource) {
        guard record.latch == nil, record.identityKey == nil, noise.verdict == .sound, isUsable(.health),
            let scalar = drawKey(P256PrivateKey.scalarCount, now, &random),
            let key = try? P256PrivateKey(scalar: scalar)
        else { return }
        guard PairwiseTest.passes(key) else { return raise(.h01, now) }
        record.identityKey = key.publicKey
        keys.identity = consume key
        append(.identityMade, at: now)
    }

    /// ECDSA on P-256, `r ‖ s`; empty for claims that name no key.
    func signature(of claims: EvidenceClaims) -> [UInt8] {
        guard claims.identity != nil else { return [] }
        let digest = SHA256.hash(SignedEvidence.signedBytes(claims))
        return (keys.identity.borrowed { try? $0.deterministicSignature(ofDigest: digest) } ?? nil) ?? []
    }

    /// The key was made and did not come back. No other takes its place: the service centre makes a new identity.
    var isIdentityLost: Bool {
        record.latch == nil && record.identityKey != nil && keys.identity.borrowed { _ in false } ?? true
    }
}
