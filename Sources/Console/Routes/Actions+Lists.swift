// SPDX-License-Identifier: Apache-2.0
import Host
import Hummingbird
import SecurityTriggers
import Vocabulary

extension Action {
    /// What one analyst does with lists alone: a stolen card cannot wait for a second person.
    static let lists: [Action] = [listFile] + [listEntry, listRemoval, listDrop]

    /// A file that lies beside the journal already, by its digest.
    private static let listFile = Action(
        path: "/lists/load", roles: [.analyst], done: "done_listLoaded", back: { _ in "/lists" },
        command: { routes, _, fields in
            guard let port = routes.lists, let digest = fields["digest"].flatMap({ FileDigest($0) }),
                let opened = try await port.file(digest)
            else { return nil }
            return .loadList(opened, source: fields["source"] ?? "", keepsChanges: fields["discard"] != "yes")
        })

    private static let listEntry = list("add", "done_listAdded") { routes, held, key, fields in
        let day = fields["expires"] ?? ""
        let expires = day.isEmpty ? nil : Instant(iso8601: day.utf8.count == 10 ? day + "T00:00:00Z" : day)
        guard day.isEmpty || expires != nil else { return nil }
        let source = fields["source"] ?? ""
        return .addListEntry(
            list: held.name, held.kind,
            ListEntry(
                key, ListOrigin(source: source.isEmpty ? "desk" : source, reason: fields["reason"] ?? ""),
                expires: expires))
    }

    private static let listRemoval = list("remove", "done_listRemoved") { _, held, key, fields in
        .removeListEntry(list: held.name, held.kind, key, reason: fields["reason"] ?? "")
    }

    private static let listDrop = Action(
        path: "/lists/{id}/drop", roles: [.analyst], done: "done_listDropped", back: { _ in "/lists" },
        command: { _, context, fields in
            .dropList(context.parameters.get("id") ?? "", reason: fields["reason"] ?? "")
        })

    /// About an entry of a list that is there.
    private static func list(
        _ verb: String, _ done: String,
        _ command: @escaping @Sendable (ConsoleRoutes, HeldList, ListKey, Fields) -> Command?
    ) -> Action {
        Action(
            path: "/lists/{id}/\(verb)", roles: [.analyst], done: done,
            back: { "/lists/\($0.parameters.get("id") ?? "")" },
            command: { routes, context, fields in
                guard let port = routes.lists, let name = context.parameters.get("id"),
                    let held = try await port.lists()[name]
                else { throw HTTPError(.notFound) }
                guard let value = fields["value"], let key = try await port.key(value, kind: held.kind) else {
                    return nil
                }
                return command(routes, held, key, fields)
            })
    }
}
