// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// Whole DUKPT transactions: working keys, PIN block, MACs and data of both directions.
extension VectorRunner {
    static func tdesTransaction(_ check: inout VectorCheck, _ ksn: TDESKeySerialNumber) throws(VectorFailure) {
        let initial = try initialKey(check, .tdes(ksn))
        let keys = try check.attempt { () throws(DUKPTError) in
            try TDESDUKPT.transactionKeys(initialKey: initial, ksn: ksn)
        }
        func key(_ usage: DUKPTUsage) throws(VectorFailure) -> SecretKey {
            try check.unwrap(DUKPTCalculator.workingKey(usage, of: keys), "no key usage of TDES DUKPT")
        }
        let pinKey = try key(.pinEncryption)
        let requestMACKey = try key(.macGeneration)
        let responseMACKey = try key(.macVerification)
        let requestKey = try key(.dataEncryption)
        let responseKey = try key(.dataDecryption)
        check.expect("both_mac_key", key: try key(.macBothWays))
        check.expect("data_both_key", key: try key(.dataBothWays))
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

    static func aesTransaction(
        _ check: inout VectorCheck, _ ksn: AESKeySerialNumber, _ transaction: borrowing SecretKey
    ) throws(VectorFailure) {
        // Every expected value `name_type` is a derived key of that usage and type.
        for type in DUKPTKeyType.allCases {
            for (name, usage) in aesUsages {
                let member = "\(name)_\(type.rawValue.lowercased())"
                guard check.expects(member) else { continue }
                check.expect(member, key: try derived(check, transaction, ksn, usage, type))
            }
        }
        // Without a type, AES-128: what the published transactions use.
        let type = check.has("working_key_type") ? try keyType(check, "working_key_type") : .aes128
        for (name, usage) in aesUsages where check.expects(name) {
            check.expect(name, key: try derived(check, transaction, ksn, usage, type))
        }
        if check.has("pan") { try aesPIN(&check, type, ksn, transaction) }
        if check.has("data_padded") {
            for (name, usage) in [
                ("data_request_cbc", DUKPTUsage.dataEncryption), ("data_response_cbc", .dataDecryption),
            ] {
                let key = try derived(check, transaction, ksn, usage, type)
                let (data, vector) = (try check.bytes("data_padded"), try check.bytes("data_iv"))
                let encrypted =
                    type.isAES
                    ? CipherCalculator.aes(data, key: key, vector: vector, encrypting: true)
                    : CipherCalculator.tdes(data, key: key, vector: vector, encrypting: true)
                check.expect(name, try check.unwrap(encrypted, "data or vector of a wrong length"))
            }
        }
    }

    private static func aesPIN(
        _ check: inout VectorCheck, _ type: DUKPTKeyType, _ ksn: AESKeySerialNumber,
        _ transaction: borrowing SecretKey
    ) throws(VectorFailure) {
        let pan = try check.pan()
        let pinKey = try derived(check, transaction, ksn, .pinEncryption, type)
        guard type.isAES, let working = AESKeyLength(rawValue: type.byteCount) else {
            guard !type.isHMAC else { throw VectorFailure("HMAC keys encrypt no PIN") }
            let block = PINBlock.encrypt(try check.pin(), pan: pan, format: .format0, key: pinKey)
            return check.expect("encrypted_pinblock_fmt0", block)
        }
        let initial = try initialKey(check, .aes(ksn))
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
    }

    private static let aesUsages: [(String, DUKPTUsage)] = [
        ("key_encryption_key", .keyEncryption), ("pin_key", .pinEncryption), ("mac_generation_key", .macGeneration),
        ("mac_verification_key", .macVerification), ("mac_both_key", .macBothWays),
        ("data_encrypt_key", .dataEncryption), ("data_decrypt_key", .dataDecryption), ("data_both_key", .dataBothWays),
    ]
}
