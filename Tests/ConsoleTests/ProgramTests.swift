// SPDX-License-Identifier: Apache-2.0
import Foundation
import Host
import Storage
import Testing
import Vocabulary

@testable import Console

/// The JSON behind the pages, and the live rows.
struct ProgramTests {
    @Test("What can be read can be asked about: HEAD answers as GET does, without a body")
    func head() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            for path in ["/", "/login", "/healthz", "/assets/console.css", "/terminals/T1", "/openapi.json"] {
                let whole = try await client.get(path)
                let head = try await client.send("HEAD", path, [:], body: nil)
                #expect(head.status == whole.status && head.status == 200, "\(path)")
                #expect(head.header("content-type") == whole.header("content-type"))
                #expect(head.header("content-security-policy") == whole.header("content-security-policy"))
                #expect(head.body.isEmpty)
            }
            #expect(try await client.send("HEAD", "/nowhere", [:], body: nil).status == 404)
            #expect(try await house.stranger.send("HEAD", "/", [:], body: nil).status == 303)
            // A stream that nobody reads takes no listener's place.
            for _ in 0..<ConsoleConfiguration.liveListenersMax + 1 {
                #expect(try await client.send("HEAD", "/events", [:], body: nil).status == 200)
            }
            #expect(try await client.read("/events", until: "retry").contains("retry"))
        }
    }

    @Test("A program reads what the pages show and changes it with the same rights")
    func api() async throws {
        try await House.with { house in
            try house.bank.openCase()
            let client = try house.client("desk1", .analyst)
            let session = try JSON(parsing: Array(try await client.get("/api/session").body.utf8))
            let csrf = try #require(session["csrf"]?.string)
            let overview = try JSON(parsing: Array(try await client.get("/api/overview").body.utf8))
            #expect(overview["openCases"]?.integer == 1)
            let cases = try JSON(parsing: Array(try await client.get("/api/cases").body.utf8))
            #expect(cases["cases"]?.array?.first?["reference"]?.string == "R-TEST2")
            let detail = try JSON(parsing: Array(try await client.get("/api/cases/1").body.utf8))
            #expect(detail["explanation"]?["rule"]?.string == "large_spread")
            let decisions = try JSON(parsing: Array(try await client.get("/api/decisions?after=0&limit=1").body.utf8))
            #expect(decisions["decisions"]?.array?.count == 1)
            #expect(decisions["decisions"]?.array?.first?["card"]?.string == "541333******4321")
            let terminals = try JSON(parsing: Array(try await client.get("/api/terminals").body.utf8))
            #expect(terminals["terminals"]?.array?.count == 2)
            #expect(try await client.get("/api/terminals/T1").status == 200)
            #expect(try await client.get("/api/accounts/7").status == 200)

            #expect(try await client.send("POST", "/api/cases/1/deny", [:], body: "").status == 403)
            let headers = ["X-CSRF-Token": csrf, "Content-Type": "application/json"]
            #expect(try await client.send("POST", "/api/cases/1/deny", headers, body: "").status == 200)
            let again = try await client.send("POST", "/api/cases/1/deny", headers, body: "{}")
            #expect(again.status == 409)
            #expect(again.body.contains("refusal_alreadyAnswered") && again.body.contains("案件已被答复"))
            let rules = try await client.send("POST", "/api/rules", headers, body: #"{"text":"nonsense"}"#)
            #expect(rules.status == 422)
            #expect(try await client.send("POST", "/api/terminals/T1/suspend", headers, body: "").status == 403)
        }
    }

    @Test("The OpenAPI document lists every address of the API, and no other")
    func openAPI() async throws {
        try await House.with { house in
            let answer = try await house.stranger.get("/openapi.json")
            let document = try JSON(parsing: Array(answer.body.utf8))
            let paths = try #require(document["paths"]?.members)
            let posts = Set(paths.filter { $0.value["post"] != nil }.map(\.name))
            #expect(posts == Set(Action.all.map { "/api" + $0.path }))
            let client = try house.client("desk1", .analyst)
            try house.bank.openCase()
            let decisions = try await house.bank.reader.decisions(DecisionQuery())
            let decision = try #require(decisions.first).sequence
            for path in paths where path.value["get"] != nil {
                let id =
                    path.name.contains("accounts")
                    ? "7" : path.name.contains("cases") ? "1" : path.name.contains("decisions") ? "\(decision)" : "T1"
                let status = try await client.get(path.name.replacing("{id}", with: id)).status
                #expect(status == 200, "\(path.name)")
            }
        }
    }

    @Test("New decisions arrive live with masked cards; what is over ten a second is counted, not sent")
    func live() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            let before = house.bank.sequence
            for number in 0..<20 { try house.bank.sale(Int64(100 + number), at: "T1") }
            let text = try await client.read("/events?after=\(before)", until: "\"rows\"")
            #expect(
                text.contains("content-type: text/event-stream") || text.contains("Content-Type: text/event-stream"))
            #expect(text.contains("\"dropped\":15"))
            #expect(text.components(separatedBy: "\"terminal\"").count == 6)
            #expect(text.contains("541333******4321"))
            #expect(!text.contains(Bank.card.description))
            // A stream that is open hears of the next one.
            let path = "/events?after=\(house.bank.sequence)"
            async let rows = client.read(path, until: "7.77 EUR")
            try house.bank.sale(777, at: "T2")
            #expect(try await rows.contains("\"dropped\":0"))
        }
    }

    @Test("The stream of a merchant holds the merchant's own decisions only")
    func liveScope() async throws {
        try await House.with { house in
            let client = try house.client("shop2", .merchant, merchant: MerchantID(number: 1))
            let before = house.bank.sequence
            try house.bank.sale(100, at: "T1")
            let page = try await client.get("/api/decisions?after=\(before)")
            #expect(page.body == #"{"decisions":[]}"#)
        }
    }

    @Test("Anybody may ask whether the console is alive")
    func health() async throws {
        try await House.with { house in
            let answer = try await house.stranger.get("/healthz")
            #expect(answer.status == 200 && answer.body.contains("\"status\":\"ok\""))
        }
    }
}
