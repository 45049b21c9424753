// SPDX-License-Identifier: Apache-2.0
import CryptoTools
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `A report of a cryptogram` {
    static func explanation(
        _ specification: CryptogramSpecification, issuerData: String = "06010A03A06010"
    ) throws -> CryptogramExplanation {
        var transaction = TransactionData()
        let fields: [(CardField, String)] = [
            (.amountAuthorised, "000000004000"), (.amountOther, "000000000000"), (.terminalCountryCode, "0124"),
            (.terminalVerificationResults, "8000048000"), (.transactionCurrencyCode, "0124"),
            (.transactionDate, "191105"), (.transactionType, "01"), (.unpredictableNumber, "52BF4585"),
            (.applicationInterchangeProfile, "1800"), (.applicationTransactionCounter, "001C"),
            (.issuerApplicationData, issuerData),
        ]
        for (field, text) in fields { try transaction.set(field, try #require(Hex.bytes(text))) }
        return try specification.explain(transaction)
    }

    @Test func `names each field with its place, length, tag and bytes`() throws {
        let lines = CryptogramReport(try Self.explanation(.visa10)).lines
        #expect(
            lines == [
                "Visa CVN 10: master key option A, session key none (the card's key), ARPC method 1 under the card's key",
                "at bytes tag  field                                          value",
                "0  6     9F02 Amount, Authorised                             000000004000",
                "6  6     9F03 Amount, Other                                  000000000000",
                "12 2     9F1A Terminal Country Code                          0124",
                "14 5     95   Terminal Verification Results                  8000048000",
                "19 2     5F2A Transaction Currency Code                      0124",
                "21 3     9A   Transaction Date                               191105",
                "24 1     9C   Transaction Type                               01",
                "25 4     9F37 Unpredictable Number                           52BF4585",
                "29 2     82   Application Interchange Profile                1800",
                "31 2     9F36 Application Transaction Counter                001C",
                "33 4     9F10 Issuer Application Data (CVR)                  03A06010",
                "input: 37 bytes 0000000040000000000000000124800004800001241911050152BF45851800001C03A06010",
                "padding: ISO 9797-1 method 1, 3 bytes 000000",
                "keys from: ATC 001C, UN 52BF4585",
                "issuer application data: DKI 01, CVN 0A, CVR 03A06010",
            ])
    }

    @Test func `says so when the card states another version`() throws {
        let other = CryptogramReport(try Self.explanation(.visa18))
        #expect(other.lines.last == "the card states Visa CVN 10")
        #expect(other.json["warning"]?.string == "the card states Visa CVN 10")
        let unknown = CryptogramReport(try Self.explanation(.visa18, issuerData: "06010B03A06010"))
        #expect(unknown.lines.last == "the card states version 0B, which is not known")
    }

    @Test func `has the same for programs`() throws {
        let json = CryptogramReport(try Self.explanation(.visa17, issuerData: "06011103A06010")).json
        #expect(json["input"]?.string == "00000000400052BF4585001CA0")
        #expect(json["padding"]?.string == "000000")
        #expect(json["parts"]?.array?.count == 4)
        #expect(json["parts"]?.array?.last?["field"]?.string == "Issuer Application Data (CVR byte 2)")
        #expect(json["parts"]?.array?.last?["offset"]?.integer == 12)
        #expect(json["cvn"]?.string == "11")
        #expect(json["warning"] == nil)
    }
}
