// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `A card verification value` {
    @Test(arguments: Vector.load("card_verification", "cvv"))
    func `CVV is the vector's, and is verified`(vector: Vector) throws {
        let cvk = try vector.key("cvk")
        let pan = try vector.pan()
        let expiry = try #require(ExpiryDigits(try vector.input("expiry")))
        let code = try #require(ServiceCode(try vector.input("service_code")))
        let value = try CVV.value(cvk: cvk, pan: pan, expiry: expiry, serviceCode: code)
        #expect(try digits(value) == vector.expected("value"))
        #expect(holds(CVV.verify(value, cvk: cvk, pan: pan, expiry: expiry, serviceCode: code)))
        for index in value.indices {
            var wrong = value
            wrong[index] = (wrong[index] + 1) % 10
            #expect(holds(!CVV.verify(wrong, cvk: cvk, pan: pan, expiry: expiry, serviceCode: code)))
        }
        #expect(holds(!CVV.verify(Array(value.prefix(2)), cvk: cvk, pan: pan, expiry: expiry, serviceCode: code)))
        #expect(holds(!CVV.verify([], cvk: cvk, pan: pan, expiry: expiry, serviceCode: code)))
    }

    @Test(arguments: Vector.load("card_verification", "cavv_cvd_method"))
    func `CAVV by the CVD method is the vector's`(vector: Vector) throws {
        let cvk = try vector.key("cvk")
        let pan = try vector.pan()
        let number = try #require(ExpiryDigits(try vector.input("unpredictable_number")))
        let codes = try #require(
            ServiceCode(try vector.input("auth_result_code") + vector.input("second_factor_code")))
        let value = try CVV.cavv(cvk: cvk, pan: pan, unpredictableNumber: number, resultAndFactor: codes)
        #expect(try digits(value) == vector.expected("value"))
        #expect(
            holds(CVV.verifyCAVV(value, cvk: cvk, pan: pan, unpredictableNumber: number, resultAndFactor: codes)))
    }

    @Test(arguments: Vector.load("card_verification", "dcvv"))
    func `dCVV is the vector's, and is verified`(vector: Vector) throws {
        let pan = try vector.pan()
        let sequence = try #require(PANSequenceNumber(try vector.input("psn")))
        let key = try ICCMasterKey(
            issuerMasterKey: try vector.key("imk_dcvv"), pan: pan, sequence: sequence,
            option: try vector.input("mk_derivation") == "A" ? .a : .b)
        let expiry = try #require(ExpiryDigits(try vector.input("expiry")))
        let code = try #require(ServiceCode(try vector.input("service_code")))
        let counter = try #require(ExpiryDigits(try vector.input("atc")))
        let value = try DynamicCVV.value(key: key, pan: pan, expiry: expiry, serviceCode: code, counter: counter)
        #expect(try digits(value) == vector.expected("value"))
        #expect(
            holds(DynamicCVV.verify(value, key: key, pan: pan, expiry: expiry, serviceCode: code, counter: counter)))
        let later = try #require(ExpiryDigits("3211"))
        #expect(
            holds(!DynamicCVV.verify(value, key: key, pan: pan, expiry: expiry, serviceCode: code, counter: later)))
    }

    @Test(arguments: Vector.load("card_verification", "cvc3"))
    func `CVC3 is the vector's, and is verified by its last digits`(vector: Vector) throws {
        let sequence = try #require(PANSequenceNumber(try vector.input("psn")))
        let key = try ICCMasterKey(
            issuerMasterKey: try vector.key("imk_cvc3"), pan: try vector.pan(), sequence: sequence, option: .a)
        if vector.hasExpected("icc_key") { #expect(try hex(key.key) == vector.expected("icc_key")) }
        let track = vector.json["inputs"]?["track_data"] != nil ? "track_data" : "track_data_or_ivcvc3"
        let bytes = try #require(Hex.bytes(try vector.input(track)))
        let start = bytes.count == 2 ? bytes : CVC3.initializationVector(key: key, track: bytes)
        #expect(try Hex.text(start) == vector.expected("ivcvc3"))
        let counter = try #require(UInt16(try vector.input("atc"), radix: 16))
        let number = try #require(UInt32(try vector.input("unpredictable_number"), radix: 16))
        let value = try CVC3.value(
            key: key, initializationVector: start, unpredictableNumber: number, transactionCounter: counter)
        #expect(try digits(value) == vector.expected("cvc3_5digits"))
        for count in 3...5 {
            #expect(
                holds(
                    CVC3.verify(
                        Array(value.suffix(count)), key: key, initializationVector: start,
                        unpredictableNumber: number, transactionCounter: counter)))
        }
        #expect(
            holds(
                !CVC3.verify(
                    value, key: key, initializationVector: start, unpredictableNumber: number,
                    transactionCounter: counter ^ 1)))
        #expect(
            holds(
                !CVC3.verify(
                    Array(value.suffix(2)), key: key, initializationVector: start, unpredictableNumber: number,
                    transactionCounter: counter)))
    }

    @Test func `with a key that is not of double length is an error, and never verified`() throws {
        let pan = try #require(PANDigits("4111111111111111"))
        let expiry = try #require(ExpiryDigits("2812"))
        for count in [8, 24, 32] {
            #expect(throws: CardCryptographyError.keyLength(count)) {
                try CVV.value(cvk: .random(count: count), pan: pan, expiry: expiry, serviceCode: .printed)
            }
            #expect(
                holds(
                    !CVV.verify(
                        [1, 2, 3], cvk: .random(count: count), pan: pan, expiry: expiry, serviceCode: .printed)))
        }
        for count in [0, 17] {
            #expect(throws: CardCryptographyError.digitCount(count)) {
                try CVV.value(
                    cvk: .random(count: 16), pan: pan, expiry: expiry, serviceCode: .printed, count: count)
            }
        }
    }

    @Test func `has decimal digits first and then the letters, as far as they go`() throws {
        // CVV over all lengths: every value is a prefix of the longer one.
        let pan = try #require(PANDigits("5413330089010442"))
        let expiry = try #require(ExpiryDigits("2512"))
        let cvk = SecretKey.random(count: 16)
        let longest = try CVV.value(cvk: cvk, pan: pan, expiry: expiry, serviceCode: .chip, count: 16)
        #expect(longest.allSatisfy { $0 <= 9 })
        for count in 1...16 {
            let value = try CVV.value(cvk: cvk, pan: pan, expiry: expiry, serviceCode: .chip, count: count)
            #expect(value == Array(longest.prefix(count)))
        }
    }

    @Test(arguments: ["", "123", "12345", "12a4", "１２３４", "-123"])
    func `takes digits only, in their number`(text: String) {
        #expect(ExpiryDigits(text) == nil)
        #expect(text == "123" || ServiceCode(text) == nil)
        #expect(PANSequenceNumber(text) == nil)
    }
}

@Test func `The vector files of cards count what they say`() {
    for (file, count) in [("card_verification", 22), ("emv", 32), ("variant_lmk", 12)] {
        #expect(Vector.load(file).count == count, "\(file)")
    }
    #expect(Vector.load("sm_unionpay", "unionpay_mac_ecb").count == 6)
}
