// SPDX-License-Identifier: Apache-2.0

/// The Visa PIN verification value (ABA method): four digits that cover the first four of the PIN only.
public enum VisaPVV {
    /// The four digits, each of value 0–9.
    ///
    /// - Parameter pvk: the PIN verification key pair, 16 bytes.
    /// - Parameter pvki: the key index, 0–6.
    public static func value(pvk: borrowing SecretKey, pan: PANDigits, pvki: UInt8, pin: borrowing ClearPIN) -> [UInt8]
    {
        precondition(pvki <= 6, "a PIN verification key index is 0 to 6")
        // Transformed security parameter: eleven PAN digits before the check digit, the index, four PIN digits.
        var parameter = pan.rightmost(11) << 20 | UInt64(pvki) << 16
        for index in 0..<4 { parameter |= pin.digit(index) << UInt64(12 - 4 * index) }
        let input = parameter
        let cipher = pvk.withBytes { key in TripleDES.with(key: key) { $0.encrypt(input) } }
        return decimalized(cipher)
    }

    /// Whether the value is the PIN's; in constant time.
    public static func verify(
        _ value: [UInt8], pvk: borrowing SecretKey, pan: PANDigits, pvki: UInt8, pin: borrowing ClearPIN
    ) -> Bool {
        guard pvki <= 6 else { return false }
        return constantTimeEquals(self.value(pvk: pvk, pan: pan, pvki: pvki, pin: pin), value)
    }

    /// The first four decimal digits from the left; when there are fewer, the letters A–F follow as 0–5.
    private static func decimalized(_ cipher: UInt64) -> [UInt8] {
        var digits: UInt64 = 0
        var found: UInt64 = 0
        for pass in 0..<2 {
            for place in 0..<16 {
                let nibble = (cipher >> UInt64(60 - 4 * place)) & 15
                let decimal = Mask.less(nibble, 10)
                let wanted = (pass == 0 ? decimal : ~decimal) & Mask.less(found, 4)
                let digit = nibble &- (10 & ~decimal)
                digits |= (digit & wanted) << (12 &- 4 &* (found & 3))
                found &+= wanted & 1
            }
        }
        return (0..<4).map { UInt8(truncatingIfNeeded: digits >> UInt64(12 - 4 * $0)) & 15 }
    }
}
