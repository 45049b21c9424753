// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

extension Vector {
    func sequence() throws -> PANSequenceNumber { try #require(PANSequenceNumber(try input("psn"))) }
    func counter() throws -> UInt16 { try #require(UInt16(try input("atc"), radix: 16)) }
    func word(_ name: String) throws -> UInt64 { try #require(UInt64(try input(name), radix: 16)) }
    func integer(_ name: String) throws -> Int { Int(try #require(json["inputs"]?[name]?.integer)) }
    func context() throws -> TransactionContext {
        var context = TransactionContext(transactionCounter: try counter())
        if json["inputs"]?["un"] != nil { context.unpredictableNumber = UInt32(try word("un")) }
        if json["inputs"]?["arqc"] != nil { context.applicationCryptogram = try word("arqc") }
        return context
    }
}

@Suite struct `An EMV key` {
    @Test(arguments: Vector.load("emv", "icc_master_key"))
    func `of a card is the vector's`(vector: Vector) throws {
        let key = try ICCMasterKey(
            issuerMasterKey: try vector.key("imk"), pan: try vector.pan(), sequence: try vector.sequence(),
            option: try vector.input("option") == "A" ? .a : .b)
        #expect(try hex(key.key) == vector.expected("icc_mk_odd_parity"))
        #expect(try Hex.text(Array(KCV.tdes(key.key).prefix(2))) == vector.expected("kcv2"))
    }

    @Test(arguments: Vector.load("emv", "common_session_key"))
    func `of a transaction by the common method is the vector's`(vector: Vector) throws {
        let master = try ICCMasterKey(key: try vector.key("icc_mk"))
        let key = try EMVSessionKey(master: master, diversifier: try vector.inputBytes("r"))
        #expect(try hex(key.key) == vector.expected("session_key"))
        #expect(try Hex.text(Array(KCV.tdes(key.key).prefix(2))) == vector.expected("kcv2"))
    }

    @Test(arguments: Vector.load("emv", "emv2000_session_key"))
    func `of a transaction by the tree is the vector's`(vector: Vector) throws {
        let tree = try SessionKeyTree(
            height: try vector.integer("height"), branchFactor: try vector.integer("branch_factor"),
            start: try vector.inputBytes("iv"))
        let key = EMVSessionKey(
            .tree(tree), master: try ICCMasterKey(key: try vector.key("icc_mk")), context: try vector.context())
        #expect(try hex(key.key) == vector.expected("session_key_odd_parity"))
    }

    @Test(arguments: [(1, 4), (17, 2), (8, 3), (15, 2), (8, 257), (8, 1), (8, 0)])
    func `comes from no tree that is too small or out of bounds`(height: Int, branchFactor: Int) {
        #expect(throws: CardCryptographyError.sessionKeyTree(height: height, branchFactor: branchFactor)) {
            try SessionKeyTree(height: height, branchFactor: branchFactor)
        }
    }

    @Test func `has sixteen bytes`() throws {
        let pan = try #require(PANDigits("4111111111111111"))
        for count in [8, 24, 32] {
            #expect(throws: CardCryptographyError.keyLength(count)) {
                _ = try ICCMasterKey(issuerMasterKey: .random(count: count), pan: pan, option: .a)
            }
            #expect(throws: CardCryptographyError.keyLength(count)) {
                _ = try ICCMasterKey(key: .random(count: count))
            }
            #expect(throws: CardCryptographyError.keyLength(count)) {
                _ = try EMVSessionKey(key: .random(count: count))
            }
        }
        let master = try ICCMasterKey(key: .random(count: 16))
        #expect(throws: CardCryptographyError.fieldLength(.diversificationValue, 7)) {
            _ = try EMVSessionKey(master: master, diversifier: [0, 0, 0, 0, 0, 0, 0])
        }
    }

