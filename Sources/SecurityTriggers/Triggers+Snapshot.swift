// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Triggers {
    private static let snapshotVersion: UInt8 = 1

    /// Writes the windows, cards in the order they first came. The same state always gives the same bytes.
    public func snapshot(to writer: inout ByteWriter) {
        writer.byte(Self.snapshotVersion)
        writer.list(store.sites.terminals.values) { $0.word($1.packed) }
        writer.list(store.sites.merchants.values) { $0.unsigned($1.number) }
        writer.list(store.sites.sites.values) { writer, site in
            writer.unsigned(site.terminal)
            // 0 stands for no merchant.
            writer.unsigned(site.merchant &+ 1)
        }
        writer.count(store.cards.values.count)
        for window in store.cards.values {
            writer.card(window.key)
            writer.signed(window.latest)
            writer.signed(window.forgotten)
            writer.signed(window.overflowed)
            writer.count(Int(window.count))
            for index in 0..<Int(window.count) {
                let event = store.arena[window.chunk, window.place(index)]
                writer.unsigned(UInt32(truncatingIfNeeded: window.latest) &- event.time)
                writer.unsigned(event.amount)
                writer.unsigned(event.site)
                writer.unsigned(event.kinds)
            }
        }
    }

    /// Reads what `snapshot` wrote.
    ///
    /// - Throws: `CodecError` for bytes that no state gives, such as events out of order.
    public init(snapshot reader: inout ByteReader, rules: RuleSet, seed: UInt64? = nil) throws(CodecError) {
        self.init(rules: rules, seed: seed)
        let start = reader.offset
        guard try reader.byte() == Self.snapshotVersion else { throw .invalid(offset: start, what: "window version") }
        store.sites = try Self.sites(&reader, seed: seed ?? Self.defaultSeed)
        for _ in 0..<(try reader.count()) { try readCard(&reader) }
    }

    private static func sites(_ reader: inout ByteReader, seed: UInt64) throws(CodecError) -> Sites {
        let terminals = try reader.list { reader throws(CodecError) in
            let start = reader.offset
            let terminal = TerminalID(packed: try reader.word())
            guard terminal.isWellFormed else { throw .invalid(offset: start, what: "code") }
            return terminal
        }
        let merchants = try reader.list { reader throws(CodecError) in
            MerchantID(number: try reader.unsigned(UInt64.self))
        }
        let offset = reader.offset
        let keys = try reader.list { reader throws(CodecError) in
            let terminal = try reader.unsigned(UInt32.self)
            return SiteKey(terminal: terminal, merchant: try reader.unsigned(UInt32.self) &- 1)
        }
        var sites = Sites(seed: seed)
        guard sites.restore(terminals, merchants, keys) else { throw .invalid(offset: offset, what: "sites") }
        return sites
    }

    private mutating func readCard(_ reader: inout ByteReader) throws(CodecError) {
        let offset = reader.offset
        let card = try reader.card()
        let (latest, forgotten, overflowed) = (try reader.signed(), try reader.signed(), try reader.signed())
        let count = try reader.count()
        // Milliseconds of an `Instant` never come near the ends of the range.
        guard latest.magnitude <= UInt64(Int64.max / 1_000), forgotten <= latest, overflowed <= forgotten,
            count <= WindowStore.capacityMax,
            store.restore(card, latest: latest, forgotten: forgotten, overflowed: overflowed)
        else { throw .invalid(offset: offset, what: "card window") }
        var before = Int64.max
        for _ in 0..<count {
            let offset = reader.offset
            let age = Int64(try reader.unsigned(UInt32.self))
            let amount = try reader.unsigned(UInt32.self)
            let site = try reader.unsigned(UInt32.self)
            let event = PackedEvent(
                time: UInt32(truncatingIfNeeded: latest - age), amount: amount, site: site,
                kinds: try reader.unsigned(UInt32.self))
            guard age <= before, age < WindowStore.retention, latest - age >= forgotten,
                Int(site) < store.sites.sites.values.count
            else {
                throw .invalid(offset: offset, what: "window event")
            }
            before = age
            store.restore(event, at: latest - age)
        }
    }
}
