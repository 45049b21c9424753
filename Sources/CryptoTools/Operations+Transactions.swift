// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// Whole DUKPT transactions: working keys, PIN block, MACs and data of both directions.
extension VectorRunner {
    static func tdesTransaction(_ check: inout VectorCheck, _ ksn: TDESKeySerialNumber) throws(VectorFailure) {
        let initial = try tdesInitialKey(check, ksn)
        let keys = try check.attempt { () throws(DUKPTError) in
            try TDESDUKPT.transactionKeys(initialKey: initial, ksn: ksn)
        }
        let pinKey = DUKPTCalculator.workingKey(.pin, of: keys)
        let requestMACKey = DUKPTCalculator.workingKey(.requestMAC, of: keys)
        let responseMACKey = DUKPTCalculator.workingKey(.responseMAC, of: keys)
        let requestKey = DUKPTCalculator.workingKey(.requestData, of: keys)
        let responseKey = DUKPTCalculator.workingKey(.responseData, of: keys)
        check.expect("pin_key", key: pinKey)
        check.expect("request_mac_key", key: requestMACKey)
        check.expect("response_mac_key", key: responseMACKey)
        check.expect("data_request_key", key: requestKey)
        check.expect("data_response_key", key: responseKey)

        if check.has("pin") {
            let pin = try check.pin()
            let pan = try check.pan()
            let block = keys.encryptPINBlock(pin, pan: pan)
            check.expect("clear_pinblock_fmt0", key: PINCalculator.clearBlock(pin, pan: pan, format: .format0))
            check.expect("encrypted_pinblock", block)
            check.expect("encrypted_pinblock_fmt0", block)
            let back = try check.attempt { () throws(PINBlockError) in try keys.decryptPINBlock(block, pan: pan) }
            check.require(back.equals(pin), "the PIN block does not decrypt to its PIN")
        }
        if check.has("data_ascii") || check.has("data") {
            let data = try check.message("data")
            let (request, response) = (keys.requestMAC(data), keys.responseMAC(data))
            check.expect("request_mac4_x919", Array(request.prefix(4)))
            check.expect("response_mac4_x919", Array(response.prefix(4)))
            check.expect("request_mac8_x919", request)
            check.expect("response_mac8_x919", response)
            check.expect("request_cmac8", TDESCMAC.code(key: requestMACKey, message: data))
            check.expect("response_cmac8", TDESCMAC.code(key: responseMACKey, message: data))
            let padded = MACPadding.method1.padded(data, blockCount: 8)
            let vector = try check.bytes("data_iv")
            let (sent, answered) = (
                CipherCalculator.tdes(padded, key: requestKey, vector: vector, encrypting: true),
                CipherCalculator.tdes(padded, key: responseKey, vector: vector, encrypting: true)
            )
            check.expect("data_request_cbc_zero_padded", try check.unwrap(sent, "data or vector of a wrong length"))
            check.expect(
                "data_response_cbc_zero_padded", try check.unwrap(answered, "data or vector of a wrong length"))
        }
        if check.has("data_padded") {
            let data = try check.bytes("data_padded")
            let vector = try check.bytes("data_iv")
            let sent = CipherCalculator.tdes(data, key: requestKey, vector: vector, encrypting: true)
            let answered = CipherCalculator.tdes(data, key: responseKey, vector: vector, encrypting: true)
            check.expect("data_request_cbc", try check.unwrap(sent, "data or vector of a wrong length"))
            check.expect("data_response_cbc", try check.unwrap(answered, "data or vector of a wrong length"))
            if vector.allSatisfy({ $0 == 0 }) {
                check.require(keys.encryptRequestData(data) == sent, "the transaction's own data encryption differs")
            }
        }
    }

