// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct CVVCommand: CryptoCalculator {
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case cvv, cvv2, icvv
    }

    static let configuration = CommandConfiguration(
        commandName: "cvv", abstract: "CVV/CVC, CVV2/CVC2, iCVV/Chip CVC.",
        discussion: """
            CVV2 has the service code 000, iCVV 999, CVV that of the stripe. The expiry goes in as it is given: \
            YYMM as on \
            the stripe, MMYY with some issuers for CVV2.

            Example: tillguard crypto cvv --cvk 99999999999999998888888888888888 --pan 2222222222222222 --expiry 3333 \
            --service-code 111

            JSON: kind, cvv; verified (with --verify; exit 1 when it is not).
            """)
    @OptionGroup var output: CryptoOutput
    @Option(help: "The value.") var kind = Kind.cvv
    @Option(help: "The card verification key pair, 16 bytes; @file or - for the standard input.") var cvk: CryptoInput
    @Option(help: "The PAN.") var pan: CryptoInput
    @Option(help: "The expiry date, four digits in the issuer's order.") var expiry: String
    @Option(help: "The service code, three digits; only for CVV.") var serviceCode: String?
    @Option(help: "A value to verify, three digits.") var verify: CryptoInput?

    func answer() throws -> CryptoAnswer {
        let expiry = try CardValue.expiry(expiry)
        let service: ServiceCode
        switch (kind, serviceCode) {
        case (.cvv, let text?): service = try CardValue.serviceCode(text)
        case (.cvv, nil): throw ValidationError("--service-code: CVV needs it, such as 201")
        case (.cvv2, nil): service = .printed
        case (.icvv, nil): service = .chip
        default: throw ValidationError("--service-code: \(kind.rawValue) has its own")
        }
        let cvk = try cvk.key("--cvk", [16])
        let pan = try pan.pan()
        let value = try CVV.value(cvk: cvk, pan: pan, expiry: expiry, serviceCode: service)
        var answer = CryptoAnswer()
        answer.add("kind", "kind", kind.rawValue)
        answer.add("cvv", "value", digits: value)
        if let verify {
            let given = try verify.digits("--verify", 3...3)
            answer.add(
                verified: CVV.verify(given, cvk: cvk, pan: pan, expiry: expiry, serviceCode: service),
                else: "another value")
        }
        return answer
    }
}

struct CAVVCommand: CryptoCalculator {
    static let configuration = CommandConfiguration(
        commandName: "cavv", abstract: "CAVV of 3-D Secure (CVD method).",
        discussion: """
            Example: tillguard crypto cavv --cvk 12345678123456781234567812345678 --pan 123456789012 --un 1108 \
            --result 0 --factor 00

            JSON: cavv; verified (with --verify; exit 1 when it is not).
            """)
    @OptionGroup var output: CryptoOutput
    @Option(help: "The CAVV key pair, 16 bytes; @file or - for the standard input.") var cvk: CryptoInput
    @Option(help: "The PAN.") var pan: CryptoInput
    @Option(help: "The unpredictable number, four digits.") var un: String
    @Option(help: "The authentication result code, one digit.") var result: String
    @Option(help: "The second factor authentication code, two digits.") var factor = "00"
    @Option(help: "A value to verify, three digits.") var verify: CryptoInput?

    func answer() throws -> CryptoAnswer {
        guard let number = ExpiryDigits(un) else { throw ValidationError("--un: expected four digits") }
        guard result.utf8.count == 1, let code = ServiceCode(result + factor) else {
            throw ValidationError("--result and --factor: expected one digit and two digits")
        }
        let cvk = try cvk.key("--cvk", [16])
        let pan = try pan.pan()
        var answer = CryptoAnswer()
        answer.add(
            "cavv", "CAVV",
            digits: try CVV.cavv(cvk: cvk, pan: pan, unpredictableNumber: number, resultAndFactor: code))
        if let verify {
            let given = try verify.digits("--verify", 3...3)
            answer.add(
                verified: CVV.verifyCAVV(
                    given, cvk: cvk, pan: pan, unpredictableNumber: number, resultAndFactor: code),
                else: "another value")
        }
        return answer
    }
}

struct DCVVCommand: CryptoCalculator {
    static let configuration = CommandConfiguration(
        commandName: "dcvv", abstract: "dCVV of a contactless Visa card in stripe mode.",
        discussion: """
            Example: tillguard crypto dcvv --imk 12345678123456781234567812345678 --pan 123456789012 --expiry 1310 \
            --service-code 226 --atc 3210

            JSON: cardKeyKCV, dcvv; verified (with --verify; exit 1 when it is not).
            """)
    @OptionGroup var output: CryptoOutput
    @OptionGroup var card: CardKeyArguments
    @Option(help: "The expiry date, four digits as on the stripe.") var expiry: String
    @Option(help: "The service code, three digits.") var serviceCode: String
    @Option(help: "The transaction counter as four decimal digits, as the card puts it into the track.")
    var atc: String
    @Option(help: "A value to verify, three digits.") var verify: CryptoInput?

