// SPDX-License-Identifier: Apache-2.0

/// The dynamic CVV of a contactless Visa card in stripe mode: a CVV under the card's own key, in which the transaction
/// counter takes the place of the first four digits of the PAN.
public enum DynamicCVV {
    /// The three digits of a value, each 0–9.
    ///
    /// - Parameter key: the card's key for dynamic CVVs.
    /// - Parameter counter: the application transaction counter as four digits, as the card puts it into the track.
    public static func value(
        key: borrowing ICCMasterKey, pan: PANDigits, expiry: ExpiryDigits, serviceCode: ServiceCode,
        counter: ExpiryDigits
    ) throws(CardCryptographyError) -> [UInt8] {
        guard pan.count >= 4 else { throw .digitCount(pan.count) }
        return CVV.digits(cvk: key.key, block: block(pan, expiry, serviceCode, counter), count: 3)
    }

    /// Whether the digits are the card's at that counter; in constant time.
    public static func verify(
        _ value: [UInt8], key: borrowing ICCMasterKey, pan: PANDigits, expiry: ExpiryDigits, serviceCode: ServiceCode,
        counter: ExpiryDigits
    ) -> Bool {
        guard value.count == 3, pan.count >= 4 else { return false }
        return constantTimeEquals(
            CVV.digits(cvk: key.key, block: block(pan, expiry, serviceCode, counter), count: 3), value)
    }

    private static func block(
        _ pan: PANDigits, _ expiry: ExpiryDigits, _ serviceCode: ServiceCode, _ counter: ExpiryDigits
    ) -> (first: UInt64, second: UInt64) {
        let rest = UInt128(4 * (pan.count - 4))
        let altered = pan.packed & (1 << rest - 1) | UInt128(counter.packed) << rest
        return CVV.block(altered, pan.count, expiry, serviceCode)
    }
}
