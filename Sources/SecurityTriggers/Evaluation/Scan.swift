// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One transaction under evaluation: its facts, its card's ring, and the velocities found so far.
///
/// Velocities are found when a condition first asks for one: those that single events answer all at once, by walks over the
/// ring from the newest event backwards, those that tiles answer one by one.
///
/// All it knows lies in a `ScanState`, which is too large to be handed on by value. It is there for one evaluation.
struct Scan {
    let state: UnsafeMutablePointer<ScanState>

    var program: RuleProgram { state.pointee.program }
    var facts: TransactionFacts { @inline(__always) _read { yield state.pointee.facts.pointee } }
    var current: PackedEvent { state.pointee.current }
    var currentSite: SiteRecord { state.pointee.currentSite }
    var now: Int64 { state.pointee.now }
    var sites: BlockView { state.pointee.sites }
    var ring: UnsafePointer<ScanRing> {
        @inline(__always) get { UnsafePointer(state.pointer(to: \.ring).unsafelyUnwrapped) }
    }
    var record: UnsafePointer<CardRecord>? { state.pointee.record }
    var terminalTiles: UnsafePointer<EntityRecord>? { state.pointee.terminalTiles }
    var merchantTiles: UnsafePointer<EntityRecord>? { state.pointee.merchantTiles }
    var terminalsSince: Int64? { state.pointee.terminalsSince }
    var merchantsSince: Int64? { state.pointee.merchantsSince }
    var verdicts: UnsafePointer<TerminalVerdicts>? { state.pointee.verdicts }
    var isClockSuspect: Bool { state.pointee.isClockSuspect }

    /// Events were dropped for want of room, not 48 hours ago.
    var overflow: Bool { state.pointee.isLeftOut || state.pointee.overflowed > now - WindowStore.retention }

    @inline(__always)
    func value(_ operand: Operand) -> FigureValue {
        switch operand.source {
        case .constant: return state.pointee.tables.constants[Int(operand.index)]
        case .register: return state.pointee.registers[Int(operand.index)]
        case .velocity:
            let index = Int(operand.index)
            if !isFound(index) { find(index) }
            return state.pointee.figures[index]
        case .score: return score(Int(operand.index))
        case .fact: return fact(UInt8(truncatingIfNeeded: operand.index))
        }
    }

    /// Whether a velocity has its figure.
    @inline(__always)
    func isFound(_ velocity: Int) -> Bool {
        state.pointee.found &>> UInt32(truncatingIfNeeded: velocity) & 1 != 0
    }

    @inline(never)
    func find(_ index: Int) {
        if state.pointee.tables.planned & 1 << UInt32(index) != 0 { return runPlan() }
        let velocity = program.velocities[index]
        guard let column = velocity.column else { return }
        state.pointee.figures[index] = tileFigure(of: velocity, column)
        state.pointee.found |= 1 << UInt32(index)
    }
}
