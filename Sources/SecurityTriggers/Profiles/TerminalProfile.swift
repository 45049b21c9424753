// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What is known of one terminal among others, as `RiskProfiles` keeps them.
struct TerminalProfile: Profile {
    let key: TerminalID
    var verdicts: TerminalVerdicts
    var latestDay: UInt32 { verdicts.latestDay }

    init(key: TerminalID, at time: UInt32, delay: UInt32) {
        self.key = key
        verdicts = TerminalVerdicts(at: time, delay: delay)
    }
}

/// What is known of one terminal's transactions: how many, and how many were frauds, by the day on which it became known.
///
/// A transaction waits in the tile of its hour until a label comes, or until `genuineAfter` has passed since that hour
/// ended, when it counts as genuine. So frauds and what they are a share of become known at the same pace, to the hour.
struct TerminalVerdicts {
    /// Hours that may wait: eight days, so that a delay of seven fits.
    static let hours: UInt32 = 192
    /// Seconds until a live transaction without a label counts as genuine: seven days.
    static let delay: UInt32 = 7 * 86_400

    /// Transactions without a verdict, at their hour's number modulo 192.
    private(set) var waiting: InlineArray<192, UInt16>
    /// All hours before this one have come due.
    private(set) var dueHour: UInt32
    private(set) var days: RollingDays
    /// By the day on which it became known: transactions, frauds, frauds at amounts that were plain for their cards.
    private(set) var known: InlineArray<32, UInt32>
    private(set) var frauds: InlineArray<32, UInt16>
    private(set) var plain: InlineArray<32, UInt16>
    /// A bit for each place of the three that may hold something.
    private var filled: UInt32 = 0
    /// The last 32 verdicts, the latest in the lowest bit, fraud 1.
    private(set) var verdicts: UInt32 = 0
    /// When the frauds began that no later known genuine transaction has interrupted, seconds; 0 for none.
    private(set) var runStart: UInt32 = 0
    /// The latest plain fraud that is known, seconds; 0 for none.
    private(set) var lastPlain: UInt32 = 0

    var latestDay: UInt32 { days.latest }

