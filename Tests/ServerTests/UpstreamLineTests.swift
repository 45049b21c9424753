// SPDX-License-Identifier: Apache-2.0
import Foundation
import Host
import Interchange
import NIOCore
import NIOPosix
import NIOSSL
import PaymentCryptography
import Simulator
import Testing
import Vocabulary

@testable import HostServer
@testable import tillguard

@Suite("Lines to other issuers' hosts")
struct UpstreamLineTests {
    /// A server with a route, and a virtual terminal that is ready.
    private func withServer(
        _ issuer: Neighbourhood, options: String = "",
        _ body: (Child, VirtualTill, TemporaryDirectory) async throws -> Void
    ) async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let (child, _) = try await Child.serve(directory, try issuer.meet(directory, options: options))
            let till = VirtualTill("TILL0001", of: child, directory)
            try #require(try await till.isReady())
            try await body(child, till, directory)
            child.interrupt()
            #expect(try await child.exit() == 0, "\(child.errors)")
        }
    }

    private func upstream(_ directory: TemporaryDirectory) throws -> [UpstreamRecord] {
        try directory.records().compactMap { if case .upstream(let record) = $0.body { record } else { nil } }
    }

    @Test("Another host's approval and its decline reach the till, and the journal names both")
    func answers() async throws {
        let issuer = try await Neighbourhood()
        try await withServer(issuer) { child, till, directory in
            _ = try await child.event("line") { $0["up"]?.bool == true }
            let card = try Neighbourhood.card()
            #expect(try await till.sell("purchase", card, 12_00)?["outcome"]?.string == "approved")
            let declined = try await till.sell("purchase", card, 12_51)
            #expect(declined?["outcome"]?.string == "declined" && declined?["code"]?.string == "51")
            #expect(try await issuer.server.read { $0.standingTotal } == 12_00)
            // What is printed follows the answer.
            try await eventually("both decisions to be told") {
                child.events.filter { $0["event"]?.string == "decision" }.map { $0["intent"]?.string }
                    == ["approved", "insufficientFunds"]
            }
        }
        try await issuer.server.close()
    }

    @Test("While another host is away it is stood in for within limits, and told when it is back")
    func standIn() async throws {
        let issuer = try await Neighbourhood()
        try await withServer(issuer, options: "stand-in 3000 5000") { child, till, directory in
            _ = try await child.event("line") { $0["up"]?.bool == true }
            try await issuer.server.close()
            _ = try await child.event("line") { $0["up"]?.bool == false }
            let card = try Neighbourhood.card()
            #expect(try await till.sell("purchase", card, 20_00)?["outcome"]?.string == "approved")
            // Above what one transaction may have, and above what is left for the day.
            #expect(try await till.sell("purchase", card, 31_00)?["outcome"]?.string != "approved")
            #expect(try await till.sell("purchase", card, 30_01)?["outcome"]?.string != "approved")
            try await issuer.server.reopen()
            try await eventually("the advice") { try await issuer.server.read { $0.advices } == 1 }
            #expect(try await issuer.server.read { $0.standingTotal } == 20_00)
            try await eventually("the advice's acknowledgement") {
                try upstream(directory).contains { if case .delivered = $0 { true } else { false } }
            }
        }
        try await issuer.server.close()
    }

    @Test("New keys are exchanged on the line, outlive a kill, and give way to keys that custodians load again")
    func keys() async throws {
        let issuer = try await Neighbourhood()
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let options = try issuer.meet(directory)
            let card = try Neighbourhood.card()
            func sell() async throws -> Child {
                let (child, _) = try await Child.serve(directory, options)
                let till = VirtualTill("TILL0001", of: child, directory)
                try #require(try await till.isReady())
                _ = try await child.event("line") { $0["up"]?.bool == true }
                #expect(try await till.sell("purchase", card, 1_00)?["outcome"]?.string == "approved")
                return child
            }
            let first = try await sell()
            first.interrupt()
            #expect(try await first.exit() == 0)
            // As an operator's button gives it.
            try await ServerHouse.on(directory) { house in
                try await house.deployment.server.submit(
                    .changeKeys(destination: Neighbourhood.zone), by: Deployment.system)
            }
            let second = try await sell()
            try await eventually("the exchange") {
                try upstream(directory).contains {
                    if case .keys(_, .acknowledged) = $0 { true } else { false }
                }
            }
            second.killAtOnce()
            _ = try await second.exit()
            let third = try await sell()
            third.interrupt()
            #expect(try await third.exit() == 0)

            // The other side has lost its keys, and both load the first ones again.
            try await issuer.forgetKeys()
            _ = try issuer.meet(directory)
            let fourth = try await sell()
            fourth.interrupt()
            #expect(try await fourth.exit() == 0)
            #expect(try await issuer.server.read { $0.standingTotal } == 4_00)
        }
        try await issuer.server.close()
    }

    @Test(
        "Each framing carries a sale",
        arguments: ["len2", "len4ascii", "len2bcd", "len4hex", "len2+incl", "len4", "visa4"])
    func framings(_ name: String) async throws {
        let issuer = try await Neighbourhood(framing: name)
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let file = try issuer.meet(directory, options: "framing \(name)")[1]
            try await SpareEstate.prepare(directory, 1)
            var options = Deployment.Options(data: directory.path)
            options.projects = false
            options.upstream = try UpstreamFile.read(file)
            let isUp = Shared(false)
            options.onLine = { _, up in isUp.change { $0 = up } }
            let deployment = try await Deployment.start(options, logger: silent)
            try await eventually("the line") { isUp.read { $0 } }
            let till = try SpareEstate.tills(directory, 1)[0]
            let line = try await Line.open(deployment.server.port)
            try await till.signOn(on: line)
            var card = try SpareEstate.card(0)
            card.pan = try #require(PAN(try Neighbourhood.card()))
            let answer = try await till.sell(.init(card, 1_00), on: line)
            #expect(answer.code == "00" && answer.isAuthentic)
            try await line.close()
            try await deployment.shutdown()
            #expect(try await issuer.server.read { $0.standingTotal } == 1_00)
        }
        try await issuer.server.close()
    }

    @Test("A file of other hosts with flaws is refused with every one of them and its line")
    func flaws() throws {
        let text = """
            tillguard-upstream 2
            destination NORTH 127.0.0.1
            destination SOUTH 127.0.0.1:9 framing len9
            destination EAST 127.0.0.1:9 stand-in 50 40
            destination WEST 127.0.0.1:9
            destination WEST 127.0.0.1:10
            tls WEST /nowhere.pem
            route 5a WEST
            gibberish
            """
        let error = #expect(throws: UpstreamFile.Flaws.self) { try UpstreamFile(parsing: text, path: "u") }
        #expect(error?.flaws.map(\.line) == [1, 1, 2, 3, 4, 6, 7, 8, 9])
        let twice = "tillguard-upstream 1\r\n\r\ndestination WEST [::1]:9\r\n\r\nroute 51 WEST\r\nroute 51 WEST\r\n"
        let third = #expect(throws: UpstreamFile.Flaws.self) { try UpstreamFile(parsing: twice, path: "u") }
        #expect(third?.flaws.map(\.reason) == ["overlaps line 5"] && third?.flaws.first?.line == 6)
        let good = try UpstreamFile(parsing: "tillguard-upstream 1\r\ndestination WEST [::1]:9\r\n", path: "u")
        #expect(good.addresses["WEST"]?.host == "::1")
        let lost = "tillguard-upstream 1\ndestination WEST 127.0.0.1:9\nroute 51 NOWHERE\n"
        let other = #expect(throws: UpstreamFile.Flaws.self) { try UpstreamFile(parsing: lost, path: "u") }
        #expect(other?.flaws.map(\.reason) == ["a route leads to NOWHERE, which is no destination"])
    }
}
