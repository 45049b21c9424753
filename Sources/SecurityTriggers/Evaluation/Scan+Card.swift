// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What is known of the card and its way here beyond single events.
extension Scan {
    /// The card was never seen before, or left after 40 idle days.
    var isFirstUse: Truth { Truth(record == nil) }

    /// Whole days since the card was last used; unknown for one that never was.
    var idleDays: FigureValue {
        record == nil ? .unknown : FigureValue(max(0, now - ring.pointee.latest) / EventClock.day)
    }

    /// Local days since the card was first used; 0 on that day, and for one that never was.
    var ageDays: FigureValue {
        guard let record else { return FigureValue(0) }
        return FigureValue(max(0, Int64(WindowStore.day(now, facts.offset)) - Int64(record.pointee.head.firstDay)))
    }

    /// Whole kilometres to where the card was last, as the crow flies; unknown where either place is, or where the
    /// transaction came before. The card was where it was read or its PIN was typed.
    var travelKilometres: FigureValue {
        travel.map { FigureValue(Int64($0.metres / 1_000)) } ?? .unknown
    }

    /// The speed of that way in kilometres an hour, the time being at least a minute.
    var travelSpeed: FigureValue {
        guard let travel else { return .unknown }
        let hours = Double(max(travel.milliseconds, EntityRecord.minute)) / Double(EntityRecord.hour)
        return FigureValue(Int64(travel.metres / 1_000 / hours))
    }

    /// Found once: rules ask for the way, whether there is one, and the speed.
    private var travel: Travel? {
        if let known = state.pointee.travel { return known }
        let travel = way
        state.pointee.travel = .some(travel)
        return travel
    }

    private var way: Travel? {
        guard let record, record.pointee.head.presentSite != SiteRecord.none, record.pointee.head.presentAt <= now,
            let here = facts.place, let there = Sites.record(sites, Int(record.pointee.head.presentSite)).place
        else { return nil }
        return Travel(metres: here.metres(to: there), milliseconds: now - record.pointee.head.presentAt)
    }
}

/// From where the card was last to where it is.
struct Travel {
    var metres: Double
    var milliseconds: Int64
}
