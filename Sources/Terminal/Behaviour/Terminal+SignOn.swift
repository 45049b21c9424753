// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

/// Sign-on: a nonce, the module's evidence over it, and the host's lease. Tried for as long as there is none, also
/// while halted, since a fresh lease is the only way back.
extension Terminal {
    var canSignOn: Bool { module.canProtect }

    func isSignOnDue(_ now: Instant) -> Bool {
        canSignOn && !signOn.isSignedOff && nextSignOnInstant <= now
    }

    /// When the next attempt is due, if that is yet to come.
    func nextSignOn(after now: Instant) -> Instant? {
        nextSignOnInstant > now ? nextSignOnInstant : nil
    }

    private var nextSignOnInstant: Instant {
        guard signOn.leaseExpires != nil, let renewAt = signOn.renewAt, !isAwaitingClearance else {
            return signOn.notBefore
        }
        return max(renewAt, signOn.notBefore)
    }

    /// New sales are stopped by what only a ticket ends: it is asked for until it comes.
    private var isAwaitingClearance: Bool {
        book.service.warnings.contains { $0.needsOrder && $0.raised.effect.halts == .newSales }
    }

    mutating func putOffSignOn(_ now: Instant) {
        signOn.attempts += 1
        signOn.notBefore = now + configuration.pause(afterAttempts: signOn.attempts)
    }

    /// The lease is gone and a fresh one is wanted now.
    mutating func requireSignOn(_ now: Instant) {
        signOn.leaseExpires = nil
        signOn.renewAt = nil
        signOn.notBefore = now
    }

    /// What the catalogue lists under K06, whatever the dialect makes of it besides.
    private static let signOnCodes = [Catalogue.ResponseCode("77"), Catalogue.ResponseCode("A0")]

    /// The host has asked for a sign-on (77, 99, A0): the lease is gone, and the session keys with it. The module opens K06.
    mutating func demandSignOn(_ code: Catalogue.ResponseCode?, _ step: inout Step) {
        requireSignOn(step.now)
        guard configuration.profile.isSession || Self.signOnCodes.contains(code) else { return }
        ask(.signOnDue, .signOnDue, &step)
    }

    /// What a refusal asks of the terminal before its next transaction.
    mutating func follow(_ reading: TerminalReading, _ step: inout Step) {
        if reading.action == .signOn || Self.signOnCodes.contains(reading.code) {
            demandSignOn(reading.code, &step)
        } else if reading.action == .halt {
            requireSignOn(step.now)
        }
    }

    /// Whether session keys are there to protect a delivery: without any, or while they are being dropped, the module
    /// refuses, and a sign-on goes first.
    var hasKeys: Bool {
        !configuration.profile.isSession
            || !(module.status?.openWarnings.contains(.k06) ?? false
                || module.errands.contains { $0.task == .signOnDue })
    }

    mutating func startHello(_ step: inout Step) {
        let stan = takeSTAN()
        do throws(EncodeError) {
            let message = try helloMessage(stan: stan, now: step.now)
            sendUnprotected(message, .hello, stan: stan, at: step.now, &step)
        } catch {
            step.log(.messageNotEncoded)
            putOffSignOn(step.now)
        }
    }

    mutating func helloAnswered(_ answer: HostAnswer, _ step: inout Step) {
        guard answer.reading?.isApproval ?? false else { return signOnRefused(answer, &step) }
        guard let nonce = answer.nonce, let exchange = line else { return failExchange(.unfitting, &step) }
        closeLine(&step)
        signOn.nonce = nonce
        let pending = OutgoingMessage(mti: exchange.message.mti, bytes: [], holes: nil)
        open(.evidence, stan: takeSTAN(), at: step.now, pending, stage: .attesting)
        ask(
            .attest(nonce: nonce, application: configuration.application), .attest, exchange: exchangeCount, &step)
    }

