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
            // Of an application cryptogram it is the transaction counter and zeros (EMV Book 2 A1.3.1).
            let diversifier =
                check.has("r") ? try check.bytes("r") : try check.bytes("atc") + [UInt8](repeating: 0, count: 6)
            let key = try check.attempt { () throws(CardCryptographyError) in
                try EMVSessionKey(master: master, diversifier: diversifier)
            }
            check.expect("session_key", key: key.key)
            check.expect("kcv2", Array(KCV.tdes(key.key).prefix(2)))
        },
        VectorOperation("emv2000_session_key") { check throws(VectorFailure) in
            let master = try iccKey(check, "icc_mk")
            let height = check.has("height") ? try check.integer("height") : 8
            let factor = check.has("branch_factor") ? try check.integer("branch_factor") : 4
            let start = check.has("iv") ? try check.bytes("iv") : [UInt8](repeating: 0, count: 16)
            let tree = try check.attempt { () throws(CardCryptographyError) in
                try SessionKeyTree(height: height, branchFactor: factor, start: start)
            }
            let context = TransactionContext(transactionCounter: try counter(check))
            let key = EMVSessionKey(.tree(tree), master: master, context: context)
            check.expect("session_key_odd_parity", key: key.key.withOddParity())
            check.expect("session_key", key: key.key.withOddParity())
        },
        VectorOperation("visa_sm_session_key") { check throws(VectorFailure) in
            let context = TransactionContext(transactionCounter: try counter(check))
            let key = EMVSessionKey(.visaSecureMessaging, master: try iccKey(check, "icc_mk"), context: context)
            check.expect("session_key", key: key.key)
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
            let data = check.has("proprietary_auth_data") ? try check.bytes("proprietary_auth_data") : []
            let answer = try check.attempt { () throws(CardCryptographyError) in
                try ResponseCryptogram.method2(
                    key: key, cryptogram: arqc, cardStatusUpdate: update, proprietaryData: data)
            }
            check.expect("arpc", answer)
        },
        VectorOperation("scheme_arqc") { check throws(VectorFailure) in try schemeCryptogram(&check) },
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
        let input = try check.bytes("data")
        let arqc = scheme.cryptogram(master: master, context: context, input: input)
        check.require(
            scheme.verify(arqc, master: master, context: context, input: input), "arqc: not verified")
        check.expect("arqc", arqc)
        try answers(&check, scheme, master: master, context: context, cryptogram: arqc)
    }

    /// The names of these expected values say how the issuer answers: `arpc_method1_icc_mk_arc0010`,
    /// `arpc_method1_arc3030`, `arpc_method2_csu00000000`.
    private static func answers(
        _ check: inout VectorCheck, _ scheme: CryptogramSpecification, master: borrowing ICCMasterKey,
        context: TransactionContext, cryptogram: [UInt8]
    ) throws(VectorFailure) {
        for name in check.expectedNames {
            func value(after prefix: String) -> [UInt8]? {
                name.hasPrefix(prefix) ? Hex.bytes(String(name.dropFirst(prefix.count))) : nil
            }
            let session = scheme.cryptogramKey(master: master, context: context)
            if let code = value(after: "arpc_method1_icc_mk_arc") {
                let plain = EMVSessionKey(.none, master: master, context: context)
                let answer = try check.attempt { () throws(CardCryptographyError) in
                    try ResponseCryptogram.method1(key: plain, cryptogram: cryptogram, responseCode: code)
                }
                check.expect(name, answer)
            } else if let code = value(after: "arpc_method1_arc") ?? value(after: "arpc_method1_session_key_arc") {
                let answer = try check.attempt { () throws(CardCryptographyError) in
                    try ResponseCryptogram.method1(key: session, cryptogram: cryptogram, responseCode: code)
                }
                check.expect(name, answer)
            } else if let update = value(after: "arpc_method2_csu") {
                let answer = try check.attempt { () throws(CardCryptographyError) in
                    try ResponseCryptogram.method2(key: session, cryptogram: cryptogram, cardStatusUpdate: update)
                }
                check.expect(name, answer)
            }
        }
    }

    private static func cryptogramPadding(_ check: VectorCheck) throws(VectorFailure) -> MACPadding? {
        guard let padding = check.input("padding") else { return nil }
        switch padding {
        case .integer(1), "1", "method 1", "9797-1 method 1", "VISA": return .method1
        case .integer(2), "2", "method 2", "9797-1 method 2", "EMV": return .method2
        default: throw VectorFailure("unknown padding \(padding.text)")
        }
    }

    static func iccKey(_ check: VectorCheck, _ name: String) throws(VectorFailure) -> ICCMasterKey {
        let key = try check.key(name)
        guard key.count == 16 else { throw VectorFailure("input \"\(name)\" has 16 bytes") }
        return try check.attempt { () throws(CardCryptographyError) in try ICCMasterKey(key: key.copy()) }
    }

    static func sessionKey(_ check: VectorCheck, _ name: String) throws(VectorFailure) -> EMVSessionKey {
        let key = try check.key(name)
        guard key.count == 16 else { throw VectorFailure("input \"\(name)\" has 16 bytes") }
        return try check.attempt { () throws(CardCryptographyError) in try EMVSessionKey(key: key.copy()) }
    }
}
