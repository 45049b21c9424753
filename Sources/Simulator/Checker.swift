// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import Issuer
import ModuleProtocol
import Terminal
import UnionPay
import Vocabulary

/// Watches a run from outside: what crosses the line, and what becomes durable. It keeps an estate of its own and
/// believes no decision of the host.
struct Checker {
    private(set) var violations: [String] = []
    private var estate = Estate()
    private var balances = Registry<AccountID, Int64>()
    private var cardAccounts = Registry<CardKey, AccountID>()
    /// Every sale that was approved, in the order of the journal.
    private var sales: [Sale] = []
    private var saleIndex: [SaleKey: Int] = [:]
    private var ksns: [KSNKey: UInt64] = [:]
    private var nonces: Set<[UInt8]> = []
    private static let violationsMax = 20

    struct SaleKey: Hashable {
        var terminal: TerminalID
        var stan: STAN
        var transmission: UInt64
    }

    private struct KSNKey: Hashable {
        var terminal: TerminalID
        var ksn: [UInt8]
    }

    private struct Sale {
        var key: SaleKey
        var kind: TransactionKind
        var card: CardKey
        var amount: Int64
        var rrn: RRN
        /// The transaction it refers to.
        var original: RRN?
        var isReversed = false
    }

    /// Approved money that batches were closed with, and totals that did not agree.
    private(set) var batches = 0
    private(set) var unbalanced = 0
    private var releasedHolds: [RRN] = []

    mutating func report(_ invariant: String, _ what: String, at: Instant) {
        if violations.count < Self.violationsMax { violations.append("\(at.iso8601) \(invariant): \(what)") }
    }

    // MARK: - On the line

    /// I4: no KSN is used for two messages.
    mutating func sent(_ bytes: [UInt8], by terminal: TerminalID, at: Instant) {
        guard let ksn = Self.transactionNumber(bytes) else { return }
        let key = KSNKey(terminal: terminal, ksn: Array(ksn))
        let hash = bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        if let before = ksns[key], before != hash { report("I4", "\(terminal) used a KSN twice", at: at) }
        ksns[key] = hash
    }

    /// The KSN, or what a session profile has in its place: the counter of the health element.
    private static func transactionNumber(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var message = bytes
        let isUnionPay = UnionPay.Envelope(taking: &message) != nil
        guard let view = try? MessageView(message, spec: .ofTerminal(message, inEnvelope: isUnionPay)) else {
            return nil
        }
        guard isUnionPay else { return view.bytes(62) }
        // A message that no module has protected has an empty one.
        guard let health = UnionPay.health(of: view), !view.bytes[health].allSatisfy({ $0 == 0 }) else { return nil }
        return view.bytes[health].dropFirst(2).prefix(4)
    }

    // MARK: - In the journal

    mutating func committed(_ record: HostRecord) {
        switch record.body {
        case .estate(let change):
            if let (_, evidence, _) = change.granted, !nonces.insert(evidence.nonce).inserted {
                report("I10", "evidence was accepted twice", at: record.at)
            }
            estate.apply(change, at: record.at)
        case .report(let change, _): estate.apply(change, at: record.at)
        case .issuer(let change):
            switch change {
            case .accountAdded(let id, let account): balances.insert(id, account.available)
            case .cardAdded(let key, let card): cardAccounts.insert(key, card.account)
            default: break
            }
        case .authorisation(let sale):
            if sale.answer.intent.isApproval { approved(sale, .purchase, nil, at: record.at) }
            estate.apply(sale.usage, at: record.at)
        case .transaction(let transaction):
            let sale = transaction.sale
            if sale.answer.intent.isApproval { approved(sale, transaction.kind, transaction.original, at: record.at) }
            estate.apply(sale.usage, at: record.at)
        case .transactionReversal(let reversal):
            reversed(reversal.reversal, at: record.at)
            estate.apply(reversal.reversal.usage, at: record.at)
        case .settlement(let settlement):
            if settlement.outcome == .balanced { batches += 1 }
            if settlement.outcome == .unbalanced {
                unbalanced += 1
                report("settlement", "\(settlement.usage.terminal) does not balance", at: record.at)
            }
            estate.apply(settlement.usage, at: record.at)
        case .batchUpload(let part): estate.apply(part.usage, at: record.at)
        case .dayCut(let cut): releasedHolds += cut.released.map(\.id)
        case .reversal(let reversal):
            reversed(reversal, at: record.at)
            estate.apply(reversal.usage, at: record.at)
        case .refusal(let refusal): estate.apply(refusal.usage, at: record.at)
        case .contradiction(let refusal, let raised):
            estate.apply(
                .reported(
                    refusal.usage.terminal, refusal.usage, raised: raised.map { RaisedWarning($0) }, eventCounter: nil),
                at: record.at)
        case .repeated(let usage): estate.apply(usage, at: record.at)
        case .journal(let change): delivered(change, at: record.at)
        case .rulesReplaced, .rules, .label, .model, .upstream: break
        }
        for sentence in estate.brokenInvariants() { report("estate", sentence, at: record.at) }
    }

