// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleProtocol
import ModuleServer
import ModuleWire
import SecurityModule
import Testing
import Vocabulary

/// What a client may do to the module: get a refusal, or be thrown out. The others notice nothing, and it is counted.
@Suite("Module's server: bad clients")
struct RefusalTests {
    /// A server, and a good client to hold against the bad one.
    private final class Bench {
        let scratch: Scratch
        let server: ServerThread
        let good: RemoteHostModule
        private let before: [UInt8]

        init(_ limits: ModuleServer.Limits = ModuleServer.Limits()) throws {
            scratch = try Scratch()
            server = try ServerThread(scratch.socket, limits: limits)
            good = RemoteHostModule(at: scratch.socket)
            before = try good.nonce([7])
        }

        func line(_ role: WireRole? = nil) throws -> RawLine {
            let line = try RawLine(scratch.socket)
            if let role { try line.introduce(role) }
            return line
        }

        /// The module does what it did, and has counted.
        func check(_ refusals: [WireRefusal: UInt64], thrownOut: UInt64 = 0) throws {
            #expect(try good.nonce([7]) == before)
            let counters = try good.status().counters
            for refusal in WireRefusal.allCases {
                #expect(counters[refusal] == refusals[refusal, default: 0], "\(refusal)")
            }
            #expect(counters.thrownOut == thrownOut)
        }
    }

    @Test("whoever has not said who it is gets nothing")
    func notIntroduced() throws {
        let bench = try Bench()
        let line = try bench.line()
        #expect(try line.ask(.status) == .refused(.notIntroduced))
        #expect(try line.ask(.nonce([1])) == .refused(.notIntroduced))
        try line.introduce(.host)
        guard case .nonce = try line.ask(.nonce([1])) else { throw Missing() }
        try bench.check([.notIntroduced: 2])
    }

    @Test("each role gets its own commands, and every other is refused")
    func roles() throws {
        let bench = try Bench()
        for role in [WireRole.issuing, .monitor] {
            let line = try bench.line(role)
            #expect(try line.ask(.open([])) == .refused(.notPermitted))
            #expect(try line.ask(.useZoneKeys([], sending: 1, Place.zone)) == .refused(.notPermitted))
        }
        let line = try bench.line(.host)
        #expect(try line.ask(.linkKey) == .refused(.notPermitted))
        try bench.check([.notPermitted: 5])
    }

    @Test("a second introduction, another version and a key that is none are refused")
    func introductions() throws {
        let bench = try Bench()
        let line = try bench.line()
        let key = try RawLine.publicKey()
        #expect(try line.ask(.hello(WireHello(version: 2, role: .host, publicKey: key))) == .refused(.introduction))
        let none = [UInt8](repeating: 4, count: 65)
        #expect(try line.ask(.hello(WireHello(role: .host, publicKey: none))) == .refused(.introduction))
        try line.introduce(.host)
        #expect(try line.ask(.hello(WireHello(role: .issuing, publicKey: key))) == .refused(.introducedAlready))
        #expect(try line.ask(.linkKey) == .refused(.notPermitted))
        try bench.check([.introduction: 2, .introducedAlready: 1, .notPermitted: 1])
    }

    @Test("bodies of a wrong length and unknown kinds are refused, and the line goes on")
    func malformed() throws {
        let bench = try Bench()
        let line = try bench.line(.host)
        #expect(try line.ask(kind: WireKind.open.rawValue, [1]) == .refused(.malformed))
        #expect(try line.ask(kind: WireKind.nonce.rawValue, [2, 1]) == .refused(.malformed))
        #expect(try line.ask(kind: WireKind.status.rawValue, [0]) == .refused(.malformed))
        #expect(try line.ask(kind: 99, []) == .refused(.unknownCommand))
        guard case .status = try line.ask(.status) else { throw Missing() }
        try bench.check([.malformed: 3, .unknownCommand: 1])
    }

