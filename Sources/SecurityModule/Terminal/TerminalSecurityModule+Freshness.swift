// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// What a module has to do once a day (PCI PTS POI B1): test itself, and initialise its memory.
///
/// From the twentieth hour on it does both by itself in the first quiet step, so that no shop has to restart a terminal in
/// the middle of a day: nobody is at the keypad, and no answer is due. Initialising means that everything outside the key
/// store goes, as after a restart: the keys of the message protected last, the session before, an entry at the keypad and
/// the random source's past, which is tested from its start again. What stays is what a restart reads from the image.
/// When that cannot be done, S03 says so from the twentieth hour and stops the terminal at the twenty-fourth.
extension TerminalSecurityModule {
    func selfTestAge(_ now: Instant) -> Interval? { record.selfTestPassedAt.map { now - $0 } }

    func selfTestIsOverdue(_ now: Instant) -> Bool { selfTestAge(now).map { $0 >= ModuleDuties.ageMax } ?? true }

    private func isSelfTestDue(_ now: Instant) -> Bool {
        selfTestAge(now).map { $0 >= ModuleDuties.renewalAge } ?? true
    }

    private func isQuiet(_ now: Instant) -> Bool {
        !keypad.isOpen && !duties.isAnswerDue(now)
            && attestation.map({ now - $0.at >= ModuleDuties.answerTimeMax }) ?? true
    }

    mutating func stayFresh(_ now: Instant) {
        if duties.isMemoryRenewalDue(now), isQuiet(now) { renewMemory(now) }
        // A test that was missed for a day is made good only together with fresh evidence.
        if !selfTestIsOverdue(now), isSelfTestDue(now), isQuiet(now), duties.mayTryAgain(now) { runSelfTests(now) }
        if selfTestIsOverdue(now) || duties.isMemoryStale(now) {
            raise(.s03, severity: .s2, now)
        } else if isSelfTestDue(now) || duties.isMemoryRenewalDue(now) {
            raise(.s03, severity: .s4, now)
        }
    }

    private mutating func renewMemory(_ now: Instant) {
        transaction = nil
        previousSession = nil
        attestation = nil
        answerFailures = 0
        keypad.close()
        endKeyLoading()
        noiseTestDue = true
        duties.renew(at: now)
        append(.memoryRenewed, at: now)
    }
}
