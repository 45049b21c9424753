// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Framing")
struct FramingTests {
    static let framings =
        Framing.Length.allCases.map { Framing($0) } + Framing.Length.allCases.map { Framing($0, countsItself: true) }
        + [.unionpayPOS, Framing(.ascii4, headerBytes: 12), Framing(.binary3, hasTPDU: true, empty: .keepAlive)]

    private let messages: [[UInt8]] = [[1], Array(0..<40), [9, 8, 7]]
    private let tpdu = TPDU(destination: 0x0012, source: 0x0034)

    private func frame(_ message: [UInt8], _ framing: Framing) -> [UInt8] {
        framing.frame(
            message, tpdu: framing.hasTPDU ? tpdu : nil, header: [UInt8](repeating: 7, count: framing.headerBytes))
    }

    private func drain(_ decoder: inout FrameDecoder) throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while let frame = try decoder.next() { frames.append(frame) }
        return frames
    }

    @Test("Messages cut at any byte come out whole and in order", arguments: framings)
    func everySplit(framing: Framing) throws {
        let stream = messages.flatMap { frame($0, framing) }
        for split in 0...stream.count {
            var decoder = FrameDecoder(maximumLength: 100, framing: framing)
            decoder.append(stream[..<split])
            var frames = try drain(&decoder)
            decoder.append(stream[split...])
            frames += try drain(&decoder)
            #expect(frames == messages, "split at \(split)")
            #expect(decoder.bufferedBytes == 0)
        }
    }

    @Test("A stream fed byte by byte gives each message with its last byte", arguments: framings)
    func byteByByte(framing: Framing) throws {
        var decoder = FrameDecoder(maximumLength: 60, framing: framing)
        for message in messages {
            let bytes = frame(message, framing)
            for (index, byte) in bytes.enumerated() {
                decoder.append(CollectionOfOne(byte))
                #expect(try decoder.next() == (index == bytes.count - 1 ? message : nil))
            }
        }
    }

    @Test("Every published message comes whole out of every split in two and out of single bytes")
    func publishedMessages() throws {
        for vector in VectorTests.messages {
            let stream = Framing.binary2.frame(vector.body)
            for split in 0...stream.count {
                var decoder = FrameDecoder(maximumLength: 4_096)
                decoder.append(stream[..<split])
                let early = try decoder.next()
                decoder.append(stream[split...])
                #expect(try early ?? decoder.next() == vector.body, "\(vector.id) split at \(split)")
            }
            var decoder = FrameDecoder(maximumLength: 4_096)
            var found: [[UInt8]] = []
            for byte in stream {
                decoder.append(CollectionOfOne(byte))
                if let message = try decoder.next() { found.append(message) }
            }
            #expect(found == [vector.body], "\(vector.id)")
        }
    }

    @Test("UnionPay frames are read with their addresses and header, as published")
    func unionpay() throws {
        var count = 0
        for vector in VectorTests.messages where vector.lead == 13 {
            var decoder = FrameDecoder(maximumLength: 4_096, framing: .unionpayPOS)
            let bytes = try #require(vector.json["hex"]?.string.flatMap { Hex.bytes($0) })
            decoder.append(bytes)
            let frame = try #require(try decoder.nextFrame())
            #expect(frame.tpdu.map { Hex.text($0.bytes) } == vector.json["tpdu"]?.string, "\(vector.id)")
            #expect(Hex.text(frame.header) == vector.json["header"]?.string, "\(vector.id)")
            #expect(frame.message == vector.body, "\(vector.id)")
            let again = Framing.unionpayPOS.frame(frame.message, tpdu: frame.tpdu, header: frame.header)
            #expect(again == bytes, "\(vector.id)")
            count += 1
        }
        #expect(count == 7)
    }

    @Test("An answer's addresses are those of the request, swapped")
    func swapped() throws {
        let bytes = try #require(Hex.bytes("6000160034"))
        let tpdu = try #require(TPDU(bytes))
        #expect(Hex.text(tpdu.answer.bytes) == "6000340016")
        #expect(tpdu.answer.answer == tpdu)
        #expect(TPDU([0x60, 0, 0, 0]) == nil)
    }

    @Test("A frame of the maximum is taken, one byte more is refused and stays refused", arguments: framings)
    func maximum(framing: Framing) throws {
        let limit = 300
        var decoder = FrameDecoder(maximumLength: limit, framing: framing)
        let longest = [UInt8](repeating: 5, count: limit - framing.leadBytes)
        decoder.append(frame(longest, framing))
        #expect(try decoder.next() == longest)
        let short = [UInt8](repeating: 5, count: limit - framing.leadBytes - 1)
        decoder.append(frame(short, framing))
        #expect(try decoder.next() == short)
        decoder.append(framing.prefix(for: limit + 1))
        let refused = FrameError.tooLong(declared: limit + 1, maximum: limit)
        #expect(error(FrameError.self) { try decoder.next() } == refused)
        decoder.append(frame([1], framing))
        #expect(error(FrameError.self) { try decoder.next() } == refused)
        #expect(decoder.bufferedBytes == 0)
    }

    @Test("The longest frame of two length bytes is taken")
    func longest() throws {
        var decoder = FrameDecoder(maximumLength: 65_535)
        let message = [UInt8](repeating: 1, count: 65_535)
        decoder.append(Framing.binary2.frame(message))
        #expect(try decoder.next()?.count == 65_535)
    }

    @Test("An empty frame is refused, or where it is a sign of life passed over and told")
    func empty() throws {
        var decoder = FrameDecoder(maximumLength: 10)
        decoder.append([0, 0])
        #expect(error(FrameError.self) { try decoder.next() } == .empty)
        let framing = Framing(.binary3, empty: .keepAlive)
        var living = FrameDecoder(maximumLength: 10, framing: framing)
        living.append([0, 0, 0, 0, 0, 0] + framing.frame([4]))
        #expect(try living.nextFrame()?.isKeepAlive == true)
        #expect(try living.next() == [4])
        #expect(try living.nextFrame() == nil)
    }

    @Test("A frame with no room for a message, or less than its own length, is refused")
    func tooShort() throws {
        var decoder = FrameDecoder(maximumLength: 100, framing: .unionpayPOS)
        decoder.append([0, 11] + [UInt8](repeating: 0, count: 11))
        #expect(error(FrameError.self) { try decoder.next() } == .tooShort(declared: 11, minimum: 12))
        var inclusive = FrameDecoder(maximumLength: 100, framing: Framing(.binary4, countsItself: true))
        inclusive.append([0, 0, 0, 3])
        #expect(error(FrameError.self) { try inclusive.next() } == .badLength)
    }

    @Test(
        "A length that is no number is refused",
        arguments: [(Framing.Length.bcd2, "0A00"), (.ascii4, "3031313A"), (.hex4, "30304747"), (.visa4, "000F0100")])
    func badLength(length: Framing.Length, prefix: String) throws {
        var decoder = FrameDecoder(maximumLength: 10, framing: Framing(length))
        decoder.append(try #require(Hex.bytes(prefix)))
        #expect(error(FrameError.self) { try decoder.next() } == .badLength)
    }

    @Test("Published length prefixes are read and written")
    func published() throws {
        let lengths: [(start: String, length: Framing.Length)] = [
            ("len2-binary", .binary2), ("len2-bcd", .bcd2), ("len4-ascii-hex", .hex4), ("len4-ascii", .ascii4),
            ("visa-vmlh", .visa4), ("len3-binary", .binary3), ("len4-binary", .binary4),
        ]
        let vectors = try VectorFile.vectors("framing.json")
        #expect(vectors.count == 10)
        for vector in vectors {
            let id = vector["id"]?.string ?? ""
            let length = try #require(lengths.first { id.hasPrefix($0.start) }, "\(id)").length
            let framing = Framing(length, empty: vector["keepAlive"]?.bool == true ? .keepAlive : .refused)
            let bytes = try #require(vector["hex"]?.string.flatMap { Hex.bytes($0) })
            var decoder = FrameDecoder(maximumLength: 1_000, framing: framing)
            decoder.append(bytes)
            guard let count = vector["payloadLength"]?.integer.map({ Int($0) }) else {
                if vector["error"]?.string == "need more bytes" {
                    #expect(try decoder.next() == nil, "\(id)")
                } else {
                    let refused = FrameError.tooLong(declared: 0xFFFF, maximum: 1_000)
                    #expect(error(FrameError.self) { try decoder.next() } == refused, "\(id)")
                }
                continue
            }
            let isControl = vector["sessionControl"]?.bool == true
            if !isControl { #expect(framing.prefix(for: count) == bytes, "\(id)") }
            decoder.append([UInt8](repeating: 3, count: count))
            let frame = try #require(try decoder.nextFrame(), "\(id)")
            #expect(frame.message.count == count && frame.isSessionControl == isControl, "\(id)")
            #expect(frame.isKeepAlive == (count == 0), "\(id)")
        }
    }

    @Test("A frame that does not become whole in time is overdue, counted from its first byte")
    func slow() throws {
        let limit = Interval.seconds(5)
        let at = { (seconds: Int64) in Instant(seconds: seconds) }
        var decoder = FrameDecoder(maximumLength: 100)
        #expect(!decoder.isOverdue(at: at(1_000), after: limit))
        let first = Framing.binary2.frame([1, 2, 3])
        decoder.append(first[..<2], at: at(10))
        #expect(try decoder.next() == nil)
        decoder.append(first[2..<4], at: at(14))
        #expect(!decoder.isOverdue(at: at(15), after: limit))
        #expect(decoder.isOverdue(at: at(16), after: limit))
        // The end of the first frame brings the beginning of a second one, whose time starts now.
        decoder.append(first[4...] + [0], at: at(17))
        #expect(try decoder.next() == [1, 2, 3])
        #expect(!decoder.isOverdue(at: at(22), after: limit))
        #expect(decoder.isOverdue(at: at(23), after: limit))
        decoder.append([1, 9], at: at(24))
        #expect(try decoder.next() == [9])
        #expect(!decoder.isOverdue(at: at(100), after: limit))
    }
}
