// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Triggers {
    /// Takes a transaction whose outcome is on record into its card's window, at its own time.
    public mutating func apply(_ event: WindowEvent) { store.insert(event) }

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
        let units = UInt32(clamping: amount.minorUnits)
        let time = store.clock.place(instant.milliseconds)
        let sites = store.sites.records.view
        let marked = store.change(card) { event, eventTime in
            guard eventTime == time, event.amount == units, event.currency == amount.currency.numeric,
                (event.kinds & PackedEvent.reversedBit == 0) == isReversed
            else { return eventTime < time }
            let site = Sites.record(sites, Int(event.site))
            guard site.terminal == terminal.packed else { return false }
            event.kinds ^= PackedEvent.reversedBit
            return true
        }
        guard let marked, marked.time == UInt32(truncatingIfNeeded: time) else { return false }
        let site = store.sites[Int(marked.site)]
        store.changeRecord(card) { record in
            guard marked.isSpending, marked.currency == record.head.currency else { return }
            record.days.reverse(
                marked.amount, isUnusual: marked.field(PackedEvent.unusualShift, 1) == 1,
                on: WindowStore.day(time, site.offset), isReversed: isReversed)
        }
        return true
    }

    /// Takes in what became known of a transaction. The caller sees to it that each has one verdict, which at most one
    /// `withdrawn` takes back.
    public mutating func label(_ label: TransactionLabel) {}

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
    public mutating func replaceRules(_ rules: RuleSet) { self.rules = rules }
}
