// SPDX-License-Identifier: Apache-2.0
import Estate
import Host
import HostServer
import NIOCore
import NIOPosix
import SecurityTriggers
import Testing
import Vocabulary

@testable import tillguard

@Suite("What is no message at all")
struct FramingTests {
    struct Garbage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
    }

    static let garbage = [
        Garbage(testDescription: "a length of zero", bytes: [0, 0]),
        Garbage(testDescription: "a length of one more than the maximum, and nothing behind it", bytes: [0x10, 0x01]),
        Garbage(testDescription: "the largest length there is", bytes: [0xFF, 0xFF]),
        Garbage(
            testDescription: "the maximum of bytes that are no message",
            bytes: framed(Array(repeating: 0x30, count: 4_096))),
        Garbage(testDescription: "one byte", bytes: framed([0x41])),
        Garbage(testDescription: "a message type and no bitmap", bytes: framed(Array("0200".utf8))),
        Garbage(
            testDescription: "a bitmap that promises fields and none behind it",
            bytes: framed(Array("0200".utf8) + [UInt8](repeating: 0xFF, count: 8))),
        Garbage(
            testDescription: "a request of another protocol",
            bytes: Array("GET / HTTP/1.1\r\nHost: tillguard\r\n\r\n".utf8)),
        Garbage(
            testDescription: "the first bytes of a TLS client",
            bytes: [0x16, 0x03, 0x01, 0x00, 0xF8, 0x01, 0x00, 0x00, 0xF4]),
        Garbage(
            testDescription: "noise",
            bytes: {
                var random = SeededRandom(seed: 7); return random.bytes(9_000)
            }()),
    ]

    @Test("Each kind of garbage closes its own connection, and nothing is journalled for it")
    func garbageIsClosed() async throws {
        try await ServerHouse.with { house in
            try await Neighbour.trading(beside: house) {
                for garbage in Self.garbage {
                    let line = try await house.line()
                    try await line.write(garbage.bytes)
                    #expect(try await line.receive() == nil, "\(garbage.testDescription)")
                }
            }
            let strangers = try house.sales().filter { $0.usage.terminal != DemoEstate.tills[5].id }
            #expect(strangers.isEmpty)
        }
    }

    @Test("A length of the maximum is waited for; its last byte decides")
    func maximumIsRead() async throws {
        try await ServerHouse.with { house in
            let line = try await house.line()
            try await line.write([0x10, 0x00] + [UInt8](repeating: 0x30, count: 4_095))
            // Another connection is served meanwhile, so the server has had its turn.
            _ = try await house.till(1)
            await #expect(throws: NotInTime.self) { try await line.receive(within: .milliseconds(50)) }
            try await line.write([0x30])
            #expect(try await line.receive() == nil)
        }
    }

    @Test("A message that arrives byte by byte is answered like any other")
    func byteByByte() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            let message = framed(try await till.protect(till.purchase(.init(DemoEstate.cards[0], 1_200))))
            for byte in message { try await line.write([byte]) }
            let answer = try await till.read(try #require(try await line.receive()))
            #expect(answer.code == "00" && answer.isAuthentic)
        }
    }

    @Test("Two messages in one write get two answers, in order")
    func twoAtOnce() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            let first = await till.purchase(.init(DemoEstate.cards[0], 1_200))
            let second = await till.purchase(.init(DemoEstate.cards[0], 1_300))
            try await line.write(framed(try await till.protect(first)) + framed(try await till.protect(second)))
            let answers = [try #require(try await line.receive()), try #require(try await line.receive())]
            #expect(answers.compactMap { WireMessage($0)?[11] } == [first[11], second[11]])
            #expect(try await till.read(answers[1]).isAuthentic)
            #expect(try house.sales().map(\.amount.minorUnits) == [1_200, 1_300])
        }
    }

    @Test("A message cut short by the end of its connection was never sent")
    func truncated() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            let before = try house.journalCount()
            let message = framed(try await till.protect(till.purchase(.init(DemoEstate.cards[0], 1_200))))
            try await line.write(Array(message.dropLast()))
            try await line.close()
            try await Neighbour.trading(beside: house) {}
            #expect(try house.sales().allSatisfy { $0.usage.terminal != till.id })
            #expect(try house.journalCount() > before)
            // The same bytes, whole and on a new line, are that sale's first arrival.
            let again = try await house.line()
            try await again.write(message)
            #expect(try await till.read(try #require(try await again.receive())).code == "00")
        }
    }

    @Test("A client that only stops writing is let go")
    func halfClosed() async throws {
        try await ServerHouse.with { house in
            let line = try await house.line()
            try await line.write([0x01])
            try await line.finishWriting()
            #expect(try await line.receive() == nil)
        }
    }

    /// A host without terminals or virtual tills.
    private func withBareServer(
        _ configuration: HostServer.Configuration, _ body: (_ port: Int) async throws -> Void
    ) async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let recovered = try RecoveredHost.open(
                at: directory.path, rules: try RuleSet(parsing: RuleFiles.shipped), logger: silent)
            let keys = try HostKeys.open(in: directory.path)
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let server = try await HostServer.start(
                recovered, module: keys.module, configuration: configuration, on: group.next(), logger: silent,
                clock: WallClock.now, sink: { _ in })
            try await body(server.port)
            try await server.shutdown()
            try await group.shutdownGracefully()
        }
    }

    @Test("A connection that says nothing is closed after the time it is given, and its half a message with it")
    func silence() async throws {
        var configuration = HostServer.Configuration()
        configuration.idleTimeout = .milliseconds(300)
        try await withBareServer(configuration) { port in
            let silentLine = try await Line.open(port)
            let half = try await Line.open(port)
            try await half.write([0x00, 0x20, 0x30])
            #expect(try await silentLine.receive() == nil)
            #expect(try await half.receive() == nil)
        }
    }

    @Test("A frame that comes a byte at a time ends its connection when its time is over, however often bytes come")
    func slowFrame() async throws {
        var configuration = HostServer.Configuration()
        configuration.frameTimeout = .milliseconds(300)
        try await withBareServer(configuration) { port in
            let slow = try await Line.open(port)
            try await slow.write([0x10, 0x00])
            var (bytes, isClosed) = (0, false)
            while !isClosed, bytes < 4_095 {
                try await slow.write([0x30])
                bytes += 1
                do { isClosed = try await slow.receive(within: .milliseconds(10)) == nil } catch is NotInTime {}
            }
            // The frame has not become whole, so nothing else has closed the connection.
            #expect(isClosed && bytes < 4_095)
        }
    }

    @Test("A client that takes no answers off is not read any more, and is served on when it does")
    func answersPileUp() async throws {
        try await ServerHouse.with { house in
            let till = try Till(DemoEstate.tills[0], module: house.module)
            let count = 12_000
            var hellos: [UInt8] = []
            for _ in 0..<count { hellos += framed(await till.header("0800", [70: "001"]).encoded().bytes) }
            let line = try await Line.open(house.port, reading: false)
            let isWritten = Shared(false)
            async let writing: Void = { [hellos] in
                try await line.write(hellos)
                isWritten.change { $0 = true }
            }()
            try await Neighbour.trading(beside: house) {
                let (till, line) = try await house.till(1)
                for _ in 0..<40 {
                    #expect(try await till.sell(.init(DemoEstate.cards[1], 1_00), on: line).code == "00")
                }
            }
            #expect(!isWritten.read { $0 })
            try await line.startReading()
            for number in 1...count {
                let answer = try #require(try await line.receive().flatMap { WireMessage($0) })
                guard answer[11].flatMap({ Int($0) }) == number else {
                    Issue.record("answer \(answer[11] ?? "") in place of \(number)")
                    break
                }
            }
            try await writing
        }
    }

    @Test("Six hundred messages at once get six hundred answers in their order")
    func sixHundred() async throws {
        try await ServerHouse.with { house in
            let till = try Till(DemoEstate.tills[0], module: house.module)
            var hellos: [UInt8] = []
            for _ in 0..<600 { hellos += framed(await till.header("0800", [70: "001"]).encoded().bytes) }
            let line = try await house.line()
            try await line.write(hellos)
            for number in 1...600 {
                let answer = try #require(try await line.receive().flatMap { WireMessage($0) })
                #expect(answer[11].flatMap { Int($0) } == number)
            }
        }
    }

    @Test("Three hundred connections at once are all served, the silent ones and the talking ones")
    func threeHundred() async throws {
        try await ServerHouse.with { house in
            try await Neighbour.trading(beside: house) {
                var lines: [Line] = []
                for _ in 0..<300 { lines.append(try await house.line()) }
                // A hello of a terminal that exists; it changes nothing and is answered to each.
                let hello = try await Till(DemoEstate.tills[0], module: house.module).header("0800", [70: "001"])
                    .encoded().bytes
                let answered = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for line in lines.enumerated().filter({ $0.offset % 3 != 0 }).map(\.element) {
                        group.addTask { try await line.ask(hello).flatMap { WireMessage($0)?[39] } == "00" }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(answered == 200)
                for line in lines { try await line.close() }
            }
        }
    }
}