    @Test("a PIN block under another key, and a supplier's key that is none, are unusable")
    func unusable() throws {
        let bench = try Bench()
        let line = try bench.line(.issuing)
        let pan = try require(PAN("4111111111111111"))
        #expect(
            try line.ask(.pinReference(pan, block: [UInt8](repeating: 1, count: 16), kind: .offset))
                == .refused(.unusable))
        let keys = TerminalKeys(terminal: try require(TerminalID("T1")), profile: .aes, keySet: 1, identityEpoch: 1)
        let order = ProvisioningOrder(
            keys: keys, serial: 1, firmware: SoftwareVersion(1, 0, 0), firstCounter: 1,
            supplier: [UInt8](repeating: 0xFF, count: 33))
        #expect(try line.ask(.provision(order)) == .refused(.unusable))
        try bench.check([.unusable: 2])
    }

    @Test("the eighth refusal ends the line, and no other")
    func tooMany() throws {
        let bench = try Bench()
        let line = try bench.line(.monitor)
        for _ in 1..<ModuleSession.refusalsMax { #expect(try line.ask(.linkKey) == .refused(.notPermitted)) }
        #expect(try line.ask(.linkKey) == .refused(.tooManyRefusals))
        #expect(try line.reply() == nil)
        try bench.check([.notPermitted: 8, .tooManyRefusals: 1], thrownOut: 1)
    }

    @Test(
        "a length that no frame has ends the line at once",
        arguments: [[0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF]] as [[UInt8]])
    func frameLength(bytes: [UInt8]) throws {
        let bench = try Bench()
        let line = try bench.line(.host)
        line.send(bytes)
        #expect(try line.reply() == .refused(.frameLength))
        #expect(try line.reply() == nil)
        try bench.check([.frameLength: 1], thrownOut: 1)
    }

    @Test("one client more than may be is turned away, until one leaves")
    func clients() throws {
        var limits = ModuleServer.Limits()
        limits.clients = 3
        let bench = try Bench(limits)
        let one = try bench.line(.host)
        var other: RawLine? = try bench.line(.host)
        _ = other
        let third = try bench.line()
        #expect(try third.reply() == .refused(.busy))
        #expect(try third.reply() == nil)
        guard case .nonce = try one.ask(.nonce([1])) else { throw Missing() }
        other = nil
        // The server sees the end of the one before, or with, the beginning of the next.
        _ = try one.ask(.status)
        let next = try bench.line(.host)
        guard case .nonce = try next.ask(.nonce([1])) else { throw Missing() }
        #expect(try bench.good.status().counters.turnedAway == 1)
        try bench.check([.busy: 1])
    }

    @Test("a client that says nothing is thrown out")
    func silent() throws {
        var limits = ModuleServer.Limits()
        limits.introductionMilliseconds = 50
        let bench = try Bench(limits)
        let line = try bench.line()
        line.send([0, 0])
        #expect(try line.reply() == nil)
        try bench.check([:], thrownOut: 1)
    }

    @Test("a client that takes no answers is not read any more, and is thrown out; the others are served meanwhile")
    func flood() throws {
        var limits = ModuleServer.Limits()
        limits.stuckMilliseconds = 300
        limits.outputBytes = 4_096
        let bench = try Bench(limits)
        let line = try bench.line(.host)
        let frame = WireRequest.nonce([1]).frame(1).encoded()
        // Until the line is closed: the server takes no more than it has room for.
        var frames = 0
        while line.send(frame), frames < 100_000 { frames += 1 }
        #expect((1..<100_000).contains(frames))
        try bench.check([:], thrownOut: 1)
    }

    @Test("random bytes on many lines harm nobody: a good client gets the right answers in between")
    func garbage() throws {
        let bench = try Bench()
        let module = try Place.module()
        let fleet = try Fleet(module, terminals: 1)
        let verdicts = module.open(fleet.commands)
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        for round in 0..<100 {
            let line = try bench.line(random.chance(perMille: 500) ? .host : nil)
            var bytes = random.bytes(1 + random.below(400))
            // Half of them with a length that is right, so that more than the length is looked at.
            if random.chance(perMille: 500) {
                bytes = WireFrame(
                    number: 1, kind: UInt8(random.below(WireKind.allCases.count + 1)), body: bytes
                ).encoded()
            }
            line.send(bytes)
            if round % 10 == 0 { #expect(try bench.good.open(fleet.commands) == verdicts, "seed \(seed)") }
        }
        #expect(try bench.good.open(fleet.commands) == verdicts, "seed \(seed)")
    }

    @Test("clients at the same time each get their own answers")
    func concurrent() async throws {
        let bench = try Bench()
        let path = bench.scratch.socket
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let module = try Place.module()
                    let remote = RemoteHostModule(at: path)
                    for round in 0..<20 {
                        let context = [UInt8(number), UInt8(round)]
                        guard try remote.nonce(context) == module.nonce(context) else { return false }
                        let fleet = try Fleet(module, terminals: 1, messagesEach: 1 + round % 6)
                        guard try remote.open(fleet.commands) == module.open(fleet.commands) else { return false }
                    }
                    return true
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
        try bench.check([:])
    }
}
