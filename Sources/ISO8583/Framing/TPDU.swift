// SPDX-License-Identifier: Apache-2.0

/// The five packed bytes by which concentrators route a terminal's message: `60`, where to, where from.
public struct TPDU: Hashable, Sendable {
    /// Bytes on the stream.
    public static let count = 5

    /// `0x60` for transactions.
    public var id: UInt8
    /// Four packed digits; the network international identifier in a terminal's message.
    public var destination: UInt16
    /// Four packed digits.
    public var source: UInt16

    public init(id: UInt8 = 0x60, destination: UInt16, source: UInt16) {
        self.id = id
        self.destination = destination
        self.source = source
    }

    /// - Returns: nil unless there are five bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.count else { return nil }
        let five = Array(bytes)
        self.init(
            id: five[0], destination: UInt16(five[1]) << 8 | UInt16(five[2]),
            source: UInt16(five[3]) << 8 | UInt16(five[4]))
    }

    /// As it stands on the stream.
    public var bytes: [UInt8] {
        [
            id, UInt8(destination >> 8), UInt8(truncatingIfNeeded: destination), UInt8(source >> 8),
            UInt8(truncatingIfNeeded: source),
        ]
    }

    /// The one of the answer, which goes back where the message came from.
    public var answer: TPDU { TPDU(id: id, destination: source, source: destination) }
}
