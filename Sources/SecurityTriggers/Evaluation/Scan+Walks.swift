// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The walks over a card's events, the transaction in hand among them, of the functions that most velocities have.
extension Scan {
    func walkCount(_ first: Int, _ step: UnsafePointer<ScanStep>) -> ScanTally {
        let test = step.pointee.filter
        var tally = ScanTally(.count)
        if !step.pointee.excludesCurrent { count(truth(of: test, for: current), &tally) }
        let ring = ring
        guard first < ring.pointee.count else { return tally }
        guard test.form == .field, test.hasPattern else {
            for place in first..<ring.pointee.count { count(truth(of: test, for: ring.pointee[place]), &tally) }
            return tally
        }
        let passed = EventLoops.count(
            ring.pointee.kinds + first, ring.pointee.count &- first, bits: test.bits, pattern: test.pattern)
        tally.sure &+= Int32(bitPattern: passed)
        return tally
    }

    func walkSum(_ first: Int, _ step: UnsafePointer<ScanStep>) -> ScanTally {
        let (test, currency) = (step.pointee.filter, current.currency)
        // A mean is a sum with its count.
        var tally = ScanTally(.sum)
        if !step.pointee.excludesCurrent, current.isOf(step.pointee.kinds) {
            add(current, truth(of: test, for: current), currency, &tally)
        }
        let ring = ring
        guard first < ring.pointee.count else { return tally }
        guard test.form == .field, test.hasPattern, currency != 0 else {
            for place in first..<ring.pointee.count where ring.pointee[place].isOf(step.pointee.kinds) {
                add(ring.pointee[place], truth(of: test, for: ring.pointee[place]), currency, &tally)
            }
            return tally
        }
        let columns = columns(step, first)
        let found = EventLoops.sum(
            columns.kinds, columns.amounts, columns.count, bits: columns.bits | PackedEvent.currencyBits,
            pattern: test.pattern | UInt32(currency))
        tally.low &+= Int64(bitPattern: found.sum)
        tally.sure &+= Int32(bitPattern: found.passed)
        if passed(columns, test) != found.passed || found.isFull { tally.isExact = false }
        return tally
    }

    /// What a walk over amounts looks at: all that pass, and of them those in a currency, by loops without a branch, since nobody
    /// can foretell which events do.
    private typealias Columns = (
        kinds: UnsafePointer<UInt32>, amounts: UnsafePointer<UInt32>, count: Int, bits: UInt32
    )

    @inline(__always)
    private func columns(_ step: UnsafePointer<ScanStep>, _ first: Int) -> Columns {
        let spending = step.pointee.kinds == .max ? 0 : PackedEvent.noSpendingBit
        let ring = ring
        return (
            ring.pointee.kinds + first, ring.pointee.amounts + first, ring.pointee.count &- first,
            step.pointee.filter.bits | spending
        )
    }

    @inline(__always)
    private func passed(_ columns: Columns, _ test: ScanTest) -> UInt32 {
        EventLoops.count(columns.kinds, columns.count, bits: columns.bits, pattern: test.pattern)
    }

    func walkExtreme(_ first: Int, _ step: UnsafePointer<ScanStep>) -> ScanTally {
        let (test, currency) = (step.pointee.filter, current.currency)
        var tally = ScanTally(.max)
        func take(_ event: PackedEvent) {
            guard event.isOf(step.pointee.kinds) else { return }
            let truth = truth(of: test, for: event)
            if truth != .no { compare(event, truth == .yes, &tally) }
        }
        if !step.pointee.excludesCurrent { take(current) }
        let ring = ring
        guard first < ring.pointee.count else { return tally }
        guard test.form == .field, test.hasPattern, currency != 0 else {
            for place in first..<ring.pointee.count { take(ring.pointee[place]) }
            return tally
        }
        let columns = columns(step, first)
        let found = EventLoops.extremes(
            columns.kinds, columns.amounts, columns.count, bits: columns.bits | PackedEvent.currencyBits,
            pattern: test.pattern | UInt32(currency))
        if found.passed > 0 {
            tally.low = min(tally.low, Int64(found.least))
            tally.high = max(tally.high, Int64(found.most))
        }
        if passed(columns, test) != found.passed || found.most == .max { tally.isExact = false }
        return tally
    }

