// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import Issuer
import ModuleProtocol
import SecurityModule
import Testing
import Vocabulary

@testable import Host

/// Terminals of the session profiles at the host's door.
@Suite("Session keys at the host")
struct SessionTests {
    private func unsealedCode(_ reply: Reply) -> String? { reply.isSealed ? nil : reply.code }

    @Test("a sale is approved and its answer authentic, a wrong PIN counts", arguments: KeyProfile.session)
    func sale(profile: KeyProfile) throws {
        let bench = try Bench()
        let card = try bench.card()
        let till = try bench.till("TILL0001", profile)
        let approved = try till.sell(SaleSpec(card, 12_50, pin: "1234"))
        #expect(approved.code == "00")
        #expect(try till.isAuthentic(approved))
        let wrong = try till.sell(SaleSpec(card, 12_50, pin: "1235"))
        #expect(wrong.code == "55")
        #expect(try till.isAuthentic(wrong))
        #expect(try bench.available(card) == 100_000_00 - 12_50)
        #expect(try bench.send(try till.report("H05")).code == "00")
        try bench.check()
    }

    @Test("the health counter tells a replay: the same bytes get the stored answer, others open K04")
    func replay() throws {
        let bench = try Bench()
        let card = try bench.card()
        let till = try bench.till("TILL0001", .sessionTDESCBC)
        let message = try till.message(SaleSpec(card, 12_50, pin: "1234"))
        #expect(try bench.send(message).code == "00")
        let again = try bench.send(message)
        #expect(again.code == "00")
        #expect(try till.isAuthentic(again))
        #expect(try bench.available(card) == 100_000_00 - 12_50)
        // Another sale under the counter of the first: a second terminal with the same keys.
        till.module.claims.counter -= 1
        #expect(try till.sell(SaleSpec(card, 99_00, pin: "1234")).code != "00")
        #expect(try bench.terminal(till.id).warnings.map(\.code) == [.k04])
        #expect(try bench.available(card) == 100_000_00 - 12_50)
        try bench.check()
    }

    @Test("a counter below the window is refused, one inside it is accepted once")
    func window() throws {
        let bench = try Bench()
        let card = try bench.card()
        let till = try bench.till("TILL0001", .sessionTDES)
        let held = try till.message(SaleSpec(card, 1_00, pin: "1234"))
        let late = try till.message(SaleSpec(card, 2_00, pin: "1234"))
        for _ in 0..<62 { _ = try bench.send(try till.echo()) }
        #expect(try bench.send(late).code == "00")
        for _ in 0..<3 { _ = try bench.send(try till.echo()) }
        #expect(try bench.send(held).code != "00")
        #expect(try bench.available(card) == 100_000_00 - 2_00)
        try bench.check()
    }

    @Test("the session in use serves until the new one does, and then no more", arguments: KeyProfile.session)
    func overlap(profile: KeyProfile) throws {
        let bench = try Bench()
        let card = try bench.card()
        let till = try bench.till("TILL0001", profile)
        #expect(try till.sell(SaleSpec(card, 1_00, pin: "1234")).code == "00")
        let straggler = try till.message(SaleSpec(card, 2_00, pin: "1234"))
        // The answer to a sign-on is lost: the lease is the old one to the terminal, so that it is told to sign on.
        till.takesAnswers = false
        #expect(try till.signOn().code == "00")
        let lost = try till.sell(SaleSpec(card, 4_00, pin: "1234"))
        #expect(lost.isSealed && lost.code != "00")
        #expect(try till.isAuthentic(lost))
        till.takesAnswers = true
        #expect(try till.signOn().code == "00")
        #expect(try bench.terminal(till.id).session.number == 3)
        let reply = try till.sell(SaleSpec(card, 8_00, pin: "1234"))
        #expect(reply.code == "00")
        #expect(try till.isAuthentic(reply))
        #expect(try bench.terminal(till.id).session.previous == nil)
        #expect(try unsealedCode(bench.send(straggler)) != nil)
        #expect(try bench.available(card) == 100_000_00 - 9_00)
        try bench.check()
    }

    @Test("after the overlap, and without a MAC, nothing but sign-on and report is taken")
    func refused() throws {
        let bench = try Bench()
        let card = try bench.card()
        let till = try bench.till("TILL0001", .sessionSM4)
        #expect(try till.sell(SaleSpec(card, 1_00, pin: "1234")).code == "00")
        let before = try till.message(SaleSpec(card, 2_00, pin: "1234"))
        till.takesAnswers = false
        _ = try till.signOn()
        bench.wait(TerminalSession.overlap)
        #expect(try unsealedCode(bench.send(before)) != nil)

        // The health element alone lets a sign-on in, and no sale.
        var builder = till.builder(.financialRequest, protected: false)
        builder.reserve(63, count: HealthElement.length)
        builder.set(2, bytes: card.pan.ascii)
        builder.set(3, number: 0)
        builder.set(4, number: 100)
        builder.set(22, number: 51)
        builder.set(25, number: 0)
        builder.set(49, number: 978)
        let message = try till.protect(builder)
        let digest = bench.digest
        #expect(try unsealedCode(bench.send(message)) != nil)
        #expect(bench.digest == digest)
    }

    @Test("a restarted host, and a second process with the same masters, serve the sessions that were issued")
    func otherProcess() throws {
        let bench = try Bench()
        let card = try bench.card()
        let till = try bench.till("TILL0001", .sessionSM4XOR)
        #expect(try till.sell(SaleSpec(card, 1_00, pin: "1234")).code == "00")
        try bench.restart(try require(SoftHostModule.simulated(seed: 7)))
        let reply = try till.sell(SaleSpec(card, 2_00, pin: "1234"))
        #expect(reply.code == "00")
        #expect(try till.isAuthentic(reply))
        let snapshot = bench.engine.host.snapshot()
        #expect(try Host(snapshot: snapshot).digest() == bench.digest)
        try bench.check()
    }

    @Test("records of sessions decode for ever, to the same bytes")
    func golden() throws {
        var usage = Samples.usage
        usage.session = 7
        let lease = Lease(id: 9, expires: Samples.at + .hours(24))
        let records = [
            HostRecord(at: Samples.at, .repeated(usage)),
            HostRecord(at: Samples.at, .estate(.sessionGranted(usage, lease, Samples.evidence, session: 8))),
        ]
        let golden = try Files.golden("records-sessions-1.hex")
        #expect(golden.count == records.count)
        for (line, record) in zip(golden, records) {
            #expect(try HostRecord(decoding: line.bytes) == record, "\(line.name)")
            #expect(record.encoded() == line.bytes, "\(line.name)")
        }
    }
}
