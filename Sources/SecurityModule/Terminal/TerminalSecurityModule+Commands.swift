// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension TerminalSecurityModule {
    mutating func perform(
        _ command: TerminalModuleCommand, _ now: Instant, _ random: inout some RandomSource
    ) -> TerminalModuleReply {
        if command == .status { return .status(status(now: now)) }
        if case .collectLog(let index, let bytesMax) = command, record.latch != nil {
            return collectLog(from: index, bytesMax, now)
        }
        guard record.latch == nil else { return refused(.tampered, now) }
        let reply = answer(command, now, &random)
        guard case .refused(let refusal, _) = reply, Self.isMisuse(refusal, of: command) else { return reply }
        countMisuse(now)
        return refused(refusal, now)
    }

    private mutating func answer(
        _ command: TerminalModuleCommand, _ now: Instant, _ random: inout some RandomSource
    ) -> TerminalModuleReply {
        switch command {
        case .status: return .status(status(now: now))
        case .selfTest:
            runSelfTests(now)
            return .status(status(now: now))
        case .beginPINEntry: return beginPINEntry(now)
        case .cancelPINEntry:
            keypad.close()
            return .status(status(now: now))
        case .protect(let purpose, let message, let holes, let pan):
            return protect(purpose, message, holes, pan, now, &random)
        case .verifyAnswer(let message, let mac, let start): return verifyAnswer(message, mac, from: start, now)
        case .attest(let nonce, let application): return attest(nonce, application, now, &random)
        case .describe: return describe(now)
        case .collectLog(let index, let bytesMax): return collectLog(from: index, bytesMax, now)
        case .acceptLease(let ticket): return acceptLease(ticket, now)
        case .acceptKeys(let download, let ticket): return acceptKeys(download, ticket, now)
        case .seal(let stored, let requests): return seal(stored, requests, now)
        case .signOnDue:
            endSession(now)
            return .status(status(now: now))
        }
    }

    /// Opens the keypad when a PIN may be encrypted now and the keypad's scan is clean.
    private mutating func beginPINEntry(_ now: Instant) -> TerminalModuleReply {
        // Asking on in spite of K05 is counted, whatever else is open.
        if record.isOpen(.k05), !record.pinRate.allows(at: now) { return throttled(now) }
        if let refusal = refusal(for: .authorisation, now) { return refused(refusal, now) }
        guard record.pinRate.allows(at: now) else { return throttled(now) }
        guard checkKeypad(now) else { return refused(.halted, now) }
        keypad.open(for: .cardholder, at: now)
        return .status(status(now: now))
    }

    func refused(_ refusal: ModuleRefusal, _ now: Instant) -> TerminalModuleReply {
        .refused(refusal, status(now: now))
    }

    /// Whether no sound application makes such a request: what is malformed or not authentic, and what the state of the
    /// module forbids though every status says so. That a delivery, a sign-on or a report cannot be protected for want of
    /// keys is the module's own failing, and K05 and K03 have counts of their own.
    private static func isMisuse(_ refusal: ModuleRefusal, of command: TerminalModuleCommand) -> Bool {
        switch refusal {
        case .badRequest, .ticketRefused, .keysRefused, .noPIN: true
        case .tampered, .pinRateExceeded, .keysExhausted: false
        case .halted, .notActivated, .leaseMissingOrExpired, .selfTestOverdue, .signOnNeeded:
            switch command {
            case .beginPINEntry: true
            case .protect(let purpose, _, _, _): purpose == .authorisation
            default: false
            }
        }
    }

    /// Ten in a minute are S04, and again while that is open, graver.
    mutating func countMisuse(_ now: Instant) {
        if misuse.add(at: now) { raise(.s04, severity: record.isOpen(.s04) ? .s2 : .s3, now) }
    }

    /// PIN entry is refused first; ten such refusals raise K05, and ten more while it is open stop everything.
    mutating func throttled(_ now: Instant) -> TerminalModuleReply {
        append(.pinThrottled, actor: .application, at: now)
        if record.pinRate.recordRefusal() { raise(.k05, severity: record.isOpen(.k05) ? .s2 : .s3, now) }
        return refused(.pinRateExceeded, now)
    }

    /// Why a message for this purpose is not protected now:
    ///
    /// 1. tampered with: nothing is;
    /// 2. health key, or DUKPT key or TMK, gone: nothing can be;
    /// 3. sign-on and report: always else;
    /// 4. delivery: once the module has ever been in service, for only then was anything journalled;
    /// 5. authorisation: only when READY, activated, leased and self-tested;
    /// 6. delivery and authorisation in a session profile: only with session keys.
    func refusal(for purpose: ProtectionPurpose, _ now: Instant) -> ModuleRefusal? {
        if record.latch != nil { return .tampered }
        guard isUsable(.financial(record.keys.profile)), isUsable(.health) else { return .halted }
        switch purpose {
        case .signOn, .report: return nil
        case .delivery: return record.activation == .never ? .notActivated : sessionRefusal
        case .authorisation: break
        }
        // What has a refusal of its own is named; any other warning is `halted`.
        let stops = record.openWarnings.filter { $0.effect.halts != .none }
        if stops.contains(where: { ![.a01, .a02, .s03].contains($0.code) }) { return .halted }
        if record.activation != .active || record.isOpen(.a01) { return .notActivated }
        guard let lease = record.lease, now < lease.expires, !record.isOpen(.a02) else {
            return .leaseMissingOrExpired
        }
        guard !selfTestIsOverdue(now), isExecutableFresh(now), !stops.contains(where: { $0.code == .s03 }) else {
            return .selfTestOverdue
        }
        return sessionRefusal
    }
}
