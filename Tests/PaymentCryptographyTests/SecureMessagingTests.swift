// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `A command to a card` {
    static let context = TransactionContext(transactionCounter: 0x1C, applicationCryptogram: 0x29CC_A15A_E665_FA2E)

    static func keys(_ specification: CryptogramSpecification) throws -> ScriptMasterKeys {
        try specification.scriptKeys(
            cryptogram: try require(SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210")),
            integrity: try require(SecretKey(hex: "FEDCBA98765432100123456789ABCDEF")),
            confidentiality: try require(SecretKey(hex: "89ABCDEF0123456776543210FEDCBA98")),
            pan: try #require(PANDigits("1234567890123456")))
    }

    @Test(arguments: CryptogramSpecification.all)
    func `with a new PIN says its own length and whether the current one is asked for`(
        specification: CryptogramSpecification
    ) throws {
        let keys = try Self.keys(specification)
        let pin = try require(makePIN("9999"))
        let current = try require(makePIN("123456"))
        for count in 4...8 {
            let command = try specification.pinChange(to: pin, keys: keys, context: Self.context, codeCount: count)
            #expect(command.header == [0x84, 0x24, 0, 2, UInt8(command.data.count + count)])
            #expect(command.code.count == count)
            #expect(command.bytes.count == 5 + Int(command.header[4]))
            let code = specification.scriptMAC(
                master: keys.integrity, context: Self.context, header: command.header, data: command.data)
            #expect(Array(code.prefix(count)) == command.code)
        }
        if specification.pinChangeFormat == .format2 {
            #expect(throws: CardCryptographyError.currentPINNotUsed) {
                try specification.pinChange(to: pin, current: current, keys: keys, context: Self.context)
            }
        } else {
            let command = try specification.pinChange(to: pin, current: current, keys: keys, context: Self.context)
            #expect(command.header == [0x84, 0x24, 0, 1, 0x18])
        }
    }

    @Test func `carries a code of 4 to 8 bytes and no more data than a short command holds`() throws {
        let keys = try Self.keys(.visa18)
        let pin = try require(makePIN("9999"))
        for count in [-1, 0, 3, 9] {
            #expect(throws: CardCryptographyError.codeCount(count)) {
                try CryptogramSpecification.visa18.pinChange(
                    to: pin, keys: keys, context: Self.context, codeCount: count)
            }
        }
        func command(_ data: Int, _ header: Int = 4) throws -> ScriptCommand {
            try CryptogramSpecification.visa18.command(
                header: [UInt8](repeating: 0x84, count: header), data: [UInt8](repeating: 1, count: data),
                master: keys.integrity, context: Self.context)
        }
        #expect(try command(247).header.last == 255)
        #expect(try command(0).header.last == 8)
        #expect(throws: CardCryptographyError.fieldLength(.commandData, 248)) { try command(248) }
        #expect(throws: CardCryptographyError.fieldLength(.commandHeader, 5)) { try command(0, 5) }
    }

    @Test(arguments: CommandEncryption.allCases)
    func `gives its data back to the card, and nothing when a block changed`(type: CommandEncryption) throws {
        let key = try EMVSessionKey(key: SecretKey.random(count: 16))
        for count in Array(1...40) + [200, 231] {
            let data = SecretKey.random(count: count)
            let encrypted = try type.encrypt(data, key: key)
            #expect(encrypted.count % 8 == 0 && encrypted.count <= CommandEncryption.encryptedCountMax)
            let back = try type.decrypt(encrypted, key: key, isPadded: count % 8 != 0)
            #expect(holds(back.equals(data)))
        }
        let most = type == .mastercard ? 240 : type == .visa ? 238 : 239
        #expect(try type.encrypt(SecretKey.random(count: most), key: key).count == 240)
        let beyond = SecretKey.random(count: most + 1)
        #expect(throws: CardCryptographyError.fieldLength(.commandData, most + 1)) {
            try type.encrypt(beyond, key: key)
        }
        func refuses(_ bytes: [UInt8]) -> Bool {
            do {
                _ = try type.decrypt(bytes, key: key, isPadded: true)
                return false
            } catch { return error == .commandData }
        }
        #expect(refuses([]))
        #expect(refuses([1, 2, 3]))
        #expect(refuses([UInt8](repeating: 0, count: 248)))
        // A zero block has no padding to find: under the padding rules that is one error, whatever the cause.
        let zeros = SecretKey(count: 8) { _ in }
        #expect(refuses(try CommandEncryption.mastercard.encrypt(zeros, key: key)))
    }
}

