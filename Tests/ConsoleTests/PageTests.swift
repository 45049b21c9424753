// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Foundation
import Host
import Testing
import Vocabulary

@testable import Console

struct PageTests {
    private static let pages = [
        "/", "/terminals", "/terminals/T1", "/cases", "/cases?all", "/cases/1", "/accounts/7", "/rules",
        "/rules/backtest", "/models", "/terminal/T1",
        "/estate",
    ]

    @Test("Every page is there for an analyst in both languages, says no key instead of a text, and is sealed off")
    func everyPage() async throws {
        try await House.with { house in
            try house.bank.openCase()
            try house.bank.raise(.t01, at: "T1")
            try house.bank.raise(.h02, at: "T2")
            let client = try house.client("desk1", .analyst)
            for language in ["en", "zh"] {
                client.language = language
                for path in Self.pages {
                    let answer = try await client.get(path)
                    #expect(answer.status == 200, "\(path)")
                    #expect(answer.body.contains("lang=\"\(language == "en" ? "en" : "zh-Hans")\""))
                    #expect(answer.header("content-security-policy")?.contains("default-src 'none'") == true)
                    #expect(answer.header("x-content-type-options") == "nosniff")
                    #expect(answer.header("referrer-policy") == "no-referrer")
                    #expect(answer.header("cache-control") == "no-store")
                    for leak in ["{{", "}}", "state_", "intent_", "timeline_", "refusal_", "case_", "Optional("] {
                        #expect(!answer.body.contains(leak), "\(path) in \(language) shows \(leak)")
                    }
                    #expect(!answer.body.contains("<b>Shop"), "\(path) does not escape")
                    #expect(!answer.body.contains(Bank.card.description) || path == "/accounts/7")
                }
            }
        }
    }

    @Test(
        "Nobody sees a page without a session, and no role sees another role's",
        arguments: [
            ("/", [Role.operator, .analyst, .merchant]), ("/terminals", [.operator, .analyst, .merchant]),
            ("/terminals/T1", [.operator, .analyst, .merchant]), ("/terminal/T1", [.operator, .analyst, .merchant]),
            ("/cases", [.analyst]), ("/cases/1", [.analyst]), ("/accounts/7", [.analyst]), ("/rules", [.analyst]),
            ("/models", [.analyst]), ("/api/models", [.analyst]),
            ("/estate", [.operator, .analyst]), ("/api/estate", [.operator, .analyst]), ("/api/cases", [.analyst]),
            ("/api/overview", [.operator, .analyst, .merchant]),
        ])
    func roles(_ path: String, _ allowed: [Role]) async throws {
        try await House.with { house in
            try house.bank.openCase()
            let nobody = try await house.stranger.get(path)
            #expect(path.hasPrefix("/api/") ? nobody.status == 401 : nobody.header("location") == "/login")
            for role in [Role.operator, .analyst, .merchant] {
                let answer = try await house.client("x", role).get(path)
                #expect(answer.status == (allowed.contains(role) ? 200 : 403), "\(role)")
            }
        }
    }

    @Test("A merchant sees the terminals and no button, and a forged request gets 403 and changes nothing")
    func merchant() async throws {
        try await House.with { house in
            try house.bank.raise(.h02, at: "T1")
            let client = try house.client("shop1", .merchant, merchant: Bank.shop)
            let page = try await client.get("/terminals/T1")
            #expect(page.status == 200)
            #expect(!page.body.contains("/clear") && !page.body.contains("/suspend") && !page.body.contains("/fault"))
            let token = try #require(page.hidden("csrf"))
            let before = house.bank.sequence
            for path in [
                "/terminals/T1/warnings/H02/clear", "/terminals/T1/suspend", "/terminals/T1/activate",
                "/terminals/T1/fault", "/cases/1/confirm", "/accounts/7/freeze", "/rules",
            ] {
                #expect(try await client.post(path, ["csrf": token, "fault": "tamper"]).status == 403, "\(path)")
            }
            #expect(house.bank.sequence == before)
            #expect(house.desk.faultsMade.isEmpty)
            // Another shop's terminal is not there for this one.
            let stranger = try house.client("shop2", .merchant, merchant: MerchantID(number: 1))
            #expect(try await stranger.get("/terminals/T1").status == 404)
            #expect(try await stranger.get("/terminal/T1").status == 404)
        }
    }

    @Test("A merchant reads what the till may say, never why a card was declined")
    func concealed() async throws {
        try await House.with { house in
            try house.bank.sale(1_000, at: "T1", intent: .stolenCard)
            let shop = try await house.client("shop1", .merchant, merchant: Bank.shop).get("/")
            #expect(!shop.body.contains("stolen"))
            #expect(shop.body.contains("Use another card"))
            #expect(try await house.client("desk1", .analyst).get("/").body.contains("card reported stolen"))
        }
    }

    @Test("A form without its token, or from another site, is refused")
    func forgery() async throws {
        try await House.with { house in
            let client = try house.client("oper1", .operator)
            let token = try #require(try await client.get("/terminals/T1").hidden("csrf"))
            let before = house.bank.sequence
            #expect(try await client.post("/terminals/T1/activate", [:]).status == 403)
            #expect(try await client.post("/terminals/T1/activate", ["csrf": String(token.reversed())]).status == 403)
            let other = try await client.post(
                "/terminals/T1/activate", ["csrf": token], headers: ["Sec-Fetch-Site": "cross-site"])
            #expect(other.status == 403)
            #expect(house.bank.sequence == before)
            #expect(try await client.post("/terminals/T1/activate", ["csrf": token]).status == 303)
            #expect(house.bank.sequence == before + 1)
        }
    }

    @Test("A body that is too long, of another kind or broken is refused with its own status")
    func bodies() async throws {
        try await House.with { house in
            let client = try house.client("oper1", .operator)
            let long = try await client.post(
                "/terminals/T1/suspend", ["csrf": String(repeating: "a", count: ConsoleConfiguration.bodyBytesMax)])
            #expect(long.status == 413)
            let kind = try await client.post("/terminals/T1/suspend", [:], headers: ["Content-Type": "text/plain"])
            #expect(kind.status == 415)
            let broken = try await client.send(
                "POST", "/terminals/T1/suspend", ["Content-Type": "application/x-www-form-urlencoded"], body: "csrf=%4")
            #expect(broken.status == 400)
            #expect(try await client.get("/nowhere").status == 404)
        }
    }

    @Test(
        "The switch of language stays, and leads to no other host",
        arguments: [
            ("/terminals", "/terminals"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/%5Cevil", "/"),
        ])
    func language(_ back: String, _ target: String) async throws {
        try await House.with { house in
            let client = try house.client("oper1", .operator)
            #expect(try await client.get("/language/zh?back=\(back)").header("location") == target)
            #expect(try await client.get("/").body.contains("总览"))
            #expect(try await client.get("/language/en").status == 303)
            #expect(try await client.get("/").body.contains("Overview"))
        }
    }
}