    func walkDistinct(
        _ first: Int, _ step: UnsafePointer<ScanStep>, _ index: Int,
        _ table: UnsafeMutableBufferPointer<UInt64>
    ) -> ScanTally {
        let (test, kind) = (step.pointee.filter, step.pointee.distinct)
        var tally = ScanTally(.distinct)
        if !step.pointee.excludesCurrent {
            let truth = truth(of: test, for: current)
            if truth != .no { distinguish(current, truth, kind, index, &tally, table) }
        }
        let ring = ring
        guard test.hasPattern, test.form != .program else {
            for place in first..<ring.pointee.count {
                let truth = truth(of: test, for: ring.pointee[place])
                if truth != .no { distinguish(ring.pointee[place], truth, kind, index, &tally, table) }
            }
            return tally
        }
        let match = test.match
        var place = first
        while place < ring.pointee.count {
            // First which events may pass, and then those alone.
            let many = min(64, ring.pointee.count &- place)
            var passing = EventLoops.passing(ring.pointee.kinds + place, ring.pointee.amounts + place, many, match)
            while passing != 0 {
                let at = place &+ passing.trailingZeroBitCount
                passing &= passing &- 1
                let (isKnown, site) = (
                    match.isKnown(ring.pointee.kinds[at], ring.pointee.amounts[at]), ring.pointee.sites[at]
                )
                if isKnown, let key = key(kind, site) {
                    if enter(key, index, table) { tally.sure &+= 1 }
                } else {
                    let event = ring.pointee[at]
                    let truth = truth(of: test, for: event)
                    if truth != .no { distinguish(event, truth, kind, index, &tally, table) }
                }
            }
            place &+= many
        }
        return tally
    }

    @inline(__always)
    func count(_ truth: Truth, _ tally: inout ScanTally) {
        tally.sure &+= truth == .yes ? 1 : 0
        tally.possible &+= truth == .unknown ? 1 : 0
    }

    @inline(__always)
    func add(_ event: PackedEvent, _ truth: Truth, _ currency: UInt16, _ tally: inout ScanTally) {
        if truth == .no { return }
        guard truth == .yes, event.currency == currency, currency != 0 else {
            tally.isExact = false
            return
        }
        // 257 amounts of 32 bits each: no sum leaves 64 bits.
        tally.low &+= Int64(event.amount)
        tally.sure &+= 1
        if event.amount == .max { tally.isExact = false }
    }

    func compare(_ event: PackedEvent, _ isSure: Bool, _ tally: inout ScanTally) {
        let money = event.money
        guard isSure, !money.isUnknown, money.currency == current.currency else {
            tally.isExact = false
            return
        }
        tally.low = min(tally.low, money.low)
        tally.high = max(tally.high, money.low)
        if money.high == .max { tally.isExact = false }
    }

    func distinguish(
        _ event: PackedEvent, _ truth: Truth, _ kind: ValueType, _ index: Int, _ tally: inout ScanTally,
        _ table: UnsafeMutableBufferPointer<UInt64>
    ) {
        guard truth == .yes, let key = key(kind, event.site) else {
            tally.possible += 1
            return
        }
        if enter(key, index, table) { tally.sure += 1 }
    }

    /// Enters a key into the table of all keys of all steps: in the low half of a slot the key, in the high half a bit for each
    /// step that saw it.
    ///
    /// - Returns: whether the step has not seen it before.
    @inline(__always)
    private func enter(_ key: UInt32, _ index: Int, _ table: UnsafeMutableBufferPointer<UInt64>) -> Bool {
        // Safe: the table is never more than half full, and a place is one of its own.
        let (slots, mask) = (table.baseAddress.unsafelyUnwrapped, table.count &- 1)
        let bit = UInt64(1) &<< UInt64(truncatingIfNeeded: 32 &+ index)
        var place = Int((key &* 0x9E37_79B1) >> 12) & mask
        while slots[place] != 0, UInt32(truncatingIfNeeded: slots[place]) != key { place = (place &+ 1) & mask }
        let isNew = slots[place] & bit == 0
        slots[place] |= bit | UInt64(key)
        return isNew
    }

    /// What is told apart of a site, as a number that is never 0, with its kind in the lowest bits; nil when it does not say.
    @inline(__always)
    private func key(_ type: ValueType, _ site: UInt32) -> UInt32? {
        switch type {
        case .mcc:
            let code = self.site(site).mcc
            return code == SiteRecord.mccMissing ? nil : UInt32(code) << 2 | 1
        case .merchant:
            let merchant = siteNumbers(site).merchant
            return merchant == SiteRecord.none ? nil : merchant << 2 | 2
        // A number not given yet, `unseen`, stays another than all that were.
        default: return siteNumbers(site).terminal << 2 | 3
        }
    }
}
