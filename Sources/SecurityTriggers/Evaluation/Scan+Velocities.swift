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
        let (walks, isOfCurrency) = (state.pointee.tables.walks, current.currency != 0)
        var index = 0
        each(&index, upTo: walks.counts) { step, _ in walkCount(step) }
        each(&index, upTo: walks.countsOfAmounts) { step, _ in walkCountOfAmounts(step) }
        each(&index, upTo: walks.sums) { isOfCurrency ? walkSum($0) : walkOther($0, $1, table) }
        each(&index, upTo: walks.extremes) { isOfCurrency ? walkExtreme($0) : walkOther($0, $1, table) }
        each(&index, upTo: walks.distincts) { walkDistinct($0, $1, table) }
        each(&index, upTo: walks.others) { walkOther($0, $1, table) }
    }

    /// Finds the figures of steps in a row.
    @inline(__always)
    private func each(_ index: inout Int, upTo end: Int, _ walk: (UnsafePointer<ScanStep>, Int) -> FigureValue) {
        while index < end {
            let step = state.pointee.tables.steps.baseAddress.unsafelyUnwrapped + index
            state.pointee.figures[step.pointee.velocity] = walk(step, index)
            index &+= 1
        }
    }
}