    /// R8: a dead terminal's journal takes back what was open, once, and every module that dies says what that is.
    private mutating func delivered(_ record: JournalRecord, at: Instant) {
        let id = record.identity.terminal
        if !record.raised.isEmpty {
            estate.apply(
                .reported(id, nil, raised: record.raised.map { RaisedWarning($0) }, eventCounter: nil), at: at)
        }
        switch record.settlement?.outcome {
        case .reversed(let reversal): reversed(reversal, at: at)
        case .transactionReversed(let reversal): reversed(reversal.reversal, at: at)
        case .held: report("R8", "\(id) left an open transaction without a word", at: at)
        case .stands, .freed, .forwardReversed, .owed, nil: break
        }
    }

    /// I2: approved only by a terminal that is ACTIVE, leased, tested and without a halting warning. I13: never twice.
    private mutating func approved(
        _ sale: Authorisation, _ kind: TransactionKind, _ original: RRN?, at: Instant
    ) {
        let id = sale.usage.terminal
        if let terminal = estate.terminals[id] {
            if terminal.lifecycle != .active { report("I2", "\(id) sold while \(terminal.lifecycle.name)", at: at) }
            if terminal.lease.map({ at < $0.expires }) != true { report("I2", "\(id) sold without a lease", at: at) }
            if let warning = terminal.haltingWarning { report("I2", "\(id) sold under \(warning.rawValue)", at: at) }
            let isTested =
                sale.usage.selfTestNumber > terminal.selfTestNumber || at - terminal.selfTestAt < Estate.selfTestAgeMax
            if !isTested { report("I2", "\(id) sold on an old self-test", at: at) }
        } else {
            report("I2", "\(id) is no terminal", at: at)
        }
        // The repeat of a refund has a transmission time of its own; local time is the first one's.
        let key = SaleKey(terminal: id, stan: sale.names.key.stan, transmission: sale.names.key.localTime)
        guard saleIndex[key] == nil else { return report("I13", "\(id) \(key.stan) was approved twice", at: at) }
        guard let card = sale.card else { return report("I13", "\(id) \(key.stan) has no card", at: at) }
        saleIndex[key] = sales.count
        sales.append(
            Sale(
                key: key, kind: kind, card: card, amount: sale.amount.minorUnits, rrn: sale.answer.rrn,
                original: original))
    }

    /// I3: a reversal takes effect exactly once.
    private mutating func reversed(_ reversal: Reversal, at: Instant) {
        guard reversal.card != nil else { return }
        let key = SaleKey(
            terminal: reversal.usage.terminal, stan: reversal.originalSTAN,
            transmission: reversal.originalTransmission)
        guard let index = saleIndex[key] else { return report("I3", "\(key.stan) was never approved", at: at) }
        if sales[index].isReversed { report("I3", "\(key.terminal) \(key.stan) was reversed twice", at: at) }
        sales[index].isReversed = true
    }

    /// Approved transactions that were no purchases.
    var otherKinds: Int { sales.count { $0.kind != .purchase } }

    // MARK: - At the end

    /// Money is where transactions and reversals say it is: a purchase and a completion are debits, their voids and
    /// refunds credits, and a pre-authorisation holds until it is voided, completed or released.
    mutating func settle(_ host: borrowing Host, at: Instant) {
        var expected = balances
        let standing = sales.filter { !$0.isReversed }
        // A completion that was voided holds its pre-authorisation again.
        let voided = standing.filter { $0.kind.isVoid }.compactMap(\.original)
        let isVoided = Set(voided)
        let completed = Set(
            standing.filter { $0.kind == .completion && !isVoided.contains($0.rrn) }.compactMap(\.original))
        let released = Set(releasedHolds)
        for sale in standing {
            guard let account = cardAccounts[sale.card], let index = expected.find(account) else { continue }
            switch sale.kind.side {
            case .debit: expected.values[index] -= sale.amount
            case .credit: expected.values[index] += sale.amount
            case .none where sale.kind == .preAuthorisation:
                let isOpen = ![isVoided, completed, released].contains { $0.contains(sale.rrn) }
                if isOpen { expected.values[index] -= sale.amount }
            case .none: break
            }
        }
        for (id, balance) in zip(expected.keys, expected.values) where host.issuer.accounts[id]?.available != balance {
            report("I3", "account \(id) does not add up", at: at)
        }
    }

    /// Terminal and host agree on every sale: what the clerk handed out stands, and nothing else does.
    /// - Parameter promised: refunds that the clerk was told to wait for; they may stand.
    mutating func settle(
        _ terminal: TerminalID, approved: [ApprovedSale], promised: [(stan: STAN, at: Instant)], at: Instant
    ) {
        var matched = promised.count { stands($0.stan, $0.at, terminal) }
        for sale in approved {
            guard stands(sale.stan, sale.at, terminal) else {
                report("I3", "\(terminal) \(sale.stan) was handed out and does not stand", at: at)
                continue
            }
            matched += 1
        }
        let standing = sales.count { $0.key.terminal == terminal && !$0.isReversed && $0.kind != .balance }
        if standing > matched {
            report("I3", "\(terminal): \(standing - matched) sales stand that nobody handed out", at: at)
        }
    }

    private func stands(_ stan: STAN, _ at: Instant, _ terminal: TerminalID) -> Bool {
        let time = CalendarTime(at)
        let transmission =
            UInt64(time.month * 100 + time.day) * 1_000_000
            + UInt64(time.hour * 10_000 + time.minute * 100 + time.second)
        return saleIndex[SaleKey(terminal: terminal, stan: stan, transmission: transmission)]
            .map { !sales[$0].isReversed } ?? false
    }
}
