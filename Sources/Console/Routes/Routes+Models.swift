// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Hummingbird
import PaymentCryptography
import RiskModels
import SecurityTriggers
import Vocabulary

extension ConsoleRoutes {
    /// Models that give the rules' scores: in force, waiting, watched, and before; and how those in force fare.
    func addModels(to router: Router<ConsoleContext>) {
        guard let models else { return }
        router.get("/models") { request, context -> Response in
            let session = try self.session(context, [.analyst])
            let (book, reports) = try await models.models()
            let language = context.language
            let past = book.versions.reversed().filter { $0.state == .retired || $0.state == .withdrawn }
            let model: [String: Any] = [
                "live": book.live.map { Self.values($0, language) }, "hasLive": !book.live.isEmpty,
                "waiting": book.waiting.map { Self.waiting($0, book, session.user.name, language) },
                "hasWaiting": !book.waiting.isEmpty, "past": past.map { Self.values($0, language) },
                "hasPast": !past.isEmpty, "reports": reports.map { Self.values($0, language) },
                "hasReports": !reports.isEmpty,
            ]
            return pages.page("models", title: ConsoleTexts.text("models", language), model, request, context)
        }
        router.get("/api/models") { _, context -> Response in
            _ = try self.session(context, [.analyst])
            let (book, reports) = try await models.models()
            return .json([
                "models": .array(book.versions.map { Self.json($0, isWatched: book.shadow == $0.number) }),
                "scores": .array(reports.map { Self.json($0) }),
            ])
        }
    }

    // MARK: - Models

    private static func values(_ version: ModelVersion, _ language: Language) -> [String: Any] {
        let steps = version.steps.map { step -> [String: Any] in
            [
                "what": ConsoleTexts.text("rulestep_\(step.kind)", language), "by": step.by.description,
                "at": Formatting.time(step.at),
            ]
        }
        return [
            "number": String(version.number), "name": version.name,
            "state": ConsoleTexts.text("rules_\(version.state)", language), "steps": steps,
            "by": version.proposer?.description ?? "—", "digest": String(digest(version).prefix(16)),
            "kilobytes": String((version.text.bytes.count + 1_023) / 1_024), "mayRollBack": version.state == .retired,
        ]
    }

    /// What waits, with what this reader may do about it.
    private static func waiting(
        _ version: ModelVersion, _ book: ModelBook, _ reader: StaffID, _ language: Language
    ) -> [String: Any] {
        var values = values(version, language)
        // The proposer sees who is wanted, and no button.
        values["mayApprove"] = version.state == .proposed && version.proposer != reader
        values["needsOther"] = version.state == .proposed && version.proposer == reader
        values["mayActivate"] = version.state == .approved
        values["mayWatch"] = book.shadow != version.number
        values["isWatched"] = book.shadow == version.number
        return values
    }

    private static func digest(_ version: ModelVersion) -> String { Hex.text(SHA256.hash(version.text.bytes)) }

    private static func json(_ version: ModelVersion, isWatched: Bool) -> JSON {
        let steps = version.steps.map { step -> JSON in
            [
                "kind": .string("\(step.kind)"), "by": .string(step.by.description), "at": .string(step.at.iso8601),
            ]
        }
        return [
            "version": .integer(Int64(version.number)), "name": .string(version.name),
            "state": .string("\(version.state)"), "watched": .bool(isWatched), "sha256": .string(digest(version)),
            "bytes": .integer(Int64(version.text.bytes.count)), "steps": .array(steps),
        ]
    }

    // MARK: - How they fare

    private static func values(_ report: ModelReport, _ language: Language) -> [String: Any] {
        let before = report.lastDrifts
        var values: [String: Any] = [
            "name": report.name, "model": "\(report.model)@\(report.version)", "count": String(report.count),
            "hasDrift": report.driftCount != nil, "driftCount": String(report.driftCount ?? 0),
            "isTooFew": report.driftCount != nil && report.drifts.isEmpty, "hasDrifts": !report.drifts.isEmpty,
            "drifts": report.drifts.map { drift -> [String: Any] in
                [
                    "name": drift.name, "index": figure(drift.index), "tone": tone(drift.alarm),
                    "alarm": ConsoleTexts.text("drift_\(drift.alarm)", language),
                    "before": before.first { $0.name == drift.name }.map { figure($0.index) } ?? "—",
                ]
            },
        ]
        if let comparison = report.comparison {
            values["comparison"] = [
                "version": String(report.shadow ?? 0), "count": String(comparison.count),
                "both": String(comparison.both), "liveAlone": String(comparison.liveAlone),
                "shadowAlone": String(comparison.shadowAlone),
                "agreement": comparison.agreement.map(figure) ?? "—",
                "overlap": comparison.overlap.map(figure) ?? "—",
                "correlation": comparison.correlation.map(figure) ?? "—",
            ]
        }
        return values
    }

    private static func tone(_ alarm: DriftMonitor.Alarm) -> String {
        switch alarm {
        case .none: "good"
        case .moved: "warn"
        case .drifted: "bad"
        }
    }

    /// With three decimals.
    private static func figure(_ value: Double) -> String {
        let thousandths = Int((min(abs(value), 1e6) * 1_000).rounded())
        let rest = String(thousandths % 1_000)
        return (value < 0 ? "−" : "") + "\(thousandths / 1_000)."
            + String(repeating: "0", count: 3 - rest.count) + rest
    }

    private static func json(_ report: ModelReport) -> JSON {
        var comparison = JSON.null
        if let found = report.comparison {
            comparison = [
                "version": .integer(Int64(report.shadow ?? 0)), "count": .integer(Int64(found.count)),
                "both": .integer(Int64(found.both)), "liveAlone": .integer(Int64(found.liveAlone)),
                "shadowAlone": .integer(Int64(found.shadowAlone)),
                "agreement": found.agreement.map { .double($0) } ?? .null,
                "overlap": found.overlap.map { .double($0) } ?? .null,
                "correlation": found.correlation.map { .double($0) } ?? .null,
            ]
        }
        return [
            "score": .string(report.name), "model": .string(report.model), "version": .integer(Int64(report.version)),
            "count": .integer(Int64(report.count)),
            "drift": .array(
                report.drifts.map { drift -> JSON in
                    [
                        "name": .string(drift.name), "index": .double(drift.index),
                        "alarm": .string("\(drift.alarm)"),
                    ]
                }), "comparison": comparison,
        ]
    }
}
