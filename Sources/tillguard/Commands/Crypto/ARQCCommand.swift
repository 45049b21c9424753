// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import CryptoTools
import PaymentCryptography
import Vocabulary

struct ARQCCommand: CryptoCalculator {
    static let configuration = CommandConfiguration(
        commandName: "arqc", abstract: "EMV cryptograms: verify, compute, answer, explain.",
        discussion: """
            With a cryptogram (--arqc, or tag 9F26) it is verified: exit 1 when it is not the card's. --explain \
            prints the \
            assembled input part by part, the padding and what the keys are derived with; without a key it does \
            nothing \
            else. PAN and sequence number may come from tags 5A (or 57) and 5F34.

            Versions for --cvn: \(CryptogramSpecification.all.map(\.name).joined(separator: ", ")).
            Schemes for --scheme, by tag 9F10: \
            \(CryptogramSpecification.Scheme.allCases.map(\.rawValue).joined(separator: ", ")).

            Example: tillguard crypto arqc --cvn "Visa CVN 18" --imk 0123456789ABCDEFFEDCBA9876543210 \
            --pan 1234567890123456 --atc 001C --arqc 7A788EA6B8A3E733 --csu 00000000 \
            --data 0000000040000000000000000124800004800001241911050152BF45851800001C06011203A0B800

            JSON: version, masterKeyKCV, sessionKeyKCV, arqc, verified, arpc, explanation (with --explain), notes.
            """)
    @OptionGroup var output: CryptoOutput
    @Option(help: "The cryptogram version by name, such as \"Visa CVN 18\".") var cvn: String?
    @Option(help: "Instead of a version: the scheme, whose cards state it in tag 9F10.") var scheme: String?
    @OptionGroup var chip: ChipData
    @Option(help: "Instead of data elements: the assembled input in hexadecimal, without padding.")
    var data: CryptoInput?
    @Option(help: "With --data: the transaction counter, two bytes.") var atc: CryptoInput?
    @Option(help: "With --data: the unpredictable number, four bytes.") var un: CryptoInput?
    @OptionGroup var keys: CryptogramKeyArguments
    @Option(help: "A cryptogram to verify, 8 bytes.") var arqc: CryptoInput?
    @Option(help: "For an answer by method 1: the response code, 3030 or two characters such as 00.") var arc: String?
    @Option(help: "For an answer by method 2: the card status update, 4 bytes.") var csu: CryptoInput?
    @Option(help: "With --csu: proprietary authentication data, up to 8 bytes.") var proprietaryData: CryptoInput?
    @Flag(help: "Print how the input is put together; never a key.") var explain = false

    func answer() throws -> CryptoAnswer {
        let reading = try chip.reading()
        let specification = try specification(reading.transaction)
        var answer = CryptoAnswer()
        answer.add("version", "version", specification.name)
        let input: [UInt8]
        let context: TransactionContext
        var report: CryptogramReport?
        if let data {
            guard !chip.isGiven else { throw ValidationError("--data and --field55 or --tag: only one of them") }
            input = try data.bytes("--data")
            context = TransactionContext(
                transactionCounter: UInt16(try word(atc, "--atc", 2)),
                unpredictableNumber: UInt32(
                    try un == nil && specification.sessionKey != .mastercard ? 0 : word(un, "--un", 4))
            )
        } else {
            guard chip.isGiven else { throw ValidationError("--field55, --tag or --data: one of them is needed") }
            let explanation = try specification.explain(reading.transaction)
            (input, context) = (explanation.input, explanation.context)
            report = CryptogramReport(explanation)
        }
        if keys.isGiven {
            try add(input, context, specification, reading, to: &answer)
        } else if !explain {
            throw ValidationError("--imk, --card-key or --session-key: one of them is needed, or --explain")
        }
        if explain { add(report, input, specification, to: &answer) }
        return answer
    }

