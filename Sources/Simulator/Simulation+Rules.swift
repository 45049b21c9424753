// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Issuer
import SecurityTriggers
import Terminal
import Vocabulary

/// The analysts' side of a run: rule sets come, are watched, put in force, put back and taken back.
extension Simulation {
    static let secondAnalyst = Principal(staff: StaffID(packed: 0x5345_434F_4E44_0000), role: .analyst)

    func ruleRound() {
        defer { if !isCalm { queue.add(.ruleRound, at: now + .minutes(Int64(20 + ruleRandom.below(90)))) } }
        feedBack()
        changeLists()
        guard let book = host.engine?.host.ruleBook else { return }
        let waiting = book.waiting.last?.number ?? 0
        switch ruleRandom.below(10) {
        case 0...3: command(.proposeRules(variant(book.last)), Self.analyst)
        case 4, 5: command(.shadowRules(waiting), Self.analyst)
        case 6, 7:
            command(.approveRules(waiting), Self.secondAnalyst)
            command(.activateRules(waiting), Self.analyst)
        case 8:
            let past = book.versions.last { $0.state == .retired }?.number ?? 0
            command(.rollBackRules(past), Self.secondAnalyst)
            if ruleRandom.below(3) > 0 { command(.rollBackRules(past), Self.analyst) }
        default: command(.withdrawRules(waiting), Self.secondAnalyst)
        }
    }

    /// What becomes known elsewhere of transactions, wrongly now and then.
    private func feedBack() {
        guard !slips.isEmpty else { return }
        let rrn = slips[ruleRandom.below(slips.count)].rrn
        let verdicts: [TransactionLabel.Verdict] = [.fraud, .genuine, .withdrawn]
        command(.label(rrn, verdicts[ruleRandom.below(verdicts.count)]), Self.analyst)
        let disputed = slips[ruleRandom.below(slips.count)]
        guard ruleRandom.below(4) == 0, disputed.kind == .purchase else { return }
        let amount = Money(minorUnits: disputed.amount, Self.currency)
        command(
            .dispute(
                cards[disputed.card].key, terminal: terminals[0].configuration.terminal, merchant: Self.merchant,
                amount: amount, rrn: disputed.rrn), Self.analyst)
    }

    /// The desk's list begins, is changed and dropped at any time, whether rules name it or not.
    private func changeLists() {
        let key = ListKey(cards[ruleRandom.below(cards.count)].key)
        let origin = ListOrigin(source: "desk", reason: "a drill")
        let expires = ruleRandom.below(2) == 0 ? now + .minutes(Int64(1 + ruleRandom.below(600))) : nil
        switch ruleRandom.below(8) {
        case 0, 1: command(.createList("desk", .card, source: "desk"), Self.analyst)
        case 2...4:
            let entry = ListEntry(key, origin, expires: expires)
            command(.addListEntry(list: "desk", .card, entry), Self.analyst)
        case 5, 6: command(.removeListEntry(list: "desk", .card, key, reason: "a drill"), Self.secondAnalyst)
        default: command(.dropList("desk", reason: "a drill"), Self.analyst)
        }
    }

    /// The rules of the run under another name and number, with two more that speak now and then.
    private func variant(_ last: UInt32) -> String {
        let name = "ruleset variant version \(last + 1)"
        let lines = rules.source.split(separator: "\n", omittingEmptySubsequences: false)
        let text = lines.map { $0.hasPrefix("ruleset ") ? name : String($0) }.joined(separator: "\n")
        let listed = "\nlist desk = card from \"desk\"\nrule listed_\(last) { when card in desk then approve }"
        return text + listed
            + "\nrule extra_\(last) { when amount >= \(20 + ruleRandom.below(60)).00 EUR then approve }\n"
    }
}
