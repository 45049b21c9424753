// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The test of one event: what a velocity asks of it.
extension Scan {
    @inline(__always)
    func site(_ event: PackedEvent) -> SiteRecord { site(event.site) }

    /// - Parameter number: as events have it; `PackedEvent.siteMissing` for that of the transaction in hand.
    func site(_ number: UInt32) -> SiteRecord {
        number == PackedEvent.siteMissing ? currentSite : Sites.record(sites, Int(number))
    }

    @inline(__always)
    func siteNumbers(_ number: UInt32) -> SiteNumbers {
        number == PackedEvent.siteMissing
            ? SiteNumbers(terminal: currentSite.terminalNumber, merchant: currentSite.merchantNumber)
            : Sites.numbers(state.pointee.siteNumbers, Int(number))
    }

    private func mcc(_ event: PackedEvent) -> FigureValue {
        let code = site(event).mcc
        return code == SiteRecord.mccMissing ? .unknown : FigureValue(Int64(code))
    }

    @inline(__always)
    func truth(of test: ScanTest, for event: PackedEvent) -> Truth {
        guard test.form == .program else { return simpleTruth(of: test, for: event) }
        return test.passes(bits: event.kinds) ? truth(of: test.program, for: event) : .no
    }

    /// The same for a test that is no program.
    @inline(__always)
    func simpleTruth(of test: ScanTest, for event: PackedEvent) -> Truth {
        if !test.passes(bits: event.kinds) { return .no }
        if test.form == .field { return .yes }
        if event.currency == test.currency { return test.passes(event.amount) ? .yes : .no }
        return convertedTruth(of: test, for: event)
    }

    @inline(never)
    private func convertedTruth(of test: ScanTest, for event: PackedEvent) -> Truth {
        let limit = FigureValue(low: test.limit, high: test.limit, currency: test.currency)
        return program.rates.compare(test.comparison, event.money, limit)
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
            return program.rates.compare(instruction.comparison, event.money, instruction.constant)
        case .mcc: return FigureValue.compare(instruction.comparison, mcc(event), instruction.constant)
        case .hour:
            let time = event.site == PackedEvent.siteMissing ? now : ring.pointee.time(of: event)
            return FigureValue.compare(
                instruction.comparison, FigureValue(Self.hour(time, site(event).offset)), instruction.constant)
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
