// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One pass over the ring, the newest event first, for all velocities that single events answer.
extension Scan {
    /// Finds all figures of the plan. Nothing is allocated: up to a kilobyte, a temporary allocation lies on the stack.
    func runPlan() {
        // Twice as many slots as there can be different keys, so that the table is never more than half full.
        let keys = 2 * state.pointee.tables.distinctKinds * (ring.pointee.count + 1)
        let slots = keys == 0 ? 0 : max(64, 1 << (Int.bitWidth - (keys - 1).leadingZeroBitCount))
        if slots <= 128 {
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: slots) { table in
                table.initialize(repeating: 0)
                runPlan(table)
            }
        } else if slots <= 512 {
            runPlan(InlineArray<512, UInt64>(repeating: 0))
        } else {
            // 256 events, the one in hand, and three kinds of keys: 1,542 slots at most.
            runPlan(InlineArray<2_048, UInt64>(repeating: 0))
        }
        state.pointee.found |= state.pointee.tables.planned
    }

    /// With slots that do not fit into a temporary allocation on the stack.
    @inline(__always)
    private func runPlan<let size: Int>(_ slots: consuming InlineArray<size, UInt64>) {
        var span = slots.mutableSpan
        span.withUnsafeMutableBufferPointer { runPlan($0) }
    }

    private func runPlan(_ table: UnsafeMutableBufferPointer<UInt64>) {
        let steps = state.pointee.tables.steps
        let ring = ring
        // Steps that reach back least come first, so that where one begins the next does too, or before it.
        var first = ring.pointee.count
        for index in 0..<steps.count {
            let step = steps.baseAddress.unsafelyUnwrapped + index
            first = ring.pointee.first(within: step.pointee.reach, upTo: first)
            state.pointee.figures[step.pointee.velocity] = walk(first, step, index, table)
        }
    }

    /// What one step finds in the events from a place on.
    @inline(__always)
    private func walk(
        _ first: Int, _ step: UnsafePointer<ScanStep>, _ index: Int, _ table: UnsafeMutableBufferPointer<UInt64>
    ) -> FigureValue {
        let isWhole = state.pointee.forgotten <= now &- step.pointee.reach
        switch step.pointee.walk {
        case .count: return walkCount(first, step, isWhole)
        case .distinct: return walkDistinct(first, step, isWhole, index, table)
        case .sum where current.currency != 0: return walkSum(first, step, isWhole)
        case .extreme where current.currency != 0: return walkExtreme(first, step, isWhole)
        default: return walkOther(first, step, isWhole, index, table)
        }
    }
}
