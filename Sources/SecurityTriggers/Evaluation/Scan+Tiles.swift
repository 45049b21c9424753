// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What tiles say of a window: the whole tiles, and those that the window cuts.
struct TileSum {
    /// Counted for sure, and counted at most.
    var low: Int64 = 0
    var high: Int64 = 0
    /// Something that would count may be missing: there is no upper bound.
    var isOpen = false
    /// Milliseconds since 1970 of the earliest and the latest tile that counts something, from start to end.
    var first: Range<Int64>?
    var last: Range<Int64>?
    /// The same of the tiles that lie wholly inside: what a cut one counts may lie outside.
    var firstWhole: Range<Int64>?
    var lastWhole: Range<Int64>?

    mutating func add(_ value: (count: Int64, isFull: Bool), _ span: Range<Int64>, isWhole: Bool) {
        if value.isFull { isOpen = true }
        guard value.count > 0 else { return }
        if isWhole { low += value.count }
        high += value.count
        // Tiles come in the order of their times.
        if first == nil { first = span }
        last = span
        guard isWhole else { return }
        if firstWhole == nil { firstWhole = span }
        lastWhole = span
    }

    /// How long ago the first or the last one was, in microseconds; unknown where there may be none.
    func age(_ function: VelocityDeclaration.Function, at now: Int64) -> FigureValue {
        guard let first, let last, let firstWhole, let lastWhole else { return .unknown }
        // Behind what is missing there may be an earlier one, never a later one.
        guard function == .last || !isOpen else { return .unknown }
        let (latest, earliest) = function == .first ? (firstWhole, first) : (last, lastWhole)
        return FigureValue(
            low: max(0, now - latest.upperBound + 1) * 1_000, high: max(0, now - earliest.lowerBound) * 1_000)
    }

    /// The transaction in hand counts for sure.
    mutating func addCurrent(_ count: Int64) {
        low += count
        high += count
    }

    func figure(currency: UInt16 = 0) -> FigureValue {
        FigureValue(low: low, high: isOpen ? .max : high, currency: low == 0 && high == 0 && !isOpen ? 0 : currency)
    }
}

/// How fine the figures of a velocity are.
enum TileResolution: String, Sendable {
    case minute, hour, day

    var milliseconds: Int64 {
        switch self {
        case .minute: EntityRecord.minute
        case .hour: EntityRecord.hour
        case .day: EventClock.day
        }
    }
}

extension VelocityProgram {
    /// Nil where single events answer, to the millisecond.
    var resolution: TileResolution? {
        guard column != nil else { return nil }
        if key == .card || window + delay > WindowStore.retention { return .day }
        return window + delay <= EntityRecord.hour ? .minute : .hour
    }
}

extension Scan {
    /// The figure of a velocity that tiles answer.
    func tileFigure(of velocity: VelocityProgram, _ column: TileColumn) -> FigureValue {
        switch velocity.function {
        case .count, .sum, .min, .max:
            return sum(velocity, column).figure(currency: column.isAmount ? sumCurrency(velocity.key) : 0)
        case .mean: return mean(velocity, column)
        case .share: return share(velocity, column)
        case .distinct: return distinctCards(velocity)
        case .first, .last: return sum(velocity, column).age(velocity.function, at: now)
        }
    }

    private func sumCurrency(_ key: VelocityDeclaration.Key) -> UInt16 {
        let kept = key == .card ? record?.pointee.head.currency : entity(key)?.pointee.currency
        return kept.flatMap { $0 == 0 ? nil : $0 } ?? current.currency
    }

    private func entity(_ key: VelocityDeclaration.Key) -> UnsafePointer<EntityRecord>? {
        key == .merchant ? merchantTiles : terminalTiles
    }

    /// The sum of a column over the velocity's window. Frauds count by the time at which they became known, which is their
    /// delay: `delayed` moves only what they are a share of.
    private func sum(_ velocity: VelocityProgram, _ column: TileColumn) -> TileSum {
        let delay = column == .confirmed || column == .plain ? 0 : velocity.delay
        let end = now - delay
        var sum = TileSum()
        if velocity.key == .card {
            addDays(&sum, column, from: end - velocity.window, to: end)
        } else {
            let resolution = velocity.resolution ?? .day
            addTiles(&sum, velocity.key, column, from: end - velocity.window, to: end, resolution)
        }
        if delay == 0, !velocity.excludesCurrent { sum.addCurrent(currentCount(column, velocity.key)) }
        return sum
    }

