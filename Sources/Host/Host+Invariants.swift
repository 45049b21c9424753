// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import SecurityTriggers
import Vocabulary

extension Host {
    /// Sentences about what must never be so; empty when all is well.
    public func brokenInvariants() -> [String] {
        var broken = estate.brokenInvariants() + issuer.brokenInvariants() + triggers.checkInvariants()
        if memory.count != estate.terminals.count { broken.append("the duplicate index has lost a terminal") }
        if journals.count != estate.terminals.count { broken.append("the sealed journals have lost a terminal") }
        if batches.count != estate.terminals.count { broken.append("the batches have lost a terminal") }
        broken += ruleBook.brokenInvariants() + models.brokenInvariants() + lists.brokenInvariants()
        return broken + labels.brokenInvariants() + brokenHolds() + brokenUpstream()
    }

    /// A pre-authorisation that stands holds its amount, and one that does not stand holds nothing.
    private func brokenHolds() -> [String] {
        ledger.entries.filter { $0.kind == .preAuthorisation && $0.upstream == nil }.compactMap { entry in
            let held = issuer.holds[entry.rrn]?.amount
            let expected = entry.state == .standing ? entry.amount.minorUnits : nil
            return held == expected ? nil : "pre-authorisation \(entry.rrn) is \(entry.state) and holds \(held ?? 0)"
        }
    }

    /// How many answered transactions of a terminal are kept for repeats and reversals.
    public func remembered(of terminal: TerminalID) -> Int {
        estate.terminals.find(terminal).map { memory[$0].count } ?? 0
    }

    /// Approved sales of a terminal that no reversal has taken back, as far as they are kept: what the terminal's own book
    /// must agree with.
    public func standingSales(of terminal: TerminalID) -> [RememberedTransaction] {
        guard let index = estate.terminals.find(terminal) else { return [] }
        return memory[index].standing
    }
}
