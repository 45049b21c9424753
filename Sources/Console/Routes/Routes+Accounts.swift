// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Hummingbird
import Issuer
import Storage
import Vocabulary

extension ConsoleRoutes {
    func addAccounts(to router: Router<ConsoleContext>) {
        router.get("/accounts/{id}") { request, context -> Response in
            let session = try self.session(context, [.analyst])
            guard let id = context.number(), let detail = try await records.account(AccountID(id)) else {
                throw HTTPError(.notFound)
            }
            let month = Month(request.uri.queryParameters["month"].map(String.init)) ?? Month(now())
            let lines = try await records.statement(of: AccountID(id), year: month.year, month: month.month)
            return pages.page(
                "account", title: Texts.text("console.account", context.language) + " \(detail.account.id)",
                model(detail, lines, month, session, context.language), request, context)
        }
    }

    private func model(
        _ detail: AccountDetail, _ lines: [StatementLine], _ month: Month, _ session: Session, _ language: Language
    ) -> [String: Any] {
        let account = detail.account
        var model: [String: Any] = [
            "number": String(account.id.number), "id": account.id.description, "holder": account.holder,
            "available": Formatting.money(account.available), "held": Formatting.money(account.held),
            "hasHolds": account.held.minorUnits != 0, "isFrozen": account.isFrozen,
            "month": month.text, "previous": month.previous.text, "next": month.next.text,
            "cards": detail.cards.map { card($0, language) }, "hasLines": !lines.isEmpty,
            "lines": lines.map { line($0, language) },
            "cases": detail.cases.map { line($0, language) }, "hasCases": !detail.cases.isEmpty,
            "notices": detail.notices.map { notice($0, detail.cards, language) },
            "hasNotices": !detail.notices.isEmpty, "isTruncated": lines.count >= RecordsReader.rowsMax,
            "currency": account.available.currency.code,
        ]
        let spent = lines.filter { $0.decision.reversedAt == nil }.reduce(Int64(0)) {
            $0 + $1.debit.minorUnits
        }
        model["spent"] = Formatting.money(Money(minorUnits: spent, account.available.currency))
        if let since = account.frozenSince {
            model["frozen"] = ConsoleTexts.text("account_frozen", language)
                .replacing("{since}", with: Formatting.time(since)).replacing("{by}", with: account.frozenBy ?? "")
            if let id = account.frozenCase { model["frozenCase"] = String(id.number) }
            if let asked = account.liftAskedBy {
                model["liftAskedBy"] = asked
                model["liftAskedByMe"] = asked == session.user.name.description
            }
        }
        return model
    }

    private func line(_ line: StatementLine, _ language: Language) -> [String: Any] {
        var model: [String: Any] = [
            "time": Formatting.time(line.decision.at), "card": line.decision.masked.map(Formatting.lastFour) ?? "",
            "kind": line.decision.transaction == .purchase ? "" : line.decision.transaction.title(language),
            "merchant": line.decision.merchantName ?? "", "terminal": line.decision.terminal.description,
            "amount": Formatting.money(line.debit), "sequence": String(line.decision.sequence),
            "rrn": line.decision.rrn.description, "isReversed": line.decision.reversedAt != nil,
        ]
        if let id = line.disputedBy {
            model["case"] = String(id.number)
        } else if line.decision.reversedAt == nil, line.decision.transaction.side == .debit {
            model["mayDispute"] = true
        }
        return model
    }

    private func card(_ card: CardRow, _ language: Language) -> [String: Any] {
        let digits = String(10_000 + Int(card.expiry)).dropFirst()
        var notes: [String] = []
        if card.wrongPINs >= Issuer.pinTriesMax { notes.append(ConsoleTexts.text("card_locked", language)) }
        if let until = card.frozenUntil, until > now() {
            notes.append(
                ConsoleTexts.text("card_frozenUntil", language).replacing("{until}", with: Formatting.time(until)))
        }
        return [
            "key": card.key.description, "masked": card.masked, "expiry": "\(digits.suffix(2))/\(digits.prefix(2))",
            "status": ConsoleTexts.text("card_\(card.status)", language),
            "tone": card.status == .active ? "good" : "bad", "wrongPINs": String(card.wrongPINs),
            "notes": notes.joined(separator: " "),
            "others": CardStatus.allCases.filter { $0 != card.status }.map {
                ["value": String($0.rawValue), "title": ConsoleTexts.text("card_\($0)", language)]
            },
        ]
    }

    /// `25`, or with as many decimals as it takes.
    static func kilometres(_ metres: UInt32) -> String {
        let decimals = String(1_000 + metres % 1_000).dropFirst()
        let places = 3 - decimals.reversed().prefix { $0 == "0" }.count
        return String(metres / 1_000) + (places > 0 ? "." + decimals.prefix(places) : "")
    }

    private func notice(_ row: NoticeRow, _ cards: [CardRow], _ language: Language) -> [String: Any] {
        let categories = row.notice.categories.map(\.description).joined(separator: ", ")
        var terms: [String] = []
        if let total = row.notice.totalMax {
            let money = Formatting.money(Money(minorUnits: total, row.notice.amountMax.currency))
            terms.append("\(ConsoleTexts.text("noticeTotal", language)) \(money)")
        }
        if let uses = row.notice.usesMax { terms.append("\(uses) \(ConsoleTexts.text("noticeUses", language))") }
        if let area = row.notice.area {
            let within = ConsoleTexts.text("noticeWithin", language)
                .replacing("{km}", with: Self.kilometres(area.radiusMetres))
            terms.append(within.replacing("{place}", with: area.centre.degrees))
        }
        var values: [String: Any] = [
            "card": cards.first { $0.key == row.card }?.masked ?? "", "from": Formatting.time(row.notice.from),
            "until": Formatting.time(row.notice.until), "amount": Formatting.money(row.notice.amountMax),
            "categories": categories.isEmpty ? ConsoleTexts.text("anyCategory", language) : categories,
            "isOver": row.notice.until <= now(),
        ]
        if !terms.isEmpty { values["terms"] = terms.joined(separator: " · ") }
        return values
    }
}

/// A month of a statement, `2026-08`.
struct Month: Equatable {
    var year: Int
    var month: Int

    init(_ instant: Instant) {
        let time = CalendarTime(instant)
        (year, month) = (time.year, time.month)
    }

    init?(_ text: String?) {
        guard let text, text.utf8.count == 7 else { return nil }
        let parts = text.split(separator: "-")
        guard parts.count == 2, parts[0].utf8.count == 4, let year = Int(parts[0]), let month = Int(parts[1]),
            (1970...9999).contains(year), (1...12).contains(month)
        else { return nil }
        (self.year, self.month) = (year, month)
    }

    var text: String { String(10_000 + year).dropFirst() + "-" + String(100 + month).dropFirst() }
    var previous: Month { shifted(month == 1 ? -1 : 0, month == 1 ? 12 : month - 1) }
    var next: Month { shifted(month == 12 ? 1 : 0, month == 12 ? 1 : month + 1) }

    private func shifted(_ years: Int, _ month: Int) -> Month {
        var other = self
        other.year += years
        other.month = month
        return other
    }
}
