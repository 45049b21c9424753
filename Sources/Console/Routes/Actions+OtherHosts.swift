// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Host
import Hummingbird
import Storage
import Vocabulary

extension Action {
    /// What people do about other issuers' hosts and their cards.
    static let otherHosts: [Action] = [
        Action(
            path: "/destinations/{name}/messages/{id}/resend", roles: [.operator], done: "done_resend",
            back: { _ in "/" },
            command: { _, context, _ in
                guard let name = context.parameters.get("name"), let id = context.number() else {
                    throw HTTPError(.notFound)
                }
                return .revive(destination: name, id: id)
            }),
        Action(
            path: "/destinations/{name}/keys", roles: [.operator], done: "done_keys", back: { _ in "/" },
            command: { _, context, _ in
                guard let name = context.parameters.get("name") else { throw HTTPError(.notFound) }
                return .changeKeys(destination: name)
            }),
        foreignCard("stop", "done_stopCard") { card, fields in
            StopReason.allCases.first { "\($0)" == fields["reason"] }.map { .listCard(card, $0) }
        },
        foreignCard("release", "done_releaseCard") { card, _ in .unlistCard(card) },
    ]

    /// A card of another issuer has no page here: it is named by a decision about it, and its number by nobody.
    private static func foreignCard(
        _ verb: String, _ done: String, _ command: @escaping @Sendable (CardKey, Fields) -> Command?
    ) -> Action {
        Action(
            path: "/decisions/{id}/card/\(verb)", roles: [.analyst], done: done, back: { _ in "/" },
            command: { routes, context, fields in
                guard let sequence = context.number(), sequence > 0,
                    let row = try await routes.records.decisions(
                        DecisionQuery(after: sequence - 1, before: sequence + 1, limit: 1)
                    ).first, row.destination != nil, let card = row.card
                else { throw HTTPError(.notFound) }
                return command(card, fields)
            })
    }
}
