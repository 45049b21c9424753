// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("Memory of the windows")
struct WindowStoreTests {
    private static let counting = "velocity n = count(attempts) by card over 24h"

    private func event(_ card: UInt64, at: Instant, _ change: (inout TransactionFacts) -> Void = { _ in })
        -> WindowEvent
    {
        var facts = purchase(at: at) { $0.card = CardKey(high: 7, low: card) }
        change(&facts)
        return WindowEvent(facts: facts, outcome: .approved)
    }

    @Test("a card with 20 events of 48 hours and a profile of 30 days takes at most 0.85 kB")
    func memoryOfACard() throws {
        let cards: UInt64 = 3_000
        var triggers = Triggers(try ruleSet(Self.counting))
        // Every two days for a month, then 20 events within a day.
        let month: [Int64] = (0..<14).map { (day: Int64) -> Int64 in day * 2_880 }
        let lastDay: [Int64] = (0..<20).map { (hour: Int64) -> Int64 in 43_200 + hour * 60 }
        for minute in month + lastDay {
            for card in 0..<cards { triggers.apply(event(card, at: morning + .minutes(minute))) }
        }
        let index = try #require(triggers.store.find(CardKey(high: 7, low: 5)))
        #expect(triggers.store.window(index).count == 20)
        #expect(triggers.store.record(index).pointee.days.figures(on: 20_711).attempts30 > 20)
        let bytes = Double(triggers.residentBytes) / Double(cards)
        #expect(bytes <= 850, "\(bytes) bytes a card")
        #expect(bytes > 700, "less would mean that something is not counted: \(bytes)")
    }

    @Test("a card's record is seven lines, and what most events look at is the first")
    func layout() {
        #expect(MemoryLayout<CardRecord>.stride == 7 * 64)
        #expect(MemoryLayout<CardRecord>.offset(of: \.days.tiles) == 64)
        #expect(EventLines.words * 4 == 64 && EventLines.width * MemoryLayout<PackedEvent>.stride == 64)
        for time in [Int64.min, -1, 0, 1, 1 << 32, EventClock.range.upperBound, -(1 << 46), 1 << 46] {
            #expect(PackedTime(wrappedValue: time).wrappedValue == time)
        }
    }

    @Test("a card's times of a snapshot that six bytes do not hold are refused, and become no other times")
    func packedTimes() throws {
        func read(latest: Int64, forgotten: Int64 = .min, presentAt: Int64) throws -> CardHead {
            var writer = ByteWriter()
            writer.card(CardKey(high: 7, low: 5))
            for time in [latest, forgotten, .min] { writer.signed(time) }
            for word: UInt32 in [20_000, 978, 0, 1] { writer.unsigned(word) }
            writer.signed(presentAt)
            var reader = ByteReader(writer.bytes)
            return try CardHead(from: &reader, sites: 1)
        }
        let (time, beyond) = (morning.milliseconds, Int64(1) << 48)
        let head = try read(latest: time, forgotten: time - 9, presentAt: time - 5)
        #expect((head.latest, head.forgotten, head.presentAt) == (time, time - 9, time - 5))
        #expect(throws: CodecError.self) { try read(latest: time + beyond, presentAt: time) }
        #expect(throws: CodecError.self) { try read(latest: time, forgotten: time - beyond, presentAt: time) }
        #expect(throws: CodecError.self) { try read(latest: time, presentAt: time + beyond) }
    }

    @Test("a ring gives back what it no longer needs")
    func ringsShrink() throws {
        var triggers = Triggers(try ruleSet(Self.counting))
        for second in 0..<256 { triggers.apply(event(1, at: morning + .seconds(Int64(second)))) }
        #expect(triggers.store.window(0).events.capacity == 288)
        for hour in [Int64(20), 40, 60] { triggers.apply(event(1, at: morning + .hours(hour))) }
        #expect(triggers.store.window(0).events.capacity == 4)
        #expect(triggers.checkInvariants() == [])
    }

