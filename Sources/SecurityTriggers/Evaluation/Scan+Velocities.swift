// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One pass over the ring, the newest event first, for all velocities that single events answer.
extension Scan {
    /// Finds all figures of the plan. Nothing is allocated: up to a kilobyte, a temporary allocation lies on the stack.
    func runPlan() {
        // Twice as many slots as there can be different keys, so that the table is never more than half full.
        let keys = 2 * state.pointee.distinctKinds * (ring.pointee.count + 1)
        let slots = keys == 0 ? 0 : max(64, 1 << (Int.bitWidth - (keys - 1).leadingZeroBitCount))
        if slots <= 128 {
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: slots) { table in
                table.initialize(repeating: 0)
                runPlan(table)
            }
        } else {
            // 256 events, the one in hand, and three kinds of keys: 1,542 slots at most.
            var table = InlineArray<2_048, UInt64>(repeating: 0)
            var span = table.mutableSpan
            span.withUnsafeMutableBufferPointer { runPlan($0) }
        }
        state.pointee.found |= state.pointee.planned
    }

    private func runPlan(_ table: UnsafeMutableBufferPointer<UInt64>) {
        let steps = state.pointee.steps
        let ring = ring
        // Steps that reach back least come first, so that where one begins the next does too, or before it.
        var first = ring.pointee.count
        for index in steps.indices {
            first = ring.pointee.first(within: steps[index].reach, upTo: first)
            let tally = walk(first, index, table)
            let step = steps.baseAddress.unsafelyUnwrapped + index
            state.pointee.figures[step.pointee.velocity] = figure(step, tally)
        }
    }

    /// What one step finds in the events from a place on. Each walk is a function of its own, so that it stays small enough
    /// for all that it asks of an event to be inlined.
    private func walk(
        _ first: Int, _ index: Int, _ table: UnsafeMutableBufferPointer<UInt64>
    ) -> ScanTally {
        let step = state.pointee.steps.baseAddress.unsafelyUnwrapped + index
        switch step.pointee.walk {
        case .count: return walkCount(first, step)
        case .sum: return walkSum(first, step)
        case .distinct: return walkDistinct(first, step, index, table)
        case .other: return walkOther(first, step, index, table)
        }
    }

    private func walkCount(_ first: Int, _ step: UnsafePointer<ScanStep>) -> ScanTally {
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

    private func walkSum(_ first: Int, _ step: UnsafePointer<ScanStep>) -> ScanTally {
        let (test, isAny, currency) = (step.pointee.filter, step.pointee.kinds == .max, current.currency)
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
        // Those that pass, and of them those in the currency of the sum: without a branch, since nobody can foretell which.
        let bits = test.bits | (isAny ? 0 : PackedEvent.noSpendingBit)
        let (kinds, count) = (ring.pointee.kinds + first, ring.pointee.count &- first)
        let found = EventLoops.sum(
            kinds, ring.pointee.amounts + first, count, bits: bits | PackedEvent.currencyBits,
            pattern: test.pattern | UInt32(currency))
        tally.low &+= Int64(bitPattern: found.sum)
        tally.sure &+= Int32(bitPattern: found.passed)
        let passed = EventLoops.count(kinds, count, bits: bits, pattern: test.pattern)
        if passed != found.passed || found.isFull { tally.isExact = false }
        return tally
    }

    private func walkDistinct(
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
                let event = ring.pointee[place &+ passing.trailingZeroBitCount]
                passing &= passing &- 1
                let truth = match.isKnown(event) ? .yes : simpleTruth(of: test, for: event)
                if truth != .no { distinguish(event, truth, kind, index, &tally, table) }
            }
            place &+= many
        }
        return tally
    }

    private func walkOther(
        _ first: Int, _ step: UnsafePointer<ScanStep>, _ index: Int,
        _ table: UnsafeMutableBufferPointer<UInt64>
    ) -> ScanTally {
        var tally = ScanTally(step.pointee.function)
        if !step.pointee.excludesCurrent { visit(step, current, age: 0, index, &tally, table) }
        let ring = ring
        // The newest first: nothing older counts behind a reset.
        var place = ring.pointee.count
        while place > first, !tally.isDone {
            place -= 1
            visit(step, ring.pointee[place], age: ring.pointee.age(place), index, &tally, table)
        }
        return tally
    }

    private func visit(
        _ step: UnsafePointer<ScanStep>, _ event: PackedEvent, age: Int64, _ index: Int, _ tally: inout ScanTally,
        _ table: UnsafeMutableBufferPointer<UInt64>
    ) {
        if step.pointee.resets {
            switch truth(of: step.pointee.reset, for: event) {
            case .yes:
                tally.isDone = true
                return
            // After a reset that cannot be decided nothing older is sure to count.
            case .unknown: tally.isSure = false
            case .no: break
            }
        }
        if step.pointee.delay > age { return }
        var truth = truth(of: step.pointee.filter, for: event)
        if truth == .no { return }
        if !tally.isSure { truth = .unknown }
        switch step.pointee.function {
        case .count: count(truth, &tally)
        case .sum, .mean: if event.isOf(step.pointee.kinds) { add(event, truth, current.currency, &tally) }
        case .min, .max: if event.isOf(step.pointee.kinds) { compare(event, truth == .yes, &tally) }
        case .distinct: distinguish(event, truth, step.pointee.distinct, index, &tally, table)
        case .share: share(event, truth == .yes, step.pointee.part, &tally)
        case .first, .last: note(age, truth == .yes, &tally)
        }
    }

    @inline(__always)
    private func count(_ truth: Truth, _ tally: inout ScanTally) {
        tally.sure &+= truth == .yes ? 1 : 0
        tally.possible &+= truth == .unknown ? 1 : 0
    }

    @inline(__always)
    private func add(_ event: PackedEvent, _ truth: Truth, _ currency: UInt16, _ tally: inout ScanTally) {
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

    private func compare(_ event: PackedEvent, _ isSure: Bool, _ tally: inout ScanTally) {
        let money = event.money
        guard isSure, !money.isUnknown, money.currency == current.currency else {
            tally.isExact = false
            return
        }
        tally.low = min(tally.low, money.low)
        tally.high = max(tally.high, money.low)
        if money.high == .max { tally.isExact = false }
    }

    /// A table of all keys of all steps: in the low half of a slot the key, in the high half a bit for each step that saw it.
    private func distinguish(
        _ event: PackedEvent, _ truth: Truth, _ kind: ValueType, _ index: Int, _ tally: inout ScanTally,
        _ table: UnsafeMutableBufferPointer<UInt64>
    ) {
        guard truth == .yes, let key = key(kind, event) else {
            tally.possible += 1
            return
        }
        let mask = table.count - 1
        let bit = UInt64(1) << UInt64(32 + index)
        var place = Int((key &* 0x9E37_79B1) >> 12) & mask
        while true {
            let slot = table[place]
            if slot == 0 {
                table[place] = bit | UInt64(key)
                tally.sure += 1
                return
            }
            if UInt32(truncatingIfNeeded: slot) == key {
                if slot & bit == 0 {
                    table[place] = slot | bit
                    tally.sure += 1
                }
                return
            }
            place = (place + 1) & mask
        }
    }

    private func share(_ event: PackedEvent, _ isSure: Bool, _ part: ScanTest, _ tally: inout ScanTally) {
        if isSure { tally.low += 1 } else { tally.high += 1 }
        let truth = truth(of: part, for: event)
        if truth == .no { return }
        if isSure, truth == .yes { tally.sure += 1 } else { tally.possible += 1 }
    }

    /// Events come newest first: an undecided one may be the last as long as none was sure, and the first in any case.
    private func note(_ age: Int64, _ isSure: Bool, _ tally: inout ScanTally) {
        guard isSure else {
            tally.possible += 1
            return
        }
        if tally.sure == 0, tally.possible == 0 { tally.low = age }
        (tally.sure, tally.possible) = (tally.sure + 1, 0)
        tally.high = age
    }

    // MARK: - Figures

    private func figure(_ step: UnsafePointer<ScanStep>, _ tally: ScanTally) -> FigureValue {
        // After a reset what was dropped is older still, so none of it would count.
        let isWhole = tally.isDone || state.pointee.forgotten <= now - step.pointee.reach
        let isExact = tally.isExact && isWhole
        let currency = current.currency
        let (sure, possible) = (Int64(tally.sure), Int64(tally.possible))
        switch step.pointee.function {
        case .count, .distinct: return FigureValue(low: sure, high: isWhole ? sure + possible : .max)
        case .sum:
            // Amounts are never below zero, so what is not known can only add.
            let isNothing = tally.sure == 0 && isExact
            return FigureValue(low: tally.low, high: isExact ? tally.low : .max, currency: isNothing ? 0 : currency)
        case .mean:
            guard isExact, tally.sure > 0 else { return .unknown }
            let mean = tally.low / sure
            return FigureValue(low: mean, high: mean, currency: currency)
        case .min:
            guard tally.low <= tally.high else { return .unknown }
            return FigureValue(low: isExact ? tally.low : 0, high: tally.low, currency: currency)
        case .max:
            guard tally.low <= tally.high else { return .unknown }
            return FigureValue(low: tally.high, high: isExact ? tally.high : .max, currency: currency)
        case .share: return share(tally, isWhole)
        case .first:
            return tally.sure > 0 && tally.possible == 0 && isWhole ? FigureValue(tally.high * 1_000) : .unknown
        case .last: return tally.low < .max ? FigureValue(tally.low * 1_000) : .unknown
        }
    }

    /// 0…1; unknown of nothing.
    private func share(_ tally: ScanTally, _ isWhole: Bool) -> FigureValue {
        let (least, most) = (tally.low, tally.low + tally.high)
        guard most > 0 || !isWhole else { return .unknown }
        let low = isWhole ? Double(tally.sure) / Double(most) : 0
        let high = isWhole && least > 0 ? min(1, Double(tally.sure + tally.possible) / Double(least)) : 1
        return FigureValue(lowDouble: low, highDouble: max(low, high))
    }

    /// What is told apart, as a number that is never 0, with its kind in the lowest bits; nil when the event does not say.
    @inline(__always)
    private func key(_ type: ValueType, _ event: PackedEvent) -> UInt32? {
        switch type {
        case .mcc:
            let code = site(event).mcc
            return code == SiteRecord.mccMissing ? nil : UInt32(code) << 2 | 1
        case .merchant:
            let merchant = siteNumbers(event).merchant
            return merchant == SiteRecord.none ? nil : merchant << 2 | 2
        // A number not given yet, `unseen`, stays another than all that were.
        default: return siteNumbers(event).terminal << 2 | 3
        }
    }
}
