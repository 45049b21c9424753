// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import Issuer
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// What an answer consists of beside the fields it echoes.
public struct Answer: Equatable, Sendable {
    public var stored: StoredAnswer
    /// Without a MAC it settles nothing (rule R5).
    public var isSealed: Bool
    /// A sign-on's nonce, DE 58.
    public var nonce: [UInt8]?
    /// An accepted sign-on's ticket, DE 57.
    public var ticket: LeaseTicket?
    /// The session whose keys go with the ticket, DE 62; session profiles only.
    public var download: UInt32?
    /// An accepted sign-on's batch number, DE 59.
    public var batch: UInt32?
    /// A refused sign-on's reasons, DE 60.
    public var warnings: [WarningCode]
    /// The module's audit log is wanted, DE 60.
    public var asksForLog = false

    init(_ stored: StoredAnswer, isSealed: Bool = true) {
        self.stored = stored
        self.isSealed = isSealed
        warnings = []
    }
}

/// The outcome of deciding one message.
public enum Decision: Sendable {
    /// Something the module's verdict depended on has changed since: ask again.
    case askAgain
    /// Another host is to be asked, once the record is durable.
    case forward(HostRecord)
    /// Another host is asked already: the answer is the forward's of this name. The record, if any, is the repeat's.
    case wait(UInt64, HostRecord?)
    /// The answer, and the record that must be durable before it leaves; nil when nothing changes.
    case answer(Answer, HostRecord?)
}

extension Host {
    /// Decides a message whose question the module has answered. Changes nothing.
    public func decide(_ request: Request, verdict: OpenVerdict, now: Instant) -> Decision {
        guard let index = estate.terminals.find(request.terminal) else {
            return .answer(unsealed(.unknownTerminal), nil)
        }
        guard verdict.macAuthentic else { return .answer(unsealed(.macFailed), nil) }
        let terminal = estate.terminals.values[index]
        let usage = TerminalUsage(
            terminal: request.terminal, ksnCounter: verdict.ksnCounter, digest: verdict.digest,
            healthCounter: verdict.health?.counter, selfTestNumber: verdict.health?.selfTestNumber ?? 0,
            session: verdict.session)
        let ksn = terminal.ksn.classify(verdict.ksnCounter, digest: verdict.digest)
        // Two messages under one KSN contradict each other whatever they say: evidence for K04, never a repeat (rule R9).
        if ksn == .otherBytes { return contradict(request, usage, now: now) }
        if let waiting = decideOpenRepeat(request, usage, isFresh: ksn == .fresh, now: now) { return waiting }
        if let repeated = decideRepeat(request, usage, memory[index], isFresh: ksn == .fresh, now: now) {
            return repeated
        }
        guard ksn == .fresh else { return .answer(Answer(plain(.ksnRefused)), nil) }
        switch request.view.mti {
        case .networkRequest: return decideNetwork(request, verdict, usage, now: now)
        case .administrativeAdvice, .administrativeAdviceRepeat:
            return decideReport(request, verdict, usage, now: now)
        case .reversalRequest, .reversalRepeat: return decideReversal(request, usage, memory[index], now: now)
        case .settlementRequest, .settlementRepeat:
            return decideSettlement(request, usage, batches[index], now: now)
        case .batchUpload, .batchUploadRepeat: return decideUpload(request, usage, batches[index], now: now)
        default:
            guard request.view.number(42) == terminal.merchant.number, request.amount.currency == terminal.currency
            else { return refuse(.unknownMerchant, request, usage, now: now) }
            if let refusal = estate.refusal(of: terminal, claims: verdict.health, now: now) {
                return refuse(refusal, request, usage, now: now)
            }
            // By other rules than those in force nothing is authorised.
            guard unreadableRules == nil else { return refuse(.systemError, request, usage, now: now) }
            return decideTransaction(request, verdict, usage, terminal, batches[index], now: now)
        }
    }

