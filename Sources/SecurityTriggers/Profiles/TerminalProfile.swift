// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What is known of one terminal's transactions: how many, and how many were frauds, by the day on which it became known.
///
/// A transaction waits in the tile of its hour until a label comes, or until `genuineAfter` has passed since that hour
/// ended, when it counts as genuine. So frauds and what they are a share of become known at the same pace, to the hour.
struct TerminalProfile: Profile {
    /// Hours that may wait: eight days, so that a delay of seven fits.
    static let hours: UInt32 = 192

    let key: TerminalID
    /// Transactions without a verdict, at their hour's number modulo 192.
    private var waiting: InlineArray<192, UInt16>
    /// All hours before this one have come due.
    private var dueHour: UInt32
    private var days: RollingDays
    /// By the day on which it became known: transactions, frauds, frauds at amounts that were plain for their cards.
    private var known: InlineArray<32, UInt32>
    private var frauds: InlineArray<32, UInt16>
    private var plain: InlineArray<32, UInt16>
    /// The last 32 verdicts, the latest in the lowest bit, fraud 1.
    private var verdicts: UInt32 = 0
    /// When the frauds began that no later known genuine transaction has interrupted, seconds; 0 for none.
    private var runStart: UInt32 = 0
    /// The latest plain fraud that is known, seconds; 0 for none.
    private var lastPlain: UInt32 = 0

    var latestDay: UInt32 { days.latest }

    /// - Parameters: times in seconds since 1970; `delay` as `RiskProfiles.Configuration.genuineAfter`.
    init(key: TerminalID, at time: UInt32, delay: UInt32) {
        self.key = key
        dueHour = Self.dueHour(time, delay)
        days = RollingDays(latest: time / RiskProfiles.daySeconds)
        (waiting, known) = (InlineArray(repeating: 0), InlineArray(repeating: 0))
        (frauds, plain) = (InlineArray(repeating: 0), InlineArray(repeating: 0))
    }

    /// The first hour that has not come due at a time.
    private static func dueHour(_ time: UInt32, _ delay: UInt32) -> UInt32 {
        time > delay ? (time - delay) / 3_600 : 0
    }

    /// Takes in a transaction.
    mutating func apply(at time: UInt32, delay: UInt32) {
        advance(to: time, delay)
        let hour = time / 3_600
        guard hour >= dueHour else {
            // So late that it has been due for long.
            return count(genuine: 1, at: hour * 3_600, known: days.latest)
        }
        waiting[Int(hour % Self.hours)].addSaturating(1)
    }

    /// Takes in a verdict about a transaction at `time`.
    mutating func label(
        _ verdict: TransactionLabel.Verdict, isPlain: Bool, at time: UInt32, known: UInt32, delay: UInt32
    ) {
        advance(to: known, delay)
        let day = known / RiskProfiles.daySeconds
        switch verdict {
        case .withdrawn:
            guard let place = days.place(day) else { return }
            frauds[place].subtractSaturating(1)
            if isPlain { plain[place].subtractSaturating(1) }
        case .genuine:
            if takeWaiting(time) { count(genuine: 1, at: time, known: day) }
        case .fraud:
            let wasWaiting = takeWaiting(time)
            guard let place = days.place(day) else { return }
            if wasWaiting { self.known[place].addSaturating(1) }
            frauds[place].addSaturating(1)
            verdicts = verdicts << 1 | 1
            if runStart == 0 || time < runStart { runStart = time }
            guard isPlain else { return }
            plain[place].addSaturating(1)
            lastPlain = max(lastPlain, time)
        }
    }

    /// Takes a transaction out of its hour; false when it has come due already.
    private mutating func takeWaiting(_ time: UInt32) -> Bool {
        let hour = time / 3_600
        guard hour >= dueHour, hour < dueHour + Self.hours, waiting[Int(hour % Self.hours)] > 0 else { return false }
        waiting[Int(hour % Self.hours)] -= 1
        return true
    }

    /// Lets all hours come due that have, as of a time.
    private mutating func advance(to time: UInt32, _ delay: UInt32) {
        let due = Self.dueHour(time, delay)
        if due > dueHour {
            for hour in dueHour..<min(due, dueHour + Self.hours) {
                let place = Int(hour % Self.hours)
                guard waiting[place] > 0 else { continue }
                let dueAt = (hour + 1) * 3_600 + delay
                count(genuine: UInt32(waiting[place]), at: hour * 3_600, known: dueAt / RiskProfiles.daySeconds)
                waiting[place] = 0
            }
            dueHour = due
        }
        advanceDays(to: time / RiskProfiles.daySeconds)
    }

    private mutating func advanceDays(to day: UInt32) {
        for place in days.advance(to: day) { (known[place], frauds[place], plain[place]) = (0, 0, 0) }
    }

    private mutating func count(genuine: UInt32, at time: UInt32, known day: UInt32) {
        advanceDays(to: day)
        verdicts = genuine < 32 ? verdicts << genuine : 0
        if time > runStart { runStart = 0 }
        if let place = days.place(day) { known[place].addSaturating(genuine) }
    }

    /// What is known at a time, before whatever is in hand.
    func figures(at time: UInt32, delay: UInt32) -> TerminalFigures {
        var current = self
        current.advance(to: time, delay)
        return current.figures(at: time)
    }

    /// - Precondition: all that is due at that time has come due.
    private func figures(at time: UInt32) -> TerminalFigures {
        let day = time / RiskProfiles.daySeconds
        var figures = TerminalFigures()
        for age in 0..<UInt32(30) where age <= day {
            guard let place = days.place(day - age) else { continue }
            let (all, fraud, bare) = (known[place], UInt32(frauds[place]), UInt32(plain[place]))
            figures.known30 += UInt64(all)
            guard age < 28 else { continue }
            if bare > 0 { figures.firstPlainDays = age }
            figures.window28.add(all, fraud, bare)
            if age < 14 { figures.window14.add(all, fraud, bare) }
            if age < 7 { figures.window7.add(all, fraud, bare) }
        }
        figures.fraudsOfLast4 = UInt32((verdicts & 15).nonzeroBitCount)
        figures.secondsSincePlain = lastPlain > 0 && lastPlain <= time ? time - lastPlain : nil
        figures.secondsOfRun = runStart > 0 && runStart <= time ? time - runStart : nil
        return figures
    }
}
