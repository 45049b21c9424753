// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Explanation {
    /// What to tell one audience.
    ///
    /// The analyst reads every live rule that hit, the winner first, then what a notice lifted and what could not be
    /// judged. The cardholder reads the winner's text. The merchant reads what to do, and never a figure.
    public static func sentence(
        _ evaluation: Evaluation, rules: RuleSet, language: Language, audience: Audience
    ) -> String {
        switch audience {
        case .analyst: return analyst(evaluation, rules, language)
        case .cardholder:
            guard let (detail, figures) = winner(evaluation, rules) else {
                return language == .en ? "No security trigger concerned this transaction." : "本次交易未触发任何安全规则。"
            }
            return text(detail, .cardholder, language, figures) ?? text(detail, .analyst, language, figures)
                ?? general(evaluation, language)
        case .merchant:
            if let (detail, figures) = winner(evaluation, rules),
                let text = text(detail, .merchant, language, figures)
            {
                return text
            }
            return task(evaluation, language)
        }
    }

    private static func winner(_ evaluation: Evaluation, _ rules: RuleSet) -> (RuleDetail, [Figure])? {
        guard let winner = evaluation.winner, let detail = rules.detail(of: winner),
            let result = evaluation.results.first(where: { $0.rule == winner })
        else { return nil }
        return (detail, result.figures)
    }

    private static func analyst(_ evaluation: Evaluation, _ rules: RuleSet, _ language: Language) -> String {
        var sentences: [String] = []
        let hits = evaluation.results.filter { $0.outcome == .hit && !$0.isShadow }
        for result in hits.filter({ $0.rule == evaluation.winner }) + hits.filter({ $0.rule != evaluation.winner }) {
            guard let detail = rules.detail(of: result.rule) else { continue }
            sentences.append(text(detail, .analyst, language, result.figures) ?? detail.id)
        }
        if sentences.isEmpty { sentences.append(language == .en ? "No live rule hit." : "没有生效规则命中。") }
        let groups: [(RuleResult.Outcome, Bool, en: String, zh: String)] = [
            (.suppressed, false, "Lifted by the cardholder's notice: ", "因持卡人事先通知而未执行："),
            (.unknown, false, "Not decided for want of data: ", "因数据缺失无法判断："),
            (.hit, true, "Shadow rules that would have hit: ", "影子规则（仅观察）命中："),
        ]
        for (outcome, isShadow, en, zh) in groups {
            let ids = evaluation.results.filter { $0.outcome == outcome && $0.isShadow == isShadow }
                .compactMap { rules.id(of: $0.rule) }
            if ids.isEmpty { continue }
            sentences.append(
                language == .en
                    ? en + ids.joined(separator: ", ") + "." : zh + ids.joined(separator: "、") + "。")
        }
        sentences += rules.attributed(evaluation).scores.map { sentence(of: $0, rules, language) }
        return sentences.joined(separator: language == .en ? " " : "")
    }

    /// A rule's text with its figures; the other language stands in when one is not written.
    private static func text(
        _ detail: RuleDetail, _ audience: Audience, _ language: Language, _ figures: [Figure]
    ) -> String? {
        let candidates = detail.texts.filter { $0.audience == audience }
        guard let text = candidates.first(where: { $0.language == language }) ?? candidates.first else { return nil }
        var output = ""
        for part in text.parts {
            switch part {
            case .words(let words): output += words
            case .figure(let source):
                let value = figures.first { $0.source == source }?.value ?? .unknown
                output += figure(value, detail.figures[source].type, text.language)
            }
        }
        return output
    }

    private static func figure(_ value: FigureValue, _ type: ValueType, _ language: Language) -> String {
        if value.isUnknown || (!value.isExact && value.low == .min) { return language == .en ? "unknown" : "未知" }
        let figure = text(of: value.low, type, value.currency)
        return value.isExact ? figure : (language == .en ? "at least " : "至少 ") + figure
    }

    /// For the cardholder, when the rule brings no text.
    private static func general(_ evaluation: Evaluation, _ language: Language) -> String {
        switch evaluation.action {
        case .approve:
            language == .en ? "We noticed something unusual about this transaction." : "我们注意到本次交易有异常。"
        case .stepUp:
            language == .en
                ? "Please show an identity document or enter your transaction password." : "请出示身份证件或输入交易密码。"
        case .refer:
            language == .en
                ? "Your transaction is paused. Please call your card issuer." : "您的交易已暂停，请联系发卡行。"
        case .decline, .retain:
            language == .en
                ? "Your transaction was declined for your protection. Please call your card issuer."
                : "为保护您的资金安全，本次交易已被拒绝，请联系发卡行。"
        }
    }

    /// For the merchant: what to do, and nothing that a thief could use.
    private static func task(_ evaluation: Evaluation, _ language: Language) -> String {
        switch evaluation.action {
        case .approve: return language == .en ? "Nothing to do." : "无需操作。"
        case .stepUp:
            switch (evaluation.proofs.contains(.idDocument), evaluation.proofs.contains(.password)) {
            case (true, false): return language == .en ? "Check the identity document." : "请核对身份证件。"
            case (false, true):
                return language == .en ? "Let the cardholder enter the password." : "请持卡人输入交易密码。"
            default:
                return language == .en
                    ? "Check the identity document, or let the cardholder enter the password." : "请核对身份证件，或请持卡人输入交易密码。"
            }
        case .refer:
            return language == .en
                ? "Ask the cardholder to call the issuer. Do not try again until they have." : "请持卡人致电发卡行，确认前请勿重试。"
        case .decline: return language == .en ? "Declined. Do not try again." : "交易被拒绝，请勿重试。"
        case .retain:
            return language == .en
                ? "Declined. Keep the card if it is safe to do so." : "交易被拒绝，在确保安全的情况下请扣留卡片。"
        }
    }
}
