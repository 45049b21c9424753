// SPDX-License-Identifier: Apache-2.0

/// A key ceremony of named custodians (ISO 11568, PCI PIN 12 and 13): each who comes enters the one component or share
/// that is theirs, in whatever order; each is checked by its own check value as it is entered, and the key by its own
/// before it is handed over, once.
///
/// A value without a clock: whoever runs it says what time it is. Its material lies in `SecretKey`s and is wiped when the
/// ceremony ends in any way, or is let go. Its invariants:
/// 1. material is held only while `end` is nil;
/// 2. a custodian is in the log as having entered at most once, and everyone who has is a custodian;
/// 3. the key leaves at most once, before the deadline, of `needed` different people's entries, with its check value;
/// 4. once `end` is set it stays, and the log grows no more.
public struct KeyCeremony: ~Copyable, Sendable {
    /// What it was opened for.
    public let plan: KeyCeremonyPlan
    /// What happened, the oldest first; at most three more lines than there are custodians and allowed wrong
    /// entries.
    public private(set) var events: [KeyCeremonyEvent]
    /// How it ended; nil while it is open.
    public private(set) var end: KeyCeremonyEnd?
    /// Who has entered, in that order.
    public private(set) var entered: [String] = []
    /// How many entries were wrong.
    public private(set) var refused = 0
    private var material: KeyCeremonyMaterial
    private var last: Int64

    /// Opens it.
    ///
    /// - Parameter now: in microseconds of the caller's clock; a later instant that lies before an earlier one counts as
    ///   that.
    public init(_ plan: KeyCeremonyPlan, at now: Int64) throws(KeyCeremonyError) {
        guard now <= plan.deadline else { throw .deadline }
        do throws(KeyComponentError) { material = try KeyCeremonyMaterial(plan) } catch { throw .refused(error) }
        self.plan = plan
        last = now
        events = [KeyCeremonyEvent(at: now, kind: .opened(checkValue: plan.checkValue))]
    }

    /// Whether as many have entered as are needed, and the key can be taken.
    public var isComplete: Bool { end == nil && entered.count == plan.needed }

    /// Takes a custodian's component.
    ///
    /// - Parameter checkValue: what stands on the custodian's form, two bytes at least.
    /// - Throws: why it is refused. Every refusal but `over` and `complete` counts as a wrong entry.
    public mutating func enter(
        component: borrowing SecretKey, checkValue: [UInt8], by custodian: String, at now: Int64
    ) throws(KeyCeremonyError) {
        try admit(custodian, plan.algorithm.checkValue(component), now) { material throws(KeyComponentError) in
            try material.enter(component, checkValue: checkValue)
        }
    }

    /// Takes a custodian's share.
    ///
    /// - Parameter checkValue: what stands on the custodian's form, two bytes at least.
    /// - Throws: why it is refused. Every refusal but `over` and `complete` counts as a wrong entry.
    public mutating func enter(
        share: borrowing KeyShare, checkValue: [UInt8], by custodian: String, at now: Int64
    ) throws(KeyCeremonyError) {
        try admit(custodian, plan.algorithm.checkValue(share.value), now) { material throws(KeyComponentError) in
            try material.enter(share, checkValue: checkValue)
        }
    }

    /// Hands over the key, and ends.
    ///
    /// - Throws: `notEnough` while somebody is missing, which changes nothing; `over` when it has ended, or ends because
    ///   the parts do not form the key that was expected.
    public mutating func form(at now: Int64) throws(KeyCeremonyError) -> SecretKey {
        try requireOpen(now)
        guard isComplete else { throw .notEnough(entered: entered.count, needed: plan.needed) }
        let key: SecretKey
        do throws(KeyComponentError) {
            key = try material.form(checkValue: plan.checkValue)
        } catch {
            close(.wrongKey(error))
            throw .over(.wrongKey(error))
        }
        close(.formed)
        return key
    }

    /// Ends it without a key; nothing happens when it is over.
    public mutating func abandon(at now: Int64) {
        advance(to: now)
        if end == nil { close(.abandoned) }
    }

    /// Ends it when its time has run out: for whoever waits, since every other step looks for itself.
    public mutating func advance(to now: Int64) {
        guard end == nil else { return }
        last = max(last, now)
        if last > plan.deadline { close(.expired) }
    }

    // MARK: - Steps

    private mutating func requireOpen(_ now: Int64) throws(KeyCeremonyError) {
        advance(to: now)
        if let end { throw .over(end) }
    }

    /// 1. It must be open, and somebody still needed. 2. The person must be a custodian, and here for the first time.
    /// 3. What they bring must be taken; `step` says no when it is for a key divided otherwise.
    private mutating func admit(
        _ custodian: String, _ checkValue: [UInt8], _ now: Int64,
        _ step: (inout KeyCeremonyMaterial) throws(KeyComponentError) -> Bool
    ) throws(KeyCeremonyError) {
        try requireOpen(now)
        guard !isComplete else { throw .complete }
        guard plan.custodians.contains(custodian) else { throw refuse(nil, .stranger) }
        guard !entered.contains(custodian) else { throw refuse(custodian, .enteredBefore) }
        let isTaken: Bool
        do throws(KeyComponentError) {
            isTaken = try step(&material)
        } catch { throw refuse(custodian, .refused(error)) }
        guard isTaken else { throw refuse(custodian, .otherDivision) }
        entered.append(custodian)
        log(.entered(custodian: custodian, checkValue: checkValue))
    }

    /// Counts and logs a wrong entry, and ends the ceremony when it is one too many.
    private mutating func refuse(_ custodian: String?, _ reason: KeyCeremonyError) -> KeyCeremonyError {
        refused += 1
        log(.refused(custodian: custodian, reason: reason))
        if refused > plan.refusedMax { close(.tooManyRefused) }
        return reason
    }

    private mutating func close(_ end: KeyCeremonyEnd) {
        material = .gone
        self.end = end
        log(.ended(end))
    }

    private mutating func log(_ kind: KeyCeremonyEvent.Kind) { events.append(KeyCeremonyEvent(at: last, kind: kind)) }
}
