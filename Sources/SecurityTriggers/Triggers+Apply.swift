// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Triggers {
    /// Takes a transaction whose outcome is on record into its card's window, at its own time.
    public mutating func apply(_ event: WindowEvent) { store.insert(event, guess: Whereabouts()) }

    /// The same, sooner, where the evaluation is at hand that was made of the transaction by these triggers. It has no influence
    /// on what comes of it, be it of this transaction or of any other.
    public mutating func apply(_ event: WindowEvent, after evaluation: Evaluation) {
        store.insert(event, guess: evaluation.whereabouts)
    }

    /// Marks a transaction as reversed, or no longer so: reversed it is not approved, and stays an attempt.
    ///
    /// - Parameters:
    ///   - instant: the event time of the original.
    ///   - terminal: where it happened.
    ///   - amount: its amount.
    ///   - isReversed: false takes a reversal back, as when a void is itself reversed.
    /// - Returns: false when the window holds no such transaction, or only one that is marked so already.
    @discardableResult
    public mutating func markReversed(
        card: CardKey, at instant: Instant, terminal: TerminalID, amount: Money, isReversed: Bool = true
    ) -> Bool {
        let time = store.clock.place(instant.milliseconds)
        let sites = store.sites.records.view
        let marked = store.change(card) { event, eventTime in
            guard eventTime == time, event.isOf(amount),
                (event.kinds & PackedEvent.reversedBit == 0) == isReversed
            else { return eventTime < time }
            let site = Sites.record(sites, Int(event.site))
            guard site.terminal == terminal.packed else { return false }
            event.kinds ^= PackedEvent.reversedBit
            return true
        }
        guard let marked, marked.time == UInt32(truncatingIfNeeded: time) else { return false }
        let site = store.sites[Int(marked.site)]
        guard marked.wasApproved else { return true }
        if marked.isOfSpending {
            store.verdicts.change(site.terminalNumber) {
                $0.reverse(at: UInt32(clamping: time / 1_000), isReversed: isReversed)
            }
        }
        store.terminals.correct(site.terminalNumber, at: time) { $0.reverse(marked, at: time, isReversed: isReversed) }
        store.merchants.correct(site.merchantNumber, at: time) { $0.reverse(marked, at: time, isReversed: isReversed) }
        store.changeRecord(card) { record in
            guard marked.isOfSpending, marked.currency == record.head.currency else { return }
            record.days.reverse(
                marked.amount, isUnusual: marked.field(PackedEvent.unusualShift, 1) == 1,
                on: WindowStore.day(time, site.offset), isReversed: isReversed)
        }
        return true
    }

    /// Takes in what became known of a transaction. The caller sees to it that each has one verdict, which at most one
    /// `withdrawn` takes back.
    public mutating func label(_ label: TransactionLabel) {
        let (time, known) = (store.clock.place(label.at.milliseconds), store.clock.place(label.known.milliseconds))
        let isWithdrawn = label.verdict == .withdrawn
        markLabel(label, at: time)
        // One that never came here has no number, and no tiles that could count.
        let hash = store.sites.hash
        let terminal = store.sites.find(terminal: label.terminal)
        if let terminal {
            store.verdicts.change(UInt32(terminal)) {
                $0.label(
                    label.verdict, isPlain: label.isPlain, at: UInt32(clamping: time / 1_000),
                    known: UInt32(clamping: known / 1_000), delay: TerminalVerdicts.delay)
            }
        }
        guard label.verdict != .genuine else { return }
        store.changeRecord(label.card) { record in
            if isWithdrawn { record.head.frauds.subtractSaturating(1) } else { record.head.frauds.addSaturating(1) }
        }
        if let terminal {
            store.terminals.label(UInt32(terminal), label.isPlain, isWithdrawn, known: known)
        }
        if let number = label.merchant?.number, let merchant = store.sites.merchants.find(number, hash) {
            store.merchants.label(UInt32(merchant), label.isPlain, isWithdrawn, known: known)
        }
    }

    /// Whether a transaction's amount was no larger than its card had spent before, as `TransactionLabel.isPlain` has it; nil
    /// where the card's window does not hold the transaction.
    ///
    /// - Parameter instant: its event time.
    public func isPlain(card: CardKey, at instant: Instant, terminal: TerminalID, amount: Money) -> Bool? {
        guard let index = store.find(card) else { return nil }
        let time = store.clock.place(instant.milliseconds)
        let window = store.window(index)
        for position in (0..<window.count).reversed() {
            let event = window[position]
            guard window.time(of: event) >= time else { return nil }
            if window.time(of: event) == time, event.isOf(amount),
                store.sites[Int(event.site)].terminal == terminal.packed
            {
                return event.field(PackedEvent.plainShift, 1) == 1
            }
        }
        return nil
    }

    /// Marks the transaction in its card's ring, where it still is.
    private mutating func markLabel(_ label: TransactionLabel, at time: Int64) {
        let sites = store.sites.records.view
        store.change(label.card) { event, eventTime in
            guard eventTime == time, Sites.record(sites, Int(event.site)).terminal == label.terminal.packed,
                label.amount.map({ event.isOf($0) }) ?? true
            else { return eventTime < time }
            let verdict = label.verdict == .withdrawn ? 0 : label.verdict.rawValue
            event.set(PackedEvent.labelShift, PackedEvent.labelWidth, verdict)
            return true
        }
    }

    /// Takes back all wrong PINs of a card, as when the issuer unlocks it: they become PINs that were not tried.
    /// Everything else that the window knows stays.
    public mutating func resetWrongPINs(card: CardKey) {
        let wrong = UInt32(PINFact.wrong.rawValue) << UInt32(PackedEvent.pinShift)
        let mask = UInt32(0x07) << UInt32(PackedEvent.pinShift)
        let untried = UInt32(PINFact.untried.rawValue) << UInt32(PackedEvent.pinShift)
        store.change(card) { event, _ in
            if event.kinds & mask == wrong { event.kinds = event.kinds & ~mask | untried }
            return false
        }
    }

    /// Puts other rules in force. The windows stay as they are: they hold events, not figures, so that a new
    /// velocity of up to 48 hours is exact at once.
    ///
    /// Tiles of terminals and merchants, and what became known of terminals, are kept while a rule or score asks for them; a
    /// velocity that is the first to ask counts from now on, and until its window is full its figures are lower bounds. With
    /// `keepsAll` tiles are always kept.
    ///
    /// - Parameter watched: rules that are judged by beside them (`evaluate(_:by:)`): what they ask for is kept too, so that
    ///   they find their windows filled when they come into force.
    public mutating func replaceRules(_ rules: RuleSet, watching watched: RuleSet? = nil) {
        (self.rules, self.watched) = (rules, watched)
        keepTiles(since: store.clock.time ?? .min)
    }

    /// Puts in force the lists that the rules name and do not hold, with the next evaluation.
    public mutating func bind(_ lists: ListStore) { rules.bind(lists) }

    mutating func keepTiles(since time: Int64) {
        store.terminals.keep(keepsAll || wantsTiles(.terminal), since: time)
        store.merchants.keep(keepsAll || wantsTiles(.merchant), since: time)
        store.verdicts.keep(wantsVerdicts, since: time)
    }

    func wantsTiles(_ key: VelocityDeclaration.Key) -> Bool {
        ([rules] + [watched].compactMap(\.self)).contains {
            $0.program.velocities.contains { $0.column != nil && $0.key == key }
        }
    }

    /// A score asks for what became known of terminals.
    var wantsVerdicts: Bool { rules.asksForVerdicts || watched?.asksForVerdicts == true }
}
