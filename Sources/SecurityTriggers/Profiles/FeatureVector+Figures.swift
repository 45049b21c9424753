// SPDX-License-Identifier: Apache-2.0

extension FeatureVector {
    /// The one place where features are made of what profiles say.
    ///
    /// - Parameters:
    ///   - amount: minor units; nil in a currency that is not counted.
    ///   - local: seconds of local time since 1970.
    init(amount: UInt32?, local: UInt32, _ card: CardFigures, _ terminal: TerminalFigures) {
        self.init()
        let day = local / RiskProfiles.daySeconds
        // 1970 began on a Thursday.
        set(.weekend, (day + 3) % 7 >= 5 ? 1 : 0)
        set(.hour, Double(local % RiskProfiles.daySeconds / 3_600))
        set(card, amount)
        set(terminal)
    }

    private mutating func set(_ card: CardFigures, _ amount: UInt32?) {
        let value = amount.map { Double($0) } ?? .nan
        set(.amount, value)
        set(.n1, Double(card.attempts1) + 1)
        set(.n7, Double(card.attempts7) + 1)
        set(.n30, Double(card.attempts30) + 1)
        set(.mean7, card.usual7 > 0 ? card.mean7 : value)
        set(.mean30, card.usual30.count > 0 ? card.usual30.mean : value)
        set(.max30, Double(card.usual30.largest))
        set(.unusual7, Double(card.unusual7))
        set(.unusual14, Double(card.unusual14))
        set(.peak14, Double(card.peak14) / 100)
        guard let amount else {
            for feature in [RiskFeature.ratio, .overMax, .unusual] { set(feature, .nan) }
            return
        }
        set(.ratio, card.usual30.count > 0 ? card.usual30.ratio(amount) : 1)
        let largest = max(Double(card.usual30.largest), 1)
        set(.overMax, card.usual30.count > 0 ? min(value / largest, UsualAmounts.ratioMax) : 1)
        set(.unusual, card.usual30.isUnusual(amount) ? 1 : 0)
    }

    private mutating func set(_ terminal: TerminalFigures) {
        set(.terminalKnown7, Double(terminal.window7.known))
        set(.terminalKnown30, Double(terminal.known30))
        set(.terminalShare7, terminal.window7.share)
        set(.terminalShare14, terminal.window14.share)
        set(.terminalShare28, terminal.window28.share)
        set(.terminalPlain7, Double(terminal.window7.plain))
        set(.terminalPlain14, Double(terminal.window14.plain))
        set(.terminalPlain28, Double(terminal.window28.plain))
        set(.terminalFirst, terminal.firstPlainDays.map { Double($0) } ?? RiskFeature.neverDays)
        set(.terminalLast, days(terminal.secondsSincePlain))
        set(.terminalRun, days(terminal.secondsOfRun))
        set(.terminalLast4, Double(terminal.fraudsOfLast4) / 4)
    }

    private func days(_ seconds: UInt32?) -> Double {
        seconds.map { min(Double($0) / Double(RiskProfiles.daySeconds), RiskFeature.neverDays) }
            ?? RiskFeature.neverDays
    }
}
