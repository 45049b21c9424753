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
        guard record.latch == nil else { return refused(.tampered, now) }
        switch command {
        case .status: return .status(status(now: now))
        case .selfTest:
            runSelfTests(now)
            return .status(status(now: now))
        case .beginPINEntry:
            if let refusal = refusal(for: .authorisation, now) { return refused(refusal, now) }
            guard record.pinRate.allows(at: now) else { return throttled(now) }
            keypad.open(at: now)
            return .status(status(now: now))
        case .cancelPINEntry:
            keypad.close()
            return .status(status(now: now))
        case .protect(let purpose, let message, let holes, let pan):
            return protect(purpose, message, holes, pan, now, fill: random.next())
        case .verifyAnswer(let message, let mac, let start): return verifyAnswer(message, mac, from: start, now)
        case .attest(let nonce, let application): return attest(nonce, application, now, &random)
        case .describe: return describe(now)
        case .acceptLease(let ticket): return acceptLease(ticket, now)
        case .acceptKeys(let download, let ticket): return acceptKeys(download, ticket, now)
        case .signOnDue:
            endSession(now)
            return .status(status(now: now))
        }
    }

    func refused(_ refusal: ModuleRefusal, _ now: Instant) -> TerminalModuleReply {
        .refused(refusal, status(now: now))
    }

    /// A request that no sound application makes: ten in a minute are S04, and again while that is open, graver.
    mutating func badRequest(_ now: Instant) -> TerminalModuleReply {
        if misuse.add(at: now) { raise(.s04, severity: record.isOpen(.s04) ? .s2 : .s3, now) }
        return refused(.badRequest, now)
    }

    mutating func throttled(_ now: Instant) -> TerminalModuleReply {
        append(.pinThrottled, at: now)
        isDirty = true
        if record.pinRate.recordRefusal() { raise(.k05, now) }
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
        guard !selfTestIsOverdue(now), !stops.contains(where: { $0.code == .s03 }) else { return .selfTestOverdue }
        return sessionRefusal
    }
}
