// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import Vocabulary

/// Open purchases of a dead terminal (rule R8): its sealed journal comes under a one-time token, authenticated by its records'
/// own codes. What the closing record names as open is taken back as by a reversal; without one an intent only holds funds
/// and opens a case.
extension Host {
    /// How long a closing record is waited for once records have come.
    public static let closingTimeout = Interval.hours(1)
    /// What has been delivered of a terminal's sealed journal.
    public func journal(of id: TerminalID) -> TerminalJournal? {
        estate.terminals.find(id).map { journal(at: $0) }
    }

    func journal(at index: Int) -> TerminalJournal {
        let terminal = estate.terminals.values[index]
        let identity = JournalIdentity(
            terminal: estate.terminals.keys[index], identityEpoch: terminal.identityEpoch, serial: terminal.serial)
        return journals[index].of(identity, attested: terminal.device?.journalIndex)
    }

    /// The module's question about sealed records that came under a token.
    ///
    /// - Returns: nil where the token is not one of this terminal's, or the terminal still trades.
    public func journalQuestion(_ id: TerminalID, token: [UInt8], records: [[UInt8]]) -> OpenJournalCommand? {
        guard estate.admitsJournal(id, token: token), let index = estate.terminals.find(id) else { return nil }
        let journal = journal(at: index)
        guard let identity = journal.identity else { return nil }
        return OpenJournalCommand(identity: identity, state: journal.state, records: records)
    }

    /// Takes down what was delivered. The answer is a receipt without a MAC; what follows for each intent are records of
    /// their own (`decideJournalSettlement(_:now:)`).
    ///
    /// - Parameter delivery: nil where there was no question to ask.
    public func decideJournal(_ id: TerminalID, _ delivery: JournalDelivery?, now: Instant) -> Decision {
        guard let delivery, let index = estate.terminals.find(id) else { return .answer(unsealed(.macFailed), nil) }
        let journal = journal(at: index)
        guard let identity = journal.identity else { return .answer(unsealed(.macFailed), nil) }
        var record = JournalRecord(identity)
        var findings = delivery.findings.filter(\.isLasting)
        for delivered in delivery.records {
            record.notes.append(delivered.note)
            guard delivered.kind == .intent else { continue }
            if journal.intents.count + record.opened.count < TerminalJournal.intentsMax,
                let intent = try? JournalIntent(decoding: delivered.content)
            {
                record.opened.append(SealedIntent(index: delivered.index, intent: intent))
            } else {
                findings.append(.unreadable(delivered.index))
            }
        }
        note(findings, journal, in: &record)
        // What was sent again is written once.
        return .answer(unsealed(.adviceAccepted), record.isEmpty ? nil : HostRecord(at: now, .journal(record)))
    }

    private func note(_ findings: [JournalFinding], _ journal: TerminalJournal, in record: inout JournalRecord) {
        for finding in findings where !journal.findings.contains(finding) && !record.findings.contains(finding) {
            guard journal.findings.count + record.findings.count < TerminalJournal.findingsMax else { break }
            record.findings.append(finding)
        }
        let open = estate.terminals[record.identity.terminal]?.warnings.map(\.code) ?? []
        for finding in record.findings {
            let code = finding.warning
            if !open.contains(code), !record.raised.contains(code) { record.raised.append(code) }
        }
    }

    // MARK: - What intents come to

    /// What the next intent of a terminal comes to that can be settled now, one a record: each is decided on what the one
    /// before has done.
    public func decideJournalSettlement(_ id: TerminalID, now: Instant) -> HostRecord? {
        guard let index = estate.terminals.find(id) else { return nil }
        return journalSettlement(index, now: now).map { HostRecord(at: now, .journal($0)) }
    }

    /// The same of any terminal: for the clock.
    func journalTick(now: Instant) -> JournalRecord? {
        for index in journals.indices where journals[index].identity != nil {
            if let record = journalSettlement(index, now: now) { return record }
        }
        return nil
    }

    private func journalSettlement(_ index: Int, now: Instant) -> JournalRecord? {
        guard journals[index].identity != nil else { return nil }
        let journal = journal(at: index)
        guard let identity = journal.identity, let delivered = journal.deliveredAt else { return nil }
        // A terminal that trades again has attested what is settled, and takes back the rest itself.
        guard estate.terminals.values[index].lifecycle != .active else { return nil }
        let isOverdue = now - delivered >= Self.closingTimeout
        var record = JournalRecord(identity)
        for open in journal.intents {
            guard let outcome = outcome(of: open, journal, index, isOverdue: isOverdue, now: now) else { continue }
            record.settlement = JournalSettlement(index: open.index, outcome)
            return record
        }
        guard isOverdue else { return nil }
        note(journal.state.missing.map { .missing($0) }, journal, in: &record)
        return record.isEmpty ? nil : record
    }

