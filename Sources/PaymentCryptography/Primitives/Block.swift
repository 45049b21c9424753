// SPDX-License-Identifier: Apache-2.0

/// A 16-byte block as its two words in memory order; only XORed and copied, so that the byte order does not matter.
struct Block: Equatable {
    var first: UInt64
    var second: UInt64

    static let zero = Block(first: 0, second: 0)

    @inline(__always)
    init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }

    /// The 16 bytes at a pointer.
    @inline(__always)
    init(_ bytes: UnsafeRawPointer) {
        first = bytes.loadUnaligned(as: UInt64.self)
        second = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    }

    /// From two big-endian words.
    @inline(__always)
    init(high: UInt64, low: UInt64) { self.init(first: high.bigEndian, second: low.bigEndian) }

    var high: UInt64 { UInt64(bigEndian: first) }
    var low: UInt64 { UInt64(bigEndian: second) }
    var bytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }

    @inline(__always)
    static func ^ (left: Block, right: Block) -> Block {
        Block(first: left.first ^ right.first, second: left.second ^ right.second)
    }
}
