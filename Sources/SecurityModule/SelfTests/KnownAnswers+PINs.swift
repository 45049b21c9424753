// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension KnownAnswers {
    /// A PIN block under the TDES key of X9.24's examples.
    static func encrypted(_ digits: StaticString, _ format: PINBlockFormat) -> [UInt8] {
        guard let key = SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210"), let pan = PANDigits("5555555551234567"),
            let pin = ClearPIN(digits: digits)
        else { return [] }
        return PINBlock.encrypt(pin, pan: pan, format: format, key: key)
    }

    /// Whether a block under that key holds the PIN.
    static func holds(_ block: String, _ digits: StaticString, _ format: PINBlockFormat) -> [UInt8] {
        guard let key = SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210"), let pan = PANDigits("5555555551234567"),
            let bytes = Hex.bytes(block), let expected = ClearPIN(digits: digits),
            let pin = try? PINBlock.decrypt(bytes, pan: pan, format: format, key: key)
        else { return [] }
        return [pin.equals(expected) ? 1 : 0]
    }

    static func format4() -> [UInt8] {
        guard let key = SecretKey(hex: "C1D0F8FB4958670DBA40AB1F3752EF0D"), let pan = PANDigits("432198765432109870"),
            let block = Hex.bytes("CC17F65586BFD0953010226C4FC5B3CA"), let expected = ClearPIN(digits: "1234"),
            let pin = try? PINBlock.decrypt(block, pan: pan, format: .format4, key: key)
        else { return [] }
        return [pin.equals(expected) ? 1 : 0]
    }

    static func pinSM4() -> [UInt8] {
        guard let master = SecretKey(hex: "1234567890ABCDEFABCDEF0987654321"),
            let pan = PANDigits("6230606601007726888"),
            let wrapped = Hex.bytes("3D66234C49E4296FF9C78D8BACBD6A76"), let pin = ClearPIN(digits: "123654"),
            let clear = try? SM4.decryptECB(wrapped, key: master)
        else { return [] }
        let key = SecretKey(count: clear.count) { $0.copyBytes(from: clear) }
        let block = PINBlock.encryptSM4(pin, pan: pan, key: key)
        return (try? SM4.decryptECB(block, key: key)) ?? []
    }

    static func ibm3624() -> [UInt8] {
        guard let key = SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210"), let pin = ClearPIN(digits: "5635"),
            let data = PINValidationData(hex: "1122334455667788"),
            let table = try? DecimalizationTable("1234567890123456")
        else { return [] }
        return IBM3624.offset(pvk: key, validationData: data, table: table, pin: pin)
    }

    static func visaPVV() -> [UInt8] {
        guard let key = SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210"), let pan = PANDigits("1122334455667788"),
            let pin = ClearPIN(digits: "1912")
        else { return [] }
        return VisaPVV.value(pvk: key, pan: pan, pvki: 2, pin: pin)
    }
}