    private func add(
        _ input: [UInt8], _ context: TransactionContext, _ specification: CryptogramSpecification,
        _ reading: ChipData.Reading, to answer: inout CryptoAnswer
    ) throws {
        let used = try keys.keys(specification, context, pan: reading.pan, sequence: reading.sequence)
        if let value = used.masterKCV { answer.add("masterKeyKCV", "KCV of the card's key", hex: value) }
        answer.add("sessionKeyKCV", "KCV of the session key", hex: KCV.tdes(used.cryptogram.key))
        let computed = ApplicationCryptogram.value(key: used.cryptogram, input: input, padding: specification.padding)
        let given = try arqc?.bytes("--arqc", [8]) ?? reading.cryptogram
        answer.add("arqc", given == nil ? "ARQC" : "computed ARQC", hex: computed)
        if let given {
            answer.add(
                verified: constantTimeEquals(computed, given),
                else: "\(Hex.text(given)) is not the cryptogram of this transaction")
        }
        guard let response = try response(specification) else { return }
        guard used.canAnswer else {
            throw ValidationError("--session-key: \(specification.name) answers under the card's key; give --card-key")
        }
        let arpc: [UInt8]
        if specification.response == .method2 {
            arpc = try ResponseCryptogram.method2(
                key: used.response, cryptogram: given ?? computed, cardStatusUpdate: response,
                proprietaryData: try proprietaryData?.bytes("--proprietary-data") ?? [])
        } else {
            arpc = try ResponseCryptogram.method1(
                key: used.response, cryptogram: given ?? computed, responseCode: response)
        }
        answer.add("arpc", "ARPC", hex: arpc)
    }

    private func add(
        _ report: CryptogramReport?, _ input: [UInt8], _ specification: CryptogramSpecification,
        to answer: inout CryptoAnswer
    ) {
        if let report {
            answer.add("explanation", "", report.json)
            answer.appendix = [""] + report.lines
        } else {
            let fill = specification.padding.padded(input).dropFirst(input.count)
            answer.add("input", "input", hex: input)
            answer.add("paddingMethod", "padding method", count: specification.padding.rawValue)
            answer.add("padding", "padding", hex: Array(fill))
        }
    }

    // MARK: - Reading arguments

    private func specification(_ transaction: TransactionData) throws -> CryptogramSpecification {
        switch (cvn, scheme) {
        case (let name?, nil):
            guard let found = CryptogramSpecification(named: name) else {
                let names = CryptogramSpecification.all.map(\.name).joined(separator: ", ")
                throw ValidationError("--cvn: expected one of \(names), got \(name)")
            }
            return found
        case (nil, let name?):
            let schemes = CryptogramSpecification.Scheme.allCases
            guard let scheme = schemes.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else {
                let names = schemes.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--scheme: expected one of \(names), got \(name)")
            }
            guard let data = transaction[.issuerApplicationData] else {
                throw ValidationError("--scheme: tag 9F10, which states the version, is missing; give --cvn")
            }
            guard let found = CryptogramSpecification(scheme: scheme, issuerApplicationData: data) else {
                throw ValidationError(
                    "--scheme: tag 9F10 (\(Hex.text(data))) states no version that is known; give --cvn")
            }
            return found
        default: throw ValidationError("--cvn or --scheme: one of them is needed")
        }
    }

    private func word(_ input: CryptoInput?, _ name: String, _ count: Int) throws -> UInt64 {
        guard let input else { throw ValidationError("\(name): the session key needs it") }
        return try input.bytes(name, [count]).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func response(_ specification: CryptogramSpecification) throws -> [UInt8]? {
        switch (arc, csu) {
        case (nil, nil): return nil
        case (let arc?, nil):
            guard specification.response != .method2 else {
                throw ValidationError("--arc: \(specification.name) answers by method 2; give --csu")
            }
            return try CryptogramKeyArguments.responseCode(arc)
        case (nil, let csu?):
            guard specification.response == .method2 else {
                throw ValidationError("--csu: \(specification.name) answers by method 1; give --arc")
            }
            return try csu.bytes("--csu", [4])
        default: throw ValidationError("--arc and --csu: only one of them")
        }
    }
}
