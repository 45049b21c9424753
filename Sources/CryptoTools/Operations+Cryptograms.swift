// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension VectorRunner {
    /// EMV: master and session keys, application and response cryptograms, script MACs.
    static let cryptogramOperations: [VectorOperation] = [
        VectorOperation("icc_master_key") { check throws(VectorFailure) in
            let key = try masterKey(check, "imk", option: try option(check, "option"))
            check.expect("icc_mk_odd_parity", key: key.key)
            check.expect("kcv2", Array(KCV.tdes(key.key).prefix(2)))
        },
        VectorOperation("common_session_key") { check throws(VectorFailure) in
            let master = try iccKey(check, "icc_mk")
            let diversifier = try check.bytes("r")
            let key = try check.attempt { () throws(CardCryptographyError) in
                try EMVSessionKey(master: master, diversifier: diversifier)
            }
            check.expect("session_key", key: key.key)
            check.expect("kcv2", Array(KCV.tdes(key.key).prefix(2)))
        },
        VectorOperation("emv2000_session_key") { check throws(VectorFailure) in
            let master = try iccKey(check, "icc_mk")
            let (height, factor) = (try check.integer("height"), try check.integer("branch_factor"))
            let start = try check.bytes("iv")
            let tree = try check.attempt { () throws(CardCryptographyError) in
                try SessionKeyTree(height: height, branchFactor: factor, start: start)
            }
            let context = TransactionContext(transactionCounter: try counter(check))
            let key = EMVSessionKey(.tree(tree), master: master, context: context)
            check.expect("session_key_odd_parity", key: key.key.withOddParity())
        },
        VectorOperation("arqc") { check throws(VectorFailure) in
            let key = try sessionKey(check, "session_key")
            let padding = try cryptogramPadding(check) ?? .method2
            check.expect(
                "arqc", ApplicationCryptogram.value(key: key, input: try check.bytes("data"), padding: padding))
        },
        VectorOperation("arpc_method1") { check throws(VectorFailure) in
            let key = try sessionKey(check, check.has("key") ? "key" : "session_key")
            let (arqc, code) = (try check.bytes("arqc"), try check.bytes("arc"))
            let answer = try check.attempt { () throws(CardCryptographyError) in
                try ResponseCryptogram.method1(key: key, cryptogram: arqc, responseCode: code)
            }
            check.expect("arpc", answer)
        },
        VectorOperation("arpc_method2") { check throws(VectorFailure) in
            let key = try sessionKey(check, check.has("session_key") ? "session_key" : "key")
            let (arqc, update) = (try check.bytes("arqc"), try check.bytes("csu"))
            let data = try check.bytes("proprietary_auth_data")
            let answer = try check.attempt { () throws(CardCryptographyError) in
                try ResponseCryptogram.method2(
                    key: key, cryptogram: arqc, cardStatusUpdate: update, proprietaryData: data)
            }
            check.expect("arpc", answer)
        },
        VectorOperation("scheme_arqc") { check throws(VectorFailure) in try schemeCryptogram(&check) },
        VectorOperation("script_mac") { check throws(VectorFailure) in
            // The class of the command tells the scheme's key: Visa's XOR under 84 18, the common method with the
            // cryptogram under 84 24 (as the published examples have them).
            let header = try check.bytes("command_header")
            let visa = header.count > 1 && header[1] == 0x18
            let master = try masterKey(check, "imk_smi", option: .b)
            let context = TransactionContext(
                transactionCounter: try counter(check), applicationCryptogram: try check.word("arqc"))
            let derivation: SessionKeyDerivation = visa ? .visaSecureMessaging : .cryptogram
            let key = EMVSessionKey(derivation, master: master, context: context)
            check.expect("session_key", key: key.key)
            let data = check.has("command_data") ? try check.bytes("command_data") : []
            let input = ScriptMAC.input(header: header, data: data, context: context)
            check.expect("mac", ScriptMAC.code(key: key, input: input))
        },
    ]

    // MARK: - Steps

    private static func schemeCryptogram(_ check: inout VectorCheck) throws(VectorFailure) {
        let name = try check.text("scheme")
        guard var scheme = CryptogramSpecification(named: name) else {
            throw VectorFailure("unknown scheme \"\(name)\"")
        }
        if let padding = try cryptogramPadding(check) { scheme.padding = padding }
        let master = try masterKey(check, "imk_ac", option: scheme.masterKeyOption)
        let context = TransactionContext(
            transactionCounter: try counter(check),
            unpredictableNumber: check.has("un") ? try number(check, "un") : 0)
        check.expect("session_key", key: scheme.cryptogramKey(master: master, context: context).key)
        let arqc = scheme.cryptogram(master: master, context: context, input: try check.bytes("data"))
        check.expect("arqc", arqc)
        // The names of these expected values say how the issuer answers.
        let session = scheme.cryptogramKey(master: master, context: context)
        let second = try check.attempt { () throws(CardCryptographyError) in
            try ResponseCryptogram.method2(key: session, cryptogram: arqc, cardStatusUpdate: [0, 0, 0, 0])
        }
        check.expect("arpc_method2_csu00000000", second)
        let plain = EMVSessionKey(.none, master: master, context: context)
        let first = try check.attempt { () throws(CardCryptographyError) in
            try ResponseCryptogram.method1(key: plain, cryptogram: arqc, responseCode: [0x00, 0x10])
        }
        check.expect("arpc_method1_icc_mk_arc0010", first)
    }

    private static func cryptogramPadding(_ check: VectorCheck) throws(VectorFailure) -> MACPadding? {
        guard let padding = check.input("padding") else { return nil }
        switch padding {
        case .integer(1), "9797-1 method 1": return .method1
        case .integer(2), "9797-1 method 2": return .method2
        default: throw VectorFailure("unknown padding \(padding.text)")
        }
    }

    private static func iccKey(_ check: VectorCheck, _ name: String) throws(VectorFailure) -> ICCMasterKey {
        let key = try check.key(name)
        guard key.count == 16 else { throw VectorFailure("input \"\(name)\" has 16 bytes") }
        return try check.attempt { () throws(CardCryptographyError) in try ICCMasterKey(key: key.copy()) }
    }

    private static func sessionKey(_ check: VectorCheck, _ name: String) throws(VectorFailure) -> EMVSessionKey {
        let key = try check.key(name)
        guard key.count == 16 else { throw VectorFailure("input \"\(name)\" has 16 bytes") }
        return try check.attempt { () throws(CardCryptographyError) in try EMVSessionKey(key: key.copy()) }
    }
}
