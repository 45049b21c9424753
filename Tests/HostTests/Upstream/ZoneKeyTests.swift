// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Journal
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@Suite("New zone keys on the line")
struct ZoneKeyTests {
    private func world() throws -> UpstreamBench {
        let world = try UpstreamBench()
        try world.connect()
        return world
    }

    private func state(_ world: UpstreamBench) -> ZoneKeyState { world.bench.engine.host.upstream.keys[0] }

    private func give(_ world: UpstreamBench, _ command: Command) throws {
        _ = try world.bench.engine.submit(command, by: Bench.alice, now: world.bench.now)
        world.take(world.bench.engine.driveUpstream(now: world.bench.now))
    }

    private func sell(_ world: UpstreamBench) throws -> String? {
        world.bench.wait(.seconds(2))
        world.send(try world.till.message(SaleSpec(world.card, 80_00, pin: "1234")))
        if world.lastReply == nil { try world.exchange() }
        return world.lastReply?.code
    }

    @Test("keys made here leave as blocks behind their record, and are used once they are acknowledged")
    func offered() throws {
        let world = try world()
        #expect(try sell(world) == "00")
        try give(world, .changeKeys(destination: "NORTH"))
        #expect(world.sent.count == 1 && state(world).offered != nil && state(world).sending == .installed)
        let offer = try MessageView(world.sent[0], spec: .iso8583_1987)
        #expect(offer.mti == .networkRequest && offer.number(70) == 101 && offer.text(48)?.hasPrefix("D0") == true)
        #expect(world.issuer.keyNumbers.allSatisfy { $0 == 0 })
        try world.exchange()
        #expect(state(world).sending.number == 1 && state(world).offered == nil)
        #expect(try sell(world) == "00")
        #expect(world.issuer.keyNumbers.last == 1)
        // The PIN is under the new key too.
        let pan = try require(PANDigits(ascii: world.card.pan.ascii))
        let block = Array(try require(world.issuer.requests.last?.bytes(52)))
        let old = try? PINBlock.decrypt(block, pan: pan, format: .format0, key: TestIssuer.pinKey())
        #expect(old?.count != 4)
        try world.bench.check()
    }

    @Test("what came under the old keys is believed until the overlap is over, and then no more")
    func overlap() throws {
        let world = try world()
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        let early = try world.issuer.receive(world.sent.removeFirst())
        let echo = try world.issuer.request(301)
        try give(world, .changeKeys(destination: "NORTH"))
        try world.exchange()
        #expect(state(world).sending.number == 1 && state(world).old.count == 1)
        world.tell(.received(early))
        #expect(world.lastReply?.code == "00", "its answer was on the way under the old keys")
        world.pass(ZoneKeyState.overlap + .seconds(-1))
        try world.exchange()
        let before = world.bench.engine.counters.upstreamUnauthentic
        world.tell(.received(echo))
        #expect(world.bench.engine.counters.upstreamUnauthentic == before)
        world.sent = []
        world.pass(.seconds(1))
        #expect(state(world).old.isEmpty)
        world.tell(.received(echo))
        #expect(world.bench.engine.counters.upstreamUnauthentic == before + 1)
        try world.exchange()
        #expect(try sell(world) == "00")
        try world.bench.check()
    }

