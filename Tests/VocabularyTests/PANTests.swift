// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@Suite("Card numbers")
struct PANTests {
    /// Test numbers that card networks publish, and the Luhn example of ISO/IEC 7812-1.
    @Test(
        "numbers with a correct check digit are read and print masked",
        arguments: [
            ("4111111111111111", "411111******1111"), ("5555555555554444", "555555******4444"),
            ("378282246310005", "378282*****0005"), ("6200000000000005", "620000******0005"),
            ("000000000000", "000000**0000"), ("9999999999999999998", "999999*********9998"),
        ])
    func read(text: String, masked: String) throws {
        let pan = try #require(PAN(text))
        #expect(pan.description == masked && "\(pan)" == masked)
        #expect(pan.ascii == Array(text.utf8))
        #expect(pan.count == text.count)
    }

    @Test(
        "what is no card number is refused",
        arguments: [
            "", "4111111111111112", "41111111111", "00000000000", "00000000000000000000", "4111 1111 1111 1111",
            "411111111111111a", "-111111111111111", "４111111111111111",
        ])
    func refused(text: String) { #expect(PAN(text) == nil) }

    @Test("every wrong digit and every swap of unlike neighbours but 09 and 90 is found")
    func luhn() throws {
        let digits = Array("4539578763621486".utf8)
        #expect(PAN(ascii: digits) != nil)
        for index in digits.indices {
            for digit in UInt8(0x30)...0x39 where digit != digits[index] {
                var wrong = digits
                wrong[index] = digit
                #expect(PAN(ascii: wrong) == nil)
            }
        }
        for index in digits.indices.dropLast() where digits[index] != digits[index + 1] {
            var wrong = digits
            wrong.swapAt(index, index + 1)
            #expect(PAN(ascii: wrong) == nil)
        }
    }

    @Test("the check digit is appended to account digits")
    func checkDigit() {
        #expect(PAN(accountDigits: "411111111111111") == PAN("4111111111111111"))
        #expect(PAN(accountDigits: "37828224631000") == PAN("378282246310005"))
        #expect(PAN(accountDigits: "4111") == nil && PAN(accountDigits: "41111111111111x") == nil)
        #expect(PAN(accountDigits: String(repeating: "9", count: 19)) == nil)
    }

    @Test("leading zeros and lengths tell numbers apart")
    func lengths() {
        #expect(PAN("000000000000") != PAN("0000000000000"))
    }
}
