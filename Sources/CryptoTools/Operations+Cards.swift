// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension VectorRunner {
    /// Card verification values, and keys under variant LMKs.
    static let cardOperations: [VectorOperation] = [
        VectorOperation("cvv") { check throws(VectorFailure) in
            let cvk = try check.key("cvk")
            let pan = try check.pan()
            let (expiry, service) = (try fourDigits(check, "expiry"), try serviceCode(try check.text("service_code")))
            let count = try check.expected("value").utf8.count
            let value = try check.attempt { () throws(CardCryptographyError) in
                try CVV.value(
                    cvk: cvk, pan: pan, expiry: expiry, serviceCode: service, count: min(max(count, 1), 5))
            }
            expectDigits(&check, "value", value)
        },
        VectorOperation("cavv_cvd_method") { check throws(VectorFailure) in
            let cvk = try check.key("cvk")
            let pan = try check.pan()
            let number = try fourDigits(check, "unpredictable_number")
            let result = try serviceCode(try check.text("auth_result_code") + check.text("second_factor_code"))
            let value = try check.attempt { () throws(CardCryptographyError) in
                try CVV.cavv(cvk: cvk, pan: pan, unpredictableNumber: number, resultAndFactor: result)
            }
            expectDigits(&check, "value", value)
        },
        VectorOperation("amex_csc") { check throws(VectorFailure) in
            let key = try check.key("csck")
            let pan = try check.pan()
            let expiry = try fourDigits(check, "expiry")
            let service = check.has("service_code") ? try serviceCode(try check.text("service_code")) : nil
            let codes = try check.attempt { () throws(CardCryptographyError) in
                try CardSecurityCode(key: key, pan: pan, expiry: expiry, serviceCode: service)
            }
            for (name, code) in [("csc5", codes.five), ("csc4", codes.four), ("csc3", codes.three)] {
                expectDigits(&check, name, code)
                check.require(
                    CardSecurityCode.verify(code, key: key, pan: pan, expiry: expiry, serviceCode: service),
                    "\(name): not verified")
            }
        },
        VectorOperation("dcvv") { check throws(VectorFailure) in
            let key = try masterKey(check, "imk_dcvv", option: try option(check, "mk_derivation"))
            let pan = try check.pan()
            let (expiry, service) = (try fourDigits(check, "expiry"), try serviceCode(try check.text("service_code")))
            let counter = try fourDigits(check, "atc")
            let value = try check.attempt { () throws(CardCryptographyError) in
                try DynamicCVV.value(key: key, pan: pan, expiry: expiry, serviceCode: service, counter: counter)
            }
            expectDigits(&check, "value", value)
        },
        VectorOperation("cvc3") { check throws(VectorFailure) in
            let key = try masterKey(check, "imk_cvc3", option: try option(check, "mk_derivation"))
            check.expect("icc_key", key: key.key)
            let vector = try initializationVector(check, key)
            check.expect("ivcvc3", vector)
            let unpredictable = try number(check, "unpredictable_number")
            let transaction = try counter(check)
            let value = try check.attempt { () throws(CardCryptographyError) in
                try CVC3.value(
                    key: key, initializationVector: vector, unpredictableNumber: unpredictable,
                    transactionCounter: transaction)
            }
            for count in 3...5 { expectDigits(&check, "cvc3_\(count)digits", Array(value.suffix(count))) }
        },
        VectorOperation("encrypt_key_under_variant_lmk") { check throws(VectorFailure) in
            let pair = try check.key("lmk_pair")
            let key = try check.key("clear_key")
            let variant = try check.integer("variant")
            guard let scheme = VariantLMKScheme(rawValue: try check.text("scheme")) else {
                throw VectorFailure("unknown scheme")
            }
            let lmk = try check.attempt { () throws(VariantLMKError) in
                try VariantLMK(pair: pair, variant: variant)
            }
            let encrypted = try check.attempt { () throws(VariantLMKError) in
                try lmk.encrypt(key, scheme: scheme)
            }
            check.expect("key_under_lmk", encrypted)
            let back = try check.attempt { () throws(VariantLMKError) in
                try lmk.decrypt(encrypted, scheme: scheme)
            }
            check.require(back.equals(key.withOddParity()), "the key does not decrypt")
            let zeros = CipherCalculator.tdes(
                [UInt8](repeating: 0, count: 8), key: try tdesKey(check, "clear_key"), encrypting: true)
            check.expect("kcv", truncated: try check.unwrap(zeros, "no check value"), countMin: 1)
        },
    ]

    // MARK: - Steps

    private static func expectDigits(_ check: inout VectorCheck, _ name: String, _ digits: [UInt8]) {
        check.expect(name, text: digits.map { String($0) }.joined())
    }

    /// A static track in bytes or as packed digits with the separator D, or an IVCVC3 of two bytes itself.
    private static func initializationVector(
        _ check: VectorCheck, _ key: borrowing ICCMasterKey
    ) throws(VectorFailure) -> [UInt8] {
        if check.has("ivcvc3") { return try check.bytes("ivcvc3") }
        if check.has("track_data") { return CVC3.initializationVector(key: key, track: try check.bytes("track_data")) }
        let given = try check.bytes("track_data_or_ivcvc3")
        return given.count == 2 ? given : CVC3.initializationVector(key: key, track: given)
    }

    private static func fourDigits(_ check: VectorCheck, _ name: String) throws(VectorFailure) -> ExpiryDigits {
        try check.unwrap(ExpiryDigits(try check.text(name)), "input \"\(name)\" is not four digits")
    }

    private static func serviceCode(_ text: String) throws(VectorFailure) -> ServiceCode {
        guard let code = ServiceCode(text) else { throw VectorFailure("a service code has three digits") }
        return code
    }

    static func option(_ check: VectorCheck, _ name: String) throws(VectorFailure) -> MasterKeyOption {
        guard check.has(name) else { return .a }
        switch try check.text(name).uppercased() {
        case "A": return .a
        case "B": return .b
        case let text: throw VectorFailure("unknown master key option \"\(text)\"")
        }
    }

    static func masterKey(
        _ check: VectorCheck, _ name: String, option: MasterKeyOption
    ) throws(VectorFailure) -> ICCMasterKey {
        let issuer = try check.key(name)
        let pan = try check.pan()
        guard let sequence = PANSequenceNumber(check.has("psn") ? try check.text("psn") : "00") else {
            throw VectorFailure("a PAN sequence number has two digits")
        }
        return try check.attempt { () throws(CardCryptographyError) in
            try ICCMasterKey(issuerMasterKey: issuer, pan: pan, sequence: sequence, option: option)
        }
    }

    static func counter(_ check: VectorCheck) throws(VectorFailure) -> UInt16 {
        guard let counter = UInt16(exactly: try check.word("atc")) else {
            throw VectorFailure("a transaction counter has two bytes")
        }
        return counter
    }

    static func number(_ check: VectorCheck, _ name: String) throws(VectorFailure) -> UInt32 {
        guard let number = UInt32(exactly: try check.word(name)) else {
            throw VectorFailure("input \"\(name)\" has four bytes")
        }
        return number
    }
}
