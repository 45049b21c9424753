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
        case .extreme: return walkExtreme(first, step)
        case .distinct: return walkDistinct(first, step, index, table)
        case .other: return walkOther(first, step, index, table)
        }
    }

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
}
