// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import ModuleProtocol
import SecurityModule
import Testing
import Vocabulary

/// Rules R1, R2 and R5: what is not proved moves nothing.
@Suite("Authentication and health")
struct HealthTests {
    enum Tampering: CaseIterable { case amount, healthState, healthCounter, droppedMAC, otherMAC, oneByte }

    @Test(
        "a byte changed behind the module's back is refused without a MAC and changes nothing",
        arguments: Tampering.allCases)
    func changedMessage(tampering: Tampering) throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        var bytes = try till.message(SaleSpec(card, pin: card.pin))
        let view = try MessageView(bytes, spec: .iso8583_1987)
        let health = try require(view.range(of: 63))
        let mac = try require(view.range(of: 64))
        switch tampering {
        case .amount: bytes[try require(view.range(of: 4)).upperBound - 1] ^= 1
        case .healthState: bytes[health.lowerBound + 1] = ModuleState.ready.rawValue ^ 3
        case .healthCounter: bytes[health.lowerBound + 5] &+= 1
        case .droppedMAC: bytes.replaceSubrange(mac, with: repeatElement(0, count: 8))
        case .otherMAC: bytes[mac.lowerBound] ^= 0x80
        case .oneByte: bytes[try require(view.range(of: 62)).upperBound - 1] ^= 1
        }
        let before = bench.digest
        let reply = try bench.send(bytes)
        #expect(reply.code == "TM" && !reply.isSealed)
        #expect(bench.digest == before)
        #expect(bench.notices.last?.intent == .macFailed)
    }

    @Test("every single changed byte of a sale is refused and changes nothing")
    func everyByte() throws {
        let bench = try Bench()
        let till = try bench.till("TILL0002", .aes)
        let card = try bench.card()
        let bytes = try till.message(SaleSpec(card, pin: card.pin, goods: "GROCERY"))
        let before = bench.digest
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x01
            let replies = try bench.send(batch: [changed])
            #expect(replies.allSatisfy { !$0.isSealed && $0.code != "00" }, "byte \(index)")
        }
        #expect(bench.digest == before)
        #expect(try bench.send(bytes).code == "00")
    }

    @Test("a health element that the application forges, reuses or leaves out moves no card, window or case")
    func forgedElement() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let earlier = try till.message(SaleSpec(card))
        let old = Array(try require(try MessageView(earlier, spec: .iso8583_1987).bytes(63)))
        #expect(try bench.send(earlier).code == "00")
        let issuer = bench.issuerState
        let windows = bench.windowState
        for element in [
            old, [UInt8](repeating: 0, count: 36),
            HealthElement.encode(till.module.claims) + [UInt8](repeating: 9, count: 16),
        ] {
            // The application chooses where the module writes: another field takes the fresh element, and DE 63 the
            // forged one. The MAC is the module's own, the digest inside the element is not.
            var builder = till.builder(.financialRequest)
            builder.remove(63)
            builder.set(2, bytes: card.pan.ascii)
            builder.set(3, number: 0)
            builder.set(4, number: 700)
            builder.set(22, number: 51)
            builder.set(25, number: 0)
            builder.set(49, number: 978)
            builder.reserve(58, count: HealthElement.length)
            builder.set(63, bytes: element)
            let message = try builder.encode()
            let holes = MessageHoles(
                ksn: try require(message.range(of: 62)), health: try require(message.range(of: 58)), pinBlock: nil,
                mac: try require(message.range(of: 64)))
            let reply = try bench.send(try require(till.module.protect(message: message.bytes, holes: holes)))
            #expect(reply.code == "TH" && reply.isSealed)
            #expect(bench.lastIntent == .healthNotProved)
        }
        #expect(bench.issuerState == issuer)
        #expect(bench.windowState == windows)
        try bench.check()
    }

    @Test("a message without a health element is no message of this host, authentic or not")
    func missingElement() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let before = bench.digest
        var builder = till.builder(.financialRequest)
        builder.set(2, bytes: card.pan.ascii)
        builder.set(3, number: 0)
        builder.set(4, number: 700)
        builder.set(22, number: 51)
        builder.set(25, number: 0)
        builder.set(49, number: 978)
        builder.reserve(58, count: HealthElement.length)
        builder.remove(63)
        let message = try builder.encode()
        let holes = MessageHoles(
            ksn: try require(message.range(of: 62)), health: try require(message.range(of: 58)), pinBlock: nil,
            mac: try require(message.range(of: 64)))
        let reply = try bench.send(try require(till.module.protect(message: message.bytes, holes: holes)))
        #expect(reply.code == "30" && !reply.isSealed)
        #expect(bench.digest == before)
    }

    struct Claim: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: String
        let intent: Intent
        let change: @Sendable (inout HealthClaims) -> Void
    }

    static let claims: [Claim] = [
        Claim(testDescription: "halted", code: "TH", intent: .moduleHalted) { $0.state = .halted },
        Claim(testDescription: "tampered", code: "TH", intent: .moduleTampered) { $0.state = .tampered },
        Claim(testDescription: "unprovisioned", code: "TA", intent: .terminalNotActive) { $0.state = .unprovisioned },
        Claim(testDescription: "no lease", code: "TL", intent: .leaseExpired) { $0.leaseID = 0 },
        Claim(testDescription: "another lease", code: "TL", intent: .leaseExpired) { $0.leaseID += 1 },
        Claim(testDescription: "an unreported event", code: "TH", intent: .healthNotProved) { $0.eventCounter += 1 },
        Claim(testDescription: "another identity", code: "TH", intent: .healthNotProved) { $0.identityEpoch += 1 },
        Claim(testDescription: "a counter far behind", code: "TH", intent: .healthNotProved) { $0.counter = 0 },
    ]

    @Test("an authentic element that says anything but sound stops the sale before its card", arguments: claims)
    func unsoundClaims(claim: Claim) throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        for _ in 0..<70 { #expect(try bench.send(try till.echo()).code == "00") }
        let sound = till.module.claims
        claim.change(&till.module.claims)
        let issuer = bench.issuerState
        let windows = bench.windowState
        let reply = try till.sell(SaleSpec(card, pin: "9999"))
        #expect(reply.code == claim.code && reply.isSealed)
        #expect(bench.lastIntent == claim.intent)
        #expect(bench.issuerState == issuer && bench.windowState == windows)
        till.module.claims = sound
        till.module.claims.counter += 80
        #expect(try till.sell(SaleSpec(card, pin: card.pin)).code == "00")
        try bench.check()
    }

    @Test("a self-test a day old proves nothing, and a new one does")
    func selfTestAge() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        bench.wait(.hours(23) + .minutes(59))
        #expect(try till.sell(SaleSpec(card)).code == "00")
        // A fresh lease whose evidence tells of an old self-test does not make it young.
        bench.wait(.minutes(2))
        #expect(try till.sell(SaleSpec(card)).code == "TL")
        till.module.claims.selfTestNumber += 1
        #expect(try till.signOn().code == "00")
        #expect(try till.sell(SaleSpec(card)).code == "00")
    }

    @Test("a lease holds for a day and not a microsecond longer")
    func leaseEnds() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        till.module.claims.selfTestNumber += 1
        bench.wait(.hours(24) + Interval(microseconds: -1))
        #expect(try till.sell(SaleSpec(card)).code == "00")
        bench.wait(Interval(microseconds: 1))
        #expect(try till.sell(SaleSpec(card)).code == "TL")
        #expect(bench.lastIntent == .leaseExpired)
    }

    @Test("an unknown terminal, another terminal's keys and an answer get no MAC")
    func strangers() throws {
        let bench = try Bench()
        let till = try bench.till()
        let other = try bench.till("TILL0002")
        let card = try bench.card()
        var stranger = try till.message(SaleSpec(card))
        let name = try require(try MessageView(stranger, spec: .iso8583_1987).range(of: 41))
        stranger.replaceSubrange(name, with: Array("STRANGER".utf8))
        var borrowed = try till.message(SaleSpec(card))
        borrowed.replaceSubrange(name, with: Array("TILL0002".utf8))
        let before = bench.digest
        #expect(try bench.send(stranger).code == "TU")
        #expect(try bench.send(borrowed).code == "TM")
        #expect(bench.digest == before)
        #expect(other.stan == 3)
    }

    @Test("the answer to an authentic message is authentic, and only for its own KSN")
    func sealedAnswer() throws {
        for profile in KeyProfile.dukpt {
            let bench = try Bench()
            let till = try bench.till("TILL0001", profile)
            let card = try bench.card()
            let reply = try till.sell(SaleSpec(card, pin: card.pin))
            #expect(try till.isAuthentic(reply))
            _ = try till.sell(SaleSpec(card))
            #expect(try !till.isAuthentic(reply))
        }
    }
}
