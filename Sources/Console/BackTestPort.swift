// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Tries a rule text on the transactions of the past, beside the one in force: one at a time, away from what is live.
public protocol BackTestPort: Sendable {
    /// - Returns: false when another one is under way; nothing has begun then.
    func start(_ task: BackTestTask) async -> Bool
    func state() async -> BackTestState
    /// - Returns: nil unless the state is `done`.
    func report(_ form: BackTestForm) async -> [UInt8]?
}

/// What is to be tried.
public struct BackTestTask: Equatable, Sendable {
    /// A rule file's text that can be read.
    public var candidate: String
    /// The text in force, to stand beside it; nil where there is none.
    public var present: String?
    /// The version that the candidate is; nil for a text of its own.
    public var version: UInt32?
    public var by: StaffID
    public var at: Instant

    public init(candidate: String, present: String?, version: UInt32?, by: StaffID, at: Instant) {
        (self.candidate, self.present, self.version, self.by, self.at) = (candidate, present, version, by, at)
    }
}

/// How far the newest back-test is.
public enum BackTestState: Equatable, Sendable {
    /// None since the start.
    case idle
    case running(BackTestTask)
    /// With the figures that `tillguard rules backtest --json` prints.
    case done(BackTestTask, JSON)
    /// It was ended because it took too long.
    case tooLong(BackTestTask)
    case failed(BackTestTask)

    /// What is tried or was.
    var task: BackTestTask? {
        switch self {
        case .idle: nil
        case .running(let task), .done(let task, _), .tooLong(let task), .failed(let task): task
        }
    }
}

/// The forms of a report that can be kept.
public enum BackTestForm: Sendable {
    case html
    case csv
}