    /// 1. Named by the closing record: taken back.
    /// 2. Named by it, and covered by a record all the same: held, since both cannot be true.
    /// 3. Covered, or not named: stands, and is held no longer.
    /// 4. Without a closing record in time: held.
    private func outcome(
        of open: SealedIntent, _ journal: TerminalJournal, _ index: Int, isOverdue: Bool, now: Instant
    ) -> JournalSettlement.Outcome? {
        let isCovered = journal.isCovered(open.index)
        guard journal.isNamed(open.index) else {
            if isCovered || journal.state.closedAt != nil { return freed(open, index) }
            return isOverdue && !open.isHeld ? held(open.intent, index, now: now) : nil
        }
        guard isCovered else { return takenBack(open, index, now: now) }
        return open.isHeld ? nil : held(open.intent, index, now: now)
    }

    private func takenBack(_ open: SealedIntent, _ index: Int, now: Instant) -> JournalSettlement.Outcome? {
        let intent = open.intent
        guard intent.kind.isReversed else { return owed(intent, index, now: now) }
        let id = estate.terminals.keys[index]
        let names = MessageNames(
            key: TransactionKey(stan: intent.stan, localTime: intent.transmission), transmission: intent.transmission)
        let claim = ReversalClaim(
            usage: .none(of: id), names: names, stan: intent.stan, transmission: intent.transmission, kind: intent.kind,
            amount: intent.amount, card: nil)
        switch takeBack(claim, memory[index]) {
        case .conflict: return open.isHeld ? nil : held(intent, index, now: now)
        case .notNow: return nil
        case .purchase(let reversal): return .reversed(reversal)
        case .transaction(let reversal): return .transactionReversed(reversal)
        case .forward(let reversal, let forward, let isOpen):
            return .forwardReversed(reversal, forward: forward, isOpen: isOpen)
        }
    }

    /// A refund is repeated and never taken back: what the host has stands, and what it has not is a case.
    private func owed(_ intent: JournalIntent, _ index: Int, now: Instant) -> JournalSettlement.Outcome {
        let key = TransactionKey(stan: intent.stan, localTime: intent.transmission)
        guard memory[index].find(key, kind: intent.kind.messageType) == nil,
            let entry = intent.original.flatMap({ ledger.find($0) }), issuer.cards[entry.card] != nil
        else { return .stands }
        let (id, fraudCase) = journalCase(entry, intent.amount, now: now)
        return .owed(id, fraudCase)
    }

    private func freed(_ open: SealedIntent, _ index: Int) -> JournalSettlement.Outcome? {
        guard open.isHeld else { return .stands }
        return standing(open.intent, index).flatMap { sealedHold(of: $0) }.map { .freed($0) } ?? .stands
    }

    private func held(_ intent: JournalIntent, _ index: Int, now: Instant) -> JournalSettlement.Outcome {
        guard let entry = standing(intent, index), issuer.cards[entry.card] != nil else { return .stands }
        let (id, fraudCase) = journalCase(entry, entry.amount, now: now)
        guard entry.kind == .purchase, entry.isWhole, entry.upstream == nil, !issuer.holds.isFull else {
            return .held(nil, id, fraudCase)
        }
        let hold = Hold(
            id: entry.rrn, card: entry.card, account: entry.account, amount: entry.amount.minorUnits,
            expires: now + Hold.untilAnswered)
        return .held(hold, id, fraudCase)
    }

    /// The approved transaction that an intent became.
    private func standing(_ intent: JournalIntent, _ index: Int) -> LedgerEntry? {
        guard let known = memory[index].original(stan: intent.stan, transmission: intent.transmission),
            known.answer.intent.isApproval, !known.isReversed
        else { return nil }
        return ledger.find(known.answer.rrn)
    }

    private func journalCase(_ entry: LedgerEntry, _ amount: Money, now: Instant) -> (CaseID, FraudCase) {
        let id = CaseID(UInt64(issuer.cases.count) + 1)
        let fraudCase = FraudCase(
            card: entry.card, account: entry.account, opened: now, terminal: entry.terminal, merchant: entry.merchant,
            amount: amount, rrn: entry.rrn, reference: Self.reference(of: id), rules: [FraudCase.unfinishedRule],
            stopped: false)
        return (id, fraudCase)
    }
}

extension JournalFinding {
    /// Whether it says something of the journal, and not of one message.
    var isLasting: Bool {
        switch self {
        case .edited, .forked, .unreadable, .contradicted: true
        case .malformed, .repeated, .tooFar, .missing: false
        }
    }

    /// Two authentic records of one number are a second module (K04); all else is a broken chain (S06).
    var warning: WarningCode {
        if case .forked = self { return .k04 }
        return .s06
    }
}
