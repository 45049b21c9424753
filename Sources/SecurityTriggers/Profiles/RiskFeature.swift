// SPDX-License-Identifier: Apache-2.0

/// The features that a score is made of, each declared here once and computed by `RiskProfiles.features(of:)` alone: the
/// same code for a transaction in hand, for a training table and for a recording.
///
/// Windows on a card are of whole days, today and the days before; windows on a terminal are of the days on which
/// something became known. Every feature has a value; only an amount in a currency that is not counted is NaN.
public enum RiskFeature: Int, CaseIterable, Sendable {
    /// Minor units.
    case amount
    /// Of local time, 0…23.
    case hour
    /// 1 on Saturday and Sunday of local time, else 0.
    case weekend
    /// Attempts of the card, this one included, of 1, 7 and 30 days.
    case n1, n7, n30
    /// The card's mean of usual amounts, minor units; the amount itself where there is none.
    case mean7, mean30
    /// The card's largest usual amount of 30 days, minor units; 0 where there is none.
    case max30
    /// The amount as a multiple of `mean30`, and of `max30`, at most 50; 1 where there is none.
    case ratio
    case overMax
    /// 1 where the amount is unusual for the card, else 0.
    case unusual
    /// Unusual amounts of the card before this one.
    case unusual7, unusual14
    /// The largest multiple of the mean at its time among the card's amounts of 14 days; 0 where there is none.
    case peak14
    /// Transactions of the terminal that are known.
    case terminalKnown7
    case terminalKnown30
    /// Frauds of what is known, 0…1; 0 where nothing is.
    case terminalShare7
    case terminalShare14
    case terminalShare28
    /// Frauds at amounts that were plain for their cards: it is the terminal that they speak of.
    case terminalPlain7
    case terminalPlain14
    case terminalPlain28
    /// Days since the first plain fraud of 28 days became known, and since the latest was made; 40 where there is none.
    case terminalFirst
    case terminalLast
    /// Days since the frauds began that no later known genuine transaction has interrupted; 40 where there is none.
    case terminalRun
    /// Frauds among the last four verdicts, 0…1.
    case terminalLast4

    /// Days where the event that they count from is not there.
    static let neverDays = 40.0

    /// As training tables and models name it: as it is declared.
    public var name: String { "\(self)" }

    /// All names, in the order of a vector.
    public static let names = allCases.map(\.name)

    /// The feature of a name; nil for a name that is none's.
    public init?(name: String) {
        guard let index = Self.names.firstIndex(of: name) else { return nil }
        self = Self.allCases[index]
    }

    /// It speaks of what became known at the terminal.
    var isOfTerminal: Bool { rawValue >= Self.terminalKnown7.rawValue }
}
