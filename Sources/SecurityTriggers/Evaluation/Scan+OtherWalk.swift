// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The walk for resets, delays, shares, the first and the last, sums and extremes of what no pattern of bits tells or no currency
/// is known for, and all tests that are programs: event by event, the newest first.
extension Scan {
    @inline(never)
    func walkOther(
        _ step: UnsafePointer<ScanStep>, _ index: Int, _ table: UnsafeMutableBufferPointer<UInt64>
    ) -> FigureValue {
        var tally = ScanTally(step.pointee.function)
        if !step.pointee.excludesCurrent { visit(step, current, age: 0, index, &tally, table) }
        let ring = ring
        // The newest first: nothing older counts behind a reset.
        var place = ring.pointee.count
        while place > 0, !tally.isDone {
            place -= 1
            let age = ring.pointee.age(place)
            if age >= Int64(step.pointee.reach) { break }
            visit(step, ring.pointee[place], age: age, index, &tally, table)
        }
        return figure(step, tally)
    }

    private func figure(_ step: UnsafePointer<ScanStep>, _ tally: ScanTally) -> FigureValue {
        // After a reset what was dropped is older still, so none of it would count.
        let isWhole = tally.isDone || isWhole(step)
        let (isExact, currency) = (tally.isExact && isWhole, current.currency)
        let (sure, possible) = (Int64(tally.sure), Int64(tally.possible))
        switch step.pointee.function {
        case .count, .distinct: return .counted(sure: sure, possible: possible, isWhole)
        case .sum: return .sum(tally.low, isExact, isNothing: sure == 0, currency)
        case .mean: return .mean(tally.low, of: sure, isExact, currency)
        case .min: return tally.low <= tally.high ? .least(tally.low, isExact, currency) : .unknown
        case .max: return tally.low <= tally.high ? .most(tally.high, isExact, currency) : .unknown
        case .share: return share(tally, isWhole)
        case .first: return sure > 0 && possible == 0 && isWhole ? FigureValue(tally.high * 1_000) : .unknown
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

    private func distinguish(
        _ event: PackedEvent, _ truth: Truth, _ kind: ValueType, _ index: Int, _ tally: inout ScanTally,
        _ table: UnsafeMutableBufferPointer<UInt64>
    ) {
        guard truth == .yes, let key = key(kind, event.site) else {
            tally.possible += 1
            return
        }
        if enter(key, index, table) { tally.sure += 1 }
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
}

/// What was found, as a figure.
extension FigureValue {
    /// A number of events or of things.
    @inline(__always)
    static func counted(sure: Int64, possible: Int64, _ isWhole: Bool) -> FigureValue {
        FigureValue(low: sure, high: isWhole ? sure &+ possible : .max)
    }

    /// Amounts are never below zero, so what is not known can only add.
    @inline(__always)
    static func sum(_ sum: Int64, _ isExact: Bool, isNothing: Bool, _ currency: UInt16) -> FigureValue {
        FigureValue(low: sum, high: isExact ? sum : .max, currency: isNothing && isExact ? 0 : currency)
    }

    /// The least and the most amount, where there is one.
    @inline(__always)
    static func least(_ amount: Int64, _ isExact: Bool, _ currency: UInt16) -> FigureValue {
        FigureValue(low: isExact ? amount : 0, high: amount, currency: currency)
    }
    @inline(__always)
    static func most(_ amount: Int64, _ isExact: Bool, _ currency: UInt16) -> FigureValue {
        FigureValue(low: amount, high: isExact ? amount : .max, currency: currency)
    }

    static func mean(_ sum: Int64, of count: Int64, _ isExact: Bool, _ currency: UInt16) -> FigureValue {
        guard isExact, count > 0 else { return .unknown }
        return FigureValue(low: sum / count, high: sum / count, currency: currency)
    }
}
