// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import SecurityTriggers
import Storage
import Testing
import Vocabulary

@testable import Console

/// Lists as analysts see and change them.
@Suite("Lists at the console")
struct ListTests {
    private static let number = "5413330000004326"

    /// A browser of an analyst, with a list of cards that has begun empty.
    private func analyst(_ house: House) async throws -> Client {
        let client = try house.client("desk1", .analyst)
        let fields = ["name": "hot", "kind": "card", "source": "desk", "lines": " \r\n"]
        #expect(try await client.submit("/lists", from: "/lists", fields).header("location") == "/lists")
        return client
    }

    @Test("Only analysts see lists and change them, and a forged form changes nothing")
    func allowed() async throws {
        try await House.with { house in
            let analyst = try await analyst(house)
            for role in [Role.operator, .merchant] {
                let client = try house.client("x", role, merchant: Bank.shop)
                let token = try #require(try await client.get("/terminals/T1").hidden("csrf"))
                for path in ["/lists", "/lists/hot", "/api/lists"] {
                    #expect(try await client.get(path).status == 403, "\(role) \(path)")
                }
                for path in ["/lists", "/lists/hot/add", "/lists/hot/remove", "/lists/hot/find", "/lists/hot/drop"] {
                    let fields = ["csrf": token, "value": Self.number, "reason": "x"]
                    #expect(try await client.post(path, fields).status == 403, "\(role) \(path)")
                }
            }
            #expect(try await analyst.get("/rules").body.contains("href=\"/lists\""))
            #expect(try await analyst.post("/lists/hot/add", ["value": Self.number, "reason": "x"]).status == 403)
            #expect(house.bank.lists()["hot"]?.list.count == 0)
            #expect(try await analyst.get("/lists/cold").status == 404)
        }
    }

    @Test("A card is added, found and taken out by its number, which no page shows; every step is in the history")
    func entries() async throws {
        try await House.with { house in
            let client = try await analyst(house)
            let add = ["value": Self.number, "reason": "reported by telephone", "expires": "2027-01-31"]
            let added = try await client.submit("/lists/hot/add", from: "/lists/hot", add)
            #expect(added.header("location") == "/lists/hot")
            let page = try await client.get("/lists/hot").body
            #expect(page.contains("The entry is in force.") && page.contains("reported by telephone"))
            #expect(page.contains("2027-01-31 00:00:00") && !page.contains(Self.number))
            let pan = try #require(PAN(Self.number))
            #expect(page.contains(FakeLists.cardKey(pan).description))
            let held = try #require(house.bank.lists()["hot"])
            #expect(held.list[ListKey(FakeLists.cardKey(pan))]?.origin.source == "desk")
            let find = ["value": Self.number]
            let there = try await client.submit("/lists/hot/find", from: "/lists/hot", find)
            #expect(there.status == 200 && there.body.contains("It is on the list."))
            #expect(!there.body.contains(Self.number))
            #expect(try await client.submit("/lists/hot/add", from: "/lists/hot", add).status == 303)
            #expect(try await client.get("/lists/hot").body.contains("on the list already"))
            let remove = ["value": Self.number, "reason": "found again"]
            _ = try await client.submit("/lists/hot/remove", from: "/lists/hot", remove)
            let gone = try await client.submit("/lists/hot/find", from: "/lists/hot", find).body
            #expect(gone.contains("It is not on the list."))
            let nonsense = try await client.submit("/lists/hot/find", from: "/lists/hot", ["value": "nonsense"]).body
            #expect(nonsense.contains("no value of this kind"))
            let steps = try await house.bank.reader.listSteps(of: "hot")
            #expect(steps.map(\.kind) == [.removed, .added, .loaded])
            #expect(steps.map(\.by) == ["desk1", "desk1", "desk1"] && steps[0].reason == "found again")
            #expect(steps[1].key == ListKey(FakeLists.cardKey(pan)) && steps[1].listKind == .card)
            #expect(steps.allSatisfy { $0.at == house.bank.now } && steps[2].digest == nil)
            let all = try await client.get("/lists").body
            #expect(all.contains("Taken out") && all.contains("found again") && !all.contains(Self.number))
        }
    }

