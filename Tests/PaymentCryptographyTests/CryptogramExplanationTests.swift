// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `An explanation of a cryptogram` {
    /// The elements out of which the input of a vector was put together.
    static let cases: [(vector: String, specification: CryptogramSpecification, fields: [(CardField, String)])] = [
        (
            "emv-p029", .visa10,
            common("000000004000", "0124", "8000048000", "191105", "01", "52BF4585", "1800", "06010A03A06010")
        ),
        (
            "emv-p032", .visa18,
            common("000000004000", "0124", "8000048000", "191105", "01", "52BF4585", "1800", "06011203A0B800")
        ),
        (
            "emv-p036", .mastercard17,
            common(
                "000000009999", "0124", "8000000000", "209906", "00", "ABCDEF12", "1800",
                "0111A00003220000000000000000000322FF")
        ),
    ]

    static func common(
        _ amount: String, _ country: String, _ results: String, _ date: String, _ type: String, _ number: String,
        _ profile: String, _ issuerData: String
    ) -> [(CardField, String)] {
        [
            (.amountAuthorised, amount), (.amountOther, "000000000000"), (.terminalCountryCode, country),
            (.terminalVerificationResults, results), (.transactionCurrencyCode, "0124"), (.transactionDate, date),
            (.transactionType, type), (.unpredictableNumber, number), (.applicationInterchangeProfile, profile),
            (.applicationTransactionCounter, "001C"), (.issuerApplicationData, issuerData),
        ]
    }

    static func transaction(_ fields: [(CardField, String)]) throws -> TransactionData {
        var transaction = TransactionData()
        for (field, text) in fields { try transaction.set(field, try #require(Hex.bytes(text))) }
        return transaction
    }

    @Test(arguments: cases.indices)
    func `puts the vector's input together from the data elements`(index: Int) throws {
        let (id, specification, fields) = Self.cases[index]
        let vector = try #require(Vector.load("emv", "scheme_arqc").first { $0.id == id })
        let transaction = try Self.transaction(fields)
        let explanation = try specification.explain(transaction)
        #expect(try Hex.text(explanation.input) == vector.input("data"))
        #expect(explanation.parts.flatMap(\.bytes) == explanation.input)
        #expect(explanation.padded.count % 8 == 0)
        #expect(explanation.padded.starts(with: explanation.input))
        #expect(explanation.context.transactionCounter == 0x001C)

        let master = try specification.masterKey(
            issuerMasterKey: try vector.key("imk_ac"), pan: try vector.pan(), sequence: try vector.sequence())
        let cryptogram = try specification.cryptogram(master: master, transaction: transaction)
        #expect(try Hex.text(cryptogram) == vector.expected("arqc"))
        #expect(holds(specification.verify(cryptogram, master: master, transaction: transaction)))
        var other = transaction
        try other.set(.transactionType, [0x20])
        #expect(holds(!specification.verify(cryptogram, master: master, transaction: other)))
        #expect(holds(!specification.verify(cryptogram, master: master, transaction: TransactionData())))
    }

    @Test func `shows no byte of a key`() throws {
        let (_, specification, fields) = Self.cases[2]
        let transaction = try Self.transaction(fields)
        let key = SecretKey.random(count: 16)
        let pan = try #require(PANDigits("5413330089010442"))
        let master = try specification.masterKey(issuerMasterKey: key, pan: pan)
        _ = try specification.cryptogram(master: master, transaction: transaction)
        var text = ""
        dump(try specification.explain(transaction), to: &text)
        #expect(text.contains("0111") || text.contains("cardVerificationResults"))
        for secret in [hex(key), hex(master.key)] {
            let bytes = try #require(Hex.bytes(secret))
            #expect(!text.uppercased().contains(secret))
            #expect(!text.contains(bytes.map(String.init).joined(separator: ", ")))
        }
    }

    @Test(arguments: TransactionData.order)
    func `names the field that is missing`(field: CardField) throws {
        let transaction = try Self.transaction(Self.cases[0].fields.filter { $0.0 != field })
        #expect(throws: CardCryptographyError.missing(field)) {
            try CryptogramSpecification.visa10.explain(transaction)
        }
    }

    @Test(arguments: TransactionData.order)
    func `refuses a field of another length`(field: CardField) throws {
        var transaction = TransactionData()
        #expect(throws: CardCryptographyError.fieldLength(field, 33)) {
            try transaction.set(field, [UInt8](repeating: 0, count: 33))
        }
        #expect(throws: CardCryptographyError.fieldLength(field, 0)) { try transaction.set(field, []) }
        #expect(transaction[field] == nil)
    }

    @Test func `refuses a field that no cryptogram covers`() {
        var transaction = TransactionData()
        #expect(throws: CardCryptographyError.notCovered(.cardStatusUpdate)) {
            try transaction.set(.cardStatusUpdate, [0, 0, 0, 0])
        }
    }

    @Test func `refuses issuer application data that has no room for what the version covers`() throws {
        for (specification, count) in [(CryptogramSpecification.mastercard16, 7), (.mastercard17, 17)] {
            var transaction = try Self.transaction(Self.cases[0].fields)
            try transaction.set(.issuerApplicationData, [UInt8](repeating: 0, count: count))
            #expect(throws: CardCryptographyError.fieldLength(.issuerApplicationData, count)) {
                try specification.explain(transaction)
            }
        }
    }
}

@Suite struct `A cryptogram version` {
    @Test func `is found by the name people use`() {
        for specification in CryptogramSpecification.all {
            #expect(CryptogramSpecification(named: specification.name) == specification)
        }
        #expect(CryptogramSpecification(named: "VISA_CVN10") == .visa10)
        #expect(CryptogramSpecification(named: "mastercard cvn21") == .mastercard21)
        #expect(CryptogramSpecification(named: "Visa CVN 11") == nil)
        #expect(CryptogramSpecification(named: "") == nil)
    }

    @Test func `is read from the issuer application data`() throws {
        func read(_ scheme: CryptogramSpecification.Scheme, _ hex: String) throws -> CryptogramSpecification? {
            CryptogramSpecification(scheme: scheme, issuerApplicationData: try #require(Hex.bytes(hex)))
        }
        #expect(try read(.visa, "06010A03A06010") == .visa10)
        #expect(try read(.visa, "06011203A0B800") == .visa18)
        #expect(try read(.visa, "06012203A0B800") == .visa22)
        #expect(try read(.mastercard, "0110A00003220000") == .mastercard16)
        #expect(try read(.mastercard, "0111A00003220000") == .mastercard17)
        #expect(try read(.mastercard, "0114A00003220000") == .mastercard20)
        #expect(try read(.mastercard, "0115A00003220000") == .mastercard21)
        #expect(try read(.interac, "0185A00003220000") == .interac133)
        #expect(try read(.visa, "06010B03A06010") == nil)
        #expect(try read(.visa, "0601") == nil)
    }
}
