// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The walk for resets, delays, shares, and the first and the last: event by event, the newest first.
extension Scan {
    func walkOther(
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