    mutating func attested(_ evidence: [UInt8], linkToken: [UInt8], _ step: inout Step) {
        guard var exchange = line, exchange.stage == .attesting else { return step.log(.moduleReplyStale) }
        do throws(EncodeError) {
            let message = try evidenceMessage(stan: exchange.stan, evidence: evidence, now: step.now)
            guard let holes = message.holes else { return failExchange(.notEncoded, &step) }
            // The host may learn this token's hash although its answer gets lost: both tokens are kept until it comes.
            record(.linkToken(linkToken), &step)
            signOn.serial = Self.serial(evidence)
            if let serial = signOn.serial { checkPairing(serial, &step) }
            exchange.message = message
            exchange.stage = .protecting
            line = exchange
            ask(
                .protect(purpose: .signOn, message: message.bytes, holes: holes, pan: nil), .protect,
                exchange: exchange.number, &step)
        } catch {
            step.log(.messageNotEncoded)
            failExchange(.notEncoded, &step)
        }
    }

    /// - Returns: nil for evidence that this application cannot read; the host judges it.
    private static func serial(_ evidence: [UInt8]) -> UInt64? {
        (try? SignedEvidence(decoding: Array(evidence.dropLast(EvidenceClaims.macLength))))?.claims.serial
    }

    mutating func signOnRefused(_ answer: HostAnswer, _ step: inout Step) {
        closeLine(&step)
        step.log(.signOnRefused)
        if let reading = answer.reading { step.show(.reading(reading)) }
        signOn.leaseExpires = nil
        signOn.renewAt = nil
        if answer.asksForLog { demandLog(isAsked: true) }
        for warning in answer.warnings where !hostWarnings.contains(warning) { hostWarnings.append(warning) }
        // It licenses nothing and may order something: that is between host and module.
        if let ticket = answer.ticket { ask(.acceptLease(ticket: ticket), .takeTicket, &step) }
        putOffSignOn(step.now)
    }

    /// The host has accepted the evidence, authentically.
    mutating func leaseGranted(_ answer: HostAnswer, _ exchange: Exchange, _ step: inout Step) {
        let isSession = configuration.profile.isSession
        guard let ticket = answer.ticket, isSession == (answer.download != nil) else {
            return failExchange(.unfitting, &step)
        }
        step.cancelTimer(.answer)
        adoptBatch(answer.batch, &step)
        if answer.asksForLog { demandLog(isAsked: true) }
        signOn.ticket = try? LeaseTicket(decoding: Array(ticket.dropLast(LeaseTicket.macLength)))
        line?.stage = .acceptingLease
        let command =
            answer.download.map { TerminalModuleCommand.acceptKeys(download: $0, ticket: ticket) }
            ?? .acceptLease(ticket: ticket)
        ask(command, .acceptLease, exchange: exchange.number, &step)
    }

    /// What is acknowledged was attested by this module: nothing up to there is open.
    private mutating func acknowledgeSealed(_ step: inout Step) {
        let index = UInt64(signOn.ticket?.acknowledgedJournal ?? 0)
        guard index > book.sealed.acknowledged, index <= book.sealed.last else { return }
        record(.sealedAcknowledged(index), &step)
    }

    /// The module has accepted the ticket: what the terminal and the host had raised themselves is answered by it.
    mutating func leaseAccepted(_ status: ModuleStatus, _ step: inout Step) {
        guard line?.stage == .acceptingLease else { return step.log(.moduleReplyStale) }
        line = nil
        if !book.linkTokenCandidates.isEmpty { record(.linkTokenAccepted, &step) }
        hostWarnings = []
        acknowledgeSealed(&step)
        clearOwnWarnings(by: signOn.ticket, status, &step)
        guard halt != .all, let expires = status.leaseExpires, step.now < expires else {
            // The lease is good and the module still stopped, or not activated: another proof is wanted later.
            return putOffSignOn(step.now)
        }
        signOn.attempts = 0
        signOn.leaseExpires = expires
        signOn.renewAt = step.now + Interval(microseconds: (expires - step.now).microseconds / 2)
        signOn.notBefore = isAwaitingClearance ? step.now + configuration.retryMax : step.now
        step.log(.signedOn)
        if halt == .none, toldHalt == .none, sale == nil { step.show(.text("terminal.ready")) }
    }
}