    @Test func `of UnionPay is counter and complement under the card's key`() throws {
        let master = try ICCMasterKey(key: try require(SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210")))
        let key = EMVSessionKey(.unionPay, master: master, context: TransactionContext(transactionCounter: 0x001C))
        // Each half by its own road: ISO 9797-1 algorithm 1 of one block is that block enciphered.
        let left = RetailMAC.algorithm1(key: master.key, message: [0, 0, 0, 0, 0, 0, 0x00, 0x1C])
        let right = RetailMAC.algorithm1(key: master.key, message: [0, 0, 0, 0, 0, 0, 0xFF, 0xE3])
        let expected = try require(SecretKey(hex: Hex.text(left + right)))
        #expect(hex(key.key) == hex(expected.withOddParity()))
    }
}

@Suite struct `A cryptogram` {
    @Test(arguments: Vector.load("emv", "arqc"))
    func `of a card is the vector's, and is verified`(vector: Vector) throws {
        let key = try EMVSessionKey(key: try vector.key("session_key"))
        let input = try vector.inputBytes("data")
        let padding: MACPadding = try vector.input("padding").hasSuffix("1") ? .method1 : .method2
        let cryptogram = ApplicationCryptogram.value(key: key, input: input, padding: padding)
        #expect(try Hex.text(cryptogram) == vector.expected("arqc"))
        #expect(holds(ApplicationCryptogram.verify(cryptogram, key: key, input: input, padding: padding)))
        #expect(
            holds(!ApplicationCryptogram.verify(Array(cryptogram.prefix(4)), key: key, input: input, padding: padding)))
        #expect(holds(!ApplicationCryptogram.verify(cryptogram, key: key, input: input + [0x80], padding: .method2)))
    }

    @Test(arguments: Vector.load("emv", "arpc_method1"))
    func `of an issuer by method 1 is the vector's`(vector: Vector) throws {
        let answer = try ResponseCryptogram.method1(
            key: try EMVSessionKey(key: try vector.key("key")), cryptogram: try vector.inputBytes("arqc"),
            responseCode: try vector.inputBytes("arc"))
        #expect(try Hex.text(answer) == vector.expected("arpc"))
    }

    @Test(arguments: Vector.load("emv", "arpc_method2"))
    func `of an issuer by method 2 is the vector's`(vector: Vector) throws {
        let answer = try ResponseCryptogram.method2(
            key: try EMVSessionKey(key: try vector.key("session_key")), cryptogram: try vector.inputBytes("arqc"),
            cardStatusUpdate: try vector.inputBytes("csu"),
            proprietaryData: Hex.bytes(try vector.input("proprietary_auth_data")) ?? [])
        #expect(try Hex.text(answer) == vector.expected("arpc"))
    }

    @Test(arguments: Vector.load("emv", "scheme_arqc"))
    func `of a scheme's version is the vector's with session key and answer`(vector: Vector) throws {
        var specification = try #require(CryptogramSpecification(named: try vector.input("scheme")))
        if vector.json["inputs"]?["padding"] != nil {
            specification.padding = try #require(MACPadding(rawValue: try vector.integer("padding")))
        }
        let master = try specification.masterKey(
            issuerMasterKey: try vector.key("imk_ac"), pan: try vector.pan(), sequence: try vector.sequence())
        var context = try vector.context()
        let input = try vector.inputBytes("data")
        let cryptogram = specification.cryptogram(master: master, context: context, input: input)
        #expect(try Hex.text(cryptogram) == vector.expected("arqc"))
        #expect(holds(specification.verify(cryptogram, master: master, context: context, input: input)))
        context.transactionCounter ^= 1
        let perTransaction = specification.sessionKey != .none
        #expect(
            holds(specification.verify(cryptogram, master: master, context: context, input: input) != perTransaction))
        context.transactionCounter ^= 1
        if vector.hasExpected("session_key") {
            let key = specification.cryptogramKey(master: master, context: context)
            #expect(try hex(key.key) == vector.expected("session_key"))
        }
        for (name, response) in [
            ("arpc_method2_csu00000000", [UInt8](repeating: 0, count: 4)), ("arpc_method1_icc_mk_arc0010", [0, 0x10]),
        ] where vector.hasExpected(name) {
            let answer = try specification.responseCryptogram(
                master: master, context: context, cryptogram: cryptogram, response: response)
            #expect(try Hex.text(answer) == vector.expected(name))
        }
    }

    @Test func `of an issuer wants fields of their length`() throws {
        let key = try EMVSessionKey(key: .random(count: 16))
        let cryptogram = [UInt8](repeating: 1, count: 8)
        #expect(throws: CardCryptographyError.fieldLength(.applicationCryptogram, 7)) {
            try ResponseCryptogram.method1(
                key: key, cryptogram: Array(cryptogram.prefix(7)), responseCode: [0x30, 0x30])
        }
        #expect(throws: CardCryptographyError.fieldLength(.authorisationResponseCode, 3)) {
            try ResponseCryptogram.method1(key: key, cryptogram: cryptogram, responseCode: [0x30, 0x30, 0x30])
        }
        #expect(throws: CardCryptographyError.fieldLength(.cardStatusUpdate, 2)) {
            try ResponseCryptogram.method2(key: key, cryptogram: cryptogram, cardStatusUpdate: [0, 0])
        }
        #expect(throws: CardCryptographyError.fieldLength(.proprietaryAuthenticationData, 9)) {
            try ResponseCryptogram.method2(
                key: key, cryptogram: cryptogram, cardStatusUpdate: [0, 0, 0, 0],
                proprietaryData: [UInt8](repeating: 0, count: 9))
        }
    }
}

@Suite struct `A script MAC` {
    @Test(arguments: Vector.load("emv", "script_mac"))
    func `of a scheme's version is the vector's with its session key`(vector: Vector) throws {
        let source = try #require(vector.json["source"]?.string)
        let specification: CryptogramSpecification =
            source.hasPrefix("Visa CVN 10")
            ? .visa10 : source.hasPrefix("M/Chip CVN 16") ? .mastercard16 : .mastercard17
        let master = try specification.masterKey(
            issuerMasterKey: try vector.key("imk_smi"), pan: try vector.pan(), sequence: try vector.sequence())
        let context = try vector.context()
        let key = EMVSessionKey(specification.scriptKey, master: master, context: context)
        #expect(try hex(key.key) == vector.expected("session_key"))
        let header = try vector.inputBytes("command_header")
        let code = specification.scriptMAC(master: master, context: context, header: header)
        #expect(try Hex.text(code) == vector.expected("mac"))

        let input = ScriptMAC.input(header: header, context: context)
        #expect(holds(ScriptMAC.verify(code, key: key, input: input)))
        #expect(holds(ScriptMAC.verify(Array(code.prefix(4)), key: key, input: input)))
        #expect(holds(!ScriptMAC.verify(Array(code.prefix(3)), key: key, input: input)))
        #expect(holds(!ScriptMAC.verify(code, key: key, input: input + [1])))
    }

    @Test func `covers header, transaction and data in this order, or header and data alone`() {
        let context = TransactionContext(transactionCounter: 0x001C, applicationCryptogram: 0x0102_0304_0506_0708)
        let header: [UInt8] = [0x84, 0x24, 0, 2, 0x10]
        #expect(
            ScriptMAC.input(header: header, data: [0xAA, 0xBB], context: context)
                == header + [0x00, 0x1C, 1, 2, 3, 4, 5, 6, 7, 8, 0xAA, 0xBB])
        #expect(
            ScriptMAC.input(header: header, data: [0xAA], context: context, coverage: .command) == header + [0xAA])
    }
}
