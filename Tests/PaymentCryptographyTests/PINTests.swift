// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `A PIN block` {
    private func word(_ text: String) throws -> UInt64 { try #require(UInt64(text, radix: 16)) }

    @Test(arguments: Vector.load("pin_blocks", "iso9564_format0"))
    func `of format 0 is the vector's`(vector: Vector) throws {
        let pin = try vector.pin(try vector.input("pin"))
        let block = PINBlock.field(pin, pan: try vector.pan(), format: .format0)
        #expect(try block == word(vector.expected("block")))
        #expect(try holds(PINBlock.pin(block, pan: vector.pan(), format: .format0).equals(pin)))
    }

    @Test(arguments: Vector.load("pin_blocks", "iso9564_format0_tdes"))
    func `of format 0 under TDES is the vector's`(vector: Vector) throws {
        let pin = try vector.pin(try vector.input("pin"))
        let block = PINBlock.encrypt(pin, pan: try vector.pan(), format: .format0, key: try vector.key("key"))
        #expect(try Hex.text(block) == vector.expected("encrypted_block"))
        let back = try PINBlock.decrypt(block, pan: vector.pan(), format: .format0, key: vector.key("key"))
        #expect(holds(back.equals(pin)))
    }

    @Test(arguments: Vector.load("pin_blocks", "iso9564_format1"))
    func `of format 1 takes its fill digits`(vector: Vector) throws {
        let text = try vector.input("pin")
        let fill = try word(vector.input("fill_digits"))
        let block = PINBlock.field(
            try vector.pin(text), pan: try #require(PANDigits("00000000")), format: .format1, fill: fill)
        #expect(try block == word(vector.expected("block")))
        let back = try PINBlock.pin(block, pan: try #require(PANDigits("00000000")), format: .format1)
        #expect(holds(back.equals(try vector.pin(text))))
    }

    @Test(arguments: Vector.load("pin_blocks", "iso9564_format2"))
    func `of format 2 is the vector's`(vector: Vector) throws {
        let pin = try vector.pin(try vector.input("pin"))
        let pan = try #require(PANDigits("00000000"))
        let block = PINBlock.field(pin, pan: pan, format: .format2)
        #expect(try block == word(vector.expected("block")))
        #expect(try holds(PINBlock.pin(block, pan: pan, format: .format2).equals(pin)))
    }

    @Test(arguments: Vector.load("pin_blocks", "iso9564_format3_decode"))
    func `of format 3 decodes to the vector's PIN`(vector: Vector) throws {
        let pin = try PINBlock.pin(word(vector.input("block")), pan: vector.pan(), format: .format3)
        #expect(holds(pin.equals(try vector.pin(try vector.expected("pin")))))
    }

    @Test(arguments: Vector.load("pin_blocks", "iso9564_format0_reject", "iso9564_format3_reject"))
    func `that is malformed is refused without a reason`(vector: Vector) throws {
        let format: PINBlockFormat = vector.operation.contains("format0") ? .format0 : .format3
        let block = try word(vector.input("block"))
        let pan = try vector.pan()
        #expect(throws: PINBlockError()) { _ = try PINBlock.pin(block, pan: pan, format: format) }
    }

    @Test(arguments: Vector.load("pin_blocks", "iso9564_format4_pan_field"))
    func `of format 4 has the vector's PAN field`(vector: Vector) throws {
        #expect(try Hex.text(PINBlock.panField4(vector.pan()).bytes) == vector.expected("pan_field"))
    }

    @Test(arguments: Vector.load("pin_blocks", "iso9564_format4_pin_field"))
    func `of format 4 has the vector's PIN field`(vector: Vector) throws {
        let field = PINBlock.pinField4(
            try vector.pin(try vector.input("pin")), random: try word(vector.input("random")))
        #expect(try Hex.text(field.bytes) == vector.expected("pin_field"))
    }

    @Test(arguments: Vector.load("pin_blocks", "iso9564_format4_decipher"))
    func `of format 4 deciphers to the vector's PIN and back`(vector: Vector) throws {
        let block = try vector.inputBytes("block")
        let key = try vector.key("key")
        let pin = try PINBlock.decrypt(block, pan: vector.pan(), format: .format4, key: key)
        #expect(holds(pin.equals(try vector.pin(try vector.expected("pin")))))
        let field = try #require(Hex.bytes(try vector.expected("pin_field")))
        let random = field.withUnsafeBytes { $0.word(at: 8) }
        let cipher = AESBlockCipher()
        let pan = try vector.pan()
        let again = key.withBytes {
            PINBlock.encryptFormat4(pin, pan: pan, key: $0, cipher: cipher, random: random)
        }
        #expect(holds(again.bytes == block))
    }

    @Test(arguments: Vector.load("pin_blocks", "iso9564_format4_reject"))
    func `of format 4 that is malformed is refused without a reason`(vector: Vector) throws {
        #expect(throws: PINBlockError()) {
            _ = try PINBlock.decrypt(
                vector.inputBytes("block"), pan: vector.pan(), format: .format4, key: vector.key("key"))
        }
    }

    @Test(arguments: PINBlockFormat.allCases)
    func `comes back for every length of PIN and PAN, and not under another PAN or key`(
        format: PINBlockFormat
    ) throws {
        let key = SecretKey.random(count: 16)
        for panCount in PANDigits.countMin...PANDigits.countMax {
            let pan = try #require(PANDigits(String("4929123123123127654".prefix(panCount))))
            for count in ClearPIN.countMin...ClearPIN.countMax {
                let pin = ClearPIN.random(count: count)
                let block = PINBlock.encrypt(pin, pan: pan, format: format, key: key)
                #expect(block.count == (format == .format4 ? 16 : 8))
                #expect(try holds(PINBlock.decrypt(block, pan: pan, format: format, key: key).equals(pin)))
            }
        }
        let pan = try #require(PANDigits("4111111111111111"))
        let other = try #require(PANDigits("4929999999999993"))
        let pin = try require(ClearPIN(digits: "1234"))
        let block = PINBlock.encrypt(pin, pan: pan, format: format, key: key)
        if [.format0, .format3, .format4].contains(format) {
            #expect(throws: PINBlockError()) {
                _ = try PINBlock.decrypt(block, pan: other, format: format, key: key.copy())
            }
        }
        for count in [0, 7, 9, 15, 17] {
            #expect(throws: PINBlockError()) {
                _ = try PINBlock.decrypt(
                    [UInt8](repeating: 0, count: count), pan: pan, format: format, key: key.copy())
            }
        }
    }

    @Test func `of formats 1, 3 and 4 is another one each time`() throws {
        let pan = try #require(PANDigits("4111111111111111"))
        let pin = try require(ClearPIN(digits: "1234"))
        let key = SecretKey.random(count: 16)
        for format in [PINBlockFormat.format1, .format3, .format4] {
            let one = PINBlock.encrypt(pin, pan: pan, format: format, key: key)
            #expect(one != PINBlock.encrypt(pin, pan: pan, format: format, key: key))
        }
    }

    @Test func `of format 3 uses each of A to F about as often`() throws {
        let pan = try #require(PANDigits("0000000000000000"))
        let pin = try require(ClearPIN(digits: "1234"))
        var counts = [Int](repeating: 0, count: 16)
        for _ in 0..<6_000 {
            let field = PINBlock.field(pin, pan: pan, format: .format3)
            for place in 0..<10 { counts[Int((field >> UInt64(4 * place)) & 15)] += 1 }
        }
        #expect(counts[..<10].allSatisfy { $0 == 0 })
        // 10,000 expected of each; 600 is more than six standard deviations.
        #expect(counts[10...].allSatisfy { abs($0 - 10_000) < 600 }, "\(counts)")
    }

    @Test func `of format 0 is refused for each single wrong nibble that can be told`() throws {
        let pan = try #require(PANDigits("0000000000000000"))
        let good: UInt64 = 0x0412_34FF_FFFF_FFFF
        #expect(try holds(PINBlock.pin(good, pan: pan, format: .format0).count == 4))
        for place in 0..<16 {
            for value in UInt64(0)..<16 {
                let shift = UInt64(60 - 4 * place)
                let block = good & ~(15 << shift) | value << shift
                let legal: Bool =
                    switch place {
                    case 0: value == 0
                    case 1: value == 4
                    case 2...5: value <= 9
                    default: value == 15
                    }
                let decoded = (try? PINBlock.pin(block, pan: pan, format: .format0)) != nil
                #expect(decoded == legal, "place \(place) value \(value)")
            }
        }
    }
}

