// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// What a module begins its two records with, the audit log and the sealed journal. Both are of one identity: a new key set
/// leaves them alone.
public struct RecordKeys: ~Copyable, Sendable {
    /// The first key of the chain of the audit log's epochs; 32 bytes.
    let auditRoot: SecretKey
    /// The first key of the sealed journal's chain; 32 bytes.
    let journal: SecretKey
    /// Whom the journal is sealed for.
    public let hostKey: P256PublicKey

    init(auditRoot: consuming SecretKey, journal: consuming SecretKey, hostKey: P256PublicKey) {
        self.auditRoot = auditRoot
        self.journal = journal
        self.hostKey = hostKey
    }
}
