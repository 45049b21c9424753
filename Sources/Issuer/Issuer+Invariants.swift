// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Issuer {
    /// Sentences about what must never be so; empty when all is well.
    public func brokenInvariants() -> [String] {
        var broken: [String] = []
        for (key, card) in zip(cards.keys, cards.values) {
            if accounts[card.account] == nil { broken.append("card \(key) has no account") }
            if card.wrongPINs > Self.pinTriesMax { broken.append("card \(key) counts more tries than there are") }
            if card.pass != nil, accounts[card.account]?.frozen != nil {
                broken.append("card \(key) of a frozen account has a pass")
            }
        }
        for (id, account) in zip(accounts.keys, accounts.values) where account.available + account.forced < 0 {
            broken.append("account \(id) is overdrawn")
        }
        var held = Registry<AccountID, Int64>()
        for hold in holds.holds { held.update(hold.account, default: 0) { $0 += hold.amount } }
        for (id, account) in zip(accounts.keys, accounts.values) where account.held != held[id] ?? 0 {
            broken.append("account \(id) does not hold what its holds say")
        }
        for (id, fraudCase) in zip(cases.keys, cases.values) where cards[fraudCase.card] == nil {
            broken.append("case \(id) has no card")
        }
        return broken
    }
}
