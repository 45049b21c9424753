// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `PIN verification` {
    @Test(arguments: Vector.load("pin_verification", "visa_pvv"))
    func `by Visa PVV gives the vector's value and refuses every other`(vector: Vector) throws {
        let pvk = try vector.key("pvk")
        let pan = try vector.pan()
        let pvki = try #require(UInt8(try vector.input("pvki")))
        let pin = try vector.pin(try vector.input("pin"))
        let value = VisaPVV.value(pvk: pvk, pan: pan, pvki: pvki, pin: pin)
        #expect(try digits(value) == vector.expected("pvv"))
        #expect(holds(VisaPVV.verify(value, pvk: pvk, pan: pan, pvki: pvki, pin: pin)))
        for place in 0..<4 {
            var other = value
            other[place] = (other[place] + 1) % 10
            #expect(holds(!VisaPVV.verify(other, pvk: pvk, pan: pan, pvki: pvki, pin: pin)))
        }
        #expect(holds(!VisaPVV.verify(Array(value.prefix(3)), pvk: pvk, pan: pan, pvki: pvki, pin: pin)))
        #expect(holds(!VisaPVV.verify([], pvk: pvk, pan: pan, pvki: pvki, pin: pin)))
        #expect(holds(!VisaPVV.verify(value, pvk: pvk, pan: pan, pvki: 7, pin: pin)))
    }

    @Test(arguments: Vector.load("pin_verification", "ibm3624"))
    func `by IBM 3624 gives the vector's offset and natural PIN`(vector: Vector) throws {
        let pvk = try vector.key("pvk")
        let table = try #require(DecimalizationTable(unregistered: try vector.input("decimalization_table")))
        let data = try #require(PINValidationData(hex: try vector.input("validation_data")))
        let pin = try vector.pin(try vector.expected("pin"))
        let offset = IBM3624.offset(pvk: pvk, validationData: data, table: table, pin: pin)
        #expect(try digits(offset) == vector.input("offset"))
        #expect(holds(IBM3624.verify(offset, pvk: pvk, validationData: data, table: table, pin: pin)))
        let natural = IBM3624.naturalPIN(pvk: pvk, validationData: data, table: table, count: pin.count)
        #expect(holds(natural.equals(try vector.pin(try vector.expected("natural_pin")))))
    }

    @Test(arguments: 4...12)
    func `by IBM 3624 covers every digit`(count: Int) throws {
        let pvk = SecretKey.random(count: 16)
        let pan = try #require(PANDigits("4111111111111111"))
        let text = String("135792468013".prefix(count))
        let pin = try require(makePIN(text))
        let offset = IBM3624.offset(pvk: pvk, pan: pan, table: .standard, pin: pin)
        #expect(offset.count == count)
        #expect(holds(IBM3624.verify(offset, pvk: pvk, pan: pan, table: .standard, pin: pin)))
        for place in 0..<count {
            var wrong = digitValues(text)
            wrong[place] = (wrong[place] + 1) % 10
            let other = try require(makePIN(digits(wrong)))
            #expect(holds(!IBM3624.verify(offset, pvk: pvk, pan: pan, table: .standard, pin: other)), "place \(place)")
        }
        if count < 12 {
            let longer = try require(makePIN(text + "0"))
            #expect(holds(!IBM3624.verify(offset, pvk: pvk, pan: pan, table: .standard, pin: longer)))
            #expect(holds(!IBM3624.verify(offset + [0], pvk: pvk, pan: pan, table: .standard, pin: pin)))
        }
        #expect(holds(!IBM3624.verify([], pvk: pvk, pan: pan, table: .standard, pin: pin)))
        #expect(holds(!IBM3624.verify([10] + offset.dropFirst(), pvk: pvk, pan: pan, table: .standard, pin: pin)))
    }

    @Test(arguments: [
        ("0000000000000000", DecimalizationTableError.weak), ("0123456701234567", nil), ("0123456012345601", .weak),
        ("0000012345678912", .weak), ("0000123456789123", nil), ("012345678901234", .notSixteenDigits),
        ("01234567890123456", .notSixteenDigits), ("012345678901234A", .notSixteenDigits),
    ])
    func `takes no weak decimalization table`(digits: String, error: DecimalizationTableError?) {
        do throws(DecimalizationTableError) {
            _ = try DecimalizationTable(digits)
            #expect(error == nil)
        } catch { #expect(error == error) }
        #expect((try? DecimalizationTable(digits)) == nil ? error != nil : error == nil)
    }

    @Test func `takes validation data of sixteen hexadecimal digits, or from the PAN`() throws {
        #expect(PINValidationData(hex: "123456789012345") == nil)
        #expect(PINValidationData(hex: "123456789012345G") == nil)
        #expect(PINValidationData(hex: "+123456789012345") == nil)
        let pan = try #require(PANDigits("4111222233334444"))
        #expect(PINValidationData(pan: pan) == PINValidationData(hex: "122223333444FFFF"))
    }
}
