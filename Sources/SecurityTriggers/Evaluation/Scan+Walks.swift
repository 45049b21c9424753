// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The walks over a card's events, the transaction in hand among them, of the functions that most velocities have. Their tests
/// are a pattern of bits, and where things are counted perhaps an amount, see `ScanStep.Walk`.
extension Scan {
    /// - Parameters:
    ///   - first: the earliest event in the window, among those of the ring.
    ///   - isWhole: no event of the window was dropped.
    @inline(__always)
    func walkCount(_ first: Int, _ step: UnsafePointer<ScanStep>, _ isWhole: Bool) -> FigureValue {
        guard step.pointee.filter.form == .field else { return walkCountOfAmounts(first, step, isWhole) }
        let (bits, pattern) = (step.pointee.filter.bits, step.pointee.filter.pattern)
        let ring = ring
        var passed: UInt32 = !step.pointee.excludesCurrent && current.kinds & bits == pattern ? 1 : 0
        if bits == 0 {
            passed &+= UInt32(truncatingIfNeeded: ring.pointee.count &- first)
        } else if first < ring.pointee.count {
            passed &+= EventLoops.count(
                ring.pointee.kinds + first, ring.pointee.count &- first, bits: bits, pattern: pattern)
        }
        return .counted(sure: Int64(passed), possible: 0, isWhole)
    }

    @inline(never)
    private func walkCountOfAmounts(_ first: Int, _ step: UnsafePointer<ScanStep>, _ isWhole: Bool) -> FigureValue {
        var (sure, possible): (Int64, Int64) = (0, 0)
        each(first, step) { _, isSure in if isSure { sure &+= 1 } else { possible &+= 1 } }
        return .counted(sure: sure, possible: possible, isWhole)
    }

    /// A sum or a mean, where the transaction in hand is of a currency.
    @inline(__always)
    func walkSum(_ first: Int, _ step: UnsafePointer<ScanStep>, _ isWhole: Bool) -> FigureValue {
        let (ring, current) = (ring, current)
        let (bits, pattern) = (step.pointee.filter.bits | step.pointee.noSpending, step.pointee.filter.pattern)
        let (kinds, amounts) = (ring.pointee.kinds + first, ring.pointee.amounts + first)
        let count = ring.pointee.count &- first
        var found = EventLoops.sum(
            kinds, amounts, count, bits: bits, pattern: pattern, currency: UInt32(current.currency))
        var isExact = found.others == 0 && isWhole
        if !step.pointee.excludesCurrent, current.kinds & bits == pattern {
            found.sum &+= UInt64(current.amount)
            found.passed &+= 1
            if current.amount == .max { isExact = false }
        }
        // The largest amount stands for all above it, and is in no smaller sum.
        if found.sum >= UInt64(UInt32.max), isExact {
            let most = EventLoops.extremes(
                kinds, amounts, count, bits: bits, pattern: pattern, currency: UInt32(current.currency)
            ).most
            isExact = most < .max
        }
        return step.pointee.function == .mean
            ? .mean(Int64(bitPattern: found.sum), of: Int64(found.passed), isExact, current.currency)
            : .sum(Int64(bitPattern: found.sum), isExact, isNothing: found.passed == 0, current.currency)
    }

    /// A least or largest amount, where the transaction in hand is of a currency.
    @inline(__always)
    func walkExtreme(_ first: Int, _ step: UnsafePointer<ScanStep>, _ isWhole: Bool) -> FigureValue {
        let (ring, current) = (ring, current)
        let (bits, pattern) = (step.pointee.filter.bits | step.pointee.noSpending, step.pointee.filter.pattern)
        var found = EventLoops.extremes(
            ring.pointee.kinds + first, ring.pointee.amounts + first, ring.pointee.count &- first, bits: bits,
            pattern: pattern, currency: UInt32(current.currency))
        if !step.pointee.excludesCurrent, current.kinds & bits == pattern {
            found.least = min(found.least, current.amount)
            found.most = max(found.most, current.amount)
            found.passed &+= 1
        }
        if found.passed == 0 { return .unknown }
        let isExact = found.others == 0 && found.most < .max && isWhole
        return step.pointee.function == .min
            ? .least(Int64(found.least), isExact, current.currency)
            : .most(Int64(found.most), isExact, current.currency)
    }

    @inline(__always)
    func walkDistinct(
        _ first: Int, _ step: UnsafePointer<ScanStep>, _ isWhole: Bool, _ index: Int,
        _ table: UnsafeMutableBufferPointer<UInt64>
    ) -> FigureValue {
        let kind = step.pointee.distinct
        var (sure, possible): (Int64, Int64) = (0, 0)
        each(first, step) { site, isSure in
            if isSure, let key = key(kind, site) {
                if enter(key, index, table) { sure &+= 1 }
            } else {
                possible &+= 1
            }
        }
        return .counted(sure: sure, possible: possible, isWhole)
    }

    /// Shows the sites of all events that pass a step's test, or may pass it, and whether they are sure to.
    @inline(__always)
    private func each(_ first: Int, _ step: UnsafePointer<ScanStep>, _ body: (UInt32, Bool) -> Void) {
        if !step.pointee.excludesCurrent {
            let truth = truth(of: step.pointee.filter, for: current)
            if truth != .no { body(current.site, truth == .yes) }
        }
        let ring = ring
        var place = first
        while place < ring.pointee.count {
            // First which events may pass, and then those alone.
            let many = min(32, ring.pointee.count &- place)
            var passing = EventLoops.passing(
                ring.pointee.kinds + place, ring.pointee.amounts + place, many, step.pointee.match)
            while passing != 0 {
                let at = place &+ passing.trailingZeroBitCount
                passing &= passing &- 1
                if step.pointee.match.isSure(ring.pointee.kinds[at]) {
                    body(ring.pointee.sites[at], true)
                } else {
                    let truth = truth(of: step.pointee.filter, for: ring.pointee[at])
                    if truth != .no { body(ring.pointee.sites[at], truth == .yes) }
                }
            }
            place &+= many
        }
    }

    /// Enters a key into the table of all keys of all steps: in the low half of a slot the key, in the high half a bit for each
    /// step that saw it.
    ///
    /// - Returns: whether the step has not seen it before.
    @inline(__always)
    func enter(_ key: UInt32, _ index: Int, _ table: UnsafeMutableBufferPointer<UInt64>) -> Bool {
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
    func key(_ type: ValueType, _ site: UInt32) -> UInt32? {
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
