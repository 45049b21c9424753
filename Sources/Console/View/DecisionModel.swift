// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Storage
import Vocabulary

/// A decision as a row of a table, for one reader: a merchant sees no rule and no cause that a thief could use.
struct DecisionModel {
    let time: String
    let terminal: String
    let card: String
    let amount: String
    let decision: String
    let tone: String
    let why: String
    /// The address of its page; nil where no rule spoke, or this reader may not read it.
    let page: String?

    init(_ row: DecisionRow, _ language: Language, role: Role) {
        time = Formatting.time(row.at)
        terminal = row.terminal.description
        card = row.masked ?? "—"
        amount = row.amount.minorUnits == 0 ? "—" : Formatting.money(row.amount)
        let isSpoken = row.explanation != nil || row.shadowVersion != nil
        page = role == .analyst && isSpoken ? "/decisions/\(row.sequence)" : nil
        let isReversed = row.reversedAt != nil
        let kind = row.transaction == .purchase ? "" : row.transaction.title(language) + " · "
        decision =
            kind + Formatting.title(row.intent, language, isMerchant: role == .merchant)
            + (isReversed ? " · " + ConsoleTexts.text("reversed", language) : "")
        tone = isReversed ? "off" : Formatting.tone(row.intent)
        why =
            role == .merchant
            ? row.reference
            : ((role == .analyst ? row.rules : []) + [row.destination ?? "", row.reference]).filter { !$0.isEmpty }
                .joined(separator: " · ")
    }

    var values: [String: Any] {
        var values: [String: Any] = [
            "time": time, "terminal": terminal, "card": card, "amount": amount, "decision": decision, "tone": tone,
            "why": why,
        ]
        if let page { values["page"] = page }
        return values
    }
}
