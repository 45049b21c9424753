// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Journal

struct RecordFrameTests {
    /// Three records: `TG`, an empty one, and 0, 1, … 199.
    static let golden: [[UInt8]] = [Array("TG".utf8), [], (0..<200).map { UInt8($0) }]

    @Test func `the golden frame of version 1 decodes for ever`() throws {
        let bytes = try goldenBytes("frame-1.hex")
        #expect(try RecordFrame.decode(bytes) == Self.golden)
        #expect(try RecordFrame.count(bytes) == 3)
    }

    @Test func `version 1 is written as the golden frame is`() throws {
        #expect(RecordFrame.encode(Self.golden) == (try goldenBytes("frame-1.hex")))
    }

    @Test(arguments: [1, 2, 127, 128, 129, 1_000])
    func `what is encoded is decoded`(count: Int) throws {
        var random = SeededRandom(seed: UInt64(count))
        let records = someRecords(count, &random, bytesMax: 300)
        #expect(try RecordFrame.decode(RecordFrame.encode(records)) == records)
    }

    @Test func `a frame cut anywhere is refused`() {
        let frame = RecordFrame.encode(Self.golden)
        for length in 0..<frame.count {
            #expect(throws: CodecError.self, "cut at \(length)") { try RecordFrame.decode(Array(frame[..<length])) }
        }
    }

    @Test func `bytes after the last record are refused`() {
        let frame = RecordFrame.encode([[1]]) + [0]
        #expect(throws: CodecError.invalid(offset: 4, what: "bytes after the last record")) {
            try RecordFrame.decode(frame)
        }
    }

    @Test func `a record of an unknown version is refused`() {
        #expect(throws: CodecError.invalid(offset: 1, what: "record version")) {
            try RecordFrame.decode([1, 2, 1, 9])
        }
    }

    @Test func `an empty frame is refused`() {
        #expect(throws: CodecError.invalid(offset: 0, what: "record count")) { try RecordFrame.decode([0]) }
        #expect(throws: CodecError.truncated(offset: 0)) { try RecordFrame.decode([]) }
    }

    @Test func `a count beyond the bytes is refused before memory is taken for it`() {
        #expect(throws: CodecError.invalid(offset: 0, what: "count")) {
            try RecordFrame.decode([0xFF, 0xFF, 0xFF, 0x7F, 1, 0])
        }
    }

    @Test func `a frame holds as many records as the limit and none more`() throws {
        let most = [[UInt8]](repeating: [], count: RecordFrame.recordsMax)
        #expect(try RecordFrame.decode(RecordFrame.encode(most)).count == RecordFrame.recordsMax)
        var above = ByteWriter()
        above.count(RecordFrame.recordsMax + 1)
        for _ in 0...RecordFrame.recordsMax { RecordFrame.append([], to: &above) }
        #expect(throws: CodecError.invalid(offset: 0, what: "record count")) { try RecordFrame.decode(above.bytes) }
    }

    @Test func `the longest record fills a frame to its limit and a longer frame is refused`() throws {
        let longest = [UInt8](repeating: 7, count: RecordFrame.recordBytesMax)
        let frame = RecordFrame.encode([longest])
        #expect(frame.count <= RecordFrame.bytesMax)
        #expect(try RecordFrame.decode(frame) == [longest])
        let above = frame + [UInt8](repeating: 0, count: RecordFrame.bytesMax + 1 - frame.count)
        #expect(throws: CodecError.invalid(offset: 0, what: "frame length")) { try RecordFrame.decode(above) }
    }

    @Test func `damaged frames are refused or decoded, never trapped on`() {
        var random = SeededRandom(seed: 41)
        let frame = RecordFrame.encode(someRecords(6, &random))
        for _ in 0..<20_000 {
            var damaged = frame
            for _ in 0...random.below(3) { damaged[random.below(damaged.count)] = UInt8(random.below(256)) }
            if let records = try? RecordFrame.decode(damaged) {
                #expect(!records.isEmpty)
            }
        }
    }
}
