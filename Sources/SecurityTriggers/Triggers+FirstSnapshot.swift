// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Triggers {
    /// A snapshot of the first version, behind its version byte: terminals, merchants, pairs of both, and 48 hours of events
    /// that each had their MCC. What later versions keep beside that begins empty.
    mutating func readFirstVersion(_ reader: inout ByteReader) throws(CodecError) {
        try readNames(&reader)
        let pairs = try reader.list { reader throws(CodecError) in
            let terminal: UInt32 = try reader.unsigned()
            let merchant: UInt32 = try reader.unsigned()
            return (terminal: terminal, merchant: merchant)
        }
        var sites: [Site] = []
        for pair in pairs {
            guard Int(pair.terminal) < store.sites.terminals.count,
                pair.merchant == 0 || Int(pair.merchant) <= store.sites.merchants.count
            else { throw .invalid(offset: reader.offset, what: "sites") }
            let merchant = pair.merchant == 0 ? nil : store.sites.merchants[Int(pair.merchant) - 1]
            sites.append(
                Site(
                    terminal: TerminalID(packed: store.sites.terminals[Int(pair.terminal)]),
                    merchant: merchant.map { MerchantID(number: $0) }))
        }
        var clock = EventClock()
        for _ in 0..<(try reader.count()) { try readFirstCard(&reader, sites, &clock) }
        _ = store.restore(clock, hand: 0)
        (store.terminals, store.merchants, store.verdicts) = (Entities(), Entities(), VerdictTable())
        keepTiles(since: clock.time ?? .min)
    }

    private mutating func readFirstCard(
        _ reader: inout ByteReader, _ sites: [Site], _ clock: inout EventClock
    ) throws(CodecError) {
        let offset = reader.offset
        let card = try reader.card()
        let (latest, forgotten, overflowed) = (try reader.signed(), try reader.signed(), try reader.signed())
        let count = try reader.count()
        var head = CardHead(key: card, latest: latest, firstDay: WindowStore.day(latest, 0))
        (head.forgotten, head.overflowed) = (forgotten, overflowed)
        guard CardHead.isSound(latest, forgotten, overflowed), count <= WindowStore.capacityMax,
            store.restore(head, CardDays(day: head.firstDay), events: count)
        else { throw .invalid(offset: offset, what: "card window") }
        // The latest time of all cards, however their order.
        clock =
            EventClock(time: max(clock.time ?? latest, latest), ahead: 0, aheadLow: 0, behind: 0, behindHigh: 0)
            ?? clock
        for _ in 0..<count {
            let offset = reader.offset
            let age: UInt32 = try reader.unsigned()
            let amount: UInt32 = try reader.unsigned()
            let pair: UInt32 = try reader.unsigned()
            let kinds: UInt32 = try reader.unsigned()
            guard Int(pair) < sites.count else { throw .invalid(offset: offset, what: "window event") }
            var site = sites[Int(pair)]
            site.mcc = PackedEvent.mcc(firstLayout: kinds)
            let event = PackedEvent(
                firstLayout: kinds, time: UInt32(truncatingIfNeeded: latest) &- age, amount: amount,
                site: store.sites.intern(site))
            guard age < UInt32(WindowStore.retention), store.restore(event, age: age) else {
                throw .invalid(offset: offset, what: "window event")
            }
        }
    }
}