    func answer() throws -> CryptoAnswer {
        let (expiry, service) = (try CardValue.expiry(expiry), try CardValue.serviceCode(serviceCode))
        guard let counter = ExpiryDigits(atc) else { throw ValidationError("--atc: expected four decimal digits") }
        let pan = try card.pan.pan()
        let key = try card.masterKey()
        var answer = CryptoAnswer()
        answer.add("cardKeyKCV", "KCV of the card's key", hex: KCV.tdes(key.key))
        answer.add(
            "dcvv", "dCVV",
            digits: try DynamicCVV.value(key: key, pan: pan, expiry: expiry, serviceCode: service, counter: counter))
        if let verify {
            let given = try verify.digits("--verify", 3...3)
            answer.add(
                verified: DynamicCVV.verify(
                    given, key: key, pan: pan, expiry: expiry, serviceCode: service, counter: counter),
                else: "another value")
        }
        return answer
    }
}

struct CVC3Command: CryptoCalculator {
    static let configuration = CommandConfiguration(
        commandName: "cvc3", abstract: "CVC3 of a contactless Mastercard in stripe mode.",
        discussion: """
            The track carries the last three or four of the five digits.

            Example: tillguard crypto cvc3 --imk 01234567899876543210012345678998 --pan 5123456789012345 --ivcvc3 5369 \
            --un 00000899 --atc 005E

            JSON: cardKeyKCV, ivcvc3, cvc3; verified (with --verify; exit 1 when it is not).
            """)
    @OptionGroup var output: CryptoOutput
    @OptionGroup var card: CardKeyArguments
    @Option(help: "The IVCVC3, two bytes.") var ivcvc3: CryptoInput?
    @Option(help: "Instead of it, the static track in hexadecimal: track 1 as text, track 2 packed.")
    var track: CryptoInput?
    @Option(help: "The unpredictable number, four bytes.") var un: CryptoInput
    @Option(help: "The transaction counter, two bytes.") var atc: CryptoInput
    @Option(help: "A value to verify, its last three to five digits.") var verify: CryptoInput?

    func answer() throws -> CryptoAnswer {
        let number = try un.bytes("--un", [4]).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let counter = try atc.bytes("--atc", [2]).reduce(UInt16(0)) { $0 << 8 | UInt16($1) }
        let key = try card.masterKey()
        let vector: [UInt8]
        switch (ivcvc3, track) {
        case (let value?, nil): vector = try value.bytes("--ivcvc3", [2])
        case (nil, let track?): vector = CVC3.initializationVector(key: key, track: try track.bytes("--track"))
        default: throw ValidationError("--ivcvc3 or --track: one of them is needed")
        }
        let value = try CVC3.value(
            key: key, initializationVector: vector, unpredictableNumber: number, transactionCounter: counter)
        var answer = CryptoAnswer()
        answer.add("cardKeyKCV", "KCV of the card's key", hex: KCV.tdes(key.key))
        answer.add("ivcvc3", "IVCVC3", hex: vector)
        answer.add("cvc3", "CVC3", digits: value)
        if let verify {
            let given = try verify.digits("--verify", 3...5)
            answer.add(
                verified: CVC3.verify(
                    given, key: key, initializationVector: vector, unpredictableNumber: number,
                    transactionCounter: counter),
                else: "another value")
        }
        return answer
    }
}

/// From which a card's key is derived.
struct CardKeyArguments: ParsableArguments {
    @Option(help: "The issuer's master key, 16 bytes; @file or - for the standard input.") var imk: CryptoInput
    @Option(help: "The PAN.") var pan: CryptoInput
    @Option(help: "The PAN sequence number, two digits.") var psn = "00"
    @Option(help: "How the card's key comes from it: a or b (EMV Book 2 A1.4).") var option = MasterKeyOption.a

    func masterKey() throws -> ICCMasterKey {
        let key = try imk.key("--imk", [16])
        return try ICCMasterKey(
            issuerMasterKey: key, pan: try pan.pan(), sequence: try CardValue.sequence(psn), option: option)
    }
}

extension MasterKeyOption: ExpressibleByArgument {
    public init?(argument: String) {
        switch argument.lowercased() {
        case "a": self = .a
        case "b": self = .b
        default: return nil
        }
    }

    public static var allValueStrings: [String] { ["a", "b"] }
    public var defaultValueDescription: String { self == .a ? "a" : "b" }
}

enum CardValue {
    static func expiry(_ text: String) throws -> ExpiryDigits {
        guard let expiry = ExpiryDigits(text) else { throw ValidationError("--expiry: expected four digits") }
        return expiry
    }

    static func serviceCode(_ text: String) throws -> ServiceCode {
        guard let code = ServiceCode(text) else { throw ValidationError("--service-code: expected three digits") }
        return code
    }

    static func sequence(_ text: String) throws -> PANSequenceNumber {
        guard let sequence = PANSequenceNumber(text) else { throw ValidationError("--psn: expected two digits") }
        return sequence
    }
}
