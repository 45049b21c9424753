// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `A card security code` {
    @Test(arguments: Vector.load("card_security_code", "amex_csc"))
    func `is the vector's in its three lengths, and is verified`(vector: Vector) throws {
        let key = try vector.key("csck")
        let pan = try vector.pan()
        let expiry = try #require(ExpiryDigits(try vector.input("expiry")))
        let service = vector.json["inputs"]?["service_code"]?.string.flatMap { ServiceCode($0) }
        let codes = try CardSecurityCode(key: key, pan: pan, expiry: expiry, serviceCode: service)
        #expect(try digits(codes.five) == vector.expected("csc5"))
        #expect(try digits(codes.four) == vector.expected("csc4"))
        #expect(try digits(codes.three) == vector.expected("csc3"))
        for code in [codes.five, codes.four, codes.three] {
            #expect(holds(CardSecurityCode.verify(code, key: key, pan: pan, expiry: expiry, serviceCode: service)))
            for index in code.indices {
                var wrong = code
                wrong[index] = (wrong[index] + 1) % 10
                #expect(
                    holds(!CardSecurityCode.verify(wrong, key: key, pan: pan, expiry: expiry, serviceCode: service)))
            }
        }
        for code in [[], Array(codes.five.prefix(2)), codes.five + [0]] {
            #expect(holds(!CardSecurityCode.verify(code, key: key, pan: pan, expiry: expiry, serviceCode: service)))
        }
    }

    /// Words, and their digits worked out by hand.
    private static let words: [(UInt64, String)] = [
        (0x0123_4567_8901_2345, "012345678901"), (0xF0F1_F2F3_F4F5_F6F7, "012345676661"),
        (0xABCD_EFAB_CDEF_ABCD, "123451678901"), (0xFFFF_FFFF_FFFF_FFFF, "666661111111"),
        (0x0123_4567_89AA_AAAA, "012345678966"), (0xAAAA_A012_3456_789F, "012345678911"),
    ]

    @Test(arguments: words)
    func `has decimal digits first and then the letters, which count more behind the fifth place`(
        word: UInt64, text: String
    ) {
        #expect(digits(CardSecurityCode.decimal(word)) == text)
    }

    @Test func `is of a card of American Express, under a double-length key`() throws {
        let expiry = try #require(ExpiryDigits("2812"))
        for text in ["371234567890123", "341234567890123"] {
            let pan = try #require(PANDigits(text))
            #expect(holds(!isRefused { try CardSecurityCode(key: .random(count: 16), pan: pan, expiry: expiry) }))
            for count in [8, 24] {
                #expect(throws: CardCryptographyError.keyLength(count)) {
                    try CardSecurityCode(key: .random(count: count), pan: pan, expiry: expiry)
                }
            }
        }
        let others = [
            "361234567890123", "381234567890123", "35123456789012", "37123456789012", "3712345678901234",
            "1371234567890123",
        ]
        for text in others {
            let pan = try #require(PANDigits(text))
            #expect(throws: CardCryptographyError.notAmericanExpress) {
                try CardSecurityCode(key: .random(count: 16), pan: pan, expiry: expiry)
            }
            #expect(holds(!CardSecurityCode.verify([1, 2, 3], key: .random(count: 16), pan: pan, expiry: expiry)))
        }
    }

    @Test func `does not depend on the check digit, and does on every other field`() throws {
        let key = try require(SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210"))
        let dates = try ["2812", "2912"].map { try #require(ExpiryDigits($0)) }
        var seen: [CardSecurityCode] = []
        for text in ["371234567890123", "341234567890123", "371234567890223"] {
            let (pan, other) = (try #require(PANDigits(text)), try #require(PANDigits(text.dropLast() + "9")))
            for date in dates {
                for service in [nil, ServiceCode.printed, ServiceCode("201")] {
                    let codes = try CardSecurityCode(key: key, pan: pan, expiry: date, serviceCode: service)
                    #expect(try CardSecurityCode(key: key, pan: other, expiry: date, serviceCode: service) == codes)
                    #expect(!seen.contains(codes))
                    seen.append(codes)
                }
            }
        }
    }
}
