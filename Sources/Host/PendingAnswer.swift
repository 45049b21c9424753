// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import UnionPay
import Vocabulary

/// An answer on its way through the gate.
struct PendingAnswer {
    var origin: Origin
    var view: MessageView
    var answer: Answer
    /// Nil: the answer has no MAC, no ticket and no keys.
    var seal: Seal?

    struct Seal {
        var keys: TerminalKeys
        var ksn: [UInt8]
        /// The session that authenticated the request.
        var session: UInt32?

        /// What answers the request's cryptogram; nil where none was right.
        var chip: ChipAnswer?

        init(_ request: Request, _ verdict: OpenVerdict) {
            keys = request.open.keys
            ksn = request.ksn
            session = verdict.session
            guard let question = request.open.cryptogram, let found = verdict.chip, found.finding == .right else {
                return
            }
            chip = ChipAnswer(pan: question.pan, reference: question.reference, verdict: found)
        }

        /// A session profile's request without a MAC gets an answer without one.
        var hasMAC: Bool { session != nil || !keys.profile.isSession }
    }

    /// PIK and MAK; UnionPay's terminals may ask for more.
    private var downloadLength: Int { origin.wire.map { UnionPay.downloadLength(for: $0) } ?? 40 }

    /// What an answer repeats of its request.
    private static let echoed: FieldSet = {
        var fields = FieldSet()
        for field in [3, 4, 7, 11, 12, 13, 41, 42, 49, 70] { fields.insert(field) }
        return fields
    }()

    /// Where the stored reference goes: a balance, a settlement's verdict, or what is to be quoted.
    private var referenceField: Int {
        switch view.mti {
        case .settlementRequest, .settlementRepeat: 66
        case .financialRequest where view.number(3) == TransactionKind.balance.processingCode,
            .financialRepeat where view.number(3) == TransactionKind.balance.processingCode:
            answer.stored.intent.isApproval ? 54 : 44
        default: 44
        }
    }

    /// The answer's message, with holes for ticket and MAC.
    func encoded() -> EncodedMessage? {
        let stored = answer.stored
        var builder = MessageBuilder(answering: view, echoing: Self.echoed)
        builder.set(37, number: stored.rrn.number)
        builder.set(39, bytes: stored.intent.outcome(in: origin.dialect).code.bytes)
        if stored.approvalCode > 0 { builder.set(38, number: UInt64(stored.approvalCode)) }
        if !stored.reference.isEmpty { builder.set(referenceField, text: stored.reference) }
        if let batch = answer.batch { builder.set(.terminalData, TerminalData(batch: batch, support: []).text) }
        if let nonce = answer.nonce { builder.set(58, bytes: nonce) }
        if let ticket = answer.ticket {
            builder.reserve(57, count: ticket.encoded().count + LeaseTicket.macLength)
        }
        if answer.download != nil { builder.reserve(62, count: downloadLength) }
        if seal?.chip != nil {
            // Tag 91: eight bytes of the module's and the authorisation response code.
            let code = stored.intent.outcome(in: origin.dialect).code.bytes
            builder.set(
                55,
                bytes: [0x91, UInt8(Self.cryptogramBytes + code.count)]
                    + [UInt8](repeating: 0, count: Self.cryptogramBytes) + code)
        }
        let administrative = answer.warnings.map(\.rawValue) + (answer.asksForLog ? [LogQuestion.mark] : [])
        if !administrative.isEmpty { builder.set(60, text: administrative.joined(separator: ",")) }
        // A request whose fields cannot be echoed was refused by the decoder before.
        guard var answer = try? inDialect(builder) else { return nil }
        if seal?.hasMAC == true { answer.reserveMAC() }
        return try? answer.encode()
    }

    private static let cryptogramBytes = 8

    /// What the module writes into tag 91.
    func chipAnswer(in message: EncodedMessage) -> ChipAnswer? {
        guard var chip = seal?.chip, let field = message.range(of: 55), field.count == 4 + Self.cryptogramBytes else {
            return nil
        }
        chip.place = field.lowerBound + 2..<field.lowerBound + 2 + Self.cryptogramBytes
        return chip
    }

    private func inDialect(_ builder: MessageBuilder) throws(EncodeError) -> MessageBuilder {
        guard let wire = origin.wire else { return builder }
        return try UnionPay.answer(to: wire, builder, display: answer.stored.intent.display(.zh, .merchant))
    }

    /// The line's envelope; its header asks for a sign-on where the answer does.
    var envelope: UnionPay.Envelope? {
        let isSignOnDue = answer.stored.intent.outcome(in: .unionPayPOS).action == .signOn
        return origin.envelope?.answer(isSignOnDue ? .signOn : .none)
    }
}