    @Test("a copy keeps what was, and the change after it copies only what it touches")
    func copyOnWrite() throws {
        var triggers = Triggers(try ruleSet(Self.counting))
        for card in UInt64(0)..<1_000 { triggers.apply(event(card, at: morning)) }
        let kept = triggers
        let bytes = kept.snapshotBytes
        for step in 0..<3_000 {
            triggers.apply(event(UInt64(step % 1_300), at: morning + .seconds(Int64(step))))
        }
        #expect(kept.snapshotBytes == bytes)
        #expect(kept.checkInvariants() == [])
        #expect(triggers.checkInvariants() == [])
        var array = BlockArray(stride: 64, count: 100_000)
        for index in stride(from: 0, to: 100_000, by: 100) { array.write(index).storeBytes(of: index, as: Int.self) }
        let copy = array
        array.write(70_000).storeBytes(of: 1, as: Int.self)
        #expect(copy.read(70_000).load(as: Int.self) == 70_000)
        #expect(copy.read(70_400) != array.read(70_400) || copy.read(60_000) == array.read(60_000))
        #expect(copy.read(60_000) == array.read(60_000), "what was not touched is shared")
        #expect(copy.read(70_000) != array.read(70_000))
    }

    @Test("an array of many blocks keeps one to spare, and at the end all are given back")
    func spareBlock() {
        var array = BlockArray(stride: 1_024)
        let empty = array.residentBytes
        func grow(_ array: inout BlockArray) { array.write(array.append()).storeBytes(of: 1, as: Int.self) }
        for _ in 0..<(16 * 40) { grow(&array) }
        let full = array.residentBytes
        for _ in 0..<100 {
            array.removeLast()
            grow(&array)
        }
        for _ in 0..<16 { array.removeLast() }
        #expect(array.residentBytes == full, "the last block stays for what may come")
        array.removeLast()
        for _ in 0..<15 { array.removeLast() }
        #expect(array.residentBytes == full - 16_384, "and goes when the one before it is empty")
        while array.count > 0 { array.removeLast() }
        #expect(array.residentBytes - empty <= full - empty - 40 * 16_384)
    }

    @Test("a card that was idle for 40 days leaves, in every process at the same event, and its memory is used again")
    func eviction() throws {
        var triggers = Triggers(try ruleSet(Self.counting))
        var twin = Triggers(rules: triggers.rules, seed: 99)
        for card in UInt64(0)..<500 {
            let event = event(card, at: morning + .seconds(Int64(card)))
            triggers.apply(event)
            twin.apply(event)
        }
        let full = triggers.store.cards.residentBytes
        for day in Int64(1)...60 {
            for card in UInt64(450)..<500 {
                let event = event(card, at: morning + .hours(day * 24) + .seconds(Int64(card)))
                triggers.apply(event)
                twin.apply(event)
            }
        }
        #expect(triggers.cardCount == 50)
        #expect(triggers.snapshotBytes == twin.snapshotBytes, "the seed changes no result")
        #expect(triggers.store.cards.residentBytes < full / 4)
        #expect(triggers.checkInvariants() == [])
        #expect(triggers.store.find(CardKey(high: 7, low: 3)) == nil)
        #expect(triggers.store.find(CardKey(high: 7, low: 477)) != nil)
    }

    @Test("a table that has just grown becomes one again, though no further card comes")
    func settling() throws {
        var triggers = Triggers(try ruleSet(Self.counting))
        // More than three quarters of 1,024 slots.
        for card in UInt64(0)..<780 { triggers.apply(event(card, at: morning)) }
        #expect(triggers.store.table.isMoving)
        for second in Int64(1)...256 { triggers.apply(event(3, at: morning + .seconds(second))) }
        #expect(!triggers.store.table.isMoving)
        #expect(triggers.checkInvariants() == [])
    }