    /// - Parameters: times in seconds since 1970; `delay` as `RiskProfiles.Configuration.genuineAfter`.
    init(at time: UInt32, delay: UInt32) {
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

    /// Takes a transaction back that was reversed, or takes it in again: what was reversed is no genuine one. One that has come
    /// due stays.
    mutating func reverse(at time: UInt32, isReversed: Bool) {
        if isReversed {
            _ = takeWaiting(time)
        } else if time / 3_600 >= dueHour, time / 3_600 < dueHour + Self.hours {
            waiting[Int(time / 3_600 % Self.hours)].addSaturating(1)
        }
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
            filled |= 1 << UInt32(place)
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
        for place in days.advance(to: day) {
            (known[place], frauds[place], plain[place]) = (0, 0, 0)
            filled &= ~(1 << UInt32(place))
        }
    }

    private mutating func count(genuine: UInt32, at time: UInt32, known day: UInt32) {
        advanceDays(to: day)
        verdicts = genuine < 32 ? verdicts << genuine : 0
        if time > runStart { runStart = 0 }
        guard let place = days.place(day) else { return }
        known[place].addSaturating(genuine)
        filled |= 1 << UInt32(place)
    }

    /// What is known at a time, before whatever is in hand.
    func figures(at time: UInt32, delay: UInt32) -> TerminalFigures {
        withUnsafePointer(to: self) { Self.figures($0, at: time, delay: delay) }
    }

    /// The same where the verdicts lie, without a copy of them as long as nothing has come due since the last change.
    static func figures(_ terminal: UnsafePointer<TerminalVerdicts>, at time: UInt32, delay: UInt32) -> TerminalFigures
    {
        guard isDue(terminal, at: time, delay) else { return settled(terminal, at: time) }
        var current = terminal.pointee
        current.advance(to: time, delay)
        return settled(&current, at: time)
    }

    /// Something that waits has come due.
    private static func isDue(_ terminal: UnsafePointer<TerminalVerdicts>, at time: UInt32, _ delay: UInt32) -> Bool {
        let (first, end) = (terminal.pointee.dueHour, dueHour(time, delay))
        guard end > first else { return false }
        return (first..<min(end, first + hours)).contains { terminal.pointee.waiting[Int($0 % hours)] > 0 }
    }

    /// - Precondition: all that is due at that time has come due.
    private static func settled(_ terminal: UnsafePointer<TerminalVerdicts>, at time: UInt32) -> TerminalFigures {
        let day = time / RiskProfiles.daySeconds
        var figures = TerminalFigures()
        var places = terminal.pointee.filled
        while places != 0 {
            let place = places.trailingZeroBitCount
            places &= places &- 1
            // A day that has not come is of an age beyond all that count.
            let age = day &- terminal.pointee.days.day(at: place)
            guard age < 30 else { continue }
            let all = terminal.pointee.known[place]
            let (fraud, bare) = (UInt32(terminal.pointee.frauds[place]), UInt32(terminal.pointee.plain[place]))
            figures.known30 += UInt64(all)
            guard age < 28 else { continue }
            if bare > 0 { figures.firstPlainDays = max(figures.firstPlainDays ?? 0, age) }
            figures.window28.add(all, fraud, bare)
            if age < 14 { figures.window14.add(all, fraud, bare) }
            if age < 7 { figures.window7.add(all, fraud, bare) }
        }
        let (lastPlain, runStart) = (terminal.pointee.lastPlain, terminal.pointee.runStart)
        figures.fraudsOfLast4 = UInt32((terminal.pointee.verdicts & 15).nonzeroBitCount)
        figures.secondsSincePlain = lastPlain > 0 && lastPlain <= time ? time - lastPlain : nil
        figures.secondsOfRun = runStart > 0 && runStart <= time ? time - runStart : nil
        return figures
    }

    // MARK: Codec

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(dueHour)
        writer.unsigned(days.latest)
        writer.unsigned(verdicts)
        writer.unsigned(runStart)
        writer.unsigned(lastPlain)
        writer.count(waiting.indices.count { waiting[$0] != 0 })
        for place in waiting.indices where waiting[place] != 0 {
            writer.byte(UInt8(place))
            writer.unsigned(waiting[place])
        }
        writer.count(known.indices.count { !isEmpty($0) })
        for place in known.indices where !isEmpty(place) {
            writer.byte(UInt8(place))
            writer.unsigned(known[place])
            writer.unsigned(frauds[place])
            writer.unsigned(plain[place])
        }
    }

    private func isEmpty(_ place: Int) -> Bool { known[place] == 0 && frauds[place] == 0 && plain[place] == 0 }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(at: 0, delay: 0)
        dueHour = try reader.unsigned()
        days = RollingDays(latest: try reader.unsigned())
        (verdicts, runStart, lastPlain) = (try reader.unsigned(), try reader.unsigned(), try reader.unsigned())
        var next = 0
        for _ in 0..<(try reader.count()) {
            let (offset, place) = (reader.offset, Int(try reader.byte()))
            guard next..<waiting.count ~= place else { throw .invalid(offset: offset, what: "verdicts") }
            waiting[place] = try reader.unsigned()
            guard waiting[place] != 0 else { throw .invalid(offset: offset, what: "verdicts") }
            next = place + 1
        }
        next = 0
        for _ in 0..<(try reader.count()) {
            let (offset, place) = (reader.offset, Int(try reader.byte()))
            guard next..<known.count ~= place else { throw .invalid(offset: offset, what: "verdicts") }
            (known[place], frauds[place]) = (try reader.unsigned(), try reader.unsigned())
            plain[place] = try reader.unsigned()
            guard !isEmpty(place) else { throw .invalid(offset: offset, what: "verdicts") }
            filled |= 1 << UInt32(place)
            next = place + 1
        }
    }
}
