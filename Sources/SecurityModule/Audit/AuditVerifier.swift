// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography

/// Follows one module's audit log at the host: takes the segments that were collected, in their order, and names the
/// first record at which they are not what the module wrote. It needs the first key of the epoch's chain and the module's
/// public key, and no clock.
///
/// What it finds, and by what:
///
/// 1. an edit: the code over the head after the record, whose key was wiped when the record was written;
/// 2. a cut: an index that is left out, or a checkpoint beyond the last record;
/// 3. records in another order: their indices;
/// 4. a roll-back: an attested head that is behind (`check(attested:)`), or counters that fall;
/// 5. a fork: another authentic record, another signed head or another attested one for an index that is known.
///
/// Records without a code are taken in one place only: behind the record of tampering, which erased the keys. They are
/// chained, and claims beyond that.
///
/// A segment is taken whole or not at all.
public struct AuditVerifier: ~Copyable, Sendable {
    /// The newest heads kept, for what is sent again.
    static let historyMax = 4_096

    public let identity: AuditIdentity
    private let publicKey: P256PublicKey
    /// Before the first record of the epoch.
    let origin: AuditHead
    /// At the oldest record whose head is still known, so that a second one of it is told from a changed one.
    private var past: ForwardMAC
    /// At the next record.
    private var chain: ForwardMAC
    var trail: AuditTrail

    /// - Parameter origin: the head before the first record of the epoch; of a new module `AuditHead.origin`.
    /// - Parameter firstKey: the key of the epoch's first record, 32 bytes.
    /// - Parameter publicKey: of the module's identity key.
    public init(
        _ identity: AuditIdentity, origin: AuditHead = .origin, firstKey: borrowing SecretKey,
        publicKey: P256PublicKey
    ) {
        (self.identity, self.origin, self.publicKey) = (identity, origin, publicKey)
        past = ForwardMAC(firstKey: firstKey, index: UInt64(origin.index) + 1)
        chain = ForwardMAC(firstKey: firstKey, index: UInt64(origin.index) + 1)
        trail = AuditTrail(from: origin)
    }

    /// The newest record taken.
    public var position: AuditHead { trail.head }

    /// Whether the log ends with tampering: nothing behind it is authentic.
    public var isClosed: Bool { trail.isClosed }

    /// Goes on behind a head that was verified before, without its records.
    ///
    /// - Returns: false for a head before this one, or `ForwardMAC.skipMax` beyond it.
    public mutating func resume(at head: AuditHead, isClosed: Bool = false) -> Bool {
        guard head.index >= position.index else { return false }
        if head.index > position.index {
            guard chain.advance(to: UInt64(head.index)) else { return false }
            past = chain.copy()
            _ = chain.advance(to: UInt64(head.index) + 1)
        }
        trail = AuditTrail(from: head)
        trail.isClosed = isClosed
        return true
    }

    /// As `resume(at:isClosed:)`, with the counters of the record there.
    mutating func resume(at known: LogPosition) -> Bool {
        guard resume(at: AuditHead(index: known.index, digest: known.digest), isClosed: known.isClosed) else {
            return false
        }
        trail.follow(from: known)
        return true
    }

    /// Where it stands, to be resumed at.
    var logPosition: LogPosition {
        LogPosition(
            epoch: identity.epoch, origin: origin.index, index: position.index, digest: position.digest,
            isClosed: isClosed, boot: trail.boot, eventCounter: trail.eventCounter)
    }

    /// Compares a head that was attested before with what was collected since.
    ///
    /// - Throws: `AuditFinding.forked` for another head at its number.
    func check(passed head: AuditHead) throws(AuditFinding) {
        if let known = trail.digest(at: head.index), known != head.digest { throw .forked(head.index) }
    }

    /// Takes a segment, or says what is wrong with it first; then nothing has changed.
    ///
    /// - Returns: how many records of it were new.
    /// - Throws: `AuditFinding`.
    @discardableResult
    public mutating func verify(_ segment: LogSegment) throws(AuditFinding) -> Int {
        guard segment.identity == identity, segment.start.index >= origin.index else { throw .foreign }
        guard segment.start.index <= position.index else { throw .missing(position.index + 1) }
        try Self.checkOrder(segment)
        try checkKnown(segment)
        var trail = trail
        var chain = chain.copy()
        let new = segment.entries.drop { $0.record.index <= position.index }
        for entry in new { try trail.follow(entry, &chain) }
        for signed in segment.checkpoints { try check(signed, trail) }
        trail.forget(Self.historyMax)
        self.chain = chain
        self.trail = trail
        _ = past.advance(to: UInt64(trail.oldest))
        return new.count
    }

    /// Compares the head that the module has attested just now with what was collected.
    ///
    /// - Returns: how many records are still to be collected.
    /// - Throws: `AuditFinding.rolledBack` for a head that is behind, `forked` for another one at its index.
    @discardableResult
    public func check(attested head: AuditHead) throws(AuditFinding) -> UInt32 {
        guard head.index <= position.index else { return head.index - position.index }
        if let known = trail.digest(at: head.index), known != head.digest { throw .forked(head.index) }
        guard head.index == position.index else { throw .rolledBack(head.index + 1) }
        return 0
    }

    // MARK: Steps

    /// Indices rise by one.
    private static func checkOrder(_ segment: LogSegment) throws(AuditFinding) {
        let indices = segment.entries.map(\.record.index)
        for (offset, index) in indices.enumerated() {
            let expected = segment.start.index &+ UInt32(offset) &+ 1
            guard index != expected else { continue }
            let next = offset + 1 < indices.count ? indices[offset + 1] : nil
            // One wrong number among right ones is a changed number, not a lost record.
            if next == expected &+ 1 || (next == nil && index < expected) { throw .edited(expected) }
            if index < expected || indices[offset...].contains(expected) { throw .reordered(expected) }
            throw .missing(expected)
        }
    }

    /// What is sent again is what was sent.
    private func checkKnown(_ segment: LogSegment) throws(AuditFinding) {
        var head = segment.start
        if let known = trail.digest(at: head.index), known != head.digest {
            guard let next = segment.entries.first, isAuthentic(next, head.followed(by: next.record)) else {
                throw .edited(head.index)
            }
            throw .forked(head.index)
        }
        for entry in segment.entries where entry.record.index <= position.index {
            head = head.followed(by: entry.record)
            guard let known = trail.digest(at: head.index), known != head.digest else { continue }
            throw isAuthentic(entry, head) ? .forked(head.index) : .edited(head.index)
        }
    }

    private func isAuthentic(_ entry: AuditEntry, _ head: AuditHead) -> Bool {
        var chain = past.copy()
        return chain.advance(to: UInt64(head.index)) && chain.isNext(entry.code, message: head.digest)
    }

    private func check(_ signed: SignedAuditHead, _ trail: AuditTrail) throws(AuditFinding) {
        let index = signed.head.index
        guard signed.isCheckpoint(of: identity, by: publicKey) else { throw .unsigned(index) }
        guard index <= trail.head.index else { throw .missing(trail.head.index + 1) }
        if let known = trail.digest(at: index), known != signed.head.digest { throw .forked(index) }
    }
}
