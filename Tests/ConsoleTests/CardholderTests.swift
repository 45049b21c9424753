// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Foundation
import Host
import Issuer
import Storage
import Testing
import Vocabulary

@testable import Console

struct CardholderTests {
    @Test("The link shows shop, amount and last four digits, asks for no card data, and reading changes nothing")
    func reading() async throws {
        try await House.with { house in
            let id = try house.bank.openCase()
            let before = house.bank.sequence
            for language in ["en", "zh"] {
                let client = house.stranger
                client.language = language
                let answer = try await client.get(house.bank.links.path(id))
                #expect(answer.status == 200)
                #expect(answer.body.contains("410.00 EUR"))
                #expect(answer.body.contains("Corner &lt;b&gt;Shop&lt;/b&gt;"))
                #expect(answer.body.contains("4321"))
                #expect(!answer.body.contains("541333"))
                #expect(answer.body.components(separatedBy: "<input").count == 2)
                #expect(!answer.body.contains(house.bank.links.code(id)))
            }
            #expect(house.bank.sequence == before)
        }
    }

    @Test("A wrong token looks like a case that is not there, on every address of it")
    func wrongToken() async throws {
        try await House.with { house in
            let id = try house.bank.openCase()
            let path = house.bank.links.path(id)
            let wrong = String(path.dropLast()) + (path.hasSuffix("0") ? "1" : "0")
            let unknown = house.bank.links.path(CaseID(99))
            let answers = [try await house.stranger.get(wrong), try await house.stranger.get(unknown)]
            #expect(answers.map(\.status) == [404, 404])
            #expect(answers[0].body.replacing(wrong, with: "") == answers[1].body.replacing(unknown, with: ""))
            for address in [wrong, unknown] {
                #expect(try await house.stranger.post(address + "/not-me", ["x": ""]).status == 404)
                #expect(
                    try await house.stranger.post(address + "/me", ["code": house.bank.links.code(id)]).status == 404)
            }
            #expect(house.bank.issuer().cases[id]?.state == .open)
        }
    }

    @Test("Not me needs the link alone and freezes the account; a second answer changes nothing")
    func notMe() async throws {
        try await House.with { house in
            let id = try house.bank.openCase()
            let path = house.bank.links.path(id)
            let answer = try await house.stranger.post(path + "/not-me", ["x": ""])
            #expect(answer.status == 303 && answer.header("location") == path)
            #expect(house.bank.issuer().cases[id]?.state == .denied)
            #expect(house.bank.issuer().accounts[Bank.account]?.frozen?.by == ConsoleRoutes.cardholder)
            let page = try await house.stranger.get(path)
            #expect(page.body.contains(ConsoleTexts.text("holder_denied", .en)))
            #expect(!page.body.contains("<button"))
            _ = try await house.stranger.post(path + "/me", ["code": house.bank.links.code(id)])
            #expect(house.bank.issuer().cases[id]?.state == .denied)
        }
    }

    @Test("It was me needs the code of the other message, within five tries")
    func code() async throws {
        try await House.with { house in
            let id = try house.bank.openCase()
            let path = house.bank.links.path(id)
            let right = house.bank.links.code(id)
            let wrong = right == "000000" ? "000001" : "000000"
            for left in [4, 3, 2, 1] {
                let answer = try await house.stranger.post(path + "/me", ["code": wrong])
                #expect(answer.status == 403)
                #expect(answer.body.contains("Tries left: \(left)"))
            }
            #expect(house.bank.issuer().cases[id]?.state == .open)
            #expect(try await house.stranger.post(path + "/me", ["code": wrong]).status == 403)
            // The sixth is too late, even the right one; not me still works.
            #expect(try await house.stranger.post(path + "/me", ["code": right]).status == 429)
            #expect(house.bank.issuer().cases[id]?.state == .open)
            #expect(try await house.stranger.post(path + "/not-me", ["x": ""]).status == 303)
            #expect(house.bank.issuer().cases[id]?.state == .denied)
        }
    }

    @Test("Wrong codes count on when the server starts again")
    func codesOutlive() async throws {
        let bank = try Bank()
        try bank.open()
        let id = try bank.openCase()
        let (path, right) = (bank.links.path(id), bank.links.code(id))
        let wrong = right == "000000" ? "000001" : "000000"
        for status in [[403, 403, 403], [403, 403], [429]] {
            try await House.serve(bank) { house in
                for expected in status {
                    let answer = try await house.stranger.post(path + "/me", ["code": wrong])
                    #expect(answer.status == expected)
                }
            }
        }
        try await House.serve(bank) { house in
            let answer = try await house.stranger.post(path + "/me", ["code": right])
            #expect(answer.status == 429)
            #expect(house.bank.issuer().cases[id]?.state == .open)
        }
    }

    @Test("The right code confirms the purchase")
    func confirmation() async throws {
        try await House.with { house in
            let id = try house.bank.openCase()
            let path = house.bank.links.path(id)
            let code = house.bank.links.code(id)
            #expect(
                try await house.stranger.post(path + "/me", ["code": code.prefix(3) + " " + code.suffix(3)]).status
                    == 303)
            #expect(house.bank.issuer().cases[id]?.state == .confirmed)
            #expect(try await house.stranger.get(path).body.contains(ConsoleTexts.text("holder_confirmedStopped", .en)))
        }
    }
}