    @Test("Lines become a file and are in force; a line that is none changes nothing and is named, and not shown again")
    func lines() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            var fields = ["name": "restricted", "kind": "goods", "source": "office"]
            fields["lines"] = "PERFUME\r\nFAR TOO LONG A CODE\r\n"
            let refused = try await client.submit("/lists", from: "/lists", fields)
            #expect(refused.status == 422 && refused.body.contains("Line 2") && refused.body.contains("restricted"))
            #expect(!refused.body.contains("PERFUME") && house.bank.lists().lists.isEmpty)
            fields["lines"] = "PERFUME\r\nLUXURY\r\n"
            #expect(try await client.submit("/lists", from: "/lists", fields).status == 303)
            let held = try #require(house.bank.lists()["restricted"])
            #expect(held.list.count == 2 && held.isThere && held.by.description == "desk1")
            let again = try await client.submit("/lists", from: "/lists", fields)
            #expect(again.status == 422 && again.body.contains("very same file"))
            fields["name"] = "1st"
            #expect(try await client.submit("/lists", from: "/lists", fields).body.contains("name is a letter"))
            fields = ["name": "restricted", "kind": "mcc", "source": "office", "lines": "5993"]
            #expect(try await client.submit("/lists", from: "/lists", fields).body.contains("of another kind"))
            let row = try #require(try await house.bank.reader.listSteps(of: "restricted").first)
            #expect(row.kind == .loaded && row.entries == 2 && row.listKind == .goods && row.keepsChanges)
            #expect(row.digest == held.file?.digest.description)
        }
    }

    @Test("Programs put a file in force that lies beside the journal, and read what is in force")
    func programs() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            let csrf = try #require(try await client.get("/lists").hidden("csrf"))
            let headers = ["X-CSRF-Token": csrf, "Content-Type": "application/json"]
            func post(_ path: String, _ body: JSON) async throws -> Answer {
                try await client.send("POST", "/api/lists" + path, headers, body: body.text)
            }
            let made = try await FakeLists(bank: house.bank).make(
                ListDraft(name: "goods", kind: .goods, origin: ListOrigin(source: "x", reason: ""), lines: "TOBACCO"))
            guard case .file(let opened) = made else { throw Missing() }
            let digest = opened.digest.description
            #expect(try await post("/load", ["digest": .string(digest), "source": "office"]).status == 200)
            let unknown = String(repeating: "0", count: 64)
            #expect(try await post("/load", ["digest": .string(unknown), "source": "office"]).status == 400)
            #expect(try await post("/goods/add", ["value": "LUXURY", "reason": "costly"]).status == 200)
            #expect(try await post("/goods/add", ["value": "LUXURY", "reason": "costly"]).status == 409)
            #expect(try await post("/goods/add", ["value": "GOLD", "reason": "x", "expires": "soon"]).status == 400)
            #expect(try await post("/none/add", ["value": "LUXURY", "reason": "costly"]).status == 404)
            let list = try JSON(parsing: Array(try await client.get("/api/lists").body.utf8))["lists"]?.array?.first
            #expect(list?["name"]?.string == "goods" && list?["entries"]?.integer == 2)
            #expect(list?["digest"]?.string == digest && list?["changes"]?.integer == 1)
            #expect(try await post("/goods/drop", ["reason": "no longer sold"]).status == 200)
            #expect(house.bank.lists().lists.isEmpty)
        }
    }

    @Test("A list that the rules in force name and that is not there is said, and one that is there cannot be dropped")
    func named() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            let system = Principal(staff: staff("system"), role: .system)
            let rules = Bank.rules + "\nlist bad = card from \"hot\"\nrule listed { when card in bad then decline }\n"
            try await house.bank.submit(.loadRules(rules), by: system)
            #expect(try await client.get("/lists").body.contains("lists that are not there"))
            _ = try await analyst(house)
            let page = try await client.get("/lists").body
            #expect(!page.contains("lists that are not there") && page.contains("in use"))
            #expect(try await client.get("/lists/hot").body.contains("/lists/hot/drop") == false)
            _ = try await client.submit("/lists/hot/drop", from: "/lists/hot", ["reason": "x"])
            #expect(house.bank.lists()["hot"] != nil)
        }
    }
}

private struct Missing: Error {}
