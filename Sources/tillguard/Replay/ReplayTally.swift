// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import Issuer
import SecurityTriggers
import Storage
import Vocabulary

/// What the journal of a replay says: each terminal's decided purchases in their order, and which rules fired.
///
/// A terminal has one purchase out at a time and its purchases are numbered as they stand in the file, so that what is
/// decided is always the beginning of a terminal's rows. That makes the journal itself the position of the replay:
/// what it holds is never sent again, what it does not hold is sent.
struct ReplayTally: Sendable {
    struct Decided: Equatable, Sendable {
        var intent: Intent
        /// A live rule asked for a case.
        var isSuspected: Bool
        var amount: Int64
        var at: Instant
        var card: CardKey?
    }

    /// By the terminal's number.
    private(set) var decided: [[Decided]] = []
    private(set) var count = 0
    private(set) var cases = 0
    private(set) var fired: [String: Int] = [:]
    /// The time of the latest record.
    private(set) var latest = Instant.epoch
    private var ruleIDs: [String] = []
    private var isFirst = true
    private(set) var isReplay = false

    /// Who begins a replay's journal.
    static let principal = Principal(staff: StaffID(packed: 0x5245_504C_4159_0000), role: .system)

    init() {}

    /// Reads the journal of a data directory.
    /// - Throws: `ReplayError.notAReplay`, and what `JournalReader` throws.
    static func read(_ directory: String) throws -> ReplayTally {
        var tally = ReplayTally()
        try JournalReader(path: directory).readRecords { _, bytes in tally.take(try HostRecord(decoding: bytes)) }
        guard tally.isFirst || tally.isReplay else { throw ReplayError.notAReplay(data: directory) }
        return tally
    }

    /// Whether nothing has been written yet.
    var isEmpty: Bool { isFirst }

    mutating func take(_ record: HostRecord) {
        latest = max(latest, record.at)
        defer { isFirst = false }
        switch record.body {
        case .rulesReplaced(let text, let staff):
            if isFirst { isReplay = staff == Self.principal.staff }
            ruleIDs = (try? RuleSet(parsing: text))?.ruleIDs ?? []
        case .authorisation(let sale):
            add(
                sale.usage.terminal,
                Decided(
                    intent: sale.answer.intent, isSuspected: sale.evaluation?.openCase != nil,
                    amount: sale.amount.minorUnits, at: record.at, card: sale.card))
            if sale.effects.openCase != nil { cases += 1 }
            for result in sale.evaluation?.results ?? [] where result.outcome == .hit && !result.isShadow {
                guard ruleIDs.indices.contains(result.rule) else { continue }
                fired[ruleIDs[result.rule], default: 0] += 1
            }
        case .refusal(let refusal) where refusal.kind == 0x0200 && refusal.answer.intent != .leaseExpired,
            .contradiction(let refusal, _) where refusal.kind == 0x0200:
            // After a lease has run out the purchase is sent again; any other refusal is its answer.
            add(
                refusal.usage.terminal,
                Decided(
                    intent: refusal.answer.intent, isSuspected: false, amount: refusal.amount.minorUnits,
                    at: record.at, card: nil))
        default: break
        }
    }

    private mutating func add(_ terminal: TerminalID, _ purchase: Decided) {
        guard let index = LoadEstate.index(of: terminal) else { return }
        while decided.count <= index { decided.append([]) }
        decided[index].append(purchase)
        count += 1
    }
}
