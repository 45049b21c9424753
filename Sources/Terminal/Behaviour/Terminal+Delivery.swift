// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

/// What must reach the host however long it takes: reversals, refunds without an answer, and warning reports.
extension Terminal {
    /// DE 39 of an answer that says that there is nothing to reverse: as good as done.
    private static let noOriginal = ResponseCode("25")

    /// Whether the module can protect a delivery now.
    var canDeliver: Bool { module.canProtect && hasKeys && !isModuleSwapped }

    // MARK: - Reversals

    func dueReversal(_ now: Instant) -> Int? {
        guard canDeliver else { return nil }
        return book.intents.firstIndex { $0.reversal != nil && $0.notBefore <= now }
    }

    mutating func startReversal(_ index: Int, _ step: inout Step) {
        let intent = book.intents[index]
        guard let reversal = intent.reversal else { return }
        do throws(EncodeError) {
            let message = try reversalMessage(intent, now: step.now)
            protect(
                message, .reversal(of: intent.stan), as: .delivery, stan: reversal.stan, at: intent.at, &step)
        } catch {
            step.log(.messageNotEncoded)
            putOffDelivery(of: intent.stan, step.now)
        }
    }

    mutating func reversalAnswered(
        _ answer: HostAnswer, of original: STAN, _ exchange: Exchange, _ step: inout Step
    ) {
        guard let code = answer.reading?.code, code == .approved || code == Self.noOriginal else {
            return failExchange(.unfitting, &step)
        }
        closeLine(&step)
        record(.reversalDone(original), &step)
        step.log(.reversalDelivered(original))
        if sale == nil { step.show(.text("terminal.reversed")) }
    }

    mutating func putOffDelivery(of original: STAN, _ now: Instant) {
        guard let index = book.intents.firstIndex(where: { $0.stan == original }) else { return }
        book.intents[index].notBefore = now + configuration.pause(afterAttempts: book.intents[index].attempts)
    }

    // MARK: - Refunds

    /// A refund whose answer never came, unless it is the one that is out.
    func dueAdvice(_ now: Instant) -> Int? {
        guard canDeliver else { return nil }
        return book.intents.firstIndex { !$0.kind.isReversed && $0.notBefore <= now }
    }

    mutating func startAdvice(_ index: Int, _ step: inout Step) {
        let intent = book.intents[index]
        do throws(EncodeError) {
            let message = try adviceMessage(intent, now: step.now)
            protect(message, .advice(intent.stan), as: .delivery, stan: intent.stan, at: intent.at, &step)
        } catch {
            step.log(.messageNotEncoded)
            putOffDelivery(of: intent.stan, step.now)
        }
    }

    /// An authentic answer to a refund that was recorded without one. An outcome that is unknown is asked for again.
    mutating func adviceAnswered(_ answer: HostAnswer, _ stan: STAN, _ exchange: Exchange, _ step: inout Step) {
        guard let reading = answer.reading, !reading.reversalNeeded, isConsistent(answer),
            let intent = book.intents.first(where: { $0.stan == stan })
        else { return failExchange(.unfitting, &step) }
        closeLine(&step)
        if reading.isApproval {
            record(.approved(ApprovedSale(answer, exchange, amount: intent.amount)), &step)
            step.log(.adviceDelivered(stan))
        } else {
            record(.declined(stan), &step)
            step.log(.adviceRefused(stan))
            follow(reading, &step)
        }
        if sale == nil { step.show(.reading(reading)) }
    }

    /// P04: too many open reversals, or one that is too old. It goes by itself when they are delivered.
    mutating func refreshBacklogWarning(_ step: inout Step) {
        let now = step.now
        let open = book.intents.lazy.filter { $0.reversal != nil }
        let isStuck =
            isSealingStuck || open.count > configuration.openReversalsMax
            || open.contains { now - $0.at > configuration.reversalAgeMax }
        if isStuck {
            raise(.p04, &step)
        } else if book.service.warning(.p04) != nil {
            clear(.p04, &step)
        }
    }

    // MARK: - Reports

