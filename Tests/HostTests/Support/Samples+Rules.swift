// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Interchange
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

@testable import Host

/// What came with the eighth version of the snapshot: the life of rule sets, verdicts of watched rules and of forwards,
/// orders of cases.
extension Samples {
    private static let ruleText = """
        tillguard-rules 1
        ruleset golden version 2
        rule all { when amount > 1.00 EUR then decline }

        """

    /// What a rule set said that hit once.
    static let spoken: Evaluation = {
        guard let rules = try? RuleSet(parsing: ruleText) else { return Evaluation() }
        return Triggers(rules: rules).evaluate(
            TransactionFacts(
                card: card, account: AccountID(5), at: at, amount: amount, terminal: terminal, merchant: merchant,
                mcc: MCC(5_411))
        ).early
    }()

    private static let changes: [(String, RuleChange)] = [
        ("proposed", .proposed(version: 2, text: ruleText, base: 1, by: alice)),
        ("shadowed", .shadowed(version: 2, by: alice)),
        ("approved", .approved(version: 2, by: bob)), ("activated", .activated(version: 2, by: alice)),
        ("rollBackAsked", .rollBackAsked(to: 1, by: alice)),
        ("rolledBack", .rolledBack(to: 1, by: alice, approvedBy: bob)),
        ("proposed.second", .proposed(version: 3, text: ruleText + "# again\n", base: 1, by: bob)),
        ("shadowed.second", .shadowed(version: 3, by: bob)),
        ("proposed.third", .proposed(version: 4, text: ruleText + "# more\n", base: 1, by: bob)),
        ("withdrawn", .withdrawn(version: 4, by: alice)),
    ]

    private static let shadowSale: Authorisation = {
        var sale = Samples.sale(CardEffects(pin: .right, debit: 12_345), .approved)
        sale.answer.reference = ""
        sale.answer.rrn = RRN(1_000_000_000_100)
        sale.names.key.stan = STAN(600)
        sale.chip = ChipFact(finding: .right, counter: 300, isCounterStale: false)
        sale.entryMode = 51
        sale.shadow = ShadowVerdict(version: 3, evaluation: spoken)
        return sale
    }()

    private static let asked: FraudCase = {
        var asked = fraudCase
        asked.rrn = RRN(1_000_000_000_101)
        asked.orders = CaseOrders(asksCardholder: true, notifiesIssuer: true, hold: .hours(2))
        return asked
    }()

    private static func label(_ verdict: TransactionLabel.Verdict, _ rrn: UInt64) -> LabelRecord {
        LabelRecord(
            rrn: RRN(rrn), verdict: verdict, card: card, terminal: terminal, merchant: merchant, amount: amount, at: at,
            by: bob)
    }

    private static func forward(_ stan: UInt32, _ verdict: ForwardVerdict) -> Forward {
        var forward = Forward(
            destination: 0, usage: usage,
            names: MessageNames(
                key: TransactionKey(stan: STAN(stan), localTime: 1_231_235_900), transmission: 1_231_235_900),
            card: card, sealedPAN: [UInt8](repeating: 0x5A, count: 45), expiry: 3_012, amount: amount,
            merchant: merchant, mcc: MCC(5_411), goods: [], entryMode: 51, hasPIN: true)
        forward.verdict = verdict
        return forward
    }

    private static let said = ForwardVerdict(
        evaluation: spoken, rulesVersion: 1, shadow: ShadowVerdict(version: 3, evaluation: spoken))
    private static let done = ForwardVerdict(
        evaluation: spoken, rulesVersion: 1, shadow: nil,
        effects: CardEffects(pin: .untried, debit: 0, freezeCardUntil: at + .hours(3), openCase: (CaseID(8), asked)))

    private static let others: [(String, HostRecord.Body)] = [
        ("authorisation.shadow", .authorisation(shadowSale)),
        ("label.fraud", .label(label(.fraud, 1_000_000_000_100))),
        ("label.genuine", .label(label(.genuine, 1_000_000_000_006))),
        ("label.withdrawn", .label(label(.withdrawn, 1_000_000_000_006))),
        ("upstream.forwarded.verdict", .upstream(.forwarded(forward(601, said)))),
        ("upstream.stoodIn.verdict", .upstream(.stoodIn(forward(602, done), answer(.approved)))),
        (
            "upstream.ended.verdict",
            .upstream(
                .ended(
                    ForwardEnd(
                        forward: 3, outcome: .notSent, isApproved: false, answer: answer(.issuerUnavailable),
                        verdict: done)))
        ),
        (
            "estate.acted.terms",
            .estate(
                .acted(
                    .setTerms(merchant, MerchantTerms(acquirer: 1, account: 2, radius: .max, offset: -14)), by: alice))
        ),
    ]

    static let seventh: [(name: String, record: HostRecord)] =
        changes.map { (name: "rules.\($0.0)", record: HostRecord(at: at, .rules($0.1))) }
        + others.map { (name: $0.0, record: HostRecord(at: at, $0.1)) }
}
