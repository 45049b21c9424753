// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import Hummingbird
import Storage
import Vocabulary

/// A form that gives an order or does something, as a page shows it.
struct OrderForm {
    /// Behind the page's own address, such as `orders/issueKeys`.
    var path: String
    /// The key of its title, such as `order_issueKeys`.
    var title: String
    /// The names of its fields; texts `field_NAME` say what goes in.
    var fields: [String]
    var takesTwo: Bool

    static func order(_ kind: EstateOrder.Kind, _ fields: String...) -> (roles: [Role], form: OrderForm) {
        (kind.roles, OrderForm(path: "orders/\(kind)", title: "order_\(kind)", fields: fields, takesTwo: true))
    }

    static func act(_ kind: EstateAct.Kind, _ fields: String...) -> (roles: [Role], form: OrderForm) {
        (kind.roles, OrderForm(path: "acts/\(kind)", title: "act_\(kind)", fields: fields, takesTwo: false))
    }

    static let atTerminal = [
        order(.issueKeys, "keySet"), order(.permitSwap, "serial"), order(.erase, "code"),
        order(.takeIntoServiceCentre), order(.reidentify, "serial", "keySet"), order(.receive, "seal"),
        order(.loadInitialKeys), order(.retire), act(.personalise), act(.ship, "seal"), act(.enterMaintenance),
        act(.endMaintenance), act(.reportLost),
    ]

    static let registration = (
        roles: [Role.custodian],
        form: OrderForm(
            path: "terminals", title: "act_register",
            fields: ["terminal", "merchant", "profile", "keySet", "serial", "currency"], takesTwo: false)
    )

    static let ofEstate = [
        registration,
        order(.extendLeases, "until"), order(.revokeKeySet, "keySet", "since"), order(.trustSupplier, "key"),
        act(.setReleases, "model", "recommended", "minimum", "deadline"), act(.setKeySetEnd, "keySet", "until"),
        act(.setDigests, "digests"), act(.setTerms, "merchant", "acquirer", "account", "radius", "localTime"),
        act(.importMatrix, "matrix"),
    ]

    func model(_ base: String, _ language: Language) -> [String: Any] {
        [
            "action": "\(base)/\(path)", "title": ConsoleTexts.text(title, language), "takesTwo": takesTwo,
            "fields": fields.map { ["name": $0, "label": ConsoleTexts.text("field_\($0)", language)] },
        ]
    }
}

extension ConsoleRoutes {
    func addEstate(to router: Router<ConsoleContext>) {
        router.get("/estate") { request, context -> Response in
            let session = try self.session(context, Role.staff)
            let language = context.language
            let forms = OrderForm.ofEstate.filter { $0.roles.contains(session.user.role) }
            let standing = try await records.standing()
            let model: [String: Any] = [
                "standing": standing.map { standingLine($0, language) }, "hasStanding": !standing.isEmpty,
                "proposals": try await proposals(nil, language),
                "forms": forms.map { $0.form.model("/estate", language) },
            ]
            return pages.page("estate", title: ConsoleTexts.text("estate", language), model, request, context)
        }
        router.get("/api/estate") { _, context -> Response in
            _ = try self.session(context, Role.staff)
            let standing = try await records.standing().map { row -> JSON in
                [
                    "name": .string(row.name), "detail": .string(row.detail), "by": .string(row.by),
                    "at": .string(row.at.iso8601),
                ]
            }
            let proposals = try await records.proposals(nil, now: now()).map(Self.json)
            let outage = try await records.outage(at: now())
            return .json([
                "standing": .array(standing), "proposals": .array(proposals),
                "leasesExtendedUntil": outage.map { .string($0.until.iso8601) } ?? .null,
            ])
        }
        router.get("/api/estate/transactions") { request, context -> Response in
            let session = try self.session(context, Role.staff)
            let query = request.uri.queryParameters
            let keySet = query["keySet"].flatMap { UInt16($0) } ?? 0
            let since = query["since"].flatMap { Instant(iso8601: $0) } ?? .epoch
            let after = query["after"].flatMap { UInt64($0) } ?? 0
            let rows = try await records.transactions(ofKeySet: keySet, since: since, after: after)
            return .json(["decisions": .array(rows.map { Self.json($0, session.user.role) })])
        }
    }

