// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

extension Estate {
    /// Sentences about what must never be so; empty when all is well.
    public func brokenInvariants() -> [String] {
        var broken: [String] = []
        for (id, terminal) in zip(terminals.keys, terminals.values) {
            if merchants[terminal.merchant] == nil { broken.append("\(id) has no merchant") }
            let codes = terminal.warnings.map(\.code)
            for (index, code) in codes.enumerated() where codes[..<index].contains(code) {
                broken.append("\(id) has \(code.rawValue) open twice")
            }
            if terminal.lifecycle == .active, terminal.warnings.contains(where: { $0.halts == .all }) {
                broken.append("\(id) is ACTIVE with a halting warning")
            }
            if terminal.warnings.contains(where: { Self.erases($0.raised) }),
                terminal.lifecycle == .active || terminal.lifecycle == .halted
            {
                broken.append("\(id) has lost its keys and is \(terminal.lifecycle)")
            }
            if terminal.lifecycle == .active, terminal.activationApprovedBy == nil {
                broken.append("\(id) is ACTIVE without a second person's approval")
            }
            if terminal.activationApprovedBy != nil, terminal.activationApprovedBy == terminal.activationAskedBy {
                broken.append("\(id) was activated by one person")
            }
        }
        return broken
    }
}
