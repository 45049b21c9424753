// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import Issuer
import ModuleProtocol
import Vocabulary

// MARK: - Reversals

extension Host {
    /// Takes a sale back, once (invariant I3). Authentic is enough: a halted terminal still delivers its reversals, and
    /// no freeze stops one (rule R10).
    func decideReversal(
        _ request: Request, _ usage: TerminalUsage, _ memory: TransactionMemory, now: Instant
    ) -> Decision {
        guard let original = Self.original(request.view) else { return refuse(.formatError, request, usage, now: now) }
        let claim = ReversalClaim(
            usage: usage, names: request.names, stan: original.stan, transmission: original.transmission,
            kind: request.kind, amount: request.amount, card: request.cardKey)
        let taken = takeBack(claim, memory)
        guard let body = taken.body else {
            guard taken == .notNow else { return refuse(.duplicateConflict, request, usage, now: now) }
            return .answer(Answer(plain(.systemError)), HostRecord(at: now, .repeated(usage)))
        }
        return .answer(Answer(body.answer), HostRecord(at: now, body.record))
    }

    /// What a reversal takes back, asked by a message or out of a sealed journal.
    func takeBack(_ claim: ReversalClaim, _ memory: TransactionMemory) -> TakenBack {
        if let forwarded = takeBackForward(claim, memory) { return forwarded }
        let known = memory.original(stan: claim.stan, transmission: claim.transmission)
        let isOtherCard = known?.card.map { card in claim.card.map { $0 != card } ?? false } ?? false
        guard known == nil || known?.amount == claim.amount, !isOtherCard else { return .conflict }
        let standing = known.flatMap { $0.answer.intent.isApproval && !$0.isReversed ? $0 : nil }
        let entry = standing.flatMap { ledger.find($0.answer.rrn) }
        // Of another issuer's card, and so long ago that what a reversal there needs is gone.
        if entry?.upstream != nil, entry?.isWhole == true { return .notNow }
        let kind = known?.knownKind ?? claim.kind ?? .purchase
        let movement = entry.flatMap { $0.isWhole ? self.movement(of: $0) : nil }
        // A purchase may be younger in the duplicate index than the ledger is old.
        let stands = standing != nil && (movement != nil || (entry == nil && kind == .purchase))
        let stored = plain(known == nil ? .noOriginal : .reversalAccepted)
        let isFrozen = known?.card.flatMap { issuer.cards[$0] }.flatMap { issuer.accounts[$0.account]?.frozen } != nil
        let record = Reversal(
            usage: claim.usage, names: claim.names, originalSTAN: claim.stan,
            originalTransmission: claim.transmission, card: stands ? known?.card : nil, amount: claim.amount,
            originalAt: stands ? known?.at : nil,
            pass: stands && !isFrozen ? known?.pass : nil, answer: stored)
        guard kind != .purchase else { return .purchase(record) }
        return .transaction(
            TransactionReversal(
                kind: kind, reversal: record, reversed: stands ? entry?.rrn : nil,
                movement: stands ? movement?.inverse ?? .none : .none))
    }

    /// DE 90: original message type n4, STAN n6, transmission date and time n10.
    static func original(_ view: MessageView) -> (messageType: UInt16, stan: STAN, transmission: UInt64)? {
        guard let digits = view.text(90), digits.utf8.count == 42 else { return nil }
        func number(_ start: Int, _ count: Int) -> UInt64? { UInt64(digits.dropFirst(start).prefix(count)) }
        guard let mti = MTI(String(digits.prefix(4))), TransactionMemory.isReversible(mti.rawValue),
            let stan = number(4, 6), let transmission = number(10, 10)
        else { return nil }
        return (mti.rawValue, STAN(UInt32(stan)), transmission)
    }
}

// MARK: - Sign-on and reports

