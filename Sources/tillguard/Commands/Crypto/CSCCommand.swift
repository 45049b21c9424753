// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct CSCCommand: CryptoCalculator {
    static let configuration = CommandConfiguration(
        commandName: "csc", abstract: "Card security codes of American Express.",
        discussion: """
            Version 2 with a service code, version 1 without. No published answer stands behind this calculator: \
            compare its \
            values with the issuer's before relying on them.

            Example: tillguard crypto csc --csck 0123456789ABCDEFFEDCBA9876543210 --pan 371234567890123 --expiry 9912

            JSON: version, csc5, csc4, csc3; verified (with --verify; exit 1 when it is not).
            """)
    @OptionGroup var output: CryptoOutput
    @Option(help: "The card security code key, 16 bytes; @file or - for the standard input.") var csck: CryptoInput
    @Option(help: "The PAN: fifteen digits that begin with 34 or 37.") var pan: CryptoInput
    @Option(help: "The expiry date, YYMM.") var expiry: String
    @Option(help: "The service code, three digits; for version 2.") var serviceCode: String?
    @Option(help: "A code to verify: five, four or three digits.") var verify: CryptoInput?

    func answer() throws -> CryptoAnswer {
        let expiry = try CardValue.expiry(expiry)
        let service = try serviceCode.map { try CardValue.serviceCode($0) }
        let key = try csck.key("--csck", [16])
        let pan = try pan.pan()
        let codes = try CardSecurityCode(key: key, pan: pan, expiry: expiry, serviceCode: service)
        var answer = CryptoAnswer()
        answer.add("version", "version", count: service == nil ? 1 : 2)
        answer.add("csc5", "CSC-5", digits: codes.five)
        answer.add("csc4", "CSC-4", digits: codes.four)
        answer.add("csc3", "CSC-3", digits: codes.three)
        if let verify {
            let given = try verify.digits("--verify", 3...5)
            answer.add(
                verified: CardSecurityCode.verify(given, key: key, pan: pan, expiry: expiry, serviceCode: service),
                else: "another value")
        }
        return answer
    }
}
