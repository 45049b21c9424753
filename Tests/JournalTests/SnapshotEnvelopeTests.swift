// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Journal

struct SnapshotEnvelopeTests {
    static let golden = SnapshotEnvelope(
        version: 7, sequence: 1_000, chain: Chain.genesis, state: Array("state".utf8))

    @Test func `the golden snapshot of format 1 decodes for ever and is written so`() throws {
        let bytes = try goldenBytes("snapshot-1.hex")
        #expect(try SnapshotEnvelope.decode(bytes) == Self.golden)
        #expect(Self.golden.encode() == bytes)
        #expect(Self.golden.head == JournalHead(next: 1_001, chain: Chain.genesis))
    }

    @Test func `an empty state of an empty journal comes back`() throws {
        let empty = SnapshotEnvelope(version: 1, sequence: 0, chain: Chain.genesis, state: [])
        #expect(try SnapshotEnvelope.decode(empty.encode()) == empty)
        #expect(empty.head == .genesis)
    }

    @Test func `a change of any bit is found`() {
        let bytes = Self.golden.encode()
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: SnapshotError.self, "bit \(bit)") { try SnapshotEnvelope.decode(damaged) }
        }
    }

    @Test func `a snapshot cut anywhere, or longer, is found`() {
        let bytes = Self.golden.encode()
        for length in 0..<bytes.count {
            #expect(throws: SnapshotError.self, "cut at \(length)") {
                try SnapshotEnvelope.decode(Array(bytes[..<length]))
            }
        }
        #expect(throws: SnapshotError.length(expected: UInt64(bytes.count), found: bytes.count + 1)) {
            try SnapshotEnvelope.decode(bytes + [0])
        }
    }

    @Test func `the errors tell other files, other formats and damage apart`() {
        var bytes = Self.golden.encode()
        #expect(throws: SnapshotError.notASnapshot) { try SnapshotEnvelope.decode([UInt8](repeating: 0, count: 200)) }
        bytes[20] ^= 1
        #expect(throws: SnapshotError.damaged) { try SnapshotEnvelope.decode(bytes) }
        bytes[8] = 2
        #expect(throws: SnapshotError.unknownFormat(2)) { try SnapshotEnvelope.decode(bytes) }
    }
}