    /// What is laid down, with the transactions to look through where a key set is compromised.
    private func standingLine(_ row: StandingRow, _ language: Language) -> [String: Any] {
        let parts = row.name.split(separator: ".", maxSplits: 1)
        var line: [String: Any] = [
            "title": ConsoleTexts.text("standing_\(parts[0])", language), "of": parts.count > 1 ? String(parts[1]) : "",
            "detail": row.detail, "by": row.by, "at": Formatting.time(row.at),
        ]
        let words = row.detail.split(separator: " ")
        if parts[0] == "revokeKeySet", words.count == 2 {
            line["review"] = "/api/estate/transactions?keySet=\(words[0])&since=\(words[1])"
        }
        return line
    }

    /// Orders that wait for their second person.
    func proposals(_ terminal: TerminalID?, _ language: Language) async throws -> [[String: String]] {
        try await records.proposals(terminal, now: now()).map { row in
            [
                "title": ConsoleTexts.text("order_\(row.kind)", language), "detail": row.detail, "by": row.by,
                "at": Formatting.time(row.at),
            ]
        }
    }

    static func json(_ row: ProposalRow) -> JSON {
        [
            "order": .string(row.kind), "detail": .string(row.detail), "by": .string(row.by),
            "at": .string(row.at.iso8601),
        ]
    }

    static func json(_ row: CustodyRow) -> JSON {
        func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
        let inspection = row.inspection.map { inspection -> JSON in
            [
                "at": .string(inspection.at.iso8601), "by": .string(inspection.by),
                "findings": .array(inspection.findings.map { .string($0) }), "photo": .string(inspection.photo),
            ]
        }
        return [
            "keySet": .integer(Int64(row.keySet)), "identityEpoch": .integer(Int64(row.epoch)),
            "seal": text(row.shipment), "inCustodyOf": text(row.people),
            "permittedSerial": text(row.permittedSerial.map { Hex.text($0) }),
            "claimant": text(row.claimant.map { Hex.text($0) }), "erasure": text(row.erasure),
            "inspection": inspection ?? .null, "orders": .array(row.orders.map { .string($0) }),
        ]
    }

    /// Key set, identity, custody and what the module is told next, as facts of a terminal's page.
    func facts(_ row: CustodyRow, _ language: Language) -> [[String: String]] {
        var facts: [(String, String)] = [("keySet", "\(row.keySet)"), ("epoch", "\(row.epoch)")]
        if let seal = row.shipment { facts.append(("seal", seal)) }
        if let people = row.people { facts.append(("custody", people)) }
        if let serial = row.permittedSerial { facts.append(("permittedSerial", Hex.text(serial))) }
        if let serial = row.claimant { facts.append(("claimant", Hex.text(serial))) }
        if !row.orders.isEmpty {
            let orders = row.orders.map { ConsoleTexts.text("moduleOrder_\($0)", language) }
            facts.append(("orders", orders.joined(separator: language == .en ? ", " : "，")))
        }
        if let inspection = row.inspection {
            let found =
                inspection.findings.isEmpty
                ? ConsoleTexts.text("inspectionClean", language)
                : inspection.findings.map { ConsoleTexts.text("finding_\($0)", language) }
                    .joined(separator: language == .en ? ", " : "，")
            facts.append(
                ("inspection", "\(Formatting.time(inspection.at)) \(inspection.by): \(found) · \(inspection.photo)"))
        }
        return facts.map { ["name": ConsoleTexts.text("fact_\($0.0)", language), "value": $0.1] }
    }
}
