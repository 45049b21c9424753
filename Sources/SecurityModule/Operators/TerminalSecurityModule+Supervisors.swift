// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// Supervisors at the module's own keypad (K07).
///
/// The order of things: `beginSupervisorEntry` opens the keypad; the passcode is typed and confirmed there;
/// `takeSupervisorCheck` counts the try, durably; `SupervisorCheck.run` hashes it, outside; `conclude` compares.
extension TerminalSecurityModule {
    /// The supervisor who has entered, for five minutes.
    public func supervisor(now: Instant) -> UInt8? { supervision.supervisor(hardware.clock(now)) }

    /// Opens the keypad for a supervisor's passcode. Also while a warning is open.
    public mutating func beginSupervisorEntry(
        _ number: UInt8, _ purpose: SupervisorPurpose, now: Instant
    ) throws(SupervisorRefusal) {
        guard record.latch == nil, keys.storage != nil else { throw .tampered }
        let now = tick(now)
        releaseSupervisors(now)
        defer { flush() }
        guard Supervisors.numbers.contains(number) else { throw .unknownNumber }
        // The power was cut between the last try and its verdict.
        if record.supervisors.isExhausted { lockSupervisors(now) }
        guard !record.supervisors.isLocked(now) else { throw .locked }
        keypad.closeIfIdle(at: now)
        guard !keypad.isOpen else { throw .busy }
        guard purpose == .enter || mayEnrol(now) else { throw .notAllowed }
        supervision.begin(Supervision.Request(number: number, purpose: purpose))
        keypad.open(for: .supervisor, at: now)
    }

    private func mayEnrol(_ now: Instant) -> Bool {
        supervision.supervisor(now) != nil || (record.supervisors.entries.isEmpty && record.activation == .never)
    }

    /// The passcode that was confirmed at the keypad, for its hash. The try is counted before anything is looked at: the
    /// effects of this call come before the check is run.
    ///
    /// - Returns: nil when no supervisor has confirmed a passcode, or no random bytes are to be had.
    public mutating func takeSupervisorCheck(now: Instant, random: inout some RandomSource) -> SupervisorCheck? {
        let now = tick(now)
        keypad.closeIfIdle(at: now)
        guard record.latch == nil, let request = supervision.request, !supervision.isVerifying,
            keypad.holdsEntry(of: .supervisor)
        else { return nil }
        testNoiseIfDue(now, &random)
        defer { flush() }
        // A number that nobody has takes as long as one with a wrong passcode.
        let stored = request.purpose == .enter ? record.supervisors[request.number]?.salt : nil
        guard let salt = stored ?? draw(PasswordHash.saltCount, now, &random),
            let passcode = keypad.take(of: .supervisor)
        else { return nil }
        if request.purpose == .enter {
            record.supervisors.countTry()
            isDirty = true
        }
        supervision.verify(with: salt)
        return SupervisorCheck(attempt: supervision.attempt, passcode: passcode, salt: salt)
    }

    /// Takes the hash of a passcode and says what that means.
    public mutating func conclude(_ verdict: consuming SupervisorVerdict, now: Instant) -> SupervisorOutcome {
        guard record.latch == nil, let request = supervision.conclude(verdict.attempt) else { return .stale }
        let now = tick(now)
        defer { flush() }
        switch request.purpose {
        case .enrol: return enrol(request, verdict.hash, now)
        case .enter: return enter(request, verdict.hash, now)
        }
    }

    private mutating func enrol(
        _ request: Supervision.Request, _ hash: borrowing SecretKey, _ now: Instant
    ) -> SupervisorOutcome {
        let hash = hash.copy()
        guard let sealed = keys.storage.borrowed({ hash.wrapped(under: $0) }) else { return .stale }
        record.supervisors.set(
            Supervisors.Entry(number: request.number, salt: request.salt, sealedHash: sealed))
        append(.supervisorEnrolled, actor: .supervisor, detail: UInt32(request.number), at: now)
        return .enrolled
    }

    private mutating func enter(
        _ request: Supervision.Request, _ hash: borrowing SecretKey, _ now: Instant
    ) -> SupervisorOutcome {
        guard !isRight(hash, request.number) else {
            record.supervisors.pass()
            supervision.enter(request.number, at: now)
            append(.supervisorEntered, actor: .supervisor, detail: UInt32(request.number), at: now)
            return .entered
        }
        append(.supervisorRefused, actor: .supervisor, detail: UInt32(request.number), at: now)
        guard record.supervisors.isExhausted else { return .wrong(triesLeft: record.supervisors.triesLeft) }
        lockSupervisors(now)
        return .locked
    }

    private func isRight(_ hash: borrowing SecretKey, _ number: UInt8) -> Bool {
        guard let entry = record.supervisors[number] else { return false }
        let hash = hash.copy()
        return keys.storage.borrowed { storage in
            guard let stored = SecretKey(unwrapping: entry.sealedHash, under: storage) else { return false }
            return stored.equals(hash)
        } ?? false
    }

    private mutating func lockSupervisors(_ now: Instant) {
        let severity = record.supervisors.lock(at: now)
        supervision.end()
        keypad.close()
        append(.supervisorsLocked, actor: .supervisor, at: now)
        // Three in a day are no forgetfulness: time alone does not end that.
        raise(.k07, severity: severity, needsOrder: severity == .s2, now)
    }

    /// By a host's order. What stopped the terminal is ended by its name in the ticket.
    mutating func unlockSupervisors(_ now: Instant) {
        guard record.supervisors.unlock() else { return }
        append(.supervisorsUnlocked, actor: .host, at: now)
        clearLockOut(now)
    }

    /// When their time is over.
    mutating func releaseSupervisors(_ now: Instant) {
        guard record.supervisors.lockedUntil != nil, !record.supervisors.isLocked(now) else { return }
        unlockSupervisors(now)
    }

    private mutating func clearLockOut(_ now: Instant) {
        guard record.openWarnings.contains(where: { $0.code == .k07 && !$0.needsOrder }) else { return }
        clear(.k07, now)
    }
}
