// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Hummingbird
import Issuer
import Storage
import Vocabulary

/// What the pages show, for programs. The same session cookie; what changes something is under `Action` and needs
/// `X-CSRF-Token` beside it.
extension ConsoleRoutes {
    func addAPI(to router: Router<ConsoleContext>) {
        router.get("/api/session") { _, context -> Response in
            let session = try self.session(context)
            return .json([
                "user": .string(session.user.name.description), "role": .string(session.user.role.rawValue),
                "csrf": .string(session.csrf),
            ])
        }
        router.get("/api/overview") { _, context -> Response in
            let session = try self.session(context)
            let overview = try await records.overview(now: now(), merchant: scope(session))
            return .json(json(overview, session.user.role))
        }
        router.get("/api/terminals") { request, context -> Response in
            let session = try self.session(context)
            let after = request.uri.queryParameters["after"].flatMap { TerminalID($0) }
            let rows = try await records.terminals(
                now: now(), merchant: scope(session), after: after, limit: Self.limit(request))
            return .json(["terminals": .array(rows.map(json))])
        }
        router.get("/api/terminals/{id}") { _, context -> Response in
            let session = try self.session(context)
            let detail = try await detail(context, session)
            let id = detail.terminal.id
            let isStaff = Role.staff.contains(session.user.role)
            let custody = isStaff ? try await records.custody(of: id) : nil
            let proposals = isStaff ? try await records.proposals(id, now: now()) : []
            return .json([
                "terminal": json(detail.terminal), "warnings": .array(detail.warnings.map(Self.json)),
                "timeline": .array(detail.timeline.map(Self.json)), "custody": custody.map(Self.json) ?? .null,
                "proposals": .array(proposals.map(Self.json)),
            ])
        }
        router.get("/api/decisions") { request, context -> Response in
            let session = try self.session(context)
            let after = request.uri.queryParameters["after"].flatMap { UInt64($0) }
            let rows = try await records.decisions(
                DecisionQuery(after: after, merchant: scope(session), limit: Self.limit(request)))
            return .json(["decisions": .array(rows.map { Self.json($0, session.user.role) })])
        }
        router.get("/api/cases") { request, context -> Response in
            _ = try self.session(context, [.analyst])
            let before = request.uri.queryParameters["before"].flatMap { UInt64($0) }.map(CaseID.init)
            let rows = try await records.cases(before: before, limit: Self.limit(request))
            return .json(["cases": .array(rows.map(Self.json))])
        }
        router.get("/api/cases/{id}") { _, context -> Response in
            _ = try self.session(context, [.analyst])
            guard let id = context.number(), let detail = try await records.caseDetail(CaseID(id)) else {
                throw HTTPError(.notFound)
            }
            let explanation = detail.decision?.explanation.flatMap { try? JSON(parsing: Array($0.utf8)) }
            return .json([
                "case": Self.json(detail.row), "decision": detail.decision.map { Self.json($0, .analyst) } ?? .null,
                "explanation": explanation ?? .null,
            ])
        }
        router.get("/api/accounts/{id}") { request, context -> Response in
            _ = try self.session(context, [.analyst])
            guard let id = context.number(), let detail = try await records.account(AccountID(id)) else {
                throw HTTPError(.notFound)
            }
            let month = Month(request.uri.queryParameters["month"].map(String.init)) ?? Month(now())
            let lines = try await records.statement(of: AccountID(id), year: month.year, month: month.month)
            return .json(Self.json(detail.account, month, lines))
        }
    }

    private func json(_ overview: Overview, _ role: Role) -> JSON {
        let counts = overview.counts.map { entry in
            JSON.Member(entry.state.rawValue, .integer(Int64(entry.count)))
        }
        var members = [JSON.Member("projected", .integer(Int64(clamping: records.checkpoint())))]
        members.append(.init("terminals", .object(counts)))
        members.append(.init("openWarnings", .array(overview.openWarnings.map { Self.json($0) })))
        members.append(.init("stopped", .array(overview.stopped.map { json($0) })))
        if role == .operator {
            let undelivered = overview.undelivered.map { row -> JSON in
                [
                    "destination": .string(row.destination), "id": Self.number(row.id),
                    "since": .string(row.since.iso8601), "reason": .string(row.reason),
                ]
            }
            members.append(.init("undelivered", .array(undelivered)))
        }
        if role == .analyst { members.append(.init("openCases", .integer(Int64(overview.openCases)))) }
        return .object(members)
    }