extension Host {
    func decideNetwork(
        _ request: Request, _ verdict: OpenVerdict, _ usage: TerminalUsage, now: Instant
    ) -> Decision {
        switch request.view.number(70) {
        case 1: break
        case 2: return .answer(Answer(plain(.signOffAccepted)), HostRecord(at: now, .repeated(usage)))
        case 301: return .answer(Answer(plain(.echoAccepted)), HostRecord(at: now, .repeated(usage)))
        default: return refuse(.notServed, request, usage, now: now)
        }
        guard let nonces = request.nonces, nonces.leaseCount == estate.terminals[request.terminal]?.leaseCount else {
            return .askAgain
        }
        let record = estate.decideSignOn(
            request.terminal, usage: usage, evidence: Self.currentEvidence(verdict), nonces: nonces.values,
            reported: Self.codes(request.view), now: now)
        guard case .signedOn(let signedOn) = record else {
            var answer = Answer(plain(.signOnRefused))
            switch record {
            case .signOnRefused(_, let raised, _): answer.warnings = raised.codes
            case .swapRefused: answer.warnings = [.t05]
            default: break
            }
            for warning in estate.terminals[request.terminal]?.warnings ?? []
            where warning.halts != .none && !answer.warnings.contains(warning.code) {
                answer.warnings.append(warning.code)
            }
            answer.ticket = estate.ticket(refusing: record, now: now)
            answer.asksForLog = estate.asksForLog(record)
            return .answer(answer, HostRecord(at: now, .estate(record)))
        }
        var answer = Answer(plain(.signOnAccepted))
        answer.ticket = estate.ticket(signedOn, now: now)
        answer.download = signedOn.session
        answer.batch = batch(of: request.terminal)?.number
        answer.asksForLog = estate.asksForLog(record)
        return .answer(answer, HostRecord(at: now, .estate(record)))
    }

    /// The evidence, unless the module has counted an event or the health element of this very message is missing: then
    /// the application has kept it back from a better day (invariant I10).
    private static func currentEvidence(_ verdict: OpenVerdict) -> EvidenceClaims? {
        guard let evidence = verdict.evidence, let claims = verdict.health,
            claims.eventCounter == evidence.eventCounter, claims.counter > evidence.healthCounter
        else { return nil }
        return evidence
    }

    func decideReport(
        _ request: Request, _ verdict: OpenVerdict, _ usage: TerminalUsage, now: Instant
    ) -> Decision {
        if Self.isLog(request.view) { return decideLog(request, verdict, usage, now: now) }
        guard let claims = verdict.health else { return refuse(.healthNotProved, request, usage, now: now) }
        // DE 60 is the application's word, the statement the module's: one of them there must be.
        let codes = Self.codes(request.view)
        guard !codes.isEmpty || verdict.statement != nil else {
            return refuse(.formatError, request, usage, now: now)
        }
        let stored = plain(.adviceAccepted)
        let record = estate.decideReport(
            request.terminal, usage: usage, codes: codes, statement: verdict.statement, claims: claims)
        let remembered = RememberedReport(names: request.names, answer: stored)
        return .answer(Answer(stored), HostRecord(at: now, .report(record, remembered)))
    }

    /// A sign-on's first half gets its nonce and changes nothing. The answer has no MAC: whoever alters the nonce only
    /// makes the evidence worthless.
    public func decideHello(nonce: [UInt8]) -> Decision {
        var answer = unsealed(.signOnAccepted)
        answer.nonce = nonce
        return .answer(answer, nil)
    }

    /// A report by one-time token. Its answer is a receipt without a MAC.
    public func decideToken(
        _ terminal: TerminalID, token: [UInt8], codes: [WarningCode], log: (LogQuestion, LogVerdict)? = nil,
        now: Instant
    ) -> Decision {
        if let taken = decideTokenLog(log, token: token, now: now) { return taken }
        guard let record = estate.decideTokenReport(terminal, token: token, codes: codes) else {
            return .answer(unsealed(.macFailed), nil)
        }
        // Whoever has seen a token can show it again: what opens nothing is not written either.
        if case .reported(_, nil, let raised, nil) = record, raised.isEmpty {
            return .answer(unsealed(.adviceAccepted), nil)
        }
        return .answer(unsealed(.adviceAccepted), HostRecord(at: now, .estate(record)))
    }
}
