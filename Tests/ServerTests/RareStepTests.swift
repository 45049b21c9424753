// SPDX-License-Identifier: Apache-2.0
import Foundation
import Host
import HostServer
import Issuer
import SecurityTriggers
import Simulator
import Testing
import Vocabulary

@testable import tillguard

/// As `DurableStepTests`, behind records that a day's trade does not bring by itself: something has to be brought about
/// for each of them first.
@Suite("Killed behind rarer records")
struct RareStepTests {
    private static let own = String(decoding: DemoEstate.cards[0].pan.ascii, as: UTF8.self)
    private static let terminal = "TILL0001"

    /// A server that dies behind a record which the step brings about.
    private func die(
        behind death: String, _ directory: TemporaryDirectory, _ options: [String] = [],
        doing step: (VirtualTill, Child) async throws -> Void = { _, _ in }
    ) async throws {
        let child = try Child.starting(directory, options + Child.later(directory) + ["--die-behind", death])
        try await step(VirtualTill(Self.terminal, of: child, directory), child)
        try await eventually("the death behind \(death)") { !child.isRunning }
        #expect(try await child.exit() == nil)
    }

    /// A server that lives as long as the step, with a till that is ready and has nothing to take back.
    private func live(
        _ directory: TemporaryDirectory, _ options: [String] = [], doing step: (VirtualTill, Child) async throws -> Void
    ) async throws {
        let (child, _) = try await Child.serve(directory, options + Child.later(directory))
        let till = VirtualTill(Self.terminal, of: child, directory)
        try #require(try await till.isReady())
        try await step(till, child)
        child.interrupt()
        #expect(try await child.exit() == 0, "\(child.errors)")
    }

    private func hasLine(_ server: Child) async throws {
        _ = try await server.event("line") { $0["up"]?.bool == true }
    }

    private func expect(_ outcome: String, _ end: JSON?, _ location: SourceLocation = #_sourceLocation) {
        #expect(end?["outcome"]?.string == outcome, "\(end?.text ?? "nothing")", sourceLocation: location)
    }

    private func upstream(_ directory: TemporaryDirectory) throws -> [UpstreamRecord] {
        try directory.records().compactMap { if case .upstream(let record) = $0.body { record } else { nil } }
    }

    /// What has happened to the keys of the line, but for the ends of overlaps, which come as the clock goes on.
    private func keyChanges(_ directory: TemporaryDirectory) throws -> [String] {
        try upstream(directory).compactMap { record in
            guard case .keys(_, let change) = record else { return nil }
            return Mirror(reflecting: change).children.first?.label ?? "\(change)"
        }.filter { $0 != "retired" }
    }

    /// What an account has left in a host that is made of the journal again.
    private func available(_ account: AccountID, _ directory: TemporaryDirectory) throws -> Int64? {
        let recovered = try RecoveredHost.open(
            at: directory.path, rules: try RuleSet(parsing: RuleFiles.shipped), logger: silent)
        #expect(recovered.host.brokenInvariants() == [])
        #expect(recovered.host.upstream.open.isEmpty && recovered.host.upstream.deadCount == 0)
        return recovered.host.issuer.accounts[account]?.available
    }

