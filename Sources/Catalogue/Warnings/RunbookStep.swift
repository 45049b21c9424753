// SPDX-License-Identifier: Apache-2.0

/// One step of a runbook, in order.
public struct RunbookStep: Hashable, Sendable {
    /// What to do.
    public let text: Phrase
    /// What the machine checks to mark the step done; nil for a step that only people can do.
    public let check: RunbookCheck?
}

/// A fact that the estate, the host or a signed diagnosis can tell, so that a step need not be ticked by hand.
public enum RunbookCheck: String, CaseIterable, Sendable {
    /// The terminal takes no transaction.
    case terminalHalted
    /// The terminal takes no new sale.
    case saleStopped
    /// The warning reached a desk and was acknowledged there.
    case deskAcknowledged
    case selfTestPassed, rngTestPassed, keypadTestPassed
    case attestationAccepted, leaseValid, activated, signedOn, heartbeatSeen
    /// The key inventory equals the profile and each check value agrees.
    case keysComplete
    /// Every key made since the random generator's last passed test has been replaced.
    case suspectKeysReplaced
    case certificateCurrent, certificateRevoked, identityRevoked
    case countersReconciled, auditChainIntact, logCollected, journalDelivered, reversalsDelivered
    case firmwareCurrent, applicationAuthentic, parametersCurrent, compatible, campaignStopped
    case pairingMatches, bindingMatches, locationMatches, linkStable, environmentInRange, pinRateNormal
    /// A replacement is fitted, paired and keyed.
    case moduleReplaced
    case swapApproved, twoPeopleApproved, inspectionPassed, evidenceSealed, inServiceCentre
    case transactionsReviewed, operatorUnlocked, diagnosisReceived
}