    private static func json(_ account: AccountRow, _ month: Month, _ lines: [StatementLine]) -> JSON {
        let lines = lines.map { line -> JSON in
            [
                "line": number(line.decision.sequence), "decision": json(line.decision, .analyst),
                "disputedBy": line.disputedBy.map { number($0.number) } ?? .null,
            ]
        }
        return [
            "account": number(account.id.number), "available": json(account.available),
            "frozen": .bool(account.isFrozen), "liftAskedBy": text(account.liftAskedBy),
            "month": .string(month.text), "lines": .array(lines),
        ]
    }

    private static func number(_ value: UInt64) -> JSON { .integer(Int64(clamping: value)) }
    private static func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }

    private static func limit(_ request: Request) -> Int {
        request.uri.queryParameters["limit"].flatMap { Int($0) } ?? 100
    }

    private static func json(_ money: Money) -> JSON {
        ["minorUnits": .integer(money.minorUnits), "currency": .string(money.currency.code)]
    }

    private static func json(_ instant: Instant?) -> JSON { instant.map { .string($0.iso8601) } ?? .null }

    private static func json(_ row: WarningRow) -> JSON {
        [
            "terminal": .string(row.terminal.description), "code": .string(row.code.rawValue),
            "title": .string(row.code.entry.title.en), "titleZH": .string(row.code.entry.title.zh),
            "severity": .string(row.severity.name), "since": json(row.since),
            "deadline": json(row.deadline), "clearance": .string(row.code.clearance(at: row.severity).name),
            "clearedBy": .array(row.clearedBy.map { .string($0) }),
            "closedAt": json(row.closedAt),
        ]
    }

    private static func json(_ line: TimelineRow) -> JSON {
        [
            "sequence": .integer(Int64(clamping: line.sequence)), "at": json(line.at),
            "kind": .string(line.kind.rawValue),
            "detail": .string(line.detail),
        ]
    }

    private func json(_ row: TerminalRow) -> JSON {
        let members: [JSON.Member] = [
            .init("id", .string(row.id.description)), .init("merchant", .string(row.merchant.description)),
            .init("merchantName", .string(row.merchantName)), .init("state", .string(row.state.rawValue)),
            .init("lifecycle", .string(row.lifecycle.name)), .init("why", .string(whyStopped(row, .en))),
            .init("whyZH", .string(whyStopped(row, .zh))),
            .init("openWarnings", .array(row.openWarnings.map { JSON.string($0.rawValue) })),
            .init("leaseExpires", Self.json(row.leaseExpires)), .init("lastSeen", Self.json(row.lastSeen)),
            .init("firmware", Self.text(row.firmware)), .init("application", Self.text(row.application)),
            .init("activationAskedBy", Self.text(row.activationAskedBy)),
            .init("activationApprovedBy", Self.text(row.activationApprovedBy)),
        ]
        return .object(members)
    }

    static func json(_ row: DecisionRow, _ role: Role) -> JSON {
        var members: [JSON.Member] = [
            .init("sequence", .integer(Int64(clamping: row.sequence))), .init("at", json(row.at)),
            .init("terminal", .string(row.terminal.description)),
            .init("card", Self.text(row.masked)), .init("amount", json(row.amount)),
            .init("rrn", .string(row.rrn.description)), .init("reference", .string(row.reference)),
            .init("reversedAt", json(row.reversedAt)), .init("approved", .bool(row.intent.isApproval)),
        ]
        // The true cause is for the bank's people, the rules for its analysts.
        if role != .merchant { members.append(.init("intent", .string(row.intent.rawValue))) }
        if role == .analyst { members.append(.init("rules", .array(row.rules.map { JSON.string($0) }))) }
        return .object(members)
    }

    private static func json(_ row: CaseRow) -> JSON {
        let members: [JSON.Member] = [
            .init("id", number(row.id.number)), .init("reference", .string(row.reference)),
            .init("state", .string("\(row.state)")), .init("opened", json(row.opened)),
            .init("terminal", .string(row.terminal.description)), .init("amount", json(row.amount)),
            .init("card", Self.text(row.masked)),
            .init("account", number(row.account.number)),
            .init("rules", .array(row.rules.map { JSON.string($0) })), .init("stopped", .bool(row.stopped)),
            .init("dispute", .bool(row.isDispute)), .init("rrn", .string(row.rrn.description)),
            .init("answeredBy", text(row.answeredBy)), .init("answeredAt", json(row.answeredAt)),
        ]
        return .object(members)
    }
}