    @Test("a card beyond the cap is never silent: the fact `overflow` holds")
    func cap() throws {
        let rules = try rule(when: "overflow")
        var triggers = Triggers(rules: rules, seed: 1, cardsMax: 10)
        for card in UInt64(0)..<12 { triggers.apply(event(card, at: morning)) }
        #expect(triggers.cardCount == 10)
        let inside = purchase { $0.card = CardKey(high: 7, low: 9) }
        let outside = purchase { $0.card = CardKey(high: 7, low: 10) }
        #expect(triggers.evaluate(inside).action == .approve)
        #expect(triggers.evaluate(outside).action == .decline)
    }

    @Test("SipHash-2-4 gives its published values, and 1-3 is the same code with fewer rounds")
    func sipHash() {
        let hash = SipHash(key0: 0x0706_0504_0302_0100, key1: 0x0F0E_0D0C_0B0A_0908)
        let words: [UInt64] = [0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908]
        // vectors.h of the authors' reference program: 0, 8 and 16 bytes.
        #expect(hash.hash([], rounds: 2, end: 4) == 0x726F_DB47_DD0E_0E31)
        #expect(hash.hash([words[0]], rounds: 2, end: 4) == 0x93F5_F579_9A93_2462)
        #expect(hash.hash(words, rounds: 2, end: 4) == 0x3F2A_CC7F_57C2_9BDB)
        #expect(hash.hash([words[0]], rounds: 1, end: 3) == hash.hash(words[0]))
        #expect(SipHash(seed: 1).hash(5) != SipHash(seed: 2).hash(5))
    }

    @Test("a site's hash is of every part of it and of the seed, and not of the numbers of its names")
    func siteHash() {
        let place = Position(latitude: 52_000_000, longitude: 13_000_000)
        let site = Site(
            terminal: terminal(1), merchant: MerchantID(number: 7), mcc: MCC(5_411), place: place, offset: 8)
        var others = [Site](repeating: site, count: 8)
        others[0].terminal = terminal(2)
        others[1].merchant = MerchantID(number: 8)
        others[2].merchant = nil
        others[3].mcc = nil
        others[4].place = nil
        others[5].place = Position(latitude: 13_000_000, longitude: 52_000_000)
        others[6].offset = -8
        others[7].merchant = MerchantID(number: 0)
        let hash = SiteHash(seed: 1)
        let hashes = ([site] + others).map { hash.hash(SiteRecord(wanted: $0)) }
        #expect(Set(hashes).count == 9)
        #expect(hash.hash(SiteRecord(site, terminalNumber: 5, merchantNumber: 6)) == hashes[0])
        #expect(SiteHash(seed: 2).hash(SiteRecord(wanted: site)) != hashes[0])
    }

    @Test(
        "a table finds what was put in and nothing else, while it grows and keys leave",
        arguments: [1, 2, 3] as [UInt64])
    func table(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var table = KeyTable()
        var keys: [UInt64] = []
        // Few different hashes, so that runs are long.
        let hashOf = { (key: UInt64) in mixed(key % 400) }
        for step in 0..<4_000 {
            if keys.count > 3, random.chance(perMille: 350) {
                let number = random.below(keys.count)
                let hashes = { (number: Int) in hashOf(keys[number]) }
                table.remove(hashOf(keys[number]), number, hashOf: hashes)
                let last = keys.count - 1
                if number != last { table.renumber(hashOf(keys[last]), from: last, to: number) }
                keys[number] = keys[last]
                keys.removeLast()
            } else {
                let key = UInt64(step)
                keys.append(key)
                table.insert(hashOf(key), keys.count - 1) { hashOf(keys[$0]) }
            }
        }
        #expect(table.count == keys.count)
        for (number, key) in keys.enumerated() {
            #expect(table.find(hashOf(key)) { keys[$0] == key } == number, "seed \(seed)")
        }
        #expect(table.find(hashOf(9_999)) { keys[$0] == 9_999 } == nil)
    }
}
