// SPDX-License-Identifier: Apache-2.0
import ISO8583
import ISO8583Tools
import Testing
import Vocabulary

@Suite("Messages out of captured traffic")
struct CaptureTests {
    private static func frame(_ id: String) throws -> [UInt8] {
        try #require(Published.messages.first { $0.id == id }).bytes
    }

    private static let files: [CaptureFile] = CaptureFile.Link.allCases.flatMap { link in
        [true, false].flatMap { isLittle in
            [true, false].map { CaptureFile(isLittle: isLittle, nanoseconds: !isLittle, link: link, isVersion6: $0) }
        }
    }

    private func error(_ bytes: [UInt8], framing: String? = nil) -> CaptureFault? {
        do throws(CaptureFault) {
            _ = try CapturedMessage.all(bytes, framing: framing)
            return nil
        } catch { return error }
    }

    @Test("Request and answer come out in order, whatever link, byte order and version of IP", arguments: files.indices)
    func dialogue(index: Int) throws {
        var file = Self.files[index]
        let request = try Self.frame("up-0800-signon-ajsgn")
        let answer = try Self.frame("up-0810-signon-ajsgn")
        file.add(from: 5_000, to: 9_000, 99, [], syn: true)
        file.add(from: 9_000, to: 5_000, 999, [], syn: true)
        file.add(from: 5_000, to: 9_000, 100, request)
        file.add(from: 9_000, to: 5_000, 1_000, answer)
        let messages = try CapturedMessage.all(file.bytes)
        #expect(messages.map { $0.frame.body.prefix(2).map { Int($0) } } == [[8, 0], [8, 0x10]])
        #expect(messages.map(\.packet) == [3, 4])
        #expect(messages.map { "\($0.frame.layout)" } == ["len2+tpdu5+header6", "len2+tpdu5+header6"])
        #expect(messages[0].source.hasSuffix(":5000") && messages[0].destination.hasSuffix(":9000"))
        #expect(messages[0].source.hasPrefix("[") == file.isVersion6)
    }

    @Test("Segments out of order, sent twice, overlapping and around the end of the numbers give the same stream")
    func order() throws {
        let request = try Self.frame("up-0200-purchase-halo")
        let stream = request + request
        let base = UInt32.max - 50
        var file = CaptureFile()
        file.add(from: 1, to: 2, base, [], syn: true)
        let cuts = [0..<40, 100..<stream.count, 30..<70, 60..<100, 0..<40]
        for cut in cuts { file.add(from: 1, to: 2, base &+ 1 &+ UInt32(cut.lowerBound), Array(stream[cut])) }
        let streams = try CapturedStream.all(file.bytes)
        #expect(streams.count == 1 && streams[0].bytes == stream && !streams[0].hasGap)
        #expect(try CapturedMessage.all(file.bytes, framing: "len2+tpdu5+header6").count == 2)
    }

    @Test("A lost segment ends a stream, and what came before is still read")
    func gap() throws {
        let request = try Self.frame("up-0200-purchase-halo")
        var file = CaptureFile()
        file.add(from: 1, to: 2, 10, request)
        file.add(from: 1, to: 2, 10 + UInt32(request.count) + 7, request)
        let stream = try #require(try CapturedStream.all(file.bytes).first)
        #expect(stream.hasGap && stream.bytes == request)
        #expect(try CapturedMessage.all(file.bytes).count == 1)
    }

    @Test("A connection opened anew between the same ports is another stream")
    func anew() throws {
        var file = CaptureFile(link: .raw)
        for base: UInt32 in [100, 7_000] {
            file.add(from: 1, to: 2, base, [], syn: true)
            file.add(from: 1, to: 2, base, [], syn: true)
            file.add(from: 1, to: 2, base + 1, [1, 2, 3])
        }
        #expect(try CapturedStream.all(file.bytes).map(\.bytes) == [[1, 2, 3], [1, 2, 3]])
    }

    @Test("What is no capture, is cut, or has no messages is one clear error")
    func broken() throws {
        #expect(error([]) == .capture(.notPcap))
        #expect(error([0x0A, 0x0D, 0x0D, 0x0A] + [UInt8](repeating: 0, count: 40)) == .capture(.notPcap))
        var file = CaptureFile()
        #expect(error(file.bytes) == .capture(.noMessages))
        file.add(from: 1, to: 2, 1, Array("GET / HTTP/1.1".utf8))
        #expect(error(file.bytes, framing: "len2") == .capture(.noMessages))
        #expect(error(file.bytes, framing: "morse") == .input(.unknownFraming("morse")))
        for count in 25..<file.bytes.count {
            #expect(error(Array(file.bytes[..<count])) == .capture(.truncated(packet: 1)))
        }
        var other = file.bytes
        other[20] = 147
        #expect(error(other) == .capture(.linkType(147)))
    }

    @Test("Any change of a capture is read or refused without a stop", arguments: [UInt64(7), 8])
    func anyBytes(seed: UInt64) throws {
        var random = Seeded(state: seed)
        var file = CaptureFile(isVersion6: seed == 8)
        file.add(from: 1, to: 2, 1, try Self.frame("up-0200-purchase-halo"))
        let original = file.bytes
        for round in 0..<300 {
            var bytes = original
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let streams = (try? CapturedStream.all(bytes)) ?? []
            #expect(streams.count <= 1, "seed \(seed) round \(round)")
        }
    }
}
