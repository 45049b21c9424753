// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

/// Cryptogram, answer and script MAC of every version, as pyemv 1.5.0 computed them for one made-up transaction and a
/// PAN of sixteen and of eighteen digits.
@Suite struct `A cryptogram version against another implementation` {
    struct Row: Sendable, CustomTestStringConvertible {
        let specification: CryptogramSpecification
        let pan: String, issuerData: String, cryptogram: String, answer: String, scriptMAC: String
        var testDescription: String { specification.name + " " + pan }
    }

    static let rows: [Row] = [
        Row(
            specification: .visa10, pan: "5413330089010442", issuerData: "06010A03A0B800",
            cryptogram: "550076845C68E9C6", answer: "2CB92863FCBD6E36", scriptMAC: "CBF5A8405C3F76D7"),
        Row(
            specification: .visa10, pan: "541333008901044212", issuerData: "06010A03A0B800",
            cryptogram: "4153C4CCA0D01734", answer: "C748287F0B7E1123", scriptMAC: "87219070810C2FD5"),
        Row(
            specification: .visa18, pan: "5413330089010442", issuerData: "06011203A0B800",
            cryptogram: "3BC906DBC848B683", answer: "6D7BB4DC", scriptMAC: "F85440A7E0FA18EE"),
        Row(
            specification: .visa18, pan: "541333008901044212", issuerData: "06011203A0B800",
            cryptogram: "A3042A5E867CCFB9", answer: "0389E5AD", scriptMAC: "7DCFE3EA2A777FA8"),
        Row(
            specification: .visa22, pan: "5413330089010442", issuerData: "06012203A0B800",
            cryptogram: "7DF56B8B467A7668", answer: "FA5C2B7E", scriptMAC: "42CE59D7FB525493"),
        Row(
            specification: .visa22, pan: "541333008901044212", issuerData: "06012203A0B800",
            cryptogram: "C1601B2CAF4CD3EA", answer: "2AA8644A", scriptMAC: "067D4648C5737E39"),
        Row(
            specification: .mastercard16, pan: "5413330089010442", issuerData: "0110A50003020000ABCD",
            cryptogram: "07976AD5D698BF8C", answer: "7B1A461F91BD6728", scriptMAC: "665529E18CEB2375"),
        Row(
            specification: .mastercard16, pan: "541333008901044212", issuerData: "0110A50003020000ABCD",
            cryptogram: "A96B60B76E234FA1", answer: "77B30B2980A33361", scriptMAC: "F2B8D4C1997A6A7C"),
        Row(
            specification: .mastercard17, pan: "5413330089010442", issuerData: "0111A50003020000ABCD00000000000322FF",
            cryptogram: "4D774AB4E8D6A68E", answer: "7BF7EE973116F5EB", scriptMAC: "F649FBE47B2E91CB"),
        Row(
            specification: .mastercard17, pan: "541333008901044212", issuerData: "0111A50003020000ABCD00000000000322FF",
            cryptogram: "CFB1A4148AC4668C", answer: "94BE65F81AB698E2", scriptMAC: "DED25FA645B2D28C"),
        Row(
            specification: .mastercard20, pan: "5413330089010442", issuerData: "0114A50003020000ABCD",
            cryptogram: "94F8FD95CB8046FF", answer: "6A9CA6CA79BE15E5", scriptMAC: "B17ABC0114F787E8"),
        Row(
            specification: .mastercard20, pan: "541333008901044212", issuerData: "0114A50003020000ABCD",
            cryptogram: "1C3201D04FD8639E", answer: "BA8BBF5A1D3331EA", scriptMAC: "63C9182E3C354E84"),
        Row(
            specification: .mastercard21, pan: "5413330089010442", issuerData: "0115A50003020000ABCD00000000000322FF",
            cryptogram: "24E338335406A188", answer: "E4E42A89CF961BEE", scriptMAC: "47028EC075076A39"),
        Row(
            specification: .mastercard21, pan: "541333008901044212", issuerData: "0115A50003020000ABCD00000000000322FF",
            cryptogram: "A6E2AEF8BF24ED5C", answer: "64C5E15166D58743", scriptMAC: "7F774B77B5341A2A"),
        Row(
            specification: .interac133, pan: "5413330089010442", issuerData: "0185A50003020000ABCD",
            cryptogram: "FBB6F2D4BD04E4C2", answer: "5D25248550ECDD3B", scriptMAC: "DBFE043C449957DA"),
        Row(
            specification: .interac133, pan: "541333008901044212", issuerData: "0185A50003020000ABCD",
            cryptogram: "79D53E5DEAC1051C", answer: "04A18E627EA1E317", scriptMAC: "29F3A46A73A3756E"),
    ]

    static let fields: [(CardField, String)] = [
        (.amountAuthorised, "000000012345"), (.amountOther, "000000000000"), (.terminalCountryCode, "0276"),
        (.terminalVerificationResults, "8000048000"), (.transactionCurrencyCode, "0978"),
        (.transactionDate, "261122"), (.transactionType, "00"), (.unpredictableNumber, "1A2B3C4D"),
        (.applicationInterchangeProfile, "1980"), (.applicationTransactionCounter, "01A7"),
    ]

    @Test(arguments: rows)
    func `gives the same cryptogram, answer and script MAC`(row: Row) throws {
        let specification = row.specification
        var transaction = TransactionData()
        for (field, text) in Self.fields { try transaction.set(field, try #require(Hex.bytes(text))) }
        let issuerData = try #require(Hex.bytes(row.issuerData))
        try transaction.set(.issuerApplicationData, issuerData)
        let pan = try #require(PANDigits(row.pan))
        let sequence = try #require(PANSequenceNumber("01"))

        let master = try specification.masterKey(
            issuerMasterKey: try require(SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210")), pan: pan,
            sequence: sequence)
        let cryptogram = try specification.cryptogram(master: master, transaction: transaction)
        #expect(Hex.text(cryptogram) == row.cryptogram)
        #expect(holds(specification.verify(cryptogram, master: master, transaction: transaction)))

        var context = try specification.explain(transaction).context
        let answer = try specification.responseCryptogram(
            master: master, context: context, cryptogram: cryptogram,
            response: specification.response == .method2 ? [0x03, 0x92, 0, 0] : [0x30, 0x30])
        #expect(Hex.text(answer) == row.answer)

        context.applicationCryptogram = cryptogram.reduce(0) { $0 << 8 | UInt64($1) }
        let integrity = try specification.masterKey(
            issuerMasterKey: try require(SecretKey(hex: "FEDCBA98765432100123456789ABCDEF")), pan: pan,
            sequence: sequence)
        let code = specification.scriptMAC(
            master: integrity, context: context, header: [0x84, 0x24, 0, 2, 0x10],
            data: [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77])
        #expect(Hex.text(code) == row.scriptMAC)
    }
}
