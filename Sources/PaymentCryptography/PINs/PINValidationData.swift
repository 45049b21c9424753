// SPDX-License-Identifier: Apache-2.0

/// What IBM 3624 encrypts to make the natural PIN: sixteen hexadecimal digits that belong to the card.
public struct PINValidationData: Hashable, Sendable {
    let packed: UInt64

    /// The twelve digits of the PAN before its check digit, then `FFFF`.
    public init(pan: PANDigits) { packed = pan.rightmost(12) << 16 | 0xFFFF }

    /// - Returns: nil unless sixteen hexadecimal digits.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == 16, hex.utf8.first != UInt8(ascii: "+"), let packed = UInt64(hex, radix: 16) else {
            return nil
        }
        self.packed = packed
    }
}
