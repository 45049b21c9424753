// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The walks over a card's events, the transaction in hand among them, of the functions that most velocities have. Their tests
/// are a pattern of bits, and where things are counted perhaps an amount, see `ScanStep.Walk`.
extension Scan {
    @inline(__always)
    func walkCount(_ step: UnsafePointer<ScanStep>) -> FigureValue {
        var passed = events(step).count(step.pointee.test)
        if isCounted(step) { passed &+= 1 }
        return .counted(sure: Int64(passed), possible: 0, isWhole(step))
    }

    func walkCountOfAmounts(_ step: UnsafePointer<ScanStep>) -> FigureValue {
        var (sure, possible): (Int64, Int64) = (0, 0)
        each(step) { _, isSure in if isSure { sure &+= 1 } else { possible &+= 1 } }
        return .counted(sure: sure, possible: possible, isWhole(step))
    }

    /// A sum or a mean, where the transaction in hand is of a currency.
    @inline(__always)
    func walkSum(_ step: UnsafePointer<ScanStep>) -> FigureValue {
        let (events, current) = (events(step), current)
        var found = events.sum(step.pointee.test, currency: current.currency)
        var isExact = found.others == 0 && isWhole(step)
        if isCounted(step) {
            found.sum &+= UInt64(current.amount)
            found.passed &+= 1
            if current.amount == .max { isExact = false }
        }
        // The largest amount stands for all above it, and is in no smaller sum.
        if found.sum >= UInt64(UInt32.max), isExact {
            isExact = events.extremes(step.pointee.test, currency: current.currency).most < .max
        }
        return step.pointee.function == .mean
            ? .mean(Int64(bitPattern: found.sum), of: Int64(found.passed), isExact, current.currency)
            : .sum(Int64(bitPattern: found.sum), isExact, isNothing: found.passed == 0, current.currency)
    }

    /// A least or largest amount, where the transaction in hand is of a currency.
    @inline(__always)
    func walkExtreme(_ step: UnsafePointer<ScanStep>) -> FigureValue {
        let current = current
        var found = events(step).extremes(step.pointee.test, currency: current.currency)
        if isCounted(step) {
            found.least = min(found.least, current.amount)
            found.most = max(found.most, current.amount)
            found.passed &+= 1
        }
        if found.passed == 0 { return .unknown }
        let isExact = found.others == 0 && found.most < .max && isWhole(step)
        return step.pointee.function == .min
            ? .least(Int64(found.least), isExact, current.currency)
            : .most(Int64(found.most), isExact, current.currency)
    }

    @inline(__always)
    func walkDistinct(
        _ step: UnsafePointer<ScanStep>, _ index: Int, _ table: UnsafeMutableBufferPointer<UInt64>
    ) -> FigureValue {
        let kind = step.pointee.distinct
        var (sure, possible): (Int64, Int64) = (0, 0)
        each(step) { site, isSure in
            if isSure, let key = key(kind, site) {
                if enter(key, index, table) { sure &+= 1 }
            } else {
                possible &+= 1
            }
        }
        return .counted(sure: sure, possible: possible, isWhole(step))
    }

    @inline(__always)
    private func events(_ step: UnsafePointer<ScanStep>) -> EventLoops {
        ring.pointee.events(within: step.pointee.reach, before: now)
    }

    /// No event of the window was dropped.
    @inline(__always)
    func isWhole(_ step: UnsafePointer<ScanStep>) -> Bool {
        state.pointee.forgotten <= now &- Int64(step.pointee.reach)
    }

    /// The transaction in hand is one of those that a step of bits alone counts.
    @inline(__always)
    private func isCounted(_ step: UnsafePointer<ScanStep>) -> Bool {
        !step.pointee.excludesCurrent && step.pointee.test.pass(current.kinds)
    }

    /// Shows the sites of all events that pass a step's test, or may pass it, and whether they are sure to.
    @inline(__always)
    private func each(_ step: UnsafePointer<ScanStep>, _ body: (UInt32, Bool) -> Void) {
        if !step.pointee.excludesCurrent {
            let truth = truth(of: step.pointee.filter, for: current)
            if truth != .no { body(current.site, truth == .yes) }
        }
        let events = events(step)
        var line = 0
        while line < events.count {
            // First which events may pass, and then those alone.
            var passing = events.passing(step.pointee.match, from: line)
            while passing != 0 {
                let place = line &* EventLines.width &+ passing.trailingZeroBitCount
                passing &= passing &- 1
                if step.pointee.match.isSure(events.kinds(place)) {
                    body(events.site(place), true)
                } else {
                    let truth = truth(of: step.pointee.filter, for: events[place])
                    if truth != .no { body(events.site(place), truth == .yes) }
                }
            }
            line &+= EventLoops.linesOfBits
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