    @Test("an offer whose acknowledgement is lost is sent again as a repeat; traffic goes on meanwhile")
    func lostAcknowledgement() throws {
        let world = try world()
        try give(world, .changeKeys(destination: "NORTH"))
        for _ in 0..<2 {
            _ = try world.issuer.receive(world.sent.removeFirst())
            #expect(try sell(world) == "00", "the other side uses the new keys, this one the old")
            world.pass(.seconds(15))
            #expect(try MessageView(try require(world.sent.last), spec: .iso8583_1987).mti == .networkRepeat)
        }
        try world.exchange()
        #expect(state(world).sending.number == 1 && world.issuer.keyState.sending.number == 1)
        #expect(
            world.bench.refusal(.changeKeys(destination: "SOUTH"), by: Bench.alice) == .upstream(.unknownDestination))
        try world.bench.check()
    }

    @Test(
        "keys of the other host are taken and acknowledged by their check values, behind the record, under the old keys"
    )
    func taken() throws {
        let world = try world()
        let (offer, _) = try world.issuer.offer()
        world.tell(.received(offer))
        #expect(state(world).sending.number == 1 && state(world).old.first?.until == nil)
        let answer = try MessageView(try require(world.sent.last), spec: .iso8583_1987)
        #expect(answer.text(39) == "00" && answer.text(48) == state(world).sending.checkValues)
        try world.issuer.acknowledged(world.sent.removeLast())
        #expect(try sell(world) == "00" && world.issuer.keyNumbers.last == 1)
        #expect(state(world).old.first?.until != nil, "the other host has been heard under the new keys")
        world.pass(ZoneKeyState.overlap)
        #expect(state(world).old.isEmpty)
        world.sent = []
        world.tell(.received(offer))
        #expect(world.sent.isEmpty, "the old keys are accepted no more")
        try world.bench.check()
    }

    @Test("a repeated offer is acknowledged again and changes nothing; one that has been replaced is refused")
    func repeated() throws {
        let world = try world()
        let (first, _) = try world.issuer.offer()
        world.tell(.received(first))
        let digest = world.bench.digest
        world.tell(.received(first))
        #expect(world.bench.digest == digest && world.sent.count == 2)
        try world.issuer.acknowledged(world.sent.removeLast())
        let (second, _) = try world.issuer.offer()
        world.tell(.received(second))
        #expect(state(world).sending.number == 2)
        world.sent = []
        world.tell(.received(first))
        let answer = try MessageView(try require(world.sent.last), spec: .iso8583_1987)
        #expect(answer.text(39) == "12" && state(world).sending.number == 2)
        try world.bench.check()
    }

    @Test("a damaged block, blocks of another protection key, and none are refused and change nothing")
    func damaged() throws {
        let world = try world()
        let other = try TestIssuer(protection: 29)
        let (_, foreign) = try other.offer()
        let (_, blocks) = try world.issuer.offer()
        let digest = world.bench.digest
        let last = blocks.hasSuffix("0") ? "1" : "0"
        for (text, number) in [
            (String(blocks.dropLast()) + last, 1), (nil, 1), (foreign, 1), (blocks, nil),
        ] as [(String?, UInt32?)] {
            world.sent = []
            world.tell(.received(try world.issuer.request(101, text: text, exchange: number)))
            let answer = try MessageView(try require(world.sent.last), spec: .iso8583_1987)
            #expect(answer.text(39) == Intent.securityViolation.outcome(in: .iso8583).code.description)
        }
        #expect(world.bench.digest == digest && state(world) == ZoneKeyState())
        world.sent = []
        #expect(try sell(world) == "00")
    }

    @Test("without a protection key nothing is offered, and all stays as it was; a refused offer too")
    func refused() throws {
        let bare = try UpstreamBench(hasProtection: false)
        try bare.connect()
        try give(bare, .changeKeys(destination: "NORTH"))
        #expect(bare.sent.isEmpty && !state(bare).isWanted && state(bare).sending == .installed)
        let world = try world()
        world.issuer.takesKeys = false
        try give(world, .changeKeys(destination: "NORTH"))
        #expect(world.bench.refusal(.changeKeys(destination: "NORTH"), by: Bench.alice) == .upstream(.keysUnderWay))
        try world.exchange()
        #expect(state(world).offered == nil && state(world).sending == .installed)
        #expect(try sell(world) == "00")
        try world.bench.check()
    }

    @Test(
        "exchanged keys outlive the process, whatever was under way, and its journal holds none of them clear",
        arguments: [false, true])
    func restart(isAcknowledged: Bool) throws {
        let world = try world()
        try give(world, .changeKeys(destination: "NORTH"))
        let blocks = try require(state(world).offered?.blocks)
        let answer = try world.issuer.receive(world.sent.removeFirst())
        if isAcknowledged { world.tell(.received(answer)) }
        try world.restart(fresh: true)
        #expect(state(world).sending.number == (isAcknowledged ? 1 : 0))
        try world.connect()
        #expect(world.issuer.log.contains("0801/101") == !isAcknowledged, "it may have arrived before")
        world.pass(.seconds(1))
        try world.exchange()
        #expect(state(world).sending.number == 1)
        #expect(try sell(world) == "00" && world.issuer.keyNumbers.last == 1)
        try world.bench.check()
        let mac = try KeyBlock.unwrap(
            String(blocks.dropFirst(try require(Int(blocks.dropFirst().prefix(4))))),
            under: TestIssuer.protectionKey()
        ).takeKey()
        let clear = mac.withBytes { Array($0) }
        for bytes in world.bench.commits.map(\.bytes) + [world.bench.engine.host.snapshot()] {
            #expect(!(0...bytes.count - clear.count).contains { bytes[$0..<$0 + clear.count].elementsEqual(clear) })
        }
    }

    @Test("offers that cross: the other host's goes before, and neither side loses the other")
    func crossing() throws {
        let world = try world()
        try give(world, .changeKeys(destination: "NORTH"))
        let ours = world.sent.removeFirst()
        let late = try world.issuer.receive(ours)
        let (theirs, _) = try world.issuer.offer()
        world.tell(.received(theirs))
        #expect(state(world).offered == nil && state(world).sending.number == 2)
        world.tell(.received(late))
        #expect(state(world).sending.number == 2, "nobody waits for that acknowledgement")
        for bytes in world.sent { try world.issuer.acknowledged(bytes) }
        world.sent = []
        #expect(try sell(world) == "00" && world.issuer.keyState.sending.number == 2)
        try world.bench.check()
    }

    @Test("an offer of an exchange that is over, or far ahead, is refused")
    func numbers() throws {
        let world = try world()
        let (_, blocks) = try world.issuer.offer()
        for number in [0, 1_001, 9_999_999] as [UInt32] {
            world.sent = []
            world.tell(.received(try world.issuer.request(101, text: blocks, exchange: number)))
            #expect(try MessageView(try require(world.sent.last), spec: .iso8583_1987).text(39) == "12")
        }
        #expect(state(world) == ZoneKeyState())
        world.tell(.received(try world.issuer.request(101, text: blocks, exchange: 1_000)))
        #expect(state(world).sending.number == 1 && state(world).exchange == 1_000)
    }

    @Test("keys that are installed by hand count after a reset alone, from which on exchanges begin anew")
    func reset() throws {
        let world = try world()
        try give(world, .changeKeys(destination: "NORTH"))
        try world.exchange()
        world.pass(ZoneKeyState.overlap)
        try give(world, .resetKeys(destination: "NORTH"))
        #expect(state(world).sending == .installed && state(world).exchange == 0)
        world.bench.wait(.seconds(2))
        world.sent = []
        world.send(try world.till.message(SaleSpec(world.card, 20_00)))
        #expect(world.sent.isEmpty, "without its keys a zone has no traffic")
        world.issuer.reset()
        try world.restart(fresh: true)
        try world.connect()
        #expect(try sell(world) == "00" && world.issuer.keyNumbers.last == 0)
        try give(world, .changeKeys(destination: "NORTH"))
        try world.exchange()
        #expect(state(world).sending.number == 2 && state(world).exchange == 1)
        #expect(try sell(world) == "00")
        try world.bench.check()
    }

    @Test("the state of a zone is written down and read back whatever has happened to it")
    func codec() throws {
        let world = try world()
        try give(world, .changeKeys(destination: "NORTH"))
        let offered = world.bench.engine.host.snapshot()
        #expect(try Host(snapshot: offered).snapshot() == offered)
        try world.exchange()
        let (theirs, _) = try world.issuer.offer()
        world.tell(.received(theirs))
        let taken = world.bench.engine.host.snapshot()
        #expect(try Host(snapshot: taken).snapshot() == taken)
        #expect(try Host(snapshot: taken).upstream.keys == world.bench.engine.host.upstream.keys)
    }
}
