// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

/// Where the keys of a cryptogram come from: the issuer's key, the card's, or the transaction's.
struct CryptogramKeyArguments: ParsableArguments {
    @Option(help: "The issuer's master key for cryptograms, 16 bytes; @file or - for the standard input.")
    var imk: CryptoInput?
    @Option(help: "Instead of it: the card's key, 16 bytes.") var cardKey: CryptoInput?
    @Option(help: "Instead of both: the transaction's session key, 16 bytes.") var sessionKey: CryptoInput?
    @Option(help: "With --imk: the PAN, if no tag has it.") var pan: CryptoInput?
    @Option(help: "With --imk: the PAN sequence number, two digits; 00 if neither this nor tag 5F34 is there.")
    var psn: String?

    var isGiven: Bool { imk != nil || cardKey != nil || sessionKey != nil }

    /// The keys of one transaction.
    struct Keys: ~Copyable {
        let cryptogram: EMVSessionKey
        let response: EMVSessionKey
        /// Nil where the session key was given.
        let masterKCV: [UInt8]?
        /// Whether `response` is the key of the issuer's answer.
        let canAnswer: Bool
    }

    func keys(
        _ specification: CryptogramSpecification, _ context: TransactionContext, pan cardPAN: PANDigits?,
        sequence cardSequence: PANSequenceNumber?
    ) throws -> Keys {
        switch (imk, cardKey, sessionKey) {
        case (let imk?, nil, nil):
            guard let digits = try pan?.pan() ?? cardPAN else {
                throw ValidationError("--pan: --imk needs it, and there is no tag 5A")
            }
            let sequence = try psn.map(CardValue.sequence) ?? cardSequence ?? .zero
            let master = try specification.masterKey(
                issuerMasterKey: try imk.key("--imk", [16]), pan: digits, sequence: sequence)
            return Self.keys(specification, context, master)
        case (nil, let cardKey?, nil):
            let master = try ICCMasterKey(key: try cardKey.key("--card-key", [16]))
            return Self.keys(specification, context, master)
        case (nil, nil, let sessionKey?):
            let key = try sessionKey.key("--session-key", [16])
            return Keys(
                cryptogram: try EMVSessionKey(key: key.copy()), response: try EMVSessionKey(key: key.copy()),
                masterKCV: nil, canAnswer: specification.response != .method1UnderMasterKey)
        default: throw ValidationError("--imk, --card-key and --session-key: only one of them")
        }
    }

    private static func keys(
        _ specification: CryptogramSpecification, _ context: TransactionContext, _ master: borrowing ICCMasterKey
    ) -> Keys {
        Keys(
            cryptogram: specification.cryptogramKey(master: master, context: context),
            response: specification.responseKey(master: master, context: context), masterKCV: KCV.tdes(master.key),
            canAnswer: true)
    }

    /// Two bytes in hexadecimal, or the two characters themselves.
    static func responseCode(_ text: String) throws -> [UInt8] {
        if text.utf8.count == 2, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) { return Array(text.utf8) }
        guard let bytes = Hex.bytes(text), bytes.count == 2 else {
            throw ValidationError("--arc: expected two bytes in hexadecimal, or two characters such as 00")
        }
        return bytes
    }
}

struct ARPCCommand: CryptoCalculator {
    static let configuration = CommandConfiguration(
        commandName: "arpc", abstract: "The issuer's answer (ARPC) by method 1 or 2.",
        discussion: """
            The key is the session key, or the card's where the version answers under that. arqc --arc or --csu \
            derives it.

            Example: tillguard crypto arpc --key F84315C7B95BD3B0C74694922C3808B0 --arqc 4B46013359B7A58B --arc 0000

            JSON: method, keyKCV, arpc; verified (with --verify; exit 1 when it is not).
            """)
    @OptionGroup var output: CryptoOutput
    @Option(help: "The key, 16 bytes; @file or - for the standard input.") var key: CryptoInput
    @Option(help: "The cryptogram, 8 bytes.") var arqc: CryptoInput
    @Option(help: "Method 1: the response code, 3030 or two characters such as 00.") var arc: String?
    @Option(help: "Method 2: the card status update, 4 bytes.") var csu: CryptoInput?
    @Option(help: "With --csu: proprietary authentication data, up to 8 bytes.") var proprietaryData: CryptoInput?
    @Option(help: "An ARPC to verify.") var verify: CryptoInput?

    func answer() throws -> CryptoAnswer {
        let key = try EMVSessionKey(key: try key.key("--key", [16]))
        let cryptogram = try arqc.bytes("--arqc", [8])
        var answer = CryptoAnswer()
        let arpc: [UInt8]
        switch (arc, csu) {
        case (let arc?, nil):
            answer.add("method", "method", count: 1)
            let code = try CryptogramKeyArguments.responseCode(arc)
            arpc = try ResponseCryptogram.method1(key: key, cryptogram: cryptogram, responseCode: code)
        case (nil, let csu?):
            answer.add("method", "method", count: 2)
            arpc = try ResponseCryptogram.method2(
                key: key, cryptogram: cryptogram, cardStatusUpdate: try csu.bytes("--csu", [4]),
                proprietaryData: try proprietaryData?.bytes("--proprietary-data", Array(1...8)) ?? [])
        default: throw ValidationError("--arc (method 1) or --csu (method 2): one of them is needed")
        }
        answer.add("keyKCV", "KCV of the key", hex: KCV.tdes(key.key))
        answer.add("arpc", "ARPC", hex: arpc)
        if let verify {
            let given = try verify.bytes("--verify", [arpc.count])
            answer.add(verified: constantTimeEquals(arpc, given), else: "another ARPC")
        }
        return answer
    }
}
