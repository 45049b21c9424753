// SPDX-License-Identifier: Apache-2.0

/// DE 39, response code: two characters, letters or digits. One word, so that comparing it never touches a `String`.
public struct ResponseCode: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first character above, the second below.
    public let packed: UInt16

    /// `00`.
    public static let approved = ResponseCode(packed: 0x3030)

    private init(packed: UInt16) { self.packed = packed }

    /// - Returns: nil for anything but two ASCII letters or digits.
    public init?(ascii bytes: some Sequence<UInt8>) {
        var packed: UInt16 = 0
        var count = 0
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: packed = packed << 8 | UInt16(byte)
            default: return nil
            }
            count += 1
            guard count <= 2 else { return nil }
        }
        guard count == 2 else { return nil }
        self.init(packed: packed)
    }

    /// - Returns: nil for anything but two ASCII letters or digits.
    public init?(_ text: some StringProtocol) { self.init(ascii: text.utf8) }

    /// The two characters as they stand in the message.
    public var bytes: [UInt8] { [UInt8(packed >> 8), UInt8(truncatingIfNeeded: packed)] }
    /// The two characters as text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
    /// In the order of the characters.
    public static func < (left: ResponseCode, right: ResponseCode) -> Bool { left.packed < right.packed }
}
