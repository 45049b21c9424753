// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One frame: its length (4 bytes, of what follows), the number of the request (4), the kind (1), the body. Numbers are
/// big-endian. A reply has the number of its request.
public struct WireFrame: Equatable, Sendable {
    public var number: UInt32
    public var kind: UInt8
    public var body: [UInt8]

    public static let headerBytes = 9
    private static let lengthBytes = 4
    /// What a length may say: a number and a kind at least.
    private static let lengths = headerBytes - lengthBytes...WireLimits.frameBytes

    /// Whether the bytes begin with a whole frame, or with a length that is none.
    static func isReady(in bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count >= lengthBytes else { return false }
        let length = Int(word(bytes, bytes.startIndex))
        return !lengths.contains(length) || bytes.count >= lengthBytes + length
    }

    public init(number: UInt32, kind: UInt8, body: [UInt8]) {
        (self.number, self.kind, self.body) = (number, kind, body)
    }

    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headerBytes + body.count)
        Self.append(UInt32(Self.headerBytes - Self.lengthBytes + body.count), to: &bytes)
        Self.append(number, to: &bytes)
        bytes.append(kind)
        bytes += body
        return bytes
    }

    private static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    /// The frame that begins the bytes, and its length with its header.
    ///
    /// - Returns: nil while it is not whole.
    /// - Throws: `.frameLength`, as soon as the length is there.
    public static func first(in bytes: ArraySlice<UInt8>) throws(WireRefusal) -> (frame: WireFrame, count: Int)? {
        guard isReady(in: bytes) else { return nil }
        let start = bytes.startIndex
        let length = Int(word(bytes, start))
        guard lengths.contains(length) else { throw .frameLength }
        let frame = WireFrame(
            number: word(bytes, start + lengthBytes), kind: bytes[start + headerBytes - 1],
            body: Array(bytes[start + headerBytes..<start + lengthBytes + length]))
        return (frame, lengthBytes + length)
    }

    private static func word(_ bytes: ArraySlice<UInt8>, _ start: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[start + $1]) }
    }
}
