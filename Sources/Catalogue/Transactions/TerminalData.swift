// SPDX-License-Identifier: Apache-2.0

/// What a terminal says of itself in every request: the batch that it is in, and what it can ask a cardholder for.
public struct TerminalData: Hashable, Sendable {
    /// 1–999999.
    public var batch: UInt32
    public var support: StepUpSupport

    public static let batchMax: UInt32 = 999_999

    public init(batch: UInt32, support: StepUpSupport) {
        self.batch = batch
        self.support = support
    }

    /// The batch behind this one; 1 comes behind 999999.
    public static func batch(after batch: UInt32) -> UInt32 { batch >= batchMax ? 1 : batch + 1 }

    /// Six digits, then the letters of the announcement: `000042PCH`.
    public var text: String { decimal(UInt64(batch), digits: 6) + support.text }

    /// - Returns: nil unless the text begins with six digits that are not all 0.
    public init?(text: some StringProtocol) {
        var bytes = Array(text.utf8)[...]
        guard let number = takeDecimal(&bytes, digits: 6), number > 0 else { return nil }
        batch = UInt32(number)
        support = StepUpSupport(text: String(decoding: bytes, as: UTF8.self))
    }
}

/// A number as so many digits, zeros in front; a longer one loses its first digits.
func decimal(_ number: UInt64, digits: Int) -> String {
    var rest = number
    var characters = [UInt8](repeating: 0x30, count: digits)
    for place in characters.indices.reversed() {
        characters[place] = 0x30 + UInt8(rest % 10)
        rest /= 10
    }
    return String(decoding: characters, as: UTF8.self)
}

/// Takes so many digits off the front; nil, and nothing is taken, if there are not as many.
func takeDecimal(_ bytes: inout ArraySlice<UInt8>, digits: Int) -> UInt64? {
    let head = bytes.prefix(digits)
    guard head.count == digits, head.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
    bytes = bytes.dropFirst(digits)
    return head.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
}
