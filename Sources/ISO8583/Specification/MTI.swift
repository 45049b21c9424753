// SPDX-License-Identifier: Apache-2.0

/// A message type identifier (ISO 8583:1987 4.1): four decimal digits, packed as they read, so that 0200 is `0x0200`.
public struct MTI: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Four packed decimal digits.
    public let rawValue: UInt16

    /// - Returns: nil unless each half byte is a decimal digit.
    public init?(rawValue: UInt16) {
        for shift: UInt16 in [12, 8, 4, 0] where rawValue >> shift & 15 > 9 { return nil }
        self.rawValue = rawValue
    }

    /// - Returns: nil unless the text is four decimal digits.
    public init?(_ text: some StringProtocol) {
        var value: UInt16 = 0
        guard text.utf8.count == 4 else { return nil }
        for byte in text.utf8 {
            guard byte &- 0x30 <= 9 else { return nil }
            value = value << 4 | UInt16(byte - 0x30)
        }
        rawValue = value
    }

    init(unchecked rawValue: UInt16) { self.rawValue = rawValue }

    /// 0100
    public static let authorisationRequest = MTI(unchecked: 0x0100)
    /// 0101
    public static let authorisationRepeat = MTI(unchecked: 0x0101)
    /// 0110
    public static let authorisationResponse = MTI(unchecked: 0x0110)
    /// 0120
    public static let authorisationAdvice = MTI(unchecked: 0x0120)
    /// 0121
    public static let authorisationAdviceRepeat = MTI(unchecked: 0x0121)
    /// 0130
    public static let authorisationAdviceResponse = MTI(unchecked: 0x0130)
    /// 0200
    public static let financialRequest = MTI(unchecked: 0x0200)
    /// 0201
    public static let financialRepeat = MTI(unchecked: 0x0201)
    /// 0210
    public static let financialResponse = MTI(unchecked: 0x0210)
    /// 0220
    public static let financialAdvice = MTI(unchecked: 0x0220)
    /// 0221
    public static let financialAdviceRepeat = MTI(unchecked: 0x0221)
    /// 0230
    public static let financialAdviceResponse = MTI(unchecked: 0x0230)
    /// 0320
    public static let batchUpload = MTI(unchecked: 0x0320)
    /// 0321
    public static let batchUploadRepeat = MTI(unchecked: 0x0321)
    /// 0330
    public static let batchUploadResponse = MTI(unchecked: 0x0330)
    /// 0400
    public static let reversalRequest = MTI(unchecked: 0x0400)
    /// 0401
    public static let reversalRepeat = MTI(unchecked: 0x0401)
    /// 0410
    public static let reversalResponse = MTI(unchecked: 0x0410)
    /// 0420
    public static let reversalAdvice = MTI(unchecked: 0x0420)
    /// 0421
    public static let reversalAdviceRepeat = MTI(unchecked: 0x0421)
    /// 0430
    public static let reversalAdviceResponse = MTI(unchecked: 0x0430)
    /// 0500
    public static let settlementRequest = MTI(unchecked: 0x0500)
    /// 0501
    public static let settlementRepeat = MTI(unchecked: 0x0501)
    /// 0510
    public static let settlementResponse = MTI(unchecked: 0x0510)
    /// 0620
    public static let administrativeAdvice = MTI(unchecked: 0x0620)
    /// 0621
    public static let administrativeAdviceRepeat = MTI(unchecked: 0x0621)
    /// 0630
    public static let administrativeAdviceResponse = MTI(unchecked: 0x0630)
    /// 0800
    public static let networkRequest = MTI(unchecked: 0x0800)
    /// 0801
    public static let networkRepeat = MTI(unchecked: 0x0801)
    /// 0810
    public static let networkResponse = MTI(unchecked: 0x0810)

    /// Whether the message answers another: its third digit is odd.
    public var isResponse: Bool { rawValue & 0x0010 != 0 }
    /// Whether the message repeats one sent before: its last digit is odd.
    public var isRepeat: Bool { rawValue & 1 != 0 }
    /// The type that answers this one, first or repeated: 0400 and 0401 both give 0410. A response gives itself.
    public var response: MTI { isResponse ? self : MTI(unchecked: (rawValue | 0x0010) & ~1) }
    /// The type of the same message sent once more: 0400 gives 0401. A response gives itself.
    public var repeated: MTI { isResponse ? self : MTI(unchecked: rawValue | 1) }

    /// Four digits.
    public var description: String {
        String(decoding: (0..<4).map { UInt8(rawValue >> UInt16(12 - 4 * $0) & 15) + 0x30 }, as: UTF8.self)
    }
    public static func < (left: MTI, right: MTI) -> Bool { left.rawValue < right.rawValue }
}
