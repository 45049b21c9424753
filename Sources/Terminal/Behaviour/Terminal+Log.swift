// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

/// The module's audit log on its way to the host: segment after segment, when the host has asked for it, when it fills up
/// (S05), and once more when the module was tampered with. Nothing of it is kept here: what is lost is collected again.
extension Terminal {
    func isLogDue(_ now: Instant) -> Bool {
        guard !module.isLost, log.notBefore <= now, log.attempts < LogLink.attemptsMax else { return false }
        return isLogOfDead || (log.isDue && module.canProtect && hasKeys && !isModuleSwapped)
    }

    /// A module that was tampered with protects no message: its death token goes with the log.
    private var isLogOfDead: Bool {
        guard let status = module.status, status.state == .tampered, status.deathToken != nil else { return false }
        return !log.isDeadTold && halt == .all
    }

    /// When the next segment is tried again, if that is yet to come.
    func nextLog(after now: Instant) -> Instant? {
        log.notBefore > now && isLogDue(log.notBefore) ? log.notBefore : nil
    }

    /// The host's answer to a sign-on asks for the log, or the log fills up.
    mutating func demandLog(isAsked: Bool = false) {
        (log.isDue, log.attempts, log.isAsked) = (true, 0, isAsked)
    }

    /// The module says that its log is filling up, and has not said so before. Another module has another log.
    mutating func watchLog(_ status: ModuleStatus, before: ModuleStatus?) {
        if let before, before.serial != status.serial { log = LogLink() }
        let open = status.openWarnings.first { $0.code == .s05 }
        if let open, before?.openWarnings.contains(open) != true { demandLog() }
    }

    mutating func startLog(_ step: inout Step) {
        let pending = OutgoingMessage(mti: .administrativeAdvice, bytes: [], holes: nil)
        open(.log, stan: takeSTAN(), at: step.now, pending, stage: .attesting)
        ask(
            .collectLog(from: log.next, bytesMax: configuration.dialect.logBytesMax), .collectLog,
            exchange: exchangeCount, &step)
    }

    mutating func collected(_ segment: [UInt8], through last: UInt32, isLast: Bool, _ step: inout Step) {
        guard var exchange = line, exchange.stage == .attesting, exchange.purpose == .log else {
            return step.log(.moduleReplyStale)
        }
        guard !segment.isEmpty else {
            closeLine(&step)
            // What was told has been lost at the other end, or it was another module's: from the first record once more.
            if log.next > 1, log.isAsked || last &+ 1 < log.next { log.next = 1 } else { endLog(&step) }
            return log.isAsked = false
        }
        (log.through, log.isLast) = (last, isLast)
        let token = isLogOfDead ? module.status?.deathToken : nil
        do throws(EncodeError) {
            let message = try logMessage(segment, stan: exchange.stan, token: token, now: step.now)
            guard let holes = message.holes else {
                line = nil
                return sendUnprotected(message, .log, stan: exchange.stan, at: exchange.at, &step)
            }
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

    mutating func logAnswered(_ answer: HostAnswer, _ step: inout Step) {
        guard answer.reading?.isApproval ?? false else { return failExchange(.unfitting, &step) }
        closeLine(&step)
        (log.attempts, log.isAsked) = (0, false)
        log.next = log.through &+ 1
        guard log.isLast else { return }
        endLog(&step)
        // A full log is emptied by the ticket of a sign-on, which is not waited for.
        guard module.status?.openWarnings.contains(.s05) ?? false else { return }
        signOn.notBefore = step.now
        if signOn.leaseExpires != nil { signOn.renewAt = step.now }
    }

    /// Everything is told.
    private mutating func endLog(_ step: inout Step) {
        log.isDue = false
        if isLogOfDead { log.isDeadTold = true }
    }

    /// Given up after some attempts: the host asks again at the next sign-on.
    mutating func putOffLog(_ now: Instant) {
        log.attempts += 1
        log.notBefore = now + configuration.pause(afterAttempts: log.attempts)
        if log.attempts >= LogLink.attemptsMax { log.isDue = false }
    }
}

/// Where the module's audit log is on its way to the host. Not durable.
struct LogLink: Equatable, Sendable {
    static let attemptsMax = 5

    var isDue = false
    /// The host wants it, and has had no segment since.
    var isAsked = false
    /// The first record that the host may not have.
    var next: UInt32 = 1
    /// The last record of the segment that is out, and whether there is none behind it.
    var through: UInt32 = 0
    var isLast = false
    /// Failed attempts in a row.
    var attempts = 0
    var notBefore = Instant(microseconds: .min)
    /// The log of the module that was tampered with is told.
    var isDeadTold = false
}
