// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import Issuer
import ModuleProtocol
import UnionPay
import Vocabulary

/// A message that could be read and whose terminal is known: what `decide` needs beside the module's verdict.
public struct Request: Sendable {
    public var view: MessageView
    public var terminal: TerminalID
    public var names: MessageNames
    public var amount: Money
    /// Nil for what is no card transaction, or none that is served.
    public var kind: TransactionKind?
    /// DE 59; nil for a terminal that says nothing of itself.
    public var terminalData: TerminalData?
    public var pan: PAN?
    public var cardKey: CardKey?
    public var goods: [GoodsCode]
    /// The data objects of DE 55, in the message as it came.
    public var chip: [ChipObject] = []
    /// DE 14 of a sale.
    public var expiry: UInt16?
    /// The reference of the challenge a follow-up answers, and how it was answered.
    public var challenge: (reference: UInt64, proof: StepUpProof)?
    /// Where the PIN block stands in the message as it came.
    public var pinBlock: Range<Int>?
    /// The question for the module.
    public var open: OpenCommand
    /// The nonces that evidence of a sign-on may answer, and the number of leases they follow from.
    public var nonces: (values: [[UInt8]], leaseCount: UInt32)?
    /// The card's version when the question was put; nil when no card was known.
    public var cardVersion: UInt32?
    /// The place of the other host that decides; nil for the own desk.
    public internal(set) var destination: UInt8?
    /// What the module is asked about a stretch of a terminal's audit log.
    public internal(set) var log: LogQuestion?
    /// What is known of that host.
    var upstream: UpstreamFacts?
    /// The answer is sealed under this KSN.
    public var ksn: [UInt8] { Array(open.message[open.ksn]) }
}

/// What the host makes of a message before any key is used.
public enum Inquiry: Sendable {
    /// Ask the module, then decide.
    case ask(Request)
    /// A sign-on's first half: it asks for a nonce and proves nothing.
    case hello(MessageView, nonce: [UInt8])
    /// A report by one-time token: no MAC, no module.
    case token(TerminalID, token: [UInt8], codes: [WarningCode], log: LogQuestion?, MessageView)
    /// Sealed records of a dead terminal under a one-time token: authenticated by their own codes.
    case journal(TerminalID, token: [UInt8], records: [[UInt8]], MessageView)
    /// Cannot be authenticated at all; the answer has no MAC and settles nothing.
    case refuse(Intent, MessageView)
}

