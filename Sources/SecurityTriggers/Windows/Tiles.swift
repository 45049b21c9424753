// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a stretch of time brought at one terminal or merchant, 24 bytes. What is full stays full, a lower bound.
struct Tile: BitwiseCopyable, Equatable {
    var attempts: UInt16 = 0
    var approved: UInt16 = 0
    var declined: UInt16 = 0
    var refunds: UInt16 = 0
    /// Frauds by the time at which they became known, and those at amounts that were plain for their cards.
    var confirmed: UInt16 = 0
    var plain: UInt16 = 0
    var unusual: UInt16 = 0
    /// Approved ones and refunds in another currency than the sums'.
    var foreign: UInt16 = 0
    var approvedAmount: UInt32 = 0
    var refundAmount: UInt32 = 0

    static let countMax = Int64(UInt16.max)
    static let amountMax = Int64(UInt32.max)

    /// - Returns: what the tile counts, and whether it is full.
    func value(_ column: TileColumn) -> (count: Int64, isFull: Bool) {
        switch column {
        case .attempts, .cards: (Int64(attempts), attempts == .max)
        case .approved: (Int64(approved), approved == .max)
        case .declined: (Int64(declined), declined == .max)
        case .confirmed: (Int64(confirmed), confirmed == .max)
        case .plain: (Int64(plain), plain == .max)
        case .refunds: (Int64(refunds), refunds == .max)
        case .unusual: (Int64(unusual), unusual == .max)
        case .approvedAmount: (Int64(approvedAmount), approvedAmount == .max || foreign > 0)
        case .refundAmount: (Int64(refundAmount), refundAmount == .max || foreign > 0)
        }
    }

    /// Adds an event, or takes its approval back.
    mutating func add(_ event: PackedEvent, in currency: UInt16) {
        attempts.addSaturating(1)
        if event.field(PackedEvent.outcomeShift, 2) == WindowOutcome.declined.rawValue { declined.addSaturating(1) }
        if event.field(PackedEvent.unusualShift, 1) == 1 { unusual.addSaturating(1) }
        if event.isRefund { refunds.addSaturating(1) }
        guard event.isApproved else { return }
        approved.addSaturating(1)
        count(event, currency)
    }

    private mutating func count(_ event: PackedEvent, _ currency: UInt16) {
        guard event.isRefund || event.isOfSpending else { return }
        guard event.currency == currency, currency != 0 else { return foreign.addSaturating(1) }
        if event.isRefund {
            refundAmount.addSaturating(event.amount)
        } else {
            approvedAmount.addSaturating(event.amount)
        }
    }

    mutating func reverse(_ event: PackedEvent, in currency: UInt16, isReversed: Bool) {
        guard isReversed else {
            approved.addSaturating(1)
            return count(event, currency)
        }
        // What is full may have held more: it stays full.
        if approved < .max { approved.subtractSaturating(1) }
        guard event.isRefund || event.isOfSpending, event.currency == currency, currency != 0 else { return }
        if event.isRefund {
            if refundAmount < .max { refundAmount.subtractSaturating(event.amount) }
        } else if approvedAmount < .max {
            approvedAmount.subtractSaturating(event.amount)
        }
    }

    mutating func label(isPlain: Bool, isWithdrawn: Bool) {
        if isWithdrawn {
            if confirmed < .max { confirmed.subtractSaturating(1) }
            if isPlain, plain < .max { plain.subtractSaturating(1) }
        } else {
            confirmed.addSaturating(1)
            if isPlain { plain.addSaturating(1) }
        }
    }
}

/// Tiles of one length, the latest and those before it, each at its number modulo their count.
struct TileRing<let size: Int> {
    /// The number of the latest tile, from 1970.
    private(set) var latest: UInt32
    private(set) var tiles = InlineArray<size, Tile>(repeating: Tile())

    init(latest: UInt32) { self.latest = latest }

    /// A tile where the ring lies; nil for one that went by, or that has not come.
    @inline(__always)
    static func tile(_ ring: UnsafePointer<TileRing>, _ number: UInt32) -> UnsafePointer<Tile>? {
        guard number <= ring.pointee.latest, ring.pointee.latest - number < UInt32(size) else { return nil }
        // Safe: an array of fixed size begins with its first element, and the place lies below its size.
        let tiles = UnsafeRawPointer(ring.pointer(to: \.tiles).unsafelyUnwrapped)
        return tiles.assumingMemoryBound(to: Tile.self) + Int(number) % size
    }

    /// Whether a tile went by and was used again.
    func isGone(_ number: UInt32) -> Bool { number <= latest && latest - number >= UInt32(size) }

    private func isThere(_ number: UInt32) -> Bool { number <= latest && latest - number < UInt32(size) }

    mutating func change(_ number: UInt32, _ change: (inout Tile) -> Void) {
        if number > latest {
            for step in 0..<min(number - latest, UInt32(size)) { tiles[Int(number - step) % size] = Tile() }
            latest = number
        }
        if isThere(number) { change(&tiles[Int(number) % size]) }
    }

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(latest)
        writer.count(tiles.indices.count { tiles[$0] != Tile() })
        for place in tiles.indices where tiles[place] != Tile() {
            writer.count(place)
            tiles[place].encode(to: &writer)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        latest = try reader.unsigned()
        var next = 0
        for _ in 0..<(try reader.count()) {
            let offset = reader.offset
            let place = Int(try reader.unsigned(UInt16.self))
            guard next..<size ~= place else { throw .invalid(offset: offset, what: "tile") }
            tiles[place] = try Tile(from: &reader)
            next = place + 1
        }
    }
}

extension Tile {
    func encode(to writer: inout ByteWriter) {
        for count in [attempts, approved, declined, refunds, confirmed, plain, unusual, foreign] {
            writer.unsigned(count)
        }
        writer.unsigned(approvedAmount)
        writer.unsigned(refundAmount)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let offset = reader.offset
        (attempts, approved, declined) = (try reader.unsigned(), try reader.unsigned(), try reader.unsigned())
        (refunds, confirmed, plain) = (try reader.unsigned(), try reader.unsigned(), try reader.unsigned())
        (unusual, foreign) = (try reader.unsigned(), try reader.unsigned())
        (approvedAmount, refundAmount) = (try reader.unsigned(), try reader.unsigned())
        guard self != Tile() else { throw .invalid(offset: offset, what: "tile") }
    }
}