    private func decideTransaction(
        _ request: Request, _ verdict: OpenVerdict, _ usage: TerminalUsage, _ terminal: EstateTerminal,
        _ batch: TerminalBatch, now: Instant
    ) -> Decision {
        guard let kind = request.kind else { return refuse(.notServed, request, usage, now: now) }
        if let data = request.terminalData, data.batch != batch.number {
            return refuse(.signOnRequired, request, usage, now: now)
        }
        // Its original may have been approved in the same batch.
        if kind.hasOriginal, destination(of: request) != request.destination { return .askAgain }
        if let destination = request.destination {
            return decideForward(request, verdict, usage, terminal, destination, now: now)
        }
        guard kind.hasOriginal else { return decideSale(request, verdict, usage, terminal, kind, now: now) }
        return decideReferring(request, usage, terminal, kind, now: now)
    }

    /// A request seen before gets its stored answer; the same name with other content gets 94 (rule R4, invariant I13).
    private func decideRepeat(
        _ request: Request, _ usage: TerminalUsage, _ memory: TransactionMemory, isFresh: Bool, now: Instant
    ) -> Decision? {
        let kind = Self.kind(request.view.mti)
        let names = request.names
        let known: RememberedTransaction
        if kind != 0x0800, let found = memory.find(names.key, kind: kind) {
            known = found
        } else if TransactionMemory.isReversible(kind),
            let found = memory.original(stan: names.key.stan, transmission: names.transmission)
        {
            // A reversal names its sale by trace number and transmission time: two sales may not share them.
            guard found.isTombstone else { return refuse(.duplicateConflict, request, usage, now: now) }
            known = found
        } else {
            return nil
        }
        let isSameKind = known.knownKind.map { $0 == request.kind } ?? true
        guard known.amount == request.amount, isSameKind, known.card == nil || known.card == request.cardKey else {
            return refuse(.duplicateConflict, request, usage, now: now)
        }
        // What has been taken back, or was before it came, is not approved by coming again.
        let isVoid = known.isTombstone || (known.isReversed && known.answer.intent.isApproval)
        let answer = isVoid ? plain(.invalidTransaction) : known.answer
        return .answer(Answer(answer), isFresh ? HostRecord(at: now, .repeated(usage)) : nil)
    }

    /// The first contradiction opens K04 and halts the terminal; the ones after it only count.
    private func contradict(_ request: Request, _ usage: TerminalUsage, now: Instant) -> Decision {
        let raised = estate.decideContradiction(request.terminal)
        guard !raised.isEmpty else { return refuse(.ksnRefused, request, usage, now: now) }
        let refusal = refusal(.ksnRefused, request, usage)
        return .answer(Answer(refusal.answer), HostRecord(at: now, .contradiction(refusal, raised: raised)))
    }

    /// Refused after authentication, before any card: it uses up its KSN and nothing else.
    func refuse(_ intent: Intent, _ request: Request, _ usage: TerminalUsage, now: Instant) -> Decision {
        let refusal = refusal(intent, request, usage)
        return .answer(Answer(refusal.answer), HostRecord(at: now, .refusal(refusal)))
    }

    private func refusal(_ intent: Intent, _ request: Request, _ usage: TerminalUsage) -> Refusal {
        Refusal(
            usage: usage, names: request.names, kind: Self.kind(request.view.mti), amount: request.amount,
            answer: plain(intent))
    }

    /// First repeats and repeats of repeats are the same kind.
    static func kind(_ mti: MTI) -> UInt16 { mti.rawValue & ~1 }

    func plain(_ intent: Intent, reference: String = "") -> StoredAnswer {
        StoredAnswer(intent: intent, approvalCode: 0, rrn: nextRRN, reference: reference)
    }

    func unsealed(_ intent: Intent) -> Answer { Answer(plain(intent), isSealed: false) }

    /// The number of the record this decision makes, if it makes one.
    var nextRRN: RRN { RRN((sequence + 1) % 1_000_000_000_000) }
}
