// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Triggers {
    private static let snapshotVersion: UInt8 = 2
    /// The same with what became known of terminals behind it; written where a score asks for that.
    private static let snapshotVersionWithVerdicts: UInt8 = 3

    /// Writes all that is kept, cards in the order in which they lie. The same state always gives the same bytes.
    public func snapshot(to writer: inout ByteWriter) {
        let hasVerdicts = store.verdicts.since != nil
        writer.byte(hasVerdicts ? Self.snapshotVersionWithVerdicts : Self.snapshotVersion)
        let sites = store.sites
        writer.count(sites.terminals.count)
        for index in 0..<sites.terminals.count { writer.word(sites.terminals[index]) }
        writer.count(sites.merchants.count)
        for index in 0..<sites.merchants.count { writer.unsigned(sites.merchants[index]) }
        writer.count(sites.count)
        for index in 0..<sites.count { writer.site(sites[index]) }
        store.clock.encode(to: &writer)
        writer.count(store.hand)
        writer.count(store.cards.count)
        for index in 0..<store.cards.count {
            let record = store.record(index)
            record.pointee.head.encode(to: &writer)
            record.pointee.days.encode(to: &writer)
            writer.events(of: store.window(index))
        }
        store.terminals.encode(to: &writer)
        store.merchants.encode(to: &writer)
        if hasVerdicts { store.verdicts.encode(to: &writer) }
    }

    /// Reads what `snapshot` wrote, in this version or the first one, which kept 48 hours of events alone.
    ///
    /// What was kept for rules that were watched stays until `replaceRules(_:watching:)`.
    ///
    /// - Parameter rules: those in force when it was written, or none that ask for more; for others see `replaceRules`.
    /// - Throws: `CodecError` for bytes that no state gives, such as events out of order.
    public init(
        snapshot reader: inout ByteReader, rules: RuleSet, seed: UInt64? = nil, keepsAll: Bool = false
    ) throws(CodecError) {
        self.init(rules: rules, seed: seed, keepsAll: keepsAll)
        let start = reader.offset
        switch try reader.byte() {
        case 1: try readFirstVersion(&reader)
        case Self.snapshotVersion: try read(&reader, hasVerdicts: false)
        case Self.snapshotVersionWithVerdicts: try read(&reader, hasVerdicts: true)
        default: throw .invalid(offset: start, what: "window version")
        }
    }

    private mutating func read(_ reader: inout ByteReader, hasVerdicts: Bool) throws(CodecError) {
        try readNames(&reader)
        for _ in 0..<(try reader.count()) { try readSite(&reader) }
        let clock = try EventClock(from: &reader)
        let offset = reader.offset
        let hand: UInt32 = try reader.unsigned()
        for _ in 0..<(try reader.count()) { try readCard(&reader) }
        guard store.restore(clock, hand: Int(hand)) else { throw .invalid(offset: offset, what: "hand") }
        store.terminals = try Entities(from: &reader, names: store.sites.terminals.count)
        store.merchants = try Entities(from: &reader, names: store.sites.merchants.count)
        store.verdicts =
            hasVerdicts ? try VerdictTable(from: &reader, names: store.sites.terminals.count) : VerdictTable()
        // Rules that no longer can be read stand aside as none, and must not give away what the next ones go on with.
        guard !wantsTiles(.terminal) || store.terminals.since != nil,
            !wantsTiles(.merchant) || store.merchants.since != nil
        else { throw .invalid(offset: reader.offset, what: "tiles") }
        // One of before all were kept begins with them now.
        if keepsAll {
            store.terminals.keep(true, since: clock.time ?? .min)
            store.merchants.keep(true, since: clock.time ?? .min)
        }
        if wantsVerdicts, !hasVerdicts { store.verdicts.keep(true, since: clock.time ?? .min) }
    }

    /// Terminals and merchants.
    mutating func readNames(_ reader: inout ByteReader) throws(CodecError) {
        let offset = reader.offset
        let terminals = try reader.list { reader throws(CodecError) in
            let start = reader.offset
            let terminal = TerminalID(packed: try reader.word())
            guard terminal.isWellFormed else { throw .invalid(offset: start, what: "code") }
            return terminal
        }
        let merchants = try reader.list { reader throws(CodecError) in
            MerchantID(number: try reader.unsigned(UInt64.self))
        }
        guard store.sites.restore(terminals, merchants) else { throw .invalid(offset: offset, what: "sites") }
    }

    private mutating func readSite(_ reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        let terminal: UInt32 = try reader.unsigned()
        let merchant: UInt32 = try reader.unsigned()
        let mcc: UInt16 = try reader.unsigned()
        let offset = Int8(bitPattern: try reader.byte())
        let place = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try Position(from: &reader)
        }
        guard mcc <= 10_000,
            store.sites.restore(
                terminal: terminal, merchant: merchant == 0 ? nil : merchant - 1, mcc: mcc == 0 ? nil : MCC(mcc - 1),
                place: place, offset: offset)
        else { throw .invalid(offset: start, what: "site") }
    }

    private mutating func readCard(_ reader: inout ByteReader) throws(CodecError) {
        let offset = reader.offset
        let head = try CardHead(from: &reader, sites: store.sites.count)
        let days = try CardDays(from: &reader)
        let count = try reader.count()
        guard count <= WindowStore.capacityMax, store.restore(head, days, events: count) else {
            throw .invalid(offset: offset, what: "card window")
        }
        for _ in 0..<count {
            let offset = reader.offset
            let age: UInt32 = try reader.unsigned()
            let event = PackedEvent(
                time: UInt32(truncatingIfNeeded: head.latest) &- age, amount: try reader.unsigned(),
                site: try reader.unsigned(), kinds: try reader.unsigned() ^ PackedEvent.eventBit)
            guard event.isSound, store.restore(event, age: age) else {
                throw .invalid(offset: offset, what: "window event")
            }
        }
    }
}

extension ByteWriter {
    fileprivate mutating func site(_ site: SiteRecord) {
        unsigned(site.terminalNumber)
        // 0 stands for no merchant, and for no MCC.
        unsigned(site.merchantNumber &+ 1)
        unsigned(site.mcc &+ 1)
        byte(UInt8(bitPattern: site.offset))
        optional(site.place) { $1.write(to: &$0) }
    }

    fileprivate mutating func events(of window: CardWindow) {
        count(window.count)
        for index in 0..<window.count {
            let event = window[index]
            unsigned(UInt32(truncatingIfNeeded: window.latest) &- event.time)
            unsigned(event.amount)
            unsigned(event.site)
            unsigned(event.kinds ^ PackedEvent.eventBit)
        }
    }
}
