// SPDX-License-Identifier: Apache-2.0
import Issuer
import Vocabulary

/// Who a message of the outbox is for.
public enum OutboxAudience: String, CaseIterable, Sendable {
    case issuer, cardholder
}

/// How it travels.
public enum OutboxChannel: String, CaseIterable, Sendable {
    /// The console's own list of cases.
    case desk
    case mail, sms
}

/// How far it has come.
public enum OutboxState: String, CaseIterable, Sendable {
    case queued, delivered
}

/// What an opened case says to whom. No message holds a card number beyond its last four digits, and none holds both
/// the link and the code.
struct CaseLetter {
    struct Message {
        var audience: OutboxAudience
        var channel: OutboxChannel
        var link: String?
        var body: (en: String, zh: String)
        var state: OutboxState
    }

    let id: CaseID
    let fraudCase: FraudCase
    let merchant: String
    let lastFour: String
    let links: CaseLinks
    let origin: String

    /// The desk's first, then the cardholder's where the rules ask the cardholder, then the issuer's where they notify it. A
    /// dispute was opened by the cardholder: nobody is asked anything. Of an
    /// unfinished transaction the desk asks shop and cardholder itself.
    var messages: [Message] {
        if fraudCase.isUnfinished { return [unfinished] }
        if fraudCase.isDispute { return [desk, receipt] }
        let notice = fraudCase.orders?.notifiesIssuer == true ? [notice] : []
        return [desk] + (fraudCase.asksCardholder ? [mail, sms] : []) + notice
    }

    private var amount: String { fraudCase.amount.description }
    private var reference: String { fraudCase.reference }
    private var time: String { fraudCase.opened.iso8601 }

    /// Delivered by being shown.
    private var desk: Message {
        let rules = fraudCase.rules.joined(separator: ", ")
        let body: (en: String, zh: String) =
            fraudCase.isDispute
            ? (
                "Case \(id), \(reference): the cardholder disputes \(amount) at \(merchant), "
                    + "terminal \(fraudCase.terminal).",
                "案件 \(id)，\(reference)：持卡人对在 \(merchant)（终端 \(fraudCase.terminal)）的 \(amount) 提出异议。"
            )
            : (
                "Case \(id), \(reference): \(amount) at \(merchant), terminal \(fraudCase.terminal); rules: \(rules). "
                    + (fraudCase.stopped ? "The payment was stopped." : "The payment went through."),
                "案件 \(id)，\(reference)：\(merchant)，终端 \(fraudCase.terminal)，\(amount)；规则：\(rules)。"
                    + (fraudCase.stopped ? "交易已拦截。" : "交易已放行。")
            )
        return Message(audience: .issuer, channel: .desk, link: nil, body: body, state: .delivered)
    }

    /// To the issuer itself, at once, beside the list of cases.
    private var notice: Message {
        Message(audience: .issuer, channel: .mail, link: nil, body: desk.body, state: .queued)
    }

    private var unfinished: Message {
        let body: (en: String, zh: String) = (
            "Case \(id), \(reference): terminal \(fraudCase.terminal) is dead and has left no word whether \(amount) "
                + "at \(merchant) was completed. Confirm: it was, and stands. Deny: it was not, and the money "
                + "goes back.",
            "案件 \(id)，\(reference)：终端 \(fraudCase.terminal) 已失效，未留下 \(merchant) 的 \(amount) 是否完成的记录。"
                + "确认：已完成，交易成立。否认：未完成，退回款项。"
        )
        return Message(audience: .issuer, channel: .desk, link: nil, body: body, state: .delivered)
    }

    private var mail: Message {
        let link = links.path(id)
        return Message(
            audience: .cardholder, channel: .mail, link: link,
            body: (
                """
                Was it you? A payment of \(amount) at \(merchant) with your card ending in \(lastFour), \(time), \
                \(fraudCase.stopped ? "is on hold" : "looked unusual").
                Answer here: \(origin)\(link)
                Or call the number on your card and quote \(reference).
                We never ask for your card number, PIN or password.
                """,
                """
                是您本人的交易吗？您尾号 \(lastFour) 的卡片于 \(time) 在 \(merchant) 的一笔 \(amount) 交易\
                \(fraudCase.stopped ? "已被暂停" : "存在异常")。
                请在此答复：\(origin)\(link)
                或拨打卡背面电话并报参考号 \(reference)。
                我们绝不会索要您的卡号或密码。
                """
            ), state: .queued)
    }

    private var sms: Message {
        let code = links.code(id)
        return Message(
            audience: .cardholder, channel: .sms, link: nil,
            body: (
                "\(code) is your code for \(reference), \(amount) at \(merchant). "
                    + "Enter it only if the payment is yours. Tell it to nobody, not even the bank.",
                "\(code) 是参考号 \(reference)（\(merchant)，\(amount)）的验证码。仅在确为本人交易时输入，切勿告知任何人，包括银行人员。"
            ), state: .queued)
    }

    private var receipt: Message {
        Message(
            audience: .cardholder, channel: .mail, link: nil,
            body: (
                "We have received your dispute of \(amount) at \(merchant), card ending in \(lastFour). "
                    + "Your reference is \(reference). We never ask for your card number, PIN or password.",
                "我们已收到您对 \(merchant) 一笔 \(amount) 交易（尾号 \(lastFour)）的异议，参考号 \(reference)。我们绝不会索要您的卡号或密码。"
            ), state: .queued)
    }
}