    @Test(
        "An upload is taken once, item by item, and ends once, whatever part of it the server dies behind",
        arguments: ["settlement:1", "batchUpload:1", "batchUpload:2"])
    func upload(death: String) async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            try await live(directory) { till, _ in
                expect("approved", try await till.sell("purchase", Self.own, 10_00))
            }
            // The terminal loses its journal, and its batch with it. Its trace numbers begin again; the second tells the
            // new ones from the old.
            try FileManager.default.removeItem(atPath: directory.file("terminals/\(Self.terminal)/journal"))
            let lost = WallClock.now().seconds
            try await eventually("another second") { WallClock.now().seconds > lost }
            try await die(behind: death, directory) { till, _ in
                try #require(try await till.isReady())
                expect("approved", try await till.sell("purchase", Self.own, 1_00))
                _ = try await till.settle()
            }
            try await live(directory) { till, _ in
                // The terminal takes its settlement up again by itself.
                expect("settledUnbalanced", try await till.end())
                expect("approved", try await till.sell("purchase", Self.own, 5_00))
                expect("settled", try await till.settle())
            }
            let records = try directory.records()
            let parts = records.compactMap { if case .batchUpload(let part) = $0.body { part } else { nil } }
            #expect(parts.reduce(0) { $0 + $1.received } == 1 && parts.reduce(0) { $0 + $1.matched } == 1)
            #expect(parts.count { $0.isEnd } == 1)
            let settlements = records.compactMap { if case .settlement(let end) = $0.body { end.outcome } else { nil } }
            #expect(settlements.first == .unbalanced && settlements.last == .balanced)
            #expect(try available(AccountID(1), directory) == 5_000_00 - 16_00)
        }
    }

    @Test("What was approved in another host's place is told there once, and so is its reversal")
    func standIn() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let issuer = try await Neighbourhood()
            let options = try issuer.meet(directory, options: "stand-in 3000 5000")
            let card = try Neighbourhood.card()
            // Nobody is there, and the till never hears that it was stood in for: it takes the sale back.
            try await issuer.server.close()
            try await die(behind: "stoodIn:1", directory, options) { till, _ in
                try #require(try await till.isReady())
                #expect(try await till.sell("purchase", card, 20_00) == nil)
            }
            try await die(behind: "reversed:1", directory, options)
            try await issuer.server.reopen()
            try await die(behind: "delivered:1", directory, options)
            try await live(directory, options) { till, child in
                try await hasLine(child)
                expect("approved", try await till.sell("purchase", card, 12_00))
                try await eventually("advice and reversal to arrive") {
                    try upstream(directory).count { if case .delivered = $0 { true } else { false } } == 2
                }
            }
            let (standing, advices, complaints) = try await issuer.server.read {
                ($0.standingTotal, $0.advices, $0.complaints)
            }
            #expect(standing == 12_00 && advices == 1 && complaints == [])
            let stoodIn = try upstream(directory).count { if case .stoodIn = $0 { true } else { false } }
            #expect(stoodIn == 1)
            #expect(try available(AccountID(1), directory) == 5_000_00)
            try await issuer.server.close()
        }
    }

    @Test("An exchange of keys with another host that is cut off behind either of its records comes to its end")
    func keys() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let issuer = try await Neighbourhood()
            let options = try issuer.meet(directory)
            let card = try Neighbourhood.card()
            try await live(directory, options) { till, child in
                try await hasLine(child)
                expect("approved", try await till.sell("purchase", card, 1_00))
            }
            // As an operator's button gives it, at a server without a line: offered, and not sent.
            try await ServerHouse.on(directory) { house in
                try await house.deployment.server.submit(
                    .changeKeys(destination: Neighbourhood.zone), by: Deployment.system)
                try await eventually("the offer") { try keyChanges(directory) == ["wanted", "offered"] }
            }
            // Sent and taken, and its answer known to the journal alone.
            try await die(behind: "keys:1", directory, options)
            try await live(directory, options) { till, child in
                try await hasLine(child)
                expect("approved", try await till.sell("purchase", card, 2_00))
            }
            #expect(try keyChanges(directory) == ["wanted", "offered", "acknowledged"])
            let (standing, complaints) = try await issuer.server.read { ($0.standingTotal, $0.complaints) }
            #expect(standing == 3_00 && complaints == [])
            try await issuer.server.close()
        }
    }

    @Test("Keys that another host offers are taken once, whatever is cut off behind them")
    func takenKeys() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let issuer = try await Neighbourhood()
            let options = try issuer.meet(directory)
            let card = try Neighbourhood.card()
            // Taken, and the other side is not told.
            try await die(behind: "keys:1", directory, options) { _, child in
                try await hasLine(child)
                try await issuer.server.offerKeys()
            }
            // Told, when it offers them once more; then the first message under them ends the process.
            try await die(behind: "keys:1", directory, options) { till, child in
                try #require(try await till.isReady())
                try await hasLine(child)
                try await issuer.server.offerKeys()
                try await eventually("the answer to the offer") { try await issuer.server.read { !$0.isOffering } }
                #expect(try await till.sell("purchase", card, 1_00) == nil)
            }
            try await live(directory, options) { till, child in
                try await hasLine(child)
                expect("approved", try await till.sell("purchase", card, 2_00))
                try await eventually("the lost sale to be taken back") {
                    try await issuer.server.read { $0.standingTotal } == 2_00
                }
            }
            #expect(try keyChanges(directory) == ["taken", "confirmed"])
            #expect(try await issuer.server.read { $0.complaints } == [])
            try await issuer.server.close()
        }
    }

    @Test("A refusal that nobody has heard is given again as it was, and the terminal trades on")
    func refusal() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            try await SpareEstate.prepare(directory, 1)
            let till = try SpareEstate.tills(directory, 1)[0]
            let child = try Child.starting(directory, ["--die-behind", "refusal:1"])
            let started = try await child.event("started")
            let line = try await Line.open(Int(try #require(started["terminals"]?.integer)))
            try await till.signOn(on: line)
            var sale = await till.purchase(.init(try SpareEstate.card(0), 1_00))
            // Another shop's.
            sale[42] = "\(DemoEstate.shops[1].id.number)"
            let request = try await till.protect(sale)
            #expect(try await line.ask(request) == nil)
            #expect(try await child.exit() == nil)

            let (again, port) = try await Child.serve(directory)
            let next = try await Line.open(port)
            let answer = try await till.ask(request, on: next)
            #expect(answer.isAuthentic && answer.code != "00")
            #expect(try await next.ask(request) == answer.bytes)
            #expect(try await till.sell(.init(SpareEstate.card(0), 2_00), on: next).code == "00")
            again.interrupt()
            #expect(try await again.exit() == 0)
            let refusals = try directory.records().count { if case .refusal = $0.body { true } else { false } }
            #expect(refusals == 1)
            #expect(try available(SpareEstate.account(0), directory) == SpareEstate.available - 2_00)
        }
    }
}
