// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// The keys of epochs: a chain of its own, of which each epoch takes one link for its first key. The module holds the link
/// of the next epoch, so that a new one needs no key from outside, and none of a past one is left in it.
extension AuditLog {
    private static let label = "audit epoch"

    /// Begins the next epoch, at activation and by order (S06).
    ///
    /// - Parameter epochs: the chain of epochs' keys; its number is the epoch's.
    /// - Parameter chain: becomes the epoch's own; what it held is wiped.
    /// - Returns: false, and nothing changes, without a chain of epochs or with one that is behind the log.
    @discardableResult
    public mutating func beginNextEpoch(
        serial: UInt64, eventCounter: UInt32, at now: Instant, epochs: inout ForwardMAC?, chain: inout ForwardMAC?
    ) -> Bool {
        guard var held = epochs.take() else { return false }
        guard let epoch = UInt32(exactly: held.index), epoch > identity.epoch else {
            epochs = consume held
            return false
        }
        chain = ForwardMAC(firstKey: held.derivedKey(Self.label), index: UInt64(position.index) + 1)
        epochs = consume held
        return begin(
            AuditIdentity(serial: serial, epoch: epoch), eventCounter: eventCounter, at: now, with: &chain)
    }

    /// The first key of an epoch, for whoever verifies.
    ///
    /// - Parameter root: the first key of the chain of epochs, 32 bytes.
    /// - Returns: nil for epoch 0, and for one beyond `ForwardMAC.skipMax`.
    public static func firstKey(of epoch: UInt32, root: borrowing SecretKey) -> SecretKey? {
        var epochs = ForwardMAC(firstKey: root)
        guard epochs.advance(to: UInt64(epoch)) else { return nil }
        return epochs.derivedKey(label)
    }
}

extension AuditVerifier {
    /// A verifier that begins with the first segment of an epoch, whose first record says so: its code proves the head before it too, since
    /// its key was gone before anything else was written.
    ///
    /// - Throws: `AuditFinding`; `missing` when the first record is not the epoch's first.
    public static func beginning(
        with segment: LogSegment, firstKey: borrowing SecretKey, publicKey: P256PublicKey
    ) throws(AuditFinding) -> AuditVerifier {
        guard let first = segment.entries.first?.record, first.event == .logBegun,
            first.detail == segment.identity.epoch
        else { throw .missing(segment.start.index &+ 1) }
        var verifier = AuditVerifier(
            segment.identity, origin: segment.start, firstKey: firstKey, publicKey: publicKey)
        try verifier.verify(segment)
        return verifier
    }
}
