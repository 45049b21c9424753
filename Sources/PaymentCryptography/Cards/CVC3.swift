// SPDX-License-Identifier: Apache-2.0

/// The dynamic CVC3 of a contactless Mastercard in stripe mode.
public enum CVC3 {
    /// The IVCVC3: what stands for the track, two bytes.
    ///
    /// - Parameter key: the card's key for CVC3.
    /// - Parameter track: the static part of track 1 (text) or track 2 (packed), in bytes.
    public static func initializationVector(key: borrowing ICCMasterKey, track: [UInt8]) -> [UInt8] {
        Array(RetailMAC.code(key: key.key, message: track, padding: .method2).suffix(2))
    }

    /// The five digits of a value, each 0–9; the track carries the last three or four of them.
    ///
    /// - Parameter initializationVector: IVCVC3, two bytes.
    public static func value(
        key: borrowing ICCMasterKey, initializationVector: [UInt8], unpredictableNumber: UInt32,
        transactionCounter: UInt16
    ) throws(CardCryptographyError) -> [UInt8] {
        try CardField.initializationVectorCVC3.check(initializationVector)
        return digits(key, initializationVector, unpredictableNumber, transactionCounter)
    }

    /// Whether the last three to five digits of a value are the card's; in constant time.
    public static func verify(
        _ value: [UInt8], key: borrowing ICCMasterKey, initializationVector: [UInt8], unpredictableNumber: UInt32,
        transactionCounter: UInt16
    ) -> Bool {
        guard (3...5).contains(value.count), initializationVector.count == 2 else { return false }
        let digits = digits(key, initializationVector, unpredictableNumber, transactionCounter)
        return constantTimeEquals(Array(digits.suffix(value.count)), value)
    }

    private static func digits(
        _ key: borrowing ICCMasterKey, _ vector: [UInt8], _ unpredictableNumber: UInt32, _ counter: UInt16
    ) -> [UInt8] {
        let block =
            UInt64(vector[0]) << 56 | UInt64(vector[1]) << 48 | UInt64(unpredictableNumber) << 16 | UInt64(counter)
        var rest = key.key.withBytes { key in TripleDES.with(key: key) { $0.encrypt(block) } } & 0xFFFF
        var digits: [UInt8] = [0, 0, 0, 0, 0]
        for place in digits.indices.reversed() {
            digits[place] = UInt8(rest % 10)
            rest /= 10
        }
        return digits
    }
}
