// SPDX-License-Identifier: Apache-2.0

/// The card verification value of Visa, the card validation code of Mastercard: CVV/CVC of the stripe, CVV2/CVC2 with
/// `ServiceCode.printed`, iCVV/Chip CVC with `ServiceCode.chip`, and the CAVV of 3-D Secure that is made the same way.
public enum CVV {
    /// The digits of a value, each 0–9.
    ///
    /// - Parameter cvk: the card verification key pair, 16 bytes.
    /// - Parameter count: 3 as every scheme uses it; 1 to 16 can be had.
    public static func value(
        cvk: borrowing SecretKey, pan: PANDigits, expiry: ExpiryDigits, serviceCode: ServiceCode, count: Int = 3
    ) throws(CardCryptographyError) -> [UInt8] {
        try cvk.requireDoubleLength()
        guard (1...16).contains(count) else { throw .digitCount(count) }
        return digits(cvk: cvk, block: block(pan.packed, pan.count, expiry, serviceCode), count: count)
    }

    /// Whether the digits are the card's; in constant time. False for anything that has no value at all.
    public static func verify(
        _ value: [UInt8], cvk: borrowing SecretKey, pan: PANDigits, expiry: ExpiryDigits, serviceCode: ServiceCode
    ) -> Bool {
        guard value.count == 3, cvk.count == 16 else { return false }
        let block = block(pan.packed, pan.count, expiry, serviceCode)
        return constantTimeEquals(digits(cvk: cvk, block: block, count: 3), value)
    }

    /// The digits of a cardholder authentication verification value by the CVD method: an unpredictable number takes
    /// the place of the expiry date, and authentication result code and second factor code that of the service code.
    ///
    /// - Parameter unpredictableNumber: four digits.
    /// - Parameter resultAndFactor: the result code's digit, then the two of the second factor code.
    public static func cavv(
        cvk: borrowing SecretKey, pan: PANDigits, unpredictableNumber: ExpiryDigits, resultAndFactor: ServiceCode
    ) throws(CardCryptographyError) -> [UInt8] {
        try value(cvk: cvk, pan: pan, expiry: unpredictableNumber, serviceCode: resultAndFactor)
    }

    /// Whether the digits are the authentication's; in constant time.
    public static func verifyCAVV(
        _ value: [UInt8], cvk: borrowing SecretKey, pan: PANDigits, unpredictableNumber: ExpiryDigits,
        resultAndFactor: ServiceCode
    ) -> Bool {
        verify(value, cvk: cvk, pan: pan, expiry: unpredictableNumber, serviceCode: resultAndFactor)
    }

    /// PAN, expiry and service code from the left, then zeros: 32 digits in two words.
    static func block(
        _ pan: UInt128, _ panCount: Int, _ expiry: ExpiryDigits, _ serviceCode: ServiceCode
    ) -> (first: UInt64, second: UInt64) {
        let digits = pan << 28 | UInt128(expiry.packed) << 12 | UInt128(serviceCode.packed)
        let aligned = digits << UInt128(4 * (32 - panCount - 7))
        return (UInt64(truncatingIfNeeded: aligned >> 64), UInt64(truncatingIfNeeded: aligned))
    }

    /// The first word by single DES, then the second by E-D-E.
    static func digits(cvk: borrowing SecretKey, block: (first: UInt64, second: UInt64), count: Int) -> [UInt8] {
        let cipher = cvk.withBytes { key in
            TripleDES.with(key: key) { $0.encrypt($0.encryptSingle(block.first) ^ block.second) }
        }
        return TwoPassDecimalization.digits(cipher, count: count)
    }
}