    static func aesTransaction(_ check: inout VectorCheck, _ ksn: AESKeySerialNumber) throws(VectorFailure) {
        let initial = try aesInitialKey(check, ksn)
        let transaction = try check.attempt { () throws(DUKPTError) in
            try DUKPTCalculator.transactionKey(initialKey: initial, ksn: ksn)
        }
        // Every expected value `name_type` is a derived key of that usage and type.
        for type in DUKPTCalculator.DerivedKeyType.allCases {
            for (name, usage) in aesUsages {
                let member = "\(name)_\(type.rawValue.lowercased())"
                guard check.expects(member) else { continue }
                let key = try check.attempt { () throws(DUKPTError) in
                    try DUKPTCalculator.workingKey(transactionKey: transaction, ksn: ksn, usageCode: usage, type: type)
                }
                check.expect(member, key: try check.unwrap(key, "unknown key usage"))
            }
        }
        guard check.has("pan") else { return }
        let working = try workingLength(check)
        let type: DUKPTCalculator.DerivedKeyType =
            switch working {
            case .aes128: .aes128
            case .aes192: .aes192
            case .aes256: .aes256
            }
        let pan = try check.pan()
        let derived = try check.attempt { () throws(DUKPTError) in
            try DUKPTCalculator.workingKey(transactionKey: transaction, ksn: ksn, usageCode: 0x1000, type: type)
        }
        let pinKey = try check.unwrap(derived, "unknown key usage")
        check.expect("pin_key", key: pinKey)
        let keys = try check.attempt { () throws(DUKPTError) in
            try AESDUKPT.transactionKeys(initialKey: initial, ksn: ksn, workingKeys: working)
        }
        if check.has("pin") {
            let pin = try check.pin()
            let field = try check.bytes("pin_field")
            guard field.count == 16 else { throw VectorFailure("a PIN field has 16 bytes") }
            let random = field[8...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let block = PINCalculator.encryptFormat4(pin, pan: pan, key: pinKey, random: random)
            check.expect("encrypted_pinblock_fmt4", block)
            let clear = PINCalculator.pinField(pin, random: random)
            check.require(clear.equals(try check.key("pin_field")), "another PIN field")
            check.require(
                keys.encryptPINBlock(pin, pan: pan, fill: random) == block, "the transaction's own PIN block differs")
        } else {
            let block = try check.bytes("encrypted_pinblock_fmt4")
            let pin = try check.attempt { () throws(PINBlockError) in try keys.decryptPINBlock(block, pan: pan) }
            try check.expect("pin", pin: pin)
            let field = PINCalculator.pinField(block, pan: pan, key: pinKey)
            check.expect("pin_field", key: try check.unwrap(field, "a block has 16 bytes"))
        }
        if check.has("data_padded") {
            for (name, usage) in [("data_request_cbc", UInt16(0x3000)), ("data_response_cbc", 0x3001)] {
                let key = try check.attempt { () throws(DUKPTError) in
                    try DUKPTCalculator.workingKey(transactionKey: transaction, ksn: ksn, usageCode: usage, type: type)
                }
                let data = CipherCalculator.aes(
                    try check.bytes("data_padded"), key: try check.unwrap(key, "unknown key usage"),
                    vector: try check.bytes("data_iv"), encrypting: true)
                check.expect(name, try check.unwrap(data, "data or vector of a wrong length"))
            }
        }
    }

    private static let aesUsages: [(String, UInt16)] = [
        ("key_encryption_key", 0x0002), ("pin_key", 0x1000), ("mac_generation_key", 0x2000),
        ("mac_verification_key", 0x2001), ("mac_both_key", 0x2002), ("data_encrypt_key", 0x3000),
        ("data_decrypt_key", 0x3001), ("data_both_key", 0x3002),
    ]

    /// Without a type, AES-128: what the published transactions use.
    private static func workingLength(_ check: VectorCheck) throws(VectorFailure) -> AESKeyLength {
        guard check.has("working_key_type") else { return .aes128 }
        switch try check.text("working_key_type") {
        case "AES128": return .aes128
        case "AES192": return .aes192
        case "AES256": return .aes256
        case let name: throw VectorFailure("unknown key type \"\(name)\"")
        }
    }
}
