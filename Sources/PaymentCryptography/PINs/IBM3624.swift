// SPDX-License-Identifier: Apache-2.0

/// PIN verification by IBM 3624 offset. It covers every digit of the PIN.
public enum IBM3624 {
    /// The offset: as many digits as the PIN has, each of value 0–9.
    ///
    /// - Parameter pvk: the PIN verification key, 16 or 24 bytes.
    public static func offset(
        pvk: borrowing SecretKey, validationData: PINValidationData, table: DecimalizationTable,
        pin: borrowing ClearPIN
    ) -> [UInt8] {
        let natural = naturalDigits(pvk, validationData, table)
        var offset: [UInt8] = []
        offset.reserveCapacity(pin.count)
        for index in 0..<pin.count {
            let digit = Mask.sumOfDigits(pin.digit(index), 10 &- nibble(natural, index))
            offset.append(UInt8(truncatingIfNeeded: digit))
        }
        return offset
    }

    /// As above, with the validation data made of the PAN.
    public static func offset(
        pvk: borrowing SecretKey, pan: PANDigits, table: DecimalizationTable, pin: borrowing ClearPIN
    ) -> [UInt8] {
        offset(pvk: pvk, validationData: PINValidationData(pan: pan), table: table, pin: pin)
    }

    /// Whether the offset is the PIN's, in constant time and in full: a PIN of another length than the offset fails.
    public static func verify(
        _ offset: [UInt8], pvk: borrowing SecretKey, validationData: PINValidationData, table: DecimalizationTable,
        pin: borrowing ClearPIN
    ) -> Bool {
        guard (ClearPIN.countMin...ClearPIN.countMax).contains(offset.count), offset.allSatisfy({ $0 <= 9 }) else {
            return false
        }
        let natural = naturalDigits(pvk, validationData, table)
        var wrong = Mask.differs(UInt64(pin.count), UInt64(offset.count))
        for index in 0..<offset.count {
            let expected = Mask.sumOfDigits(nibble(natural, index), UInt64(offset[index]))
            wrong |= Mask.differs(expected, pin.digit(index))
        }
        return wrong == 0
    }

    /// As above, with the validation data made of the PAN.
    public static func verify(
        _ offset: [UInt8], pvk: borrowing SecretKey, pan: PANDigits, table: DecimalizationTable, pin: borrowing ClearPIN
    ) -> Bool {
        verify(offset, pvk: pvk, validationData: PINValidationData(pan: pan), table: table, pin: pin)
    }

    /// The PIN that the key gives the card: the first `count` digits, offset zero.
    public static func naturalPIN(
        pvk: borrowing SecretKey, validationData: PINValidationData, table: DecimalizationTable, count: Int
    ) -> ClearPIN {
        precondition((ClearPIN.countMin...ClearPIN.countMax).contains(count), "a PIN has 4 to 12 digits")
        let natural = naturalDigits(pvk, validationData, table)
        return ClearPIN { block in
            block[0] = UInt8(count)
            for index in 0..<count { block[index + 1] = UInt8(truncatingIfNeeded: nibble(natural, index)) }
        }
    }

    /// The PIN that an offset stands for: natural PIN plus offset, digit by digit, as an issuer makes it for a mailer.
    ///
    /// - Parameter offset: each 0–9, as many as the PIN has.
    /// - Returns: nil for fewer than 4 or more than 12 digits of offset, or anything but digits.
    public static func pin(
        pvk: borrowing SecretKey, validationData: PINValidationData, table: DecimalizationTable, offset: [UInt8]
    ) -> ClearPIN? {
        guard (ClearPIN.countMin...ClearPIN.countMax).contains(offset.count), offset.allSatisfy({ $0 <= 9 }) else {
            return nil
        }
        let natural = naturalDigits(pvk, validationData, table)
        return ClearPIN { block in
            block[0] = UInt8(offset.count)
            for index in offset.indices {
                block[index + 1] = UInt8(
                    truncatingIfNeeded: Mask.sumOfDigits(nibble(natural, index), UInt64(offset[index])))
            }
        }
    }

    /// Sixteen decimal digits, a nibble each.
    private static func naturalDigits(
        _ pvk: borrowing SecretKey, _ data: PINValidationData, _ table: DecimalizationTable
    ) -> UInt64 {
        let cipher = pvk.withBytes { key in TripleDES.with(key: key) { $0.encrypt(data.packed) } }
        var digits: UInt64 = 0
        for place in 0..<16 { digits = digits << 4 | table.digit((cipher >> UInt64(60 - 4 * place)) & 15) }
        return digits
    }

    @inline(__always)
    private static func nibble(_ word: UInt64, _ index: Int) -> UInt64 { (word >> UInt64(60 - 4 * index)) & 15 }
}
