// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The sealed journal as the image keeps it: up to the last record that the shell is known to have stored. What was sealed
/// since then is in memory alone, so that a record that was never stored was never written, and its number is used again.
struct JournalAtRest: Sendable {
    /// Under the storage key; empty where there is no journal.
    var bytes: [UInt8] = []
    /// The number of its newest record.
    var last: UInt64 = 0
    /// Up to here no intent is open.
    var settled: UInt64 = 0
    /// The newest record when an image was stored last.
    var stored: UInt64 = 0

    /// Records that an image may be behind.
    static let lagMax: UInt64 = 32
}

/// Records of the POS application, sealed for the host (rule R8). The order of steps: the module seals; the shell stores the
/// record; what rests on it leaves. With its next `seal` the application says what it has stored, and the image follows.
extension TerminalSecurityModule {
    /// Records of one `seal`.
    static var sealRequestsMax: Int { 16 }

    private var holdsJournal: Bool { keys.journal.borrowed { _ in true } ?? false }
    private var newestRecord: UInt64? { keys.journal.borrowed { $0.nextIndex - 1 } }

    /// The number of the newest record that is stored; nil without a sealed journal.
    var journalIndex: UInt64? { holdsJournal ? journalAtRest.last : nil }

    /// There was a journal, and its keys did not come back. A first key again would use numbers and keys again: a new identity
    /// alone begins a new journal, and until then the module stops (H03).
    var isJournalLost: Bool { record.hostKey != nil && record.latch == nil && !holdsJournal }

    /// Shows the module what the shell has stored, before its power-up: records that are newer than the image are known by
    /// their codes, and an intent whose record nobody has any more is forgotten, since nobody could be told of it.
    ///
    /// - Parameter stored: the bytes of every record that the host has not acknowledged, oldest first.
    /// - Returns: false for a record that this journal has not written, or that is not the next; those before it count.
    @discardableResult
    public mutating func resumeJournal(_ stored: [[UInt8]]) -> Bool {
        guard var journal = keys.journal.take() else { return true }
        var isWhole = true
        var records: [SealedRecord] = []
        for bytes in stored {
            guard let record = try? SealedRecord(decoding: bytes), (try? journal.resume([record])) != nil else {
                isWhole = false
                break
            }
            records.append(record)
        }
        journal.keep(records)
        keys.journal = consume journal
        restJournal()
        return isWhole
    }

    /// Seals records, all or none.
    ///
    /// - Parameter stored: the newest record that the application has stored.
    mutating func seal(_ stored: UInt64, _ requests: [SealRequest], _ now: Instant) -> TerminalModuleReply {
        guard holdsJournal else { return refused(.halted, now) }
        guard requests.count <= Self.sealRequestsMax, confirm(stored), var journal = keys.journal.take() else {
            return refused(.badRequest, now)
        }
        var items: [SealedItem] = []
        for request in requests {
            guard let record = try? journal.seal(request.content, opens: request.opens, covers: request.covers) else {
                break
            }
            items.append(SealedItem(index: record.index, bytes: record.encoded()))
        }
        keys.journal = consume journal
        guard items.count == requests.count else {
            goBackToRest()
            return refused(.badRequest, now)
        }
        return .sealed(items)
    }

    /// What was sealed last is stored, or never was.
    ///
    /// - Returns: false, with nothing changed, for a record that was not sealed.
    private mutating func confirm(_ stored: UInt64) -> Bool {
        guard let newest = newestRecord else { return false }
        if stored == newest {
            if newest != journalAtRest.last { restJournal() }
        } else {
            guard stored <= journalAtRest.last else { return false }
            goBackToRest()
        }
        if journalAtRest.last - journalAtRest.stored > JournalAtRest.lagMax { isDirty = true }
        return true
    }

    /// The image keeps the journal as it is now.
    mutating func restJournal() {
        journalAtRest.bytes =
            keys.storage.borrowed { storage in keys.journal.borrowed { $0.wrapped(under: storage) } ?? [] } ?? []
        journalAtRest.last = newestRecord ?? 0
        journalAtRest.settled = keys.journal.borrowed { $0.open.first.map { $0 - 1 } ?? $0.nextIndex - 1 } ?? 0
    }

    private mutating func goBackToRest() {
        guard newestRecord != journalAtRest.last else { return }
        keys.journal = atRest()
    }

    private func atRest() -> SealedJournal? {
        guard let hostKey = record.hostKey else { return nil }
        var journal: SealedJournal?
        _ = keys.storage.borrowed {
            journal = SealedJournal(
                unwrapping: journalAtRest.bytes, under: $0, record.journalIdentity, hostKey: hostKey)
        }
        return journal
    }

    /// The closing record, before the keys go. Where nobody knows whether the last records were stored there are two, one
    /// behind them and one in their place: the application keeps what it has, and the one that is next to it fits.
    mutating func closeJournal(_ code: WarningCode, _ now: Instant) -> [SealedItem] {
        guard let journal = keys.journal.take() else { return [] }
        var closings: [SealedItem] = []
        if journal.nextIndex - 1 != journalAtRest.last { closings += Self.closing(atRest(), code, now) }
        closings += Self.closing(consume journal, code, now)
        journalAtRest = JournalAtRest()
        return closings
    }

    private static func closing(
        _ journal: consuming SealedJournal?, _ code: WarningCode, _ now: Instant
    ) -> [SealedItem] {
        guard let journal, let record = journal.close(code, at: now) else { return [] }
        return [SealedItem(index: record.index, bytes: record.encoded())]
    }
}