extension Host {
    /// Reads a message as far as it can be read without a key, and puts the module's question.
    ///
    /// Changes nothing. What the question says about a card is as of now; its version travels with it.
    /// - Parameters:
    ///   - wire: the message as it came where that was in UnionPay's dialect; the module is asked about its bytes.
    ///   - cardKey: the module's keyed hash.
    ///   - nonce: the module's nonce for a context.
    public func inquire(
        _ view: MessageView, wire: MessageView? = nil, cardKey: (PAN) -> CardKey, nonce: ([UInt8]) -> [UInt8],
        now: Instant
    ) -> Inquiry {
        guard !view.mti.isResponse, Self.served.contains(view.mti) else { return .refuse(.notServed, view) }
        guard let id = view.bytes(41).flatMap({ TerminalID(ascii: $0) }), let terminal = estate.terminals[id] else {
            return .refuse(.unknownTerminal, view)
        }
        let isSession = terminal.profile.isSession
        // UnionPay's dialect has no place for a KSN.
        guard wire == nil || isSession else { return .refuse(.unknownTerminal, view) }
        guard isComplete(view, wire, isSession), let stan = view.number(11),
            let transmission = view.number(7)
        else {
            return .refuse(.formatError, view)
        }
        let names = MessageNames(
            key: TransactionKey(stan: STAN(UInt32(truncatingIfNeeded: stan)), localTime: localTime(view)),
            transmission: transmission)
        let nonces = view.mti == .networkRequest ? Self.nonces(id, terminal, nonce, now) : nil
        if view.mti == .networkRequest, view.number(70) == 1, !view.has(57), let first = nonces?.values.first {
            return .hello(view, nonce: first)
        }
        if let journal = journalReport(view, id) { return journal }
        if let report = tokenReport(view, id) { return report }
        let admitsNoMAC = Self.admittedWithoutMAC.contains(view.mti)
        guard let (mac, ksn) = protection(wire ?? view, terminal.profile, admitsNoMAC, isWire: wire != nil) else {
            return .refuse(.macFailed, view)
        }
        guard ksn.count == terminal.profile.ksnLength else { return .refuse(.macFailed, view) }
        let sessions = isSession ? terminal.session.candidates(at: now, admitsNoMAC: admitsNoMAC) : nil
        var request = Request(
            view: view, terminal: id, names: names, amount: Money(minorUnits: 0, terminal.currency),
            kind: Self.kind(of: view), terminalData: view.text(59).flatMap { TerminalData(text: $0) }, pan: nil,
            cardKey: nil, goods: [], expiry: nil, challenge: nil,
            pinBlock: wire.map { $0.range(of: 52) } ?? view.range(of: terminal.profile.pinBlockField),
            open: OpenCommand(
                keys: terminal.keys(id), message: (wire ?? view).bytes, ksn: ksn, mac: mac,
                health: wire.map { UnionPay.health(of: $0) } ?? view.range(of: 63),
                evidence: wire.map { UnionPay.evidence(of: $0) } ?? view.range(of: 57), sessions: sessions),
            nonces: nonces, cardVersion: nil)
        if let currency = view.number(49), let units = view.number(4) {
            request.amount = Money(
                minorUnits: Int64(clamping: units), Currency(numeric: UInt16(clamping: currency)))
        }
        if view.has(2) {
            guard let pan = view.pan else { return .refuse(.formatError, view) }
            request.pan = pan
            request.cardKey = cardKey(pan)
        }
        request.log = logQuestion(view, id)
        guard Self.isTransaction(view.mti) else { return .ask(request) }
        request.chip = Self.chipObjects(wire ?? view)
        guard readSale(view, into: &request) else { return .refuse(.formatError, view) }
        askForRoute(&request, terminal, now: now)
        if request.destination == nil { askForPIN(&request, terminal, now: now) }
        return .ask(request)
    }

    /// Whether a message has what its dialect's rule needs, and in UnionPay's, whose MAC may be linear, nothing else.
    private func isComplete(_ view: MessageView, _ wire: MessageView?, _ isSession: Bool) -> Bool {
        if let wire {
            // Whether a card without chip data will do is the issuer's decision, not the format's.
            return wire.rule != nil && wire.missingFields().allSatisfy { $0 == 55 } && wire.unexpectedFields().isEmpty
        }
        // What has no KSN misses nothing without its field.
        return view.missingFields().allSatisfy { isSession && $0 == 62 }
    }

    /// The message types this host answers.
    static let served: [MTI] = [
        .authorisationRequest, .authorisationRepeat, .financialRequest, .financialRepeat, .financialAdvice,
        .financialAdviceRepeat, .batchUpload, .batchUploadRepeat, .reversalRequest, .reversalRepeat,
        .settlementRequest, .settlementRepeat, .administrativeAdvice, .administrativeAdviceRepeat, .networkRequest,
    ]

    /// What a terminal of a session profile may send before it has session keys: its health element authenticates it.
    private static let admittedWithoutMAC: [MTI] = [
        .networkRequest, .administrativeAdvice, .administrativeAdviceRepeat,
    ]

    /// Where MAC and KSN stand: a session profile has no KSN and, for some messages, needs no MAC.
    private func protection(
        _ view: MessageView, _ profile: KeyProfile, _ admitsNoMAC: Bool, isWire: Bool
    ) -> (mac: Range<Int>, ksn: Range<Int>)? {
        let end = view.bytes.count
        let mac = view.macField.flatMap { view.range(of: $0) }
        guard profile.isSession else {
            guard let mac, let ksn = view.range(of: 62) else { return nil }
            return (mac, ksn)
        }
        if let mac { return (mac, 0..<0) }
        let hasHealth = isWire ? UnionPay.health(of: view) != nil : view.has(63)
        return admitsNoMAC && hasHealth ? (end..<end, 0..<0) : nil
    }

    /// Whether a message asks for a card transaction.
    static func isTransaction(_ mti: MTI) -> Bool {
        TransactionKind.allCases.contains { $0.messageType == kind(mti) }
    }

