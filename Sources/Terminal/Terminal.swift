// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// Why a terminal's journal cannot be read back. The terminal must not start: what is open is not known.
public enum TerminalJournalError: Error, Equatable, Sendable {
    /// Bytes that are no record; the index is that of the record.
    case unreadable(index: Int, CodecError)
    /// A record that cannot follow those before it.
    case contradiction(index: Int)
}

/// The POS application around the security module, as a pure value: an event and the time go in, effects come out.
///
/// It never sees a key or a PIN digit. What it tells the host about the module's health is written by the module
/// (rule R1); an answer whose MAC the module does not confirm settles nothing (R5); everything a reversal needs is
/// durable before a sale is sent; and while a warning is open that stops it, no event there is makes a sale possible.
///
/// ## Topics
/// - Making one: ``init(configuration:journal:)``, ``init(configuration:salvaging:)``, ``snapshot()``
/// - Running it: ``handle(_:now:)``
/// - Looking at it: ``refusal(now:)``, ``openWarnings``, ``openReversalCount``, ``lastSale``, ``brokenInvariants()``
public struct Terminal: Sendable {
    public let configuration: TerminalConfiguration

    /// Durable; changed by `record` alone.
    var book = TerminalBook()
    /// Runs ahead of the book while a message is being protected.
    var lastSTAN: STAN
    var isPowered = false
    public internal(set) var isConnected = false
    var module = ModuleLink()
    var signOn = SignOn()
    var log = LogLink()
    var tail = TailDelivery()
    var sale: ActiveSale?
    /// The one exchange with the host that may be on.
    var line: Exchange?
    var exchangeCount: UInt64 = 0
    /// Raised by the terminal itself: C01, L01 to L03, P02, P04.
    var ownWarnings: [RaisedWarning] { book.service.warnings.map(\.raised) }
    /// When the module was lost of late.
    var losses: [Instant] = []
    /// Nil while the journal can be written.
    var store: StoreFailure?
    /// Its journal was damaged, and the new one is still empty.
    var isSalvaged = false
    /// Named by the host when it refused a sign-on; an accepted one takes them back.
    var hostWarnings: [WarningCode] = []
    /// Those of module and terminal that a report was written for and that are still open.
    var reportedWarnings: [WarningCode] = []
    /// What was last told by a `halt` effect.
    var toldHalt = Halt.none
    var toldStops: [WarningCode] = []
    /// When the timers that follow from state will fire.
    var deliveryTimer: Instant?
    var signOnTimer: Instant?
    var echoTimer: Instant?
    /// When the line last brought something, or came up.
    var lastHeard = Instant(microseconds: .min)

    /// Makes the terminal as its journal left it. The first event must be `powerUp`.
    ///
    /// - Parameter journal: every record that was made durable, in order; or a snapshot and every record since.
    /// - Throws: for a record that is damaged or does not fit: what is open is not known, and `init(configuration:salvaging:)`
    ///   makes a terminal that is stopped.
    public init(configuration: TerminalConfiguration, journal: [[UInt8]] = []) throws(TerminalJournalError) {
        var book = TerminalBook()
        for (index, bytes) in journal.enumerated() {
            let record: TerminalRecord
            do throws(CodecError) {
                record = try TerminalRecord(decoding: bytes)
            } catch {
                throw .unreadable(index: index, error)
            }
            guard book.apply(record) else { throw .contradiction(index: index) }
        }
        self.init(configuration: configuration, book: book)
    }

    init(configuration: TerminalConfiguration, book: TerminalBook) {
        self.configuration = configuration
        self.book = book
        // What was due before the restart may have gone out already: it goes out as a repeat.
        for index in book.intents.indices where book.intents[index].isOwed { self.book.intents[index].attempts = 1 }
        if book.batch.settlement != nil { self.book.batch.settlement?.attempts = 1 }
        for index in book.reports.indices { self.book.reports[index].attempts = 1 }
        lastSTAN = book.lastSTAN
    }

    /// One record that stands for the whole journal so far. It holds PANs and tokens, as the journal does.
    public func snapshot() -> [UInt8] { TerminalRecord.snapshot(book).encoded() }

    /// The transactions of the open batch, oldest first.
    public var batch: [BatchEntry] { book.batch.entries }

    /// The number of the open batch.
    public var batchNumber: UInt32 { book.batch.number }

    /// What the open batch adds up to.
    public var batchTotals: BatchTotals { book.batch.totals }

    /// Whether a settlement has begun and not ended.
    public var isSettling: Bool { book.batch.settlement != nil }

    /// Sales that are out and not settled, and reversals and refunds that the host has not taken yet.
    public var openReversalCount: Int { book.intents.count }

    /// The sealed records that the host may still need, oldest first: what the module is shown when it starts.
    public var sealedTail: [SealedItem] { book.sealed.items }

    /// Refunds that the clerk was told to wait for, and that are repeated until they are answered: trace number and time.
    public var pendingRefunds: [(stan: STAN, at: Instant)] {
        book.intents.filter { !$0.kind.isReversed }.map { ($0.stan, $0.at) }
    }

    /// Warning reports that the host has not taken yet.
    public var openReportCount: Int { book.reports.count }

    /// How the last sale ended, across restarts.
    public var lastSale: LastSale? { book.lastSale }

    /// Whether a sale has been started and has no outcome yet.
    public var isSelling: Bool { sale != nil }

    /// Whether the clerk has ended trade: nothing is sold before the next sign-on.
    public var isSignedOff: Bool { signOn.isSignedOff }

    /// What the module last said of itself; nil before its first word.
    public var moduleStatus: ModuleStatus? { module.status }

    /// Every open warning that the terminal knows of, in the order of the catalogue.
    public var openWarnings: [WarningCode] {
        let ofModule = module.status?.openWarnings ?? []
        let (own, ofHost) = (book.service.warnings, hostWarnings)
        guard !(ofModule.isEmpty && own.isEmpty && ofHost.isEmpty) else { return [] }
        return WarningCode.allCases.filter { code in
            ofModule.contains(code) || own.contains { $0.code == code } || ofHost.contains(code)
        }
    }

    /// Why no sale could be started now; nil if one could. Reads nothing but the state.
    public func refusal(now: Instant) -> SaleRefusal? {
        guard halt == .none else { return .halted(stoppingWarnings) }
        guard isConnected else { return .offline }
        guard module.status != nil, let expires = signOn.leaseExpires, now < expires else { return .notSignedOn }
        return nil
    }
}
