// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// Why an acknowledgement was not taken.
public enum AuditAcknowledgementError: Error, Equatable, Sendable {
    /// The host did not sign it for this log and epoch.
    case notAuthentic
    /// The host has countersigned a head that this log never had: there are two histories (S06).
    case unknownHead
}

extension AuditLog {
    // MARK: Checkpoints

    /// Whether 32 records have been written since the last checkpoint. At an attestation one is made in any case.
    public var isCheckpointDue: Bool {
        identity.epoch > 0 && position.index - (checkpoints.last?.head ?? anchor).index >= Self.checkpointInterval
    }

    /// What the identity key signs of the head of now: 32 bytes.
    public var checkpointDigest: [UInt8] { SignedAuditHead.checkpointDigest(position, of: identity) }

    /// Takes the signature of `checkpointDigest`. Of each 32 records the newest checkpoint is kept.
    public mutating func addCheckpoint(signature: [UInt8]) {
        guard identity.epoch > 0, position.index > anchor.index, signature.count == P256PublicKey.signatureCount else {
            return
        }
        if let last = checkpoints.last, Self.stretch(last.head) == Self.stretch(position) { checkpoints.removeLast() }
        checkpoints.append(SignedAuditHead(head: position, signature: signature))
    }

    private static func stretch(_ head: AuditHead) -> UInt32 { (max(head.index, 1) - 1) / checkpointInterval }

    // MARK: Collecting

    /// Records from an index on, as many as fit: to be sent again and again until they are acknowledged.
    ///
    /// - Parameter index: the first one wanted; what is no longer kept is left out.
    /// - Parameter bytesMax: room for the encoded segment; `LogSegment.roomMin` at least.
    public func collect(from index: UInt32, bytesMax: Int) -> LogSegment {
        let skipped = max(min(Int(index) - 1 - Int(anchor.index), entries.count), 0)
        let start = entries[..<skipped].reduce(anchor) { $0.followed(by: $1.record) }
        var segment = LogSegment(identity: identity, start: start)
        var room = bytesMax - LogSegment.overhead
        var pending = checkpoints[...].drop { $0.head.index <= start.index }
        for entry in entries[skipped...] {
            // A checkpoint travels with the record it was made at.
            let signed = pending.first?.head.index == entry.record.index ? pending.removeFirst() : nil
            room -= LogSegment.entryByteCount + (signed == nil ? 0 : SignedAuditHead.length)
            guard room >= 0 else { break }
            segment.entries.append(entry)
            if let signed { segment.checkpoints.append(signed) }
        }
        return segment
    }

    /// Frees the slots of what the host has collected.
    ///
    /// - Parameter hostKey: the host's public key.
    /// - Returns: how many slots; none for an acknowledgement of what was freed before.
    /// - Throws: `AuditAcknowledgementError`.
    @discardableResult
    public mutating func acknowledge(
        _ signed: SignedAuditHead, by hostKey: P256PublicKey
    ) throws(AuditAcknowledgementError) -> Int {
        let digest = SignedAuditHead.acknowledgementDigest(signed.head, of: identity)
        guard identity.epoch > 0, hostKey.verifies(signed.signature, ofDigest: digest) else { throw .notAuthentic }
        guard signed.head.index >= anchor.index else { return 0 }
        guard signed.head.index <= position.index else { throw .unknownHead }
        let count = Int(signed.head.index - anchor.index)
        let head = entries[..<count].reduce(anchor) { $0.followed(by: $1.record) }
        guard head == signed.head else { throw .unknownHead }
        entries.removeFirst(count)
        checkpoints.removeAll { $0.head.index <= head.index }
        (anchor, acknowledged) = (head, signed)
        return count
    }
}
