// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Scan {
    /// The figure of a velocity over (t − W, t].
    func figure(of velocity: VelocityProgram) -> FigureValue {
        if let column = velocity.column { return tileFigure(of: velocity, column) }
        switch velocity.function {
        case .share: return share(velocity)
        case .first, .last: return age(velocity)
        case .count:
            var (sure, possible) = (Int64(0), Int64(0))
            let isWhole = walk(velocity) { _, isSure in
                if isSure { sure += 1 } else { possible += 1 }
            }
            return FigureValue(low: sure, high: isWhole ? sure + possible : .max)
        case .distinct: return distinct(velocity)
        case .sum: return sum(velocity, isMean: false)
        case .mean: return sum(velocity, isMean: true)
        case .min: return extreme(velocity, isMaximum: false)
        case .max: return extreme(velocity, isMaximum: true)
        }
    }

    /// Hands each event that the velocity takes in to `take`, the newest first, with whether it surely belongs.
    ///
    /// - Returns: false when events that would belong may have been dropped.
    @inline(__always)
    private func walk(_ velocity: VelocityProgram, _ take: (PackedEvent, Bool) -> Void) -> Bool {
        let end = now - velocity.delay
        let start = end - velocity.window
        let resets = velocity.resets
        // After a reset that cannot be decided, nothing older is sure to count.
        var isSure = true
        if !velocity.excludesCurrent, velocity.delay == 0 {
            if resets {
                switch truth(of: velocity.reset, for: current) {
                case .yes: return true
                case .unknown: isSure = false
                case .no: break
                }
            }
            let truth = truth(of: velocity.filter, for: current)
            if truth != .no { take(current, truth == .yes && isSure) }
        }
        // An event is in the window while its age, counted from the ring's newest event, is below this.
        let ages = window.latest - start
        let latest = UInt32(truncatingIfNeeded: window.latest)
        var position = count
        while position > 0 {
            position -= 1
            let event = window[position]
            let age = Int64(latest &- event.time)
            if age >= ages { return window.forgotten <= start }
            if velocity.delay > 0, window.latest - age > end { continue }
            if resets {
                switch truth(of: velocity.reset, for: event) {
                // Dropped events are older than all that are left, so none of them would count.
                case .yes: return true
                case .unknown: isSure = false
                case .no: break
                }
            }
            let truth = truth(of: velocity.filter, for: event)
            if truth != .no { take(event, truth == .yes && isSure) }
        }
        return window.forgotten <= start
    }

    /// How many of the events of a window pass the filter, 0…1; unknown where there is none.
    private func share(_ velocity: VelocityProgram) -> FigureValue {
        var whole = velocity
        (whole.function, whole.filter) = (.count, velocity.whole)
        var part = velocity
        part.function = .count
        let (some, all) = (figure(of: part), figure(of: whole))
        guard all.high > 0 else { return .unknown }
        let low = all.high == .max ? 0 : Double(some.low) / Double(all.high)
        let high = some.high == .max || all.low == 0 ? 1 : min(1, Double(some.high) / Double(all.low))
        return FigureValue(lowDouble: low, highDouble: max(low, high))
    }

    /// The age of the first or the last event of a window, in microseconds; unknown without one, or where another may be it.
    private func age(_ velocity: VelocityProgram) -> FigureValue {
        var (first, last): (Int64?, Int64?)
        var isOpen = false
        let isWhole = walk(velocity) { event, isSure in
            let age = event.site == PackedEvent.siteMissing ? 0 : now - window.time(of: event)
            // Newest first: what cannot be decided spoils what comes after it, or what came before.
            guard isSure else { return isOpen = true }
            if last == nil, !isOpen { last = age }
            (first, isOpen) = (age, velocity.function == .last && isOpen)
        }
        let age = velocity.function == .last ? last : isWhole && !isOpen ? first : nil
        return age.map { FigureValue($0 * 1_000) } ?? .unknown
    }

    private func sum(_ velocity: VelocityProgram, isMean: Bool) -> FigureValue {
        let currency = current.currency
        var (sum, number) = (Int64(0), Int64(0))
        var isExact = true
        let isWhole = walk(velocity) { event, isSure in
            guard isSure, event.currency == currency, currency != 0 else {
                isExact = false
                return
            }
            sum += Int64(event.amount)
            number += 1
            if event.amount == .max { isExact = false }
        }
        isExact = isExact && isWhole
        guard isMean else {
            // Amounts are never below zero, so what is not known can only add.
            return FigureValue(low: sum, high: isExact ? sum : .max, currency: number == 0 && isExact ? 0 : currency)
        }
        guard isExact, number > 0 else { return .unknown }
        let mean = sum / number
        return FigureValue(low: mean, high: mean, currency: currency)
    }

    private func extreme(_ velocity: VelocityProgram, isMaximum: Bool) -> FigureValue {
        let currency = current.currency
        var (low, high) = (Int64.max, Int64.min)
        var isExact = true
        let isWhole = walk(velocity) { event, isSure in
            let money = event.money
            guard isSure, !money.isUnknown, money.currency == currency else {
                isExact = false
                return
            }
            low = min(low, money.low)
            high = max(high, money.low)
            if money.high == .max { isExact = false }
        }
        guard low <= high else { return .unknown }
        isExact = isExact && isWhole
        return isMaximum
            ? FigureValue(low: high, high: isExact ? high : .max, currency: currency)
            : FigureValue(low: isExact ? low : 0, high: low, currency: currency)
    }

    /// Exact: a table that is never more than half full, a small one for most cards.
    private func distinct(_ velocity: VelocityProgram) -> FigureValue {
        if count < 32 {
            var table = InlineArray<64, UInt32>(repeating: 0)
            return distinct(velocity, &table)
        }
        var table = InlineArray<1_024, UInt32>(repeating: 0)
        return distinct(velocity, &table)
    }

    @inline(__always)
    private func distinct<let size: Int>(
        _ velocity: VelocityProgram, _ table: inout InlineArray<size, UInt32>
    ) -> FigureValue {
        var (sure, possible) = (Int64(0), Int64(0))
        let isWhole = walk(velocity) { event, isSure in
            guard isSure, let key = key(velocity.distinct, event) else {
                possible += 1
                return
            }
            // Keys are below 2³² − 1, so that 0 can mean a free slot.
            var slot = Int((key &* 0x9E37_79B1) >> 16) & (size - 1)
            while table[slot] != 0, table[slot] != key + 1 { slot = (slot + 1) & (size - 1) }
            if table[slot] == 0 {
                table[slot] = key + 1
                sure += 1
            }
        }
        return FigureValue(low: sure, high: isWhole ? sure + possible : .max)
    }

    /// What is told apart, as a number; nil when the event does not say.
    private func key(_ type: ValueType, _ event: PackedEvent) -> UInt32? {
        switch type {
        case .mcc:
            let code = site(event).mcc
            return code == SiteRecord.mccMissing ? nil : UInt32(code)
        case .merchant:
            let merchant = site(event).merchantNumber
            return merchant == SiteRecord.none ? nil : merchant
        default: return site(event).terminalNumber
        }
    }

    @inline(__always)
    private func site(_ event: PackedEvent) -> SiteRecord {
        event.site == PackedEvent.siteMissing ? currentSite : Sites.record(sites, Int(event.site))
    }

    private func mcc(_ event: PackedEvent) -> FigureValue {
        let code = site(event).mcc
        return code == SiteRecord.mccMissing ? .unknown : FigureValue(Int64(code))
    }

    // MARK: - The test of one event

    @inline(__always)
    private func truth(of test: EventTest, for event: PackedEvent) -> Truth {
        switch test {
        case .all: .yes
        case .field(let shift, let width, let mask): Truth(mask & 1 << event.field(shift, width) != 0)
        case .program(let range): truth(of: range, for: event)
        }
    }

    private func truth(of range: Range<Int>, for event: PackedEvent) -> Truth {
        if range.count == 1 { return test(program.filters[range.lowerBound], event) }
        var stack: UInt64 = 0
        var index = range.lowerBound
        while index < range.upperBound {
            let instruction = program.filters[index]
            index += 1
            switch instruction.operation {
            case .and: stack = (stack >> 4) << 2 | min(stack & 3, stack >> 2 & 3)
            case .or: stack = (stack >> 4) << 2 | max(stack & 3, stack >> 2 & 3)
            case .not: stack = (stack >> 2) << 2 | (2 - (stack & 3))
            case .skipIfNo: if stack & 3 == 0 { index = Int(instruction.target) }
            case .skipIfYes: if stack & 3 == 2 { index = Int(instruction.target) }
            default: stack = stack << 2 | UInt64(test(instruction, event).rawValue)
            }
        }
        return stack & 3 == 2 ? .yes : stack & 3 == 1 ? .unknown : .no
    }

    private func test(_ instruction: FilterInstruction, _ event: PackedEvent) -> Truth {
        switch instruction.operation {
        case .field:
            let value = event.field(instruction.shift, instruction.width)
            return Truth(instruction.mask & 1 << value != 0)
        case .amount:
            if event.currency == instruction.constant.currency, event.amount != .max {
                let (amount, limit) = (Int64(event.amount), instruction.constant.low)
                return Truth(instruction.comparison.holds(amount, limit))
            }
            return FigureValue.compare(instruction.comparison, event.money, instruction.constant)
        case .mcc: return FigureValue.compare(instruction.comparison, mcc(event), instruction.constant)
        case .hour:
            let time = event.site == PackedEvent.siteMissing ? now : window.time(of: event)
            return FigureValue.compare(instruction.comparison, FigureValue(Self.hour(time, site(event).offset)), instruction.constant)
        case .terminal: return FigureValue.compare(instruction.comparison, terminal(event), instruction.constant)
        case .merchant: return FigureValue.compare(instruction.comparison, merchant(event), instruction.constant)
        case .mccMember: return member(mcc(event), instruction)
        case .terminalMember: return member(terminal(event), instruction)
        case .merchantMember: return member(merchant(event), instruction)
        case .confirmed:
            let verdict = event.field(PackedEvent.labelShift, PackedEvent.labelWidth)
            return Truth(verdict == TransactionLabel.Verdict.fraud.rawValue)
        case .plain: return Truth(event.field(PackedEvent.plainShift, 1) == 1)
        case .unusual:
            let isHand = event.site == PackedEvent.siteMissing
            return Truth(isHand ? isUnusual : event.field(PackedEvent.unusualShift, 1) == 1)
        case .same: return isSame(event, SameFact.allCases[Int(instruction.target)])
        case .yes: return .yes
        case .no, .and, .or, .not, .skipIfNo, .skipIfYes: return .no
        }
    }

    /// Whether an event happened where the transaction in hand does; unknown where either does not say.
    private func isSame(_ event: PackedEvent, _ fact: SameFact) -> Truth {
        let (here, there) = (currentSite, site(event))
        switch fact {
        case .terminal: return Truth(here.terminal == there.terminal)
        case .merchant:
            if here.merchantNumber == SiteRecord.none || there.merchantNumber == SiteRecord.none { return .unknown }
            return Truth(here.merchant == there.merchant)
        case .mcc:
            if here.mcc == SiteRecord.mccMissing || there.mcc == SiteRecord.mccMissing { return .unknown }
            return Truth(here.mcc == there.mcc)
        case .place:
            guard let place = here.place, let other = there.place else { return .unknown }
            return Truth(place == other)
        }
    }

    private func member(_ value: FigureValue, _ instruction: FilterInstruction) -> Truth {
        guard value.isExact else { return .unknown }
        return Truth(program.list(Int(instruction.target), contains: UInt64(bitPattern: value.low)))
    }

    private func terminal(_ event: PackedEvent) -> FigureValue {
        FigureValue(Int64(bitPattern: site(event).terminal))
    }

    private func merchant(_ event: PackedEvent) -> FigureValue {
        let site = site(event)
        return site.merchantNumber == SiteRecord.none ? .unknown : FigureValue(Int64(bitPattern: site.merchant))
    }
}
