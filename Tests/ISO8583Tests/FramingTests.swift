// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Framing")
struct FramingTests {
    private let messages: [[UInt8]] = [[1], Array(0..<40), [9, 8, 7]]

    private func drain(_ decoder: inout FrameDecoder) throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while let frame = try decoder.next() { frames.append(frame) }
        return frames
    }

    @Test("Two messages cut at any byte come out whole and in order", arguments: Framing.allCases)
    func everySplit(framing: Framing) throws {
        let stream = messages.flatMap { FrameDecoder.frame($0, framing: framing) }
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

    @Test("A stream fed byte by byte gives each message with its last byte", arguments: Framing.allCases)
    func byteByByte(framing: Framing) throws {
        var decoder = FrameDecoder(maximumLength: 40, framing: framing)
        for message in messages {
            let frame = FrameDecoder.frame(message, framing: framing)
            for (index, byte) in frame.enumerated() {
                decoder.append(CollectionOfOne(byte))
                #expect(try decoder.next() == (index == frame.count - 1 ? message : nil))
            }
        }
    }

    @Test("A frame of the maximum is taken, one byte more is refused and stays refused")
    func maximum() throws {
        var decoder = FrameDecoder(maximumLength: 300)
        let longest = [UInt8](repeating: 5, count: 300)
        decoder.append(FrameDecoder.frame(longest))
        #expect(try decoder.next() == longest)
        decoder.append([0x01, 0x2D])
        #expect(error(FrameError.self) { try decoder.next() } == .tooLong(declared: 301, maximum: 300))
        decoder.append(FrameDecoder.frame([1]))
        #expect(error(FrameError.self) { try decoder.next() } == .tooLong(declared: 301, maximum: 300))
        #expect(decoder.bufferedBytes == 0)
    }

    @Test("The longest frame of two length bytes is taken")
    func longest() throws {
        var decoder = FrameDecoder(maximumLength: 65_535)
        let message = [UInt8](repeating: 1, count: 65_535)
        decoder.append(FrameDecoder.frame(message))
        #expect(try decoder.next()?.count == 65_535)
    }

    @Test("An empty frame is refused")
    func empty() throws {
        var decoder = FrameDecoder(maximumLength: 10)
        decoder.append([0, 0])
        #expect(error(FrameError.self) { try decoder.next() } == .empty)
    }

    @Test(
        "A length that is no number is refused",
        arguments: [(Framing.bcd2, "0A00"), (.ascii4, "3031313A"), (.hex4, "30304747")])
    func badLength(framing: Framing, prefix: String) throws {
        var decoder = FrameDecoder(maximumLength: 10, framing: framing)
        decoder.append(try #require(Hex.bytes(prefix)))
        #expect(error(FrameError.self) { try decoder.next() } == .badLength)
    }

    @Test("Published length prefixes are read and written")
    func published() throws {
        let framings: [String: Framing] = [
            "binary2": .binary2, "binary3": .binary3, "binary4": .binary4, "bcd2": .bcd2, "ascii4": .ascii4,
            "hex4": .hex4,
        ]
        let vectors = try VectorFile.vectors("framing.json")
        #expect(vectors.count == 7)
        for vector in vectors {
            let id = vector["id"]?.string ?? ""
            let framing = try #require(vector["framing"]?.string.flatMap { framings[$0] })
            let prefix = try #require(vector["prefix"]?.string.flatMap { Hex.bytes($0) })
            var decoder = FrameDecoder(maximumLength: 1000, framing: framing)
            decoder.append(prefix)
            guard let length = vector["length"]?.integer.map({ Int($0) }) else {
                #expect(try decoder.next() == nil, "\(id)")
                continue
            }
            #expect(framing.prefix(for: length) == prefix, "\(id)")
            if length == 0 {
                #expect(error(FrameError.self) { try decoder.next() } == .empty, "\(id)")
                continue
            }
            #expect(try decoder.next() == nil, "\(id)")
            decoder.append([UInt8](repeating: 3, count: length))
            #expect(try decoder.next()?.count == length, "\(id)")
        }
    }

    @Test("Two bytes announce what they say")
    func peek() {
        #expect(FrameDecoder.length(0x01, 0x3F) == 319)
        #expect(FrameDecoder.length(0xFF, 0xFF) == 65_535)
        #expect(FrameDecoder.frame([7, 8]) == [0, 2, 7, 8])
    }
}
