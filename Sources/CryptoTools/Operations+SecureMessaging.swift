// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension VectorRunner {
    /// EMV secure messaging: codes over commands, enciphered data, new PINs; and whole transactions by scheme.
    static let secureMessagingOperations: [VectorOperation] = [
        VectorOperation("script_mac") { check throws(VectorFailure) in try scriptMAC(&check) },
        VectorOperation("command_mac") { check throws(VectorFailure) in
            let key = try sessionKey(check, check.has("sk_smi") ? "sk_smi" : "session_key")
            let code = ScriptMAC.code(key: key, input: try check.bytes("command"))
            check.expect("mac", truncated: code)
        },
        VectorOperation("encrypt_command_data") { check throws(VectorFailure) in
            let key = try sessionKey(check, check.has("sk_smc") ? "sk_smc" : "session_key")
            let data = try check.key("command_data")
            let name = try check.text("encryption_type").lowercased()
            let type = try check.unwrap(
                CommandEncryption(rawValue: name == "emv" ? "common" : name), "unknown encryption type")
            let encrypted = try check.attempt { () throws(CardCryptographyError) in try type.encrypt(data, key: key) }
            check.expect("encrypted", encrypted)
            let isPadded = data.count % 8 != 0
            let back = try check.attempt { () throws(CardCryptographyError) in
                try type.decrypt(encrypted, key: key, isPadded: isPadded)
            }
            check.require(back.equals(data), "the data does not decrypt")
        },
        VectorOperation("vis_pin_block") { check throws(VectorFailure) in
            let master = try iccKey(check, "icc_mk_ac")
            let pin = try check.pin()
            guard check.has("current_pin") else {
                return check.expect("block", key: PINChangeBlock.visa(pin, master: master))
            }
            let current = try check.pin("current_pin")
            check.expect("block", key: PINChangeBlock.visa(pin, current: current, master: master))
        },
        VectorOperation("pin_change_command") { check throws(VectorFailure) in
            let scheme = try specification(check)
            let context = try scriptContext(check)
            let keys = ScriptMasterKeys(
                cryptogram: try masterKey(check, "imk_ac", option: scheme.masterKeyOption),
                integrity: try masterKey(check, "imk_smi", option: scheme.masterKeyOption),
                confidentiality: try masterKey(check, "imk_smc", option: scheme.masterKeyOption))
            let count = check.has("mac_length") ? try check.integer("mac_length") : 8
            let pin = try check.pin()
            let command: ScriptCommand
            if check.has("current_pin") {
                let current = try check.pin("current_pin")
                command = try check.attempt { () throws(CardCryptographyError) in
                    try scheme.pinChange(to: pin, current: current, keys: keys, context: context, codeCount: count)
                }
            } else {
                command = try check.attempt { () throws(CardCryptographyError) in
                    try scheme.pinChange(to: pin, keys: keys, context: context, codeCount: count)
                }
            }
            check.expect("command", command.bytes)
        },
        VectorOperation("scheme_cryptogram") { check throws(VectorFailure) in try schemeTransaction(&check) },
    ]

    // MARK: - Steps

    /// By the scheme where one is named. Otherwise the command tells the scheme's key: Visa's XOR under `84 18`, the
    /// common method with the cryptogram under any other (as the published examples have them).
    private static func scriptMAC(_ check: inout VectorCheck) throws(VectorFailure) {
        let header = try check.bytes("command_header")
        let scheme = check.has("scheme") ? try specification(check) : nil
        let visa = header.count > 1 && header[1] == 0x18
        let context = try scriptContext(check)
        let derivation = scheme?.scriptKey ?? (visa ? .visaSecureMessaging : .cryptogram)
        let option = check.has("option") ? try option(check, "option") : scheme?.masterKeyOption ?? .b
        let master =
            check.has("imk_smi") ? try masterKey(check, "imk_smi", option: option) : try iccKey(check, "icc_mk_smi")
        let key = EMVSessionKey(derivation, master: master, context: context)
        check.expect("session_key", key: key.key)
        let data = check.has("command_data") ? try check.bytes("command_data") : []
        let input = ScriptMAC.input(
            header: header, data: data, context: context, coverage: scheme?.scriptCoverage ?? .commandAndTransaction)
        let code = ScriptMAC.code(key: key, input: input)
        check.require(ScriptMAC.verify(code, key: key, input: input), "mac: not verified")
        check.expect("mac", truncated: code)
    }

    /// A cryptogram from its data elements, by tag, and the issuer's answer to it.
    private static func schemeTransaction(_ check: inout VectorCheck) throws(VectorFailure) {
        let scheme = try specification(check)
        let master = try masterKey(check, "imk_ac", option: scheme.masterKeyOption)
        var transaction = TransactionData()
        for member in check.input("transaction")?.members ?? [] {
            guard let tag = UInt16(member.name, radix: 16), let text = member.value.string,
                let bytes = Hex.bytes(text), let field = TransactionData.order.first(where: { $0.tag == tag })
            else { throw VectorFailure("no data element \(member.name) in hexadecimal") }
            try check.attempt { () throws(CardCryptographyError) in try transaction.set(field, bytes) }
        }
        let elements = transaction
        let explanation = try check.attempt { () throws(CardCryptographyError) in try scheme.explain(elements) }
        check.expect("data", explanation.input)
        let context = explanation.context
        check.expect("session_key", key: scheme.cryptogramKey(master: master, context: context).key)
        let arqc = scheme.cryptogram(master: master, context: context, input: explanation.input)
        check.require(scheme.verify(arqc, master: master, transaction: elements), "arqc: not verified")
        check.expect("arqc", arqc)
        guard check.expects("arpc") else { return }
        let response = try check.bytes(check.has("csu") ? "csu" : "arc")
        let data = check.has("proprietary_auth_data") ? try check.bytes("proprietary_auth_data") : []
        let answer = try check.attempt { () throws(CardCryptographyError) in
            try scheme.responseCryptogram(
                master: master, context: context, cryptogram: arqc, response: response, proprietaryData: data)
        }
        check.expect("arpc", answer)
    }

    private static func specification(_ check: VectorCheck) throws(VectorFailure) -> CryptogramSpecification {
        let name = try check.text("scheme")
        return try check.unwrap(CryptogramSpecification(named: name), "unknown scheme \"\(name)\"")
    }

    private static func scriptContext(_ check: VectorCheck) throws(VectorFailure) -> TransactionContext {
        TransactionContext(
            transactionCounter: try counter(check),
            unpredictableNumber: check.has("un") ? try number(check, "un") : 0,
            applicationCryptogram: check.has("arqc") ? try check.word("arqc") : 0)
    }
}
