// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// Cryptograms of the issuer's own chip cards.
extension SoftHostModule {
    /// The data objects that every cryptogram covers, and the issuer's data.
    static let cryptogramTags: [(tag: UInt32, field: CardField)] = [
        (0x9F02, .amountAuthorised), (0x9F03, .amountOther), (0x9F1A, .terminalCountryCode),
        (0x95, .terminalVerificationResults), (0x5F2A, .transactionCurrencyCode), (0x9A, .transactionDate),
        (0x9C, .transactionType), (0x9F37, .unpredictableNumber), (0x82, .applicationInterchangeProfile),
        (0x9F36, .applicationTransactionCounter), (0x9F10, .issuerApplicationData),
    ]
    static let cryptogramTag: UInt32 = 0x9F26

    /// Verifies the cryptogram of an authentic message.
    func tryCryptogram(_ verdict: inout OpenVerdict, _ command: OpenCommand) {
        guard let question = command.cryptogram else { return }
        verdict.chip =
            Self.transaction(question, command).flatMap { chipVerdict(question, $0, $1) }
            ?? ChipVerdict(finding: .unreadable)
    }

    /// - Returns: nil for a data object that is missing or has not its length.
    private static func transaction(
        _ question: CryptogramQuestion, _ command: OpenCommand
    ) -> (data: TransactionData, cryptogram: [UInt8])? {
        func value(_ tag: UInt32) -> [UInt8]? {
            question.objects.first { $0.tag == tag && command.covers($0.value) }.map {
                Array(command.message[$0.value])
            }
        }
        var data = TransactionData()
        for (tag, field) in cryptogramTags {
            guard let bytes = value(tag), (try? data.set(field, bytes)) != nil else { return nil }
        }
        guard let cryptogram = value(cryptogramTag), cryptogram.count == 8 else { return nil }
        return (data, cryptogram)
    }

    /// A card that states another version than its issuer gave it is not that card; and a card that has declined, or has
    /// approved by itself, has asked nobody: its cryptogram is none for a request.
    private func chipVerdict(
        _ question: CryptogramQuestion, _ data: TransactionData, _ cryptogram: [UInt8]
    ) -> ChipVerdict? {
        let specification = question.reference.specification
        guard let master = cardKey(question.pan, question.reference), let explanation = try? specification.explain(data)
        else { return nil }
        let isRight =
            specification.verify(cryptogram, master: master, context: explanation.context, input: explanation.input)
            && explanation.statedSpecification == specification && isRequest(explanation)
        return ChipVerdict(
            finding: isRight ? .right : .wrong, counter: explanation.context.transactionCounter,
            unpredictableNumber: explanation.context.unpredictableNumber,
            cryptogram: cryptogram.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Card verification results, second byte: no second cryptogram asked for (10), and an ARQC as the first (10). The
    /// cryptogram covers them, and not tag 9F27, which says the same.
    private func isRequest(_ explanation: CryptogramExplanation) -> Bool {
        explanation.issuerFields.map { $0.results.count > 1 && $0.results[1] & 0xF0 == 0xA0 } ?? false
    }

    /// Writes the answer to a cryptogram.
    /// - Returns: false, with nothing written, for a place that does not fit.
    func answerChip(_ command: SealCommand, into message: inout [UInt8]) -> Bool {
        guard let answer = command.chip else { return true }
        guard answer.place.count == 8, answer.place.lowerBound >= command.macStart,
            answer.place.upperBound + 2 <= command.mac.lowerBound, answer.verdict.finding == .right,
            let master = cardKey(answer.pan, answer.reference)
        else { return false }
        let verdict = answer.verdict
        let code = Array(message[answer.place.upperBound..<answer.place.upperBound + 2])
        let response = try? answer.reference.specification.responseCryptogram(
            master: master,
            context: TransactionContext(
                transactionCounter: verdict.counter, unpredictableNumber: verdict.unpredictableNumber),
            cryptogram: (0..<8).map { UInt8(truncatingIfNeeded: verdict.cryptogram >> (8 * (7 - $0))) }, response: code)
        guard let response, response.count == 8 else { return false }
        message.replaceSubrange(answer.place, with: response)
        return true
    }

    /// The key of a card's cryptograms.
    private func cardKey(_ pan: PAN, _ reference: ChipReference) -> ICCMasterKey? {
        guard let digits = pan.forPIN, let sequence = reference.number else { return nil }
        return try? reference.specification.masterKey(issuerMasterKey: chipKey, pan: digits, sequence: sequence)
    }

    /// A card of this issuer for tests and virtual terminals, with a key of its own and nothing of the issuer's.
    ///
    /// - Parameter counter: the transaction counter of the last transaction before.
    /// - Returns: nil for a sequence number above 99.
    public func emulatedChip(_ pan: PAN, _ reference: ChipReference, counter: UInt16 = 0) -> EmulatedChip? {
        guard let master = cardKey(pan, reference) else { return nil }
        return EmulatedChip(master: master, reference: reference, counter: counter)
    }
}

extension ChipReference {
    var specification: CryptogramSpecification {
        switch scheme {
        case .unionPay: .unionPay
        }
    }

    /// Nil above 99.
    var number: PANSequenceNumber? { PANSequenceNumber(sequence < 10 ? "0\(sequence)" : "\(sequence)") }
}
