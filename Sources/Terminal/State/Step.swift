// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// Collects the effects of one event, and sees to it that nothing leaves the terminal before what it rests on is
/// durable.
struct Step {
    let now: Instant
    private(set) var effects: [TerminalEffect] = []
    private var isVolatile = false

    init(now: Instant) { self.now = now }

    mutating func persist(_ record: TerminalRecord) {
        effects.append(.persist(record.encoded()))
        isVolatile = true
    }

    mutating func barrier() {
        guard isVolatile else { return }
        effects.append(.barrier)
        isVolatile = false
    }

    /// What stands before it is in the snapshot.
    mutating func rewrite(_ snapshot: [UInt8]) { effects.append(.rewrite(snapshot)) }

    mutating func send(_ message: [UInt8]) {
        barrier()
        effects.append(.send(message))
    }

    mutating func outcome(_ outcome: SaleOutcome) {
        barrier()
        effects.append(.outcome(outcome))
    }

    mutating func settlement(_ outcome: SettlementOutcome) {
        barrier()
        effects.append(.settlement(outcome))
    }

    mutating func show(_ line: DisplayLine) {
        barrier()
        effects.append(.show(line))
    }

    mutating func module(_ command: TerminalModuleCommand) { effects.append(.module(command)) }
    mutating func setTimer(_ timer: TimerID, _ interval: Interval) { effects.append(.setTimer(timer, interval)) }
    mutating func cancelTimer(_ timer: TimerID) { effects.append(.cancelTimer(timer)) }
    mutating func chip(_ data: [UInt8]) { effects.append(.chip(data)) }
    /// A module that starts anew is shown what is stored.
    mutating func resetModule() {
        barrier()
        effects.append(.resetModule)
    }

    mutating func hangUp() { effects.append(.hangUp) }
    mutating func log(_ code: TerminalLogCode) { effects.append(.log(code)) }
    mutating func halt(_ warnings: [WarningCode]) {
        barrier()
        effects.append(.halt(warnings))
    }
}