    /// The kind of a transaction; of a reversal, the kind of what it reverses.
    private static func kind(of view: MessageView) -> TransactionKind? {
        guard let processingCode = view.number(3) else { return nil }
        let isReversal = kind(view.mti) == MTI.reversalRequest.rawValue
        guard let type = isReversal ? original(view)?.messageType : kind(view.mti) else { return nil }
        return TransactionKind(
            messageType: type, processingCode: processingCode, condition: view.number(25) ?? 0)
    }

    /// A nonce holds for the ten minutes it is made in and the ten after them.
    private static func nonces(
        _ id: TerminalID, _ terminal: EstateTerminal, _ nonce: ([UInt8]) -> [UInt8], _ now: Instant
    ) -> (values: [[UInt8]], leaseCount: UInt32) {
        let period = UInt64(bitPattern: now.seconds / 600)
        let values = [period, period &- 1].map { period in
            var context = ByteWriter()
            context.code(id)
            context.unsigned(terminal.identityEpoch)
            context.unsigned(terminal.leaseCount)
            context.word(period)
            return nonce(context.bytes)
        }
        return (values, terminal.leaseCount)
    }

    private func localTime(_ view: MessageView) -> UInt64 {
        (view.number(13) ?? 0) * 1_000_000 + (view.number(12) ?? 0)
    }

    private func tokenReport(_ view: MessageView, _ id: TerminalID) -> Inquiry? {
        guard view.mti == .administrativeAdvice || view.mti == .administrativeAdviceRepeat,
            view.macField == nil, let token = view.bytes(58)
        else { return nil }
        return .token(id, token: Array(token), codes: Self.codes(view), log: logQuestion(view, id), view)
    }

    /// DE 57 beside a token: sealed records. A report that its module has protected has no token.
    private func journalReport(_ view: MessageView, _ id: TerminalID) -> Inquiry? {
        guard view.mti == .administrativeAdvice || view.mti == .administrativeAdviceRepeat,
            view.macField == nil, view.text(60) != LogQuestion.mark, let token = view.bytes(58),
            let records = view.bytes(57)
        else { return nil }
        return .journal(id, token: Array(token), records: sealedRecords(ofTail: Array(records)), view)
    }

    /// DE 60 of a report or a refused sign-on: codes with commas between them. Unknown ones are left out.
    static func codes(_ view: MessageView) -> [WarningCode] {
        (view.text(60) ?? "").split(separator: ",").compactMap { WarningCode(rawValue: String($0)) }
    }

    /// The fields that only a sale has.
    private func readSale(_ view: MessageView, into request: inout Request) -> Bool {
        let isAmountSound = request.kind == .balance ? request.amount.minorUnits == 0 : request.amount.minorUnits > 0
        guard request.pan != nil, isAmountSound else { return false }
        request.expiry = view.number(14).map { UInt16(clamping: $0) }
        if let text = view.text(61) {
            for code in text.split(separator: ",") {
                guard let goods = GoodsCode(code) else { return false }
                request.goods.append(goods)
            }
        }
        if let text = view.text(44) {
            // "S" and the reference's digits; DE 60 says how it was answered.
            guard text.hasPrefix("S"), let reference = UInt64(text.dropFirst()) else { return false }
            switch view.text(60) {
            case "ID": request.challenge = (reference, .identityDocument)
            case "PW": request.challenge = (reference, .transactionPassword)
            default: return false
            }
        }
        return true
    }

    /// Lets the module look at cryptogram and PIN only if card, and for the PIN terminal, stand (rule R2).
    private func askForPIN(_ request: inout Request, _ terminal: EstateTerminal, now: Instant) {
        guard let key = request.cardKey, let pan = request.pan, let card = issuer.cards[key] else { return }
        request.cardVersion = card.version
        guard issuer.refusal(of: card, expiry: request.expiry, at: now) == nil else { return }
        guard chipFault(request, card) == nil else { return }
        request.open.cryptogram = chipQuestion(request, card, pan)
        guard request.kind?.asksForPIN ?? false, let block = request.pinBlock else { return }
        let isPassword = request.challenge?.proof == .transactionPassword
        guard let reference = isPassword ? card.password : card.pin else { return }
        request.open.expectation = estate.expectation(for: terminal, now: now)
        request.open.pin = PINQuestion(block: block, pan: pan, reference: reference)
    }
}
