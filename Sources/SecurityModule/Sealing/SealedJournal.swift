// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// Why a record was not sealed, or a stored one not taken for this journal's own.
public enum SealedJournalError: Error, Equatable, Sendable {
    /// Longer than `SealedRecord.contentCountMax`; in bytes.
    case tooLong(Int)
    /// More intents would be open than `SealedRecord.intentsMax`, or more would be covered at once.
    case tooManyIntents(Int)
    /// No such intent is open, or it is named twice.
    case notOpen(UInt64)
    /// No sound key could be made for sealing.
    case noKey
    /// The stored record of this index is not one that this journal has written, or one before it is not there.
    case notOurs(UInt64)
}

/// The journal of a terminal as its module writes it (rule R8): every record sealed to the host's public key when it is
/// written, with a number and a forward-secure MAC, and at tampering a last one that names the open intents.
///
/// Nobody in between reads it, the terminal included; and since each record's MAC key is gone once the record is made,
/// whoever opens the module later can neither change nor add to what it has written.
///
/// The order of steps, after which a cut of power anywhere leaves records that the host can open, without a gap or a
/// second one of the same number:
///
/// 1. `seal` a record;
/// 2. the shell stores the record's bytes, durably;
/// 3. the module's image is stored with `wrapped(under:)`;
/// 4. the record, or a message that rests on it, leaves the terminal.
///
/// Between 2 and 3 may lie several records. After a restart `resume(_:)` is given what the shell has stored.
public struct SealedJournal: ~Copyable, Sendable {
    public let identity: JournalIdentity
    private let hostKey: P256PublicKey
    private var chain: ForwardMAC
    private var session: SealSession

    /// Intents that no record has covered yet, ascending.
    public private(set) var open: [UInt64]

    /// A new journal.
    ///
    /// - Parameter hostKey: what the host opens records with.
    /// - Parameter firstKey: 32 bytes that the host knows too, of this identity alone.
    /// - Throws: `SealedJournalError.noKey`.
    public init(
        _ identity: JournalIdentity, hostKey: P256PublicKey, firstKey: borrowing SecretKey
    ) throws(SealedJournalError) {
        let session = try Self.session(hostKey)
        self.session = session
        (self.identity, self.hostKey, open) = (identity, hostKey, [])
        chain = ForwardMAC(firstKey: firstKey)
    }

    /// The number of the next record.
    public var nextIndex: UInt64 { chain.index }

    /// Seals a record. The key of its MAC is wiped in this step.
    ///
    /// - Parameter content: the record, up to `SealedRecord.contentCountMax` bytes.
    /// - Parameter opens: whether it opens an intent; the record's index names it from then on.
    /// - Parameter covers: intents that this record completes or takes back.
    /// - Throws: `SealedJournalError`; then nothing has changed.
    public mutating func seal(
        _ content: [UInt8], opens: Bool = false, covers: [UInt64] = []
    ) throws(SealedJournalError) -> SealedRecord {
        guard content.count <= SealedRecord.contentCountMax else { throw .tooLong(content.count) }
        let covers = covers.sorted()
        for (place, intent) in covers.enumerated() where !open.contains(intent) || covers[..<place].last == intent {
            throw .notOpen(intent)
        }
        let openAfter = open.count - covers.count + (opens ? 1 : 0)
        guard openAfter <= SealedRecord.intentsMax else { throw .tooManyIntents(openAfter) }
        let record = try write(content, opens ? .intent : .note, covers)
        note(record)
        return record
    }

    /// The last record, which names the open intents; with it the journal's keys are gone.
    ///
    /// - Returns: nil when it could not be sealed: the host then sees that none was written.
    public consuming func close(_ warning: WarningCode, at now: Instant) -> SealedRecord? {
        let content = JournalClosing(warning: warning, at: now).encoded()
        let open = open
        return try? write(content, .closing, open)
    }

    private mutating func write(
        _ content: [UInt8], _ kind: SealedRecord.Kind, _ intents: [UInt64]
    ) throws(SealedJournalError) -> SealedRecord {
        if session.count >= SealSession.recordsMax { session = try Self.session(hostKey) }
        let index = chain.index
        let data = identity.bytes + SealedRecord.header(index, kind, intents)
        let box: [UInt8]
        do { box = try session.seal(content, associatedData: data) } catch { throw .noKey }
        let code = chain.code(identity.bytes + SealedRecord.message(index, kind, intents, box))
        return SealedRecord(index: index, kind: kind, intents: intents, box: box, code: code)
    }

    private mutating func note(_ record: SealedRecord) {
        open.removeAll { record.intents.contains($0) }
        if record.kind == .intent { open.append(record.index) }
    }

    private static func session(_ hostKey: P256PublicKey) throws(SealedJournalError) -> SealSession {
        do { return try SealSession(for: hostKey) } catch { throw .noKey }
    }

    // MARK: At rest

    /// The chain and the open intents, for the module's image.
    ///
    /// - Parameter storageKey: 16, 24 or 32 bytes.
    public borrowing func wrapped(under storageKey: borrowing SecretKey) -> [UInt8] {
        var writer = ByteWriter(capacity: 128)
        writer.sized(chain.wrapped(under: storageKey))
        writer.list(open) { $0.unsigned($1) }
        return writer.bytes
    }

    /// The journal as it was stored; `resume(_:)` comes next. The open intents are believed, so the bytes have to come
    /// out of an authenticated image.
    ///
    /// - Returns: nil for bytes that are no journal under this key.
    public init?(
        unwrapping bytes: [UInt8], under storageKey: borrowing SecretKey, _ identity: JournalIdentity,
        hostKey: P256PublicKey
    ) {
        guard let stored = StoredJournal(bytes), let chain = ForwardMAC(unwrapping: stored.chain, under: storageKey),
            let session = try? Self.session(hostKey)
        else { return nil }
        self.chain = chain
        self.session = session
        (self.identity, self.hostKey, open) = (identity, hostKey, stored.open)
    }

    /// Takes note of records that were stored after the image was: they are authentic, so this journal has written them.
    ///
    /// - Parameter stored: what the shell has kept, oldest first; what is older than the image may be among it.
    /// - Returns: how many were newer than the image.
    /// - Throws: `SealedJournalError.notOurs` for a newer record that is not authentic or not the next.
    public mutating func resume(_ stored: [SealedRecord]) throws(SealedJournalError) -> Int {
        let first = chain.index
        for record in stored where record.index >= first {
            guard record.index == chain.index, record.kind != .closing,
                chain.verify(record.code, message: record.message(of: identity))
            else { throw .notOurs(record.index) }
            note(record)
        }
        return Int(chain.index - first)
    }

    /// Forgets open intents whose records are not among these: nobody has them any more.
    public mutating func keep(_ stored: [SealedRecord]) {
        open.removeAll { intent in !stored.contains { $0.index == intent } }
    }
}

private struct StoredJournal {
    var chain: [UInt8]
    var open: [UInt64]

    init?(_ bytes: [UInt8]) {
        do {
            var reader = ByteReader(bytes)
            chain = try reader.sized()
            open = try reader.indices()
            guard reader.isAtEnd, open.count <= SealedRecord.intentsMax else { return nil }
        } catch { return nil }
    }
}