    /// What the transaction in hand adds, as if it were approved.
    private func currentCount(_ column: TileColumn, _ key: VelocityDeclaration.Key) -> Int64 {
        switch column {
        case .attempts, .approved, .cards: return 1
        case .declined, .confirmed, .plain: return 0
        case .refunds: return current.isRefund ? 1 : 0
        case .unusual: return isUnusual ? 1 : 0
        case .approvedAmount:
            return current.isOfSpending && current.currency == sumCurrency(key) ? Int64(current.amount) : 0
        case .refundAmount: return current.isRefund && current.currency == sumCurrency(key) ? Int64(current.amount) : 0
        }
    }

    /// The amount in hand is unusual for the card.
    var isUnusual: Bool {
        guard let record, record.pointee.head.currency == current.currency, current.currency != 0 else { return false }
        return usual?.isUnusual(current.amount) ?? false
    }

    // MARK: Terminals and merchants

    private func addTiles(
        _ sum: inout TileSum, _ key: VelocityDeclaration.Key, _ column: TileColumn, from start: Int64, to end: Int64,
        _ resolution: TileResolution
    ) {
        // Without a merchant there is nothing to count by, and nothing is known.
        let isNamed = key != .merchant || currentSite.merchantNumber != SiteRecord.none
        let since = key == .merchant ? merchantsSince : terminalsSince
        guard isNamed, let since, since <= start else {
            sum.isOpen = true
            if let entity = entity(key) { add(&sum, entity, column, from: start, to: end, resolution) }
            return
        }
        if let entity = entity(key) { add(&sum, entity, column, from: start, to: end, resolution) }
    }

    private func add(
        _ sum: inout TileSum, _ entity: UnsafePointer<EntityRecord>, _ column: TileColumn, from start: Int64,
        to end: Int64, _ resolution: TileResolution
    ) {
        // Handed on where they lie: a value of a kilobyte would be copied.
        let latest = entity.pointee.latest
        switch resolution {
        case .minute: add(&sum, entity.pointer(to: \.minutes), latest, column, start, end, resolution.milliseconds)
        case .hour: add(&sum, entity.pointer(to: \.hours), latest, column, start, end, resolution.milliseconds)
        case .day: add(&sum, entity.pointer(to: \.days), latest, column, start, end, resolution.milliseconds)
        }
    }

    private func add<let size: Int>(
        _ sum: inout TileSum, _ ring: UnsafePointer<TileRing<size>>?, _ latest: Int64, _ column: TileColumn,
        _ start: Int64, _ end: Int64, _ length: Int64
    ) {
        guard end >= 0, let ring else { return }
        for number in UInt32(clamping: max(0, start + 1) / length)...UInt32(clamping: end / length) {
            guard let tile = TileRing.tile(ring, number) else {
                if ring.pointee.isGone(number) { sum.isOpen = true }
                continue
            }
            let span = Int64(number) * length..<(Int64(number) + 1) * length
            // What came after the window's end lies in the same tile only if something did.
            let isWhole = span.lowerBound > start && (span.upperBound <= end + 1 || latest <= end)
            sum.add(tile.pointee.value(column), span, isWhole: isWhole)
        }
    }

    private func distinctCards(_ velocity: VelocityProgram) -> FigureValue {
        let isCounted = velocity.delay == 0 && !velocity.excludesCurrent
        let end = now - velocity.delay
        let most = sum(velocity, .attempts)
        guard let entity = entity(velocity.key) else {
            return FigureValue(low: isCounted ? 1 : 0, high: most.isOpen ? .max : most.high)
        }
        let least = CardSketch.count(
            entity.pointer(to: \.cards).unsafelyUnwrapped, after: end - velocity.window, until: end,
            with: isCounted ? facts.card : nil)
        // Each class had a card at least, and each attempt one at most.
        return FigureValue(low: least, high: most.isOpen ? .max : max(least, most.high))
    }

