// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Scan {
    /// What a rule asks of the transaction, its card and its terminal.
    func fact(_ index: UInt8) -> FigureValue {
        switch Fact(rawValue: index) {
        case .amount:
            let money = facts.amount
            return money.minorUnits < 0 || money.currency.numeric == 0 ? .unknown : FigureValue(money)
        case .mcc: return facts.mcc.flatMap { $0.code > 9_999 ? nil : FigureValue(Int64($0.code)) } ?? .unknown
        case .terminal: return FigureValue(Int64(bitPattern: facts.terminal.packed))
        case .merchant: return facts.merchant.map { FigureValue(Int64(bitPattern: $0.number)) } ?? .unknown
        case .pin: return FigureValue(Int64(facts.pin.rawValue))
        case .status: return FigureValue(Int64(facts.hotList?.rawValue ?? 0))
        case .kind: return FigureValue(Int64(facts.kind.rawValue))
        case .entry: return FigureValue(Int64(facts.entry.rawValue))
        case .hour: return FigureValue(Self.hour(now, facts.offset))
        case .weekday: return FigureValue(Self.weekday(now, facts.offset))
        case .pinTries: return FigureValue(Int64(facts.pinTries))
        case .idleDays: return idleDays
        case .ageDays: return ageDays
        case .travelKilometres: return travelKilometres
        case .travelSpeed: return travelSpeed
        case .profileUsual: return profileUsual
        case .profileMean: return profileMean
        case .profileMax: return profileMax
        case .profileRatio: return profileRatio
        case .profileFrauds: return profileFrauds
        case .goods, .card, .overflow, .firstUse, .warned, .clockSuspect, .profileUnusual, nil: return .unknown
        }
    }

    func truthFact(_ index: UInt16) -> Truth {
        switch Fact(rawValue: UInt8(truncatingIfNeeded: index)) {
        case .overflow: Truth(overflow)
        case .firstUse: isFirstUse
        case .warned: Truth(facts.warnings != 0)
        case .clockSuspect: Truth(isClockSuspect)
        case .profileUnusual: Truth(isUnusual)
        default: .unknown
        }
    }

    /// The hour of the day where the terminal stands, 0–23.
    static func hour(_ milliseconds: Int64, _ offset: Int8) -> Int64 {
        let local = milliseconds + Int64(offset) * 900_000
        return (local - local.floorDivided(by: EventClock.day) * EventClock.day) / 3_600_000
    }

    /// The day of the week there, after ISO 8601: 1 for Monday, 7 for Sunday. 1970 began on a Thursday.
    static func weekday(_ milliseconds: Int64, _ offset: Int8) -> Int64 {
        let day = (milliseconds + Int64(offset) * 900_000).floorDivided(by: EventClock.day) + 3
        return day - day.floorDivided(by: 7) * 7 + 1
    }
}
