// SPDX-License-Identifier: Apache-2.0
import Host
import Hummingbird

extension Action {
    /// A text is proposed; nobody puts one in force alone.
    static let rules = Action(
        path: "/rules", roles: [.analyst], bytesMax: ConsoleConfiguration.ruleBodyBytesMax, done: "done_propose",
        back: { _ in "/rules" },
        command: { _, _, fields in
            guard let text = fields["text"], !text.isEmpty else { return nil }
            // A form sends its lines with CR LF; the journal keeps them as files have them.
            return .proposeRules(text.replacing("\r\n", with: "\n"))
        })

    /// The steps of a rule set's life after its proposal.
    static let ruleSteps: [Action] = [
        ruleStep("shadow", "done_shadow") { .shadowRules($0) },
        ruleStep("approve", "done_approve") { .approveRules($0) },
        ruleStep("activate", "done_rules") { .activateRules($0) },
        ruleStep("rollback", "done_rollback") { .rollBackRules($0) },
        ruleStep("withdraw", "done_withdraw") { .withdrawRules($0) },
    ]

    private static func ruleStep(
        _ verb: String, _ done: String, _ command: @escaping @Sendable (UInt32) -> Command
    ) -> Action {
        Action(
            path: "/rules/{id}/\(verb)", roles: [.analyst], done: done, back: { _ in "/rules" },
            command: { _, context, _ in
                guard let number = context.number().flatMap({ UInt32(exactly: $0) }) else {
                    throw HTTPError(.notFound)
                }
                return command(number)
            })
    }
}