@Suite struct `A clear PIN` {
    @Test func `has 4 to 12 digits and nothing else`() {
        for text in ["", "1", "123", "1234567890123", "12a4", "12 4", "１２３４", "12:4", "12/4"] {
            #expect(holds(isNil(makePIN(text))), "\(text)")
        }
        for text in ["0000", "1234", "12345", "123456789012"] { #expect(makePIN(text)?.count == text.count) }
    }

    @Test func `equals only the same digits and length`() throws {
        let pin = try require(makePIN("1200"))
        #expect(holds(pin.equals(try require(makePIN("1200")))))
        #expect(holds(!pin.equals(try require(makePIN("1201")))))
        #expect(holds(!pin.equals(try require(makePIN("12000")))))
        #expect(
            holds(pin.equals(try require(ClearPIN(digits: SecretKey(count: 4) { $0.copyBytes(from: "1200".utf8) })))))
    }

    @Test func `is typed on a keypad digit by digit`() throws {
        var entry = PINEntry()
        for (index, digit) in [1, 2, 3].enumerated() { #expect(entry.press(UInt8(digit)) == index + 1) }
        #expect(entry.press(10) == 3)
        entry.deleteLast()
        #expect(entry.press(7) == 3)
        #expect(entry.press(9) == 4)
        let pin = try require(entry.finish())
        #expect(holds(pin.equals(try require(ClearPIN(digits: "1279")))))

        var long = PINEntry()
        for _ in 0..<20 { long.press(5) }
        #expect(long.count == 12)
        #expect(long.finish()?.count == 12)

        var cleared = PINEntry()
        for _ in 0..<4 { cleared.press(5) }
        cleared.clear()
        #expect(cleared.count == 0)
        cleared.deleteLast()
        for _ in 0..<3 { cleared.press(1) }
        #expect(holds(isNil(cleared.finish())))
    }

    @Test func `drawn at random uses every digit about as often`() {
        var counts = [Int](repeating: 0, count: 10)
        for _ in 0..<1_000 {
            let pin = ClearPIN.random(count: 12)
            for index in 0..<12 { counts[Int(pin.digit(index))] += 1 }
        }
        // 1,200 expected of each; 230 is seven standard deviations.
        #expect(counts.allSatisfy { abs($0 - 1_200) < 230 }, "\(counts)")
    }
}

@Suite struct `A PAN` {
    @Test func `has 1 to 19 digits`() {
        for text in ["", "a", "12345678901234567890", "4111 1111", "4111111111111a"] { #expect(PANDigits(text) == nil) }
        for text in ["00000000", "4111111111111111", "9999999999999999999"] {
            #expect(PANDigits(text).map { String(decoding: $0.ascii, as: UTF8.self) } == text)
        }
        #expect(PANDigits("00012345678") != PANDigits("0012345678"))
    }

    @Test func `prints masked everywhere`() throws {
        let pan = try #require(PANDigits("4929123123123127"))
        #expect("\(pan)" == "492912******3127")
        #expect(String(reflecting: pan) == "492912******3127")
        #expect(String(describing: [pan]) == "[492912******3127]")
        var text = ""
        dump(pan, to: &text)
        #expect(!text.contains("4929123123"))
        #expect(PANDigits("12345678")?.masked == "****5678")
        #expect(PANDigits("1234567")?.masked == "*******")
    }

    @Test func `knows its check digit`() {
        #expect(PANDigits("4111111111111111")?.hasValidCheckDigit == true)
        #expect(PANDigits("4111111111111112")?.hasValidCheckDigit == false)
        #expect(PANDigits("79927398713")?.hasValidCheckDigit == true)
    }
}
