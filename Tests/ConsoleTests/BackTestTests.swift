// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Foundation
import Host
import Logging
import Testing
import Vocabulary

@testable import Console
@testable import tillguard

/// Back-tests of rules, as analysts start and read them.
struct BackTestTests {
    private static let page = "/rules/backtest"
    private static let figures: JSON = [
        "transactions": 1_234, "frauds": 5, "fraudAmount": "678.90",
        "candidate": [
            "rules": "small@3", "stopped": 17, "frauds": 4, "saved": "555.00", "falseAlarmsPer10000": "105.78",
        ],
        "present": .null,
        "byRule": [
            [
                "rule": "large_spread", "fired": 17, "frauds": 4, "fraudAmount": "555.00",
                "falseAlarmsPer10000": "105.78", "suppressed": 2, "unknown": 1,
            ]
        ],
        "together": [["rules": ["large_spread", "night"], "fired": 3]],
    ]

    @Test("Only analysts see the page and its reports, and a forged form starts nothing")
    func allowed() async throws {
        try await House.with { house in
            for role in [Role.operator, .merchant] {
                let client = try house.client("x", role, merchant: Bank.shop)
                let token = try #require(try await client.get("/terminals/T1").hidden("csrf"))
                for path in [Self.page, Self.page + "/report.html", Self.page + "/report.csv"] {
                    #expect(try await client.get(path).status == 403, "\(role) \(path)")
                }
                #expect(try await client.post(Self.page, ["csrf": token, "text": Bank.rules]).status == 403)
            }
            let analyst = try house.client("desk1", .analyst)
            #expect(try await analyst.get("/rules").body.contains("href=\"\(Self.page)\""))
            #expect(try await analyst.post(Self.page, ["text": Bank.rules]).status == 403)
            #expect(house.backTests.started.isEmpty)
        }
    }

    @Test("A text is tried beside the rules in force, and a second one waits for the end of the first")
    func oneAtATime() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            let token = try #require(try await client.get(Self.page).hidden("csrf"))
            let fields = ["csrf": token, "text": Bank.rules.replacing("\n", with: "\r\n")]
            #expect(try await client.post(Self.page, fields).header("location") == Self.page)
            let task = try #require(house.backTests.started.first)
            #expect(task.candidate == Bank.rules && task.version == nil && task.by.description == "desk1")
            let running = try await client.get(Self.page)
            #expect(running.header("refresh") == "3" && !running.body.contains("<textarea"))
            #expect(running.body.contains("Under way"))
            _ = try await client.post(Self.page, fields)
            #expect(try await client.get(Self.page).body.contains("under way already"))
            #expect(house.backTests.started.count == 1)
        }
    }

    @Test("A version that waits is offered and tried as it stands, and one that nobody proposed is not there")
    func waiting() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            let text = Bank.rules.replacing("version 3", with: "version 4")
            _ = try await client.submit("/rules", from: "/rules", ["text": text])
            let version = try #require(try await client.get(Self.page).hidden("version"))
            #expect(try await client.submit(Self.page, from: Self.page, ["version": "999"]).status == 404)
            #expect(try await client.submit(Self.page, from: Self.page, ["version": version]).status == 303)
            let task = try #require(house.backTests.started.first)
            #expect(task.candidate == text && task.version.map { String($0) } == version)
        }
    }

    @Test("Rules that cannot be read start nothing: the page says line and column and keeps the text")
    func unreadable() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            let text = "tillguard-rules 1\nrule odd { when amount >= then decline }"
            let answer = try await client.submit(Self.page, from: Self.page, ["text": text])
            #expect(answer.status == 422 && answer.body.contains("<b>2:"))
            #expect(answer.body.contains("rule odd {"))
            #expect(house.backTests.started.isEmpty)
        }
    }

    @Test("The end is shown: figures with links to both reports, too long, or failed, in both languages")
    func ends() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            let task = BackTestTask(
                candidate: Bank.rules, present: nil, version: 4, by: staff("desk2"), at: house.bank.now)
            #expect(try await client.get(Self.page + "/report.html").status == 404)
            house.backTests.set(.tooLong(task))
            #expect(try await client.get(Self.page).body.contains("more than ten minutes"))
            house.backTests.set(.failed(task))
            #expect(try await client.get(Self.page).body.contains("It has failed"))
            house.backTests.set(.done(task, Self.figures))
            for language in ["en", "zh"] {
                client.language = language
                let page = try await client.get(Self.page)
                for shown in [
                    "desk2", "1234", "678.90", "small@3", "555.00", "105.78", "large_spread + night",
                    "href=\"/rules/backtest/report.html\"", "href=\"/rules/backtest/report.csv\"", "<textarea",
                ] { #expect(page.body.contains(shown), "\(shown)") }
                for leak in ["{{", "}}", "backTest", "Optional("] { #expect(!page.body.contains(leak), "\(leak)") }
            }
        }
    }

    @Test("The reports are files to keep, sealed off like every page")
    func reports() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            let task = BackTestTask(candidate: "", present: nil, version: nil, by: staff("desk2"), at: house.bank.now)
            house.backTests.set(.done(task, Self.figures))
            for (name, type) in [("html", "text/html; charset=utf-8"), ("csv", "text/csv; charset=utf-8")] {
                let answer = try await client.get(Self.page + "/report." + name)
                #expect(answer.status == 200 && answer.header("content-type") == type)
                #expect(answer.header("content-disposition") == "attachment; filename=\"backtest.\(name)\"")
                #expect(answer.header("content-security-policy")?.contains("default-src 'none'") == true)
                #expect(answer.header("x-content-type-options") == "nosniff")
            }
        }
    }

    @Test("A process that fails is told as failed, one that takes too long is ended, and neither leaves a file")
    func runner() async throws {
        let data = NSTemporaryDirectory() + "tillguard-backtest-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: data) }
        let task = BackTestTask(candidate: Bank.rules, present: nil, version: nil, by: staff("desk1"), at: .epoch)
        // This one knows no such arguments.
        let failing = BackTestRunner(data: data, executable: "/bin/cat", logger: Self.silent)
        #expect(await Self.outcome(failing, task) == .failed(task))
        let endless = BackTestRunner(data: data, executable: "/usr/bin/yes", limit: .zero, logger: Self.silent)
        #expect(await Self.outcome(endless, task) == .tooLong(task))
        #expect(await endless.report(.html) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: data).isEmpty)
    }

    private static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Starts it, finds that no second one begins meanwhile, and waits for its end.
    private static func outcome(_ runner: BackTestRunner, _ task: BackTestTask) async -> BackTestState {
        #expect(await runner.start(task))
        #expect(await !runner.start(task))
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await runner.run() }
            while await runner.state() == .running(task) { await Task.yield() }
            group.cancelAll()
            return await runner.state()
        }
    }
}