    // MARK: Days of a card

    private func addDays(_ sum: inout TileSum, _ column: TileColumn, from start: Int64, to end: Int64) {
        guard let record else { return }
        let days = record.pointer(to: \.days).unsafelyUnwrapped
        let (first, last) = (WindowStore.day(start + 1, facts.offset), WindowStore.day(end, facts.offset))
        guard first <= last else { return }
        for day in first...last {
            guard let place = days.pointee.days.place(day) else {
                if day < days.pointee.latestDay { sum.isOpen = true }
                continue
            }
            let begin = Int64(day) * EventClock.day - Int64(facts.offset) * 900_000
            let span = begin..<begin + EventClock.day
            let isWhole = begin > start && (span.upperBound <= end + 1 || ring.pointee.latest <= end)
            let (low, high, isFull) = CardDays.value(days, column, at: place)
            sum.add((low, isFull), span, isWhole: isWhole)
            if high > low { sum.high += high - low }
        }
    }

    // MARK: Means and shares

    private func mean(_ velocity: VelocityProgram, _ column: TileColumn) -> FigureValue {
        let (sum, count) = (sum(velocity, column), sum(velocity, column == .refundAmount ? .refunds : .approved))
        guard !sum.isOpen, !count.isOpen, count.high > 0 else { return .unknown }
        // Of what a cut tile holds any part may lie inside: none of its amount with all of its count, or the other way round.
        let low = sum.low / count.high
        let high = count.low == 0 ? (count.high == 1 ? sum.high : .max) : sum.high / count.low
        return FigureValue(low: low, high: high, currency: sumCurrency(velocity.key))
    }

    private func share(_ velocity: VelocityProgram, _ column: TileColumn) -> FigureValue {
        let part = sum(velocity, column)
        // Only what was approved can prove a fraud.
        let whole = sum(velocity, column == .confirmed || column == .plain ? .approved : .attempts)
        guard whole.high > 0 || whole.isOpen else { return .unknown }
        let low = whole.isOpen ? 0 : Double(part.low) / Double(max(whole.high, part.low, 1))
        let high = part.isOpen || whole.low == 0 ? 1 : min(1, Double(part.high) / Double(whole.low))
        return FigureValue(lowDouble: low, highDouble: max(low, high))
    }
}

extension TileColumn {
    var isAmount: Bool { self == .approvedAmount || self == .refundAmount }
}

extension CardDays {
    /// What a day counts at least and at most, and whether it is full.
    static func value(
        _ days: UnsafePointer<CardDays>, _ column: TileColumn, at place: Int
    ) -> (low: Int64, high: Int64, isFull: Bool) {
        let tile = days.pointee.tiles[place]
        let counts = tile.counts
        let (usual, unusual) = (Int64(counts & 0xFF), Int64(counts >> 8 & 7))
        let (declined, other) = (Int64(counts >> 11 & 7), Int64(counts >> 14))
        let isSpentFull = usual == 0xFF || unusual == 7
        switch column {
        case .attempts:
            // What is full may have been taken back since.
            let all = usual + unusual + declined + (other < 3 ? other : 0)
            return (all, all, isSpentFull || declined == 7 || other == 3)
        case .approved: return (usual + unusual, usual + unusual + other, isSpentFull || other == 3)
        case .declined: return (declined, declined, declined == 7)
        case .unusual: return (unusual, unusual, unusual == 7)
        case .approvedAmount:
            let odd = tile.unusualSpent
            // A sum of unusual amounts was rounded down with each of them, by less than one in a thousand.
            let most = Int64(odd.value) + Int64(odd.value) / 1_000 * (unusual + 1) + unusual * 4
            let isFull = isSpentFull || tile.spent == .max || other > 0
            return (Int64(tile.spent) + Int64(odd.value), Int64(tile.spent) + most, isFull)
        case .confirmed, .plain, .refunds, .refundAmount, .cards: return (0, .max, true)
        }
    }
}