    /// A report goes out protected; with a one-time token where the module cannot and all trade has stopped: whoever
    /// shows a token stops the terminal, and an advisory is not worth that.
    private func token(for report: WarningReport) -> [UInt8]? {
        guard halt == .all, !module.canProtect || report.moduleRefused || isModuleSwapped else { return nil }
        let tokens = tokens
        return tokens.isEmpty ? nil : tokens[report.attempts % tokens.count]
    }

    /// The death token if there is one; or the link tokens, the accepted one first, since the host may know a later one
    /// whose acceptance never came back.
    var tokens: [[UInt8]] {
        if let death = module.status?.deathToken { return [death] }
        return [book.linkToken].compactMap(\.self) + book.linkTokenCandidates.reversed()
    }

    func dueReport(_ now: Instant) -> Int? {
        book.reports.firstIndex { $0.notBefore <= now && (module.canProtect || token(for: $0) != nil) }
    }

    mutating func startReport(_ index: Int, _ step: inout Step) {
        let report = book.reports[index]
        guard let token = token(for: report) else {
            let pending = OutgoingMessage(mti: .administrativeAdvice, bytes: [], holes: nil)
            open(.report(report.stan), stan: report.stan, at: report.at, pending, stage: .attesting)
            return ask(.describe, .describe, exchange: exchangeCount, &step)
        }
        do throws(EncodeError) {
            let message = try reportMessage(report, token: token, now: step.now)
            sendUnprotected(message, .report(report.stan), stan: report.stan, at: report.at, &step)
        } catch {
            step.log(.messageNotEncoded)
            putOffReport(report.stan, .notEncoded, step.now)
        }
    }

    /// The module has said what is open: its statement goes with the report.
    mutating func stated(_ statement: [UInt8], _ step: inout Step) {
        guard var exchange = line, exchange.stage == .attesting, case .report(let stan) = exchange.purpose,
            let report = book.reports.first(where: { $0.stan == stan })
        else { return step.log(.moduleReplyStale) }
        do throws(EncodeError) {
            let message = try reportMessage(report, statement: statement, now: step.now)
            guard let holes = message.holes else { return failExchange(.notEncoded, &step) }
            exchange.message = message
            exchange.stage = .protecting
            line = exchange
            ask(
                .protect(purpose: .report, message: message.bytes, holes: holes, pan: nil), .protect,
                exchange: exchange.number, &step)
        } catch {
            step.log(.messageNotEncoded)
            failExchange(.notEncoded, &step)
        }
    }

    /// The answer to a protected report is authentic here; to one with a token it is a receipt and nothing more.
    mutating func reportAnswered(_ answer: HostAnswer, _ exchange: Exchange, _ step: inout Step) {
        guard case .report(let stan) = exchange.purpose else { return }
        let attempts = book.reports.first { $0.stan == stan }?.attempts ?? 0
        let isLastToken = exchange.message.holes == nil && attempts >= tokens.count
        guard answer.reading?.isApproval ?? false || isLastToken else { return failExchange(.unfitting, &step) }
        closeLine(&step)
        record(.reportDone(stan), &step)
        step.log(.reportDelivered(stan))
    }

    mutating func putOffReport(_ stan: STAN, _ failure: Exchange.Failure, _ now: Instant) {
        guard let index = book.reports.firstIndex(where: { $0.stan == stan }) else { return }
        if case .moduleRefused = failure {
            book.reports[index].moduleRefused = true
        } else {
            book.reports[index].moduleRefused = false
        }
        book.reports[index].notBefore = now + configuration.pause(afterAttempts: book.reports[index].attempts)
    }

    // MARK: - Time

    /// When the next report, reversal, refund, settlement or segment of the log that is put off comes due.
    func nextDelivery(after now: Instant) -> Instant? {
        let owed = book.intents.lazy.filter(\.isOwed).map(\.notBefore)
        let reports = book.reports.lazy.map(\.notBefore)
        var next: Instant?
        for instant in owed where instant > now { next = min(next ?? instant, instant) }
        if let instant = book.batch.settlement?.notBefore, instant > now { next = min(next ?? instant, instant) }
        if let instant = nextLog(after: now) { next = min(next ?? instant, instant) }
        if undeliveredRecordCount > 0, tail.notBefore > now { next = min(next ?? tail.notBefore, tail.notBefore) }
        for instant in reports where instant > now { next = min(next ?? instant, instant) }
        return next
    }
}