@Suite struct `Issuer application data` {
    static func read(
        _ scheme: CryptogramSpecification.Scheme, _ hex: String
    ) throws -> (data: IssuerApplicationData?, specification: CryptogramSpecification?) {
        let bytes = try #require(Hex.bytes(hex))
        return (
            IssuerApplicationData(bytes, scheme: scheme),
            CryptogramSpecification(scheme: scheme, issuerApplicationData: bytes)
        )
    }

    @Test func `of Visa's format 2 has the version before the key index`() throws {
        let read = try Self.read(.visa, "1F22010300000000" + String(repeating: "00", count: 24))
        #expect(read.specification == .visa22)
        #expect(read.data?.keyIndex == 1)
        #expect(read.data?.results == [3, 0, 0, 0, 0])
    }

    @Test func `tells version, key index and results by scheme`() throws {
        let visa = try Self.read(.visa, "06010A03A06010")
        #expect(visa.specification == .visa10)
        #expect(visa.data?.results == [0x03, 0xA0, 0x60, 0x10])
        #expect(try Self.read(.visa, "06011103A00000").specification == .visa17)
        #expect(try Self.read(.visa, "06010E03A00000").specification == .visa14)
        let chip = try Self.read(.mastercard, "0111A00003220000000000000000000322FF")
        #expect(chip.specification == .mastercard17)
        #expect(chip.data?.results == [0xA0, 0x00, 0x03, 0x22, 0x00, 0x00])
        let common = try Self.read(.commonCore, "0FA501A80003240000" + String(repeating: "00", count: 23))
        #expect(common.specification == .commonCore5)
        #expect(common.data?.results == [0xA8, 0, 3, 0x24, 0])
        #expect(try Self.read(.unionPay, "07010103A0000001").specification == .unionPay)
        for scheme in CryptogramSpecification.Scheme.allCases {
            for count in 0..<7 {
                let read = try Self.read(scheme, String(repeating: "0F", count: count))
                #expect(read.data == nil && read.specification == nil)
            }
        }
    }

    /// Computed with pyemv 1.5.0: option A, then its ISO 9797-1 algorithm 3 with padding 1 over the four elements.
    @Test func `of CVN 17 gives one byte to a shortened cryptogram`() throws {
        var transaction = TransactionData()
        try transaction.set(.amountAuthorised, [0, 0, 0, 0, 0x40, 0])
        try transaction.set(.unpredictableNumber, [0x52, 0xBF, 0x45, 0x85])
        try transaction.set(.applicationTransactionCounter, [0, 0x1C])
        try transaction.set(.issuerApplicationData, try #require(Hex.bytes("06011103A06010")))
        let specification = CryptogramSpecification.visa17
        let master = try specification.masterKey(
            issuerMasterKey: try require(SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210")),
            pan: try #require(PANDigits("1234567890123456")))
        let explanation = try specification.explain(transaction)
        #expect(Hex.text(explanation.input) == "00000000400052BF4585001CA0")
        #expect(explanation.fill == [0, 0, 0])
        #expect(try Hex.text(specification.cryptogram(master: master, transaction: transaction)) == "FDFAFF4DB21A0E7B")
    }

    @Test func `never lets a session key be derived without the number it needs`() throws {
        var specification = CryptogramSpecification.mastercard16
        specification.fields = [.applicationTransactionCounter]
        var transaction = TransactionData()
        try transaction.set(.applicationTransactionCounter, [0, 1])
        try transaction.set(.issuerApplicationData, [UInt8](repeating: 0, count: 18))
        #expect(throws: CardCryptographyError.missing(.unpredictableNumber)) {
            try specification.explain(transaction)
        }
    }
}
