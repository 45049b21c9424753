// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension CardHead {
    func encode(to writer: inout ByteWriter) {
        writer.card(key)
        writer.signed(latest)
        writer.signed(forgotten)
        writer.signed(overflowed)
        writer.unsigned(firstDay)
        writer.unsigned(currency)
        writer.unsigned(frauds)
        // 0 stands for no site.
        writer.unsigned(presentSite &+ 1)
        if presentSite != SiteRecord.none { writer.signed(presentAt) }
    }

    /// - Parameter sites: how many there are.
    init(from reader: inout ByteReader, sites: Int) throws(CodecError) {
        let offset = reader.offset
        let (card, latest) = (try reader.card(), try reader.signed())
        let (forgotten, overflowed) = (try reader.signed(), try reader.signed())
        self.init(key: card, latest: latest, firstDay: 0)
        (self.forgotten, self.overflowed) = (forgotten, overflowed)
        firstDay = try reader.unsigned()
        currency = try reader.unsigned()
        frauds = try reader.unsigned()
        let site: UInt32 = try reader.unsigned()
        // Looked at as it is read: what six bytes do not hold would become another time.
        var presentAt: Int64 = .min
        if site > 0 {
            presentAt = try reader.signed()
            (presentSite, self.presentAt) = (site - 1, presentAt)
        }
        guard Self.isSound(latest, forgotten, overflowed), currency <= 999, Int(site) <= sites,
            site == 0 || EventClock.range.contains(presentAt)
        else {
            throw .invalid(offset: offset, what: "card window")
        }
    }

    /// Times are in their order and in range.
    static func isSound(_ latest: Int64, _ forgotten: Int64, _ overflowed: Int64) -> Bool {
        let times = [forgotten, overflowed].filter { $0 != .min } + [latest]
        return times.allSatisfy(PackedTime.range.contains) && forgotten <= latest && overflowed <= forgotten
    }
}

extension CardDays {
    func encode(to writer: inout ByteWriter) {
        writer.unsigned(days.latest)
        writer.unsigned(filled)
        for place in 0..<RollingDays.count where filled & 1 << UInt32(place) != 0 {
            let tile = tiles[place]
            writer.unsigned(tile.counts)
            writer.unsigned(tile.spent)
            writer.unsigned(tile.largest.bits)
            writer.unsigned(tile.peak.bits)
            writer.unsigned(tile.unusualSpent.bits)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(day: try reader.unsigned())
        filled = try reader.unsigned()
        for place in 0..<RollingDays.count where filled & 1 << UInt32(place) != 0 {
            let offset = reader.offset
            var tile = CardDay()
            tile.counts = try reader.unsigned()
            tile.spent = try reader.unsigned()
            tile.largest = RoundedCount(bits: try reader.unsigned())
            tile.peak = RoundedCount(bits: try reader.unsigned())
            tile.unusualSpent = RoundedCount(bits: try reader.unsigned())
            let figures = [tile.largest, tile.peak, tile.unusualSpent]
            guard tile.counts != 0, figures.allSatisfy({ $0 == RoundedCount($0.value) }) else {
                throw .invalid(offset: offset, what: "card day")
            }
            tiles[place] = tile
        }
    }
}

extension EventClock {
    func encode(to writer: inout ByteWriter) {
        writer.optional(time) { $0.signed($1) }
        writer.byte(ahead)
        if ahead > 0 { writer.signed(aheadLow) }
        writer.byte(behind)
        if behind > 0 { writer.signed(behindHigh) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let offset = reader.offset
        let time = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.signed() }
        let ahead = try reader.byte()
        let aheadLow = ahead > 0 ? try reader.signed() : 0
        let behind = try reader.byte()
        let behindHigh = behind > 0 ? try reader.signed() : 0
        guard
            let clock = EventClock(
                time: time, ahead: ahead, aheadLow: aheadLow, behind: behind, behindHigh: behindHigh)
        else { throw .invalid(offset: offset, what: "clock") }
        self = clock
    }
}
