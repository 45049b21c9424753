// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension VectorRunner {
    /// RSA-OAEP key wrap and the tokens of TR-34.
    static let transportOperations: [VectorOperation] = [
        VectorOperation("rsa_oaep_wrap") { check throws(VectorFailure) in
            // The cryptogram is another each time; what can be compared is the key that comes back.
            let privateKey = try privateKey(check)
            let parameters = try parameters(check)
            let key = try check.key("key")
            let publicKey = privateKey.publicKey
            let cryptogram = try check.attempt { () throws(RSAKeyError) in
                try RSAKeyWrap.wrap(
                    key, for: key.count == 24 ? .tdes : .aes, under: publicKey, parameters: parameters,
                    strength: .waivingAES128UnderRSA2048)
            }
            check.expect("cryptogram_length", .integer(Int64(cryptogram.count)))
            check.expect("key", key: try unwrap(check, privateKey, cryptogram, parameters))
        },
        VectorOperation("rsa_oaep_unwrap") { check throws(VectorFailure) in
            let privateKey = try privateKey(check)
            let parameters = try parameters(check)
            let cryptogram = try check.bytes("cryptogram")
            check.expect("key", key: try unwrap(check, privateKey, cryptogram, parameters))
        },
        VectorOperation("rsa_oaep_unwrap_reject") { check throws(VectorFailure) in
            let privateKey = try privateKey(check)
            let parameters = try parameters(check)
            let cryptogram = try check.bytes("cryptogram")
            do throws(RSAKeyError) {
                _ = try RSAKeyWrap.unwrap(cryptogram, with: privateKey, parameters: parameters)
                check.expect("error", text: "none")
            } catch .notAuthentic {
                check.expect("error", text: "authentication_failed")
            } catch {
                check.expect("error", text: "\(error)")
            }
        },
        VectorOperation("tr34_random_number") { check throws(VectorFailure) in
            let token = try check.bytes("token")
            let number = try check.attempt { () throws(TR34Error) in try TR34.randomNumber(readingToken: token) }
            check.expect("random_number", number)
            let again = try check.attempt { () throws(TR34Error) in try TR34.token(randomNumber: number) }
            check.expect("token", again)
        },
        VectorOperation("tr34_credential") { check throws(VectorFailure) in
            let token = try check.bytes("token")
            let credential = try check.attempt { () throws(TR34Error) in try TR34.Credential(reading: token) }
            check.expect("issuer", text: credential.certificate.id.issuerText)
            check.expect("serial_number", credential.certificate.id.serialNumber)
            check.expect("subject", text: credential.certificate.subjectText)
            if let list = credential.revocationList {
                check.expect("this_update", .integer(list.thisUpdate))
                check.expect("next_update", .integer(list.nextUpdate ?? 0))
            }
        },
        VectorOperation("tr34_key_token") { check throws(VectorFailure) in
            let token = try token(check)
            if let number = token.randomNumber { check.expect("random_number", number) }
            if let time = token.signingTime { check.expect("signing_time", .integer(time)) }
            let key = try open(check, token)
            check.expect("usage", text: token.header.usage.rawValue)
            check.expect("algorithm", text: token.header.algorithm.rawValue)
            check.expect("mode_of_use", text: token.header.modeOfUse.rawValue)
            check.expect("exportability", text: token.header.exportability.rawValue)
            check.expect("key", key: key)
        },
        VectorOperation("tr34_key_token_reject") { check throws(VectorFailure) in
            do throws(VectorFailure) {
                _ = try open(check, try token(check))
                check.expect("error", text: "none")
            } catch {
                let refused = error.reason == "\(TR34Error.notAuthentic)"
                check.expect("error", text: refused ? "authentication_failed" : error.reason)
            }
        },
        VectorOperation("tr34_binding_token") { check throws(VectorFailure) in
            let bytes = try check.bytes("token")
            let signer = try certificate(check, "signer_certificate")
            let token = try check.attempt { () throws(TR34Error) in try TR34.BindingToken(reading: bytes) }
            try check.attempt { () throws(TR34Error) in try token.verify(signer: signer) }
            check.expect("device_serial_number", token.device.serialNumber)
            if let host = token.host { check.expect("host_serial_number", host.serialNumber) }
            if let host = token.newHost { check.expect("new_host_subject", text: host.certificate.subjectText) }
            if let number = token.randomNumber { check.expect("random_number", number) }
            if let time = token.signingTime { check.expect("signing_time", .integer(time)) }
        },
    ]

    private static func privateKey(
        _ check: VectorCheck, _ name: String = "private_key"
    ) throws(VectorFailure) -> RSAPrivateKey {
        let der = try check.key(name)
        return try check.attempt { () throws(RSAKeyError) in try RSAPrivateKey(der: der) }
    }

    private static func certificate(_ check: VectorCheck, _ name: String) throws(VectorFailure) -> Certificate {
        let der = try check.bytes(name)
        return try check.attempt { () throws(CertificateProblem) in try Certificate(der: der) }
    }

    private static func digest(_ check: VectorCheck, _ name: String) throws(VectorFailure) -> DigestAlgorithm {
        try digest(named: try check.text(name))
    }

    private static func parameters(_ check: VectorCheck) throws(VectorFailure) -> OAEPParameters {
        let hash = try digest(check, "hash")
        let maskHash = check.has("mask_hash") ? try digest(check, "mask_hash") : hash
        let label = check.has("label") ? try check.bytes("label") : []
        return OAEPParameters(hash: hash, maskHash: maskHash, label: label)
    }

    private static func unwrap(
        _ check: VectorCheck, _ privateKey: borrowing RSAPrivateKey, _ cryptogram: [UInt8],
        _ parameters: OAEPParameters
    ) throws(VectorFailure) -> SecretKey {
        do { return try RSAKeyWrap.unwrap(cryptogram, with: privateKey, parameters: parameters) } catch {
            throw VectorFailure("\(error)")
        }
    }

    private static func token(_ check: VectorCheck) throws(VectorFailure) -> TR34.KeyToken {
        let bytes = try check.bytes("token")
        return try check.attempt { () throws(TR34Error) in try TR34.KeyToken(reading: bytes) }
    }

    private static func open(_ check: VectorCheck, _ token: TR34.KeyToken) throws(VectorFailure) -> SecretKey {
        let (device, host) = (
            try certificate(check, "device_certificate"), try certificate(check, "host_certificate")
        )
        let privateKey = try privateKey(check, "device_private_key")
        let mixed = check.input("mixed_masks") == .bool(true)
        let received = try check.attempt { () throws(TR34Error) in
            try token.open(
                device: device, privateKey: privateKey, host: host, strength: .waivingAES128UnderRSA2048,
                acceptingMixedMasks: mixed)
        }
        return received.takeKey()
    }
}
