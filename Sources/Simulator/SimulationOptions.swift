// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What the simulator breaks on purpose, to show that its checks can fail.
public enum Sabotage: String, CaseIterable, Sendable {
    /// Answers leave before their commit is durable.
    case answerBeforeCommit = "answer-before-commit"
    /// The host believes that no lease ever ends.
    case skipLeaseCheck = "skip-lease-check"
    /// The host forgets what it has answered.
    case forgetDuplicates = "forget-duplicates"
}

/// One run: everything that happens follows from these.
public struct SimulationOptions: Sendable {
    public var seed: UInt64
    public var terminals = 3
    /// Virtual hours of trade; after them faults stop and everything is left to settle.
    public var hours = 30
    public var sabotage: Sabotage?
    /// A copy of the lying terminal, keys and counters included, sells as well.
    public var hasClone = false
    /// Gets a line for every message and event, to follow a failing seed by.
    public var trace: (@Sendable (String) -> Void)?

    public init(seed: UInt64) { self.seed = seed }

    public static let terminalsMax = 64
    public static let hoursMax = 24 * 365
}

/// How a run ended.
public struct SimulationReport: Sendable {
    public var seed: UInt64
    /// SHA-256 over every observed answer and the host's last state: the same seed gives the same digest.
    public var digest: [UInt8]
    /// What must never be, with the virtual time at which it was seen; empty when all is well.
    public var violations: [String]
    public var sales = 0
    public var approved = 0
    public var declined = 0
    public var reversed = 0
    public var refused = 0
    /// Approved transactions that were no purchases.
    public var otherKinds = 0
    /// Batches that were closed, every one with equal totals.
    public var settled = 0
    public var commits = 0
    public var hostRestarts = 0
    public var terminalRestarts = 0
    public var faults = 0
    public var rogueRefused = 0
    /// Messages under one KSN that contradicted each other, as the host counted them.
    public var contradictions = 0
    /// Whether K04 is open at the end for the terminal that was copied.
    public var isCloneFound = false
    public var messages = 0
    /// Steps in the lives of rule sets.
    public var ruleChanges = 0
    /// Verdicts about transactions from elsewhere than cases.
    public var labels = 0
    /// Decisions about which watched rules had something to say.
    public var shadowVerdicts = 0

    public init(seed: UInt64, digest: [UInt8] = [], violations: [String] = []) {
        self.seed = seed
        self.digest = digest
        self.violations = violations
    }
}
