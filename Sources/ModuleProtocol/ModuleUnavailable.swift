// SPDX-License-Identifier: Apache-2.0

/// Why a module in a process of its own gave no answer. Nothing is known of what it was asked, and nothing has changed in it.
public enum ModuleUnavailable: Error, CaseIterable, Equatable, Sendable {
    /// Nobody is at its socket, or the line broke.
    case away
    /// It did not answer in time.
    case late
    /// It refused the command.
    case refused
    /// It is another module than the one that was there first, or of another user.
    case another
    /// What it answered is no answer to the question.
    case unreadable
}
