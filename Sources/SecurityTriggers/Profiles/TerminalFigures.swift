// SPDX-License-Identifier: Apache-2.0

/// What is known of a terminal before the transaction in hand, by the day on which it became known.
struct TerminalFigures: Equatable, Sendable {
    struct Window: Equatable, Sendable {
        var known: UInt64 = 0
        var frauds: UInt64 = 0
        var plain: UInt64 = 0

        mutating func add(_ known: UInt32, _ frauds: UInt32, _ plain: UInt32) {
            self.known += UInt64(known)
            self.frauds += UInt64(frauds)
            self.plain += UInt64(plain)
        }

        /// Frauds of what is known, 0…1; 0 where nothing is.
        var share: Double { known > 0 ? min(1, Double(frauds) / Double(known)) : 0 }
    }

    var window7 = Window()
    var window14 = Window()
    var window28 = Window()
    var known30: UInt64 = 0
    /// Days since the first plain fraud of the last 28 days became known; nil where none did.
    var firstPlainDays: UInt32?
    /// Seconds since the latest plain fraud that is known was made.
    var secondsSincePlain: UInt32?
    /// Seconds since the first of the frauds was made that no later genuine transaction has interrupted.
    var secondsOfRun: UInt32?
    /// Frauds among the last four verdicts.
    var fraudsOfLast4: UInt32 = 0
}
