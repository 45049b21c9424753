// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct PVVCommand: CryptoCalculator {
    static let configuration = CommandConfiguration(
        commandName: "pvv", abstract: "Visa PIN verification value: compute or verify.",
        discussion: """
            It covers the first four digits of the PIN.

            Example: tillguard crypto pvv --pvk 0123456789ABCDEFFEDCBA9876543210 --pan 1122334455667788 --pvki \
            2 --pin 1912

            JSON: pvki, pvv; verified (with --verify; exit 1 when it is not).
            """)
    @OptionGroup var output: CryptoOutput
    @Option(help: "The PIN verification key pair, 16 bytes; @file or - for the standard input.") var pvk: CryptoInput
    @Option(help: "The PAN.") var pan: CryptoInput
    @Option(help: "The PIN verification key index, 0 to 6.") var pvki: UInt8 = 1
    @Option(help: "The PIN; @file or - keeps it out of the shell's history.") var pin: CryptoInput
    @Option(help: "A PVV to verify, four digits.") var verify: CryptoInput?

    func answer() throws -> CryptoAnswer {
        guard pvki <= 6 else { throw ValidationError("--pvki: expected 0 to 6, got \(pvki)") }
        let pvk = try pvk.key("--pvk", [16])
        let pan = try pan.pan()
        let pin = try pin.pin()
        var answer = CryptoAnswer()
        answer.add("pvki", "key index", count: Int(pvki))
        answer.add("pvv", "PVV", digits: VisaPVV.value(pvk: pvk, pan: pan, pvki: pvki, pin: pin))
        if let verify {
            let given = try verify.digits("--verify", 4...4)
            answer.add(
                verified: VisaPVV.verify(given, pvk: pvk, pan: pan, pvki: pvki, pin: pin), else: "another PVV")
        }
        return answer
    }
}

/// What IBM 3624 works on.
struct IBM3624Arguments: ParsableArguments {
    @Option(help: "The PIN verification key, 16 or 24 bytes; @file or - for the standard input.") var pvk: CryptoInput
    @Option(help: "The PAN, whose twelve digits before the check digit, and FFFF, are the validation data.")
    var pan: CryptoInput?
    @Option(help: "The validation data instead of a PAN, sixteen hexadecimal digits.") var validationData: String?
    @Option(help: "The decimalization table.") var table = "0123456789012345"

    func data() throws -> PINValidationData {
        switch (pan, validationData) {
        case (let pan?, nil): return PINValidationData(pan: try pan.pan())
        case (nil, let hex?):
            guard let data = PINValidationData(hex: hex) else {
                throw ValidationError("--validation-data: expected sixteen hexadecimal digits")
            }
            return data
        default: throw ValidationError("--pan or --validation-data: one of them is needed")
        }
    }

    func decimals() throws -> DecimalizationTable {
        guard let decimals = DecimalizationTable(unregistered: table) else {
            throw ValidationError("--table: expected sixteen digits")
        }
        return decimals
    }

    func addNotes(to answer: inout CryptoAnswer) {
        let isSound = (try? DecimalizationTable(table)) != nil
        if !isSound { answer.add(notes: ["weak decimalization table: a security module refuses it"]) }
    }
}

struct OffsetCommand: CryptoCalculator {
    static let configuration = CommandConfiguration(
        commandName: "offset", abstract: "IBM 3624 PIN offset: compute or verify.",
        discussion: """
            Example: tillguard crypto offset --pvk 0123456789ABCDEFFEDCBA9876543210 --validation-data 1122334455667788 \
            --table 1234567890123456 --pin 4524

            JSON: offset, notes; verified (with --verify; exit 1 when it is not).
            """)
    @OptionGroup var output: CryptoOutput
    @OptionGroup var arguments: IBM3624Arguments
    @Option(help: "The PIN; @file or - keeps it out of the shell's history.") var pin: CryptoInput
    @Option(help: "An offset to verify, as many digits as the PIN.") var verify: CryptoInput?

    func answer() throws -> CryptoAnswer {
        let (data, table) = (try arguments.data(), try arguments.decimals())
        let pvk = try arguments.pvk.key("--pvk", [16, 24])
        let pin = try pin.pin()
        var answer = CryptoAnswer()
        answer.add(
            "offset", "offset", digits: IBM3624.offset(pvk: pvk, validationData: data, table: table, pin: pin))
        if let verify {
            let given = try verify.digits("--verify", 4...12)
            answer.add(
                verified: IBM3624.verify(given, pvk: pvk, validationData: data, table: table, pin: pin),
                else: "another offset")
        }
        arguments.addNotes(to: &answer)
        return answer
    }
}

struct NaturalPINCommand: CryptoCalculator {
    static let configuration = CommandConfiguration(
        commandName: "natural-pin", abstract: "IBM 3624 natural PIN, or the PIN of an offset.",
        discussion: """
            Example: tillguard crypto natural-pin --pvk 0123456789ABCDEFFEDCBA9876543210 \
            --validation-data 1122334455667788 --table 1234567890123456 --show-pin

            JSON: pinDigits, pin (with --show-pin), notes.
            """)
    @OptionGroup var output: CryptoOutput
    @OptionGroup var arguments: IBM3624Arguments
    @OptionGroup var display: PINDisplay
    @Option(help: "The digits of the natural PIN, 4 to 12.") var digits = 4
    @Option(help: "An offset, for the PIN that the cardholder chose.") var offset: CryptoInput?

    func answer() throws -> CryptoAnswer {
        guard (ClearPIN.countMin...ClearPIN.countMax).contains(digits) else {
            throw ValidationError("--digits: expected 4 to 12, got \(digits)")
        }
        let (data, table) = (try arguments.data(), try arguments.decimals())
        let pvk = try arguments.pvk.key("--pvk", [16, 24])
        var answer = CryptoAnswer()
        if let offset {
            let given = try offset.digits("--offset", 4...12)
            guard let pin = IBM3624.pin(pvk: pvk, validationData: data, table: table, offset: given) else {
                throw ValidationError("--offset: expected 4 to 12 digits")
            }
            display.add(pin, to: &answer)
        } else {
            let pin = IBM3624.naturalPIN(pvk: pvk, validationData: data, table: table, count: digits)
            display.add(pin, to: &answer)
        }
        arguments.addNotes(to: &answer)
        return answer
    }
}
