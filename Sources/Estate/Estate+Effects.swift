// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol

extension Estate {
    /// Erases a module only by the order of two people: what the host sees stops the terminal and no more (rule R9).
    public static let erasedByOrder: [WarningCode] = [.k04]

    /// What a warning stops of its terminal. T05 is about another device, which gets no lease: the one that was there
    /// goes on.
    public static func halts(_ warning: RaisedWarning) -> Halt {
        warning.code == .t05 ? .none : warning.effect.halts
    }

    /// What warnings that open together do to a terminal's lifecycle.
    public static func lifecycleEvent(of warnings: [RaisedWarning]) -> LifecycleEvent? {
        if warnings.contains(where: { erases($0) }) { return .tamper }
        return warnings.contains { halts($0) == .all } ? .halt : nil
    }

    /// Whether an open warning says that the module's keys are gone.
    static func erases(_ warning: RaisedWarning) -> Bool {
        warning.effect.zeroises == .all && !erasedByOrder.contains(warning.code)
    }

    /// What a granted sign-on closed before records said it themselves: all that stopped anything, and of the rest what
    /// people or the proof had cleared.
    public static func closedByGrant(_ warnings: [OpenWarning]) -> [WarningCode] {
        warnings.filter { $0.raised.effect.halts != .none || $0.code.clearance == .auto || $0.isCleared }.map(\.code)
    }
}
