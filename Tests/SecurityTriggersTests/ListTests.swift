// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

private let desk = ListOrigin(source: "desk", reason: "reported by phone")

/// A list of as many random cards, and the cards.
private func cards(_ count: Int, seed: UInt64) -> (list: SecurityList, keys: [ListKey]) {
    var random = SeededRandom(seed: seed)
    var builder = ListBuilder()
    let place = builder.place(of: desk) ?? 0
    let keys = (0..<count).map { _ in ListKey(CardKey(high: random.next(), low: random.next())) }
    for key in keys { builder.add(key, expiry: 0, place: place) }
    return (SecurityList(name: "hot", kind: .card, base: builder.generation()), keys)
}

@Suite("Lists")
struct ListTests {
    @Test("holds what was put in and nothing else", arguments: [0, 1, 2, 3, 4, 5, 7, 8, 9, 100, 4_095, 4_096, 4_097])
    func membership(count: Int) {
        let (list, keys) = cards(count, seed: 7)
        #expect(list.importedCount == count)
        for key in keys { #expect(list.contains(key, at: morning) != nil) }
        for key in cards(200, seed: 8).keys { #expect(list.contains(key, at: morning) == nil) }
    }

    @Test("tells terminals apart whose names differ in the last figure alone")
    func neighbours() {
        var builder = ListBuilder()
        let place = builder.place(of: desk) ?? 0
        for number in stride(from: 0, to: 100, by: 2) {
            builder.add(ListKey(terminal(number)), expiry: 0, place: place)
        }
        let list = SecurityList(name: "bad", kind: .terminal, base: builder.generation())
        for number in 0..<100 {
            #expect((list.contains(ListKey(terminal(number)), at: morning) != nil) == number.isMultiple(of: 2))
        }
    }

    @Test("an entry counts until the second it expires, and says when, where from and why")
    func expiry() throws {
        var list = cards(10, seed: 1).list
        let key = ListKey(card)
        let end = morning + .hours(1)
        try list.add(ListEntry(key, desk, expires: end))
        for list in [list, list.compacted(at: morning)] {
            let hit = try #require(list.contains(key, at: end - .seconds(1)))
            #expect(hit.expires == end)
            #expect(list.origin(of: hit) == desk)
            #expect(list.contains(key, at: end) == nil)
        }
        #expect(list.compacted(at: end).importedCount == 10)
    }

    @Test("single changes do as a set does, before and after they are sorted in", arguments: [1, 2, 3] as [UInt64])
    func changes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var (list, keys) = cards(50, seed: seed)
        keys += cards(50, seed: seed + 100).keys
        var held = [Bool](repeating: true, count: 50) + [Bool](repeating: false, count: 50)
        for _ in 0..<400 {
            let index = random.below(keys.count)
            if random.chance(perMille: 500) {
                try list.add(ListEntry(keys[index], desk))
                held[index] = true
            } else if held[index] {
                try list.remove(keys[index])
                held[index] = false
            } else {
                #expect(throws: ListError.unknown) { try list.remove(keys[index]) }
            }
            if random.chance(perMille: 20) { list = list.compacted(at: morning) }
        }
        for (key, isHeld) in zip(keys, held) {
            #expect((list.contains(key, at: morning) != nil) == isHeld, "seed \(seed)")
        }
        var count = 0
        list.forEach { _ in count += 1 }
        #expect(count == held.count { $0 })
    }

    @Test("takes a number of single changes and no more")
    func full() throws {
        var list = SecurityList(name: "shops", kind: .merchant)
        for number in 0..<SecurityList.changesMax {
            try list.add(ListEntry(ListKey(MerchantID(number: UInt64(number))), desk))
        }
        let further = ListEntry(ListKey(MerchantID(number: 999_999)), desk)
        #expect(throws: ListError.full) { try list.add(further) }
        list = list.compacted(at: morning)
        try list.add(further)
        #expect(list.importedCount == SecurityList.changesMax)
    }

    @Test(
        "a reason with as many figures as a card's number is refused",
        arguments: [
            "4111111111111111", "card 4111 1111 1111 1111", "4111-1111-1111-1111 stolen", "123456789012",
        ])
    func figures(reason: String) {
        var list = SecurityList(name: "hot", kind: .card)
        #expect(throws: ListError.origin) {
            try list.add(ListEntry(ListKey(card), ListOrigin(source: "desk", reason: reason)))
        }
        #expect(throws: ListError.origin) {
            try list.add(ListEntry(ListKey(card), ListOrigin(source: reason, reason: "")))
        }
    }

    @Test("a store swaps a list in whole, and who holds the old one goes on with it")
    func swap() throws {
        var store = ListStore()
        let (first, keys) = cards(5, seed: 1)
        try store.put(first)
        let bound = store.bind([("hot", .card), ("none", .card), ("hot", .terminal)])
        try store.put(cards(5, seed: 2).list)
        #expect(bound.contains(0, keys[0], at: morning) != nil)
        let anew = store.bind([("hot", .card)])
        #expect(anew.contains(0, keys[0], at: morning) == nil)
        try store.add(ListEntry(keys[0], desk), to: "hot")
        #expect(store["hot"]?.contains(keys[0], at: morning) != nil)
        // A list that is not there, or of another kind, is unknown rather than empty.
        #expect(bound.isKnown(0) && !bound.isKnown(1) && !bound.isKnown(2) && !bound.isKnown(3))
        #expect(bound.contains(1, keys[0], at: morning) == nil)
    }

    @Test("a store refuses another kind, an unknown list and a name that no rule can name")
    func refusals() throws {
        var store = ListStore()
        try store.put(SecurityList(name: "hot", kind: .card))
        #expect(throws: ListError.kind) { try store.put(SecurityList(name: "hot", kind: .mcc)) }
        #expect(throws: ListError.unknown) { try store.add(ListEntry(ListKey(card), desk), to: "cold") }
        for name in ["", "a-b", "1a", "ü", String(repeating: "a", count: 65)] {
            #expect(throws: ListError.name) { try store.put(SecurityList(name: name, kind: .card)) }
        }
        for number in 1..<ListStore.listsMax { try store.put(SecurityList(name: "l\(number)", kind: .card)) }
        #expect(throws: ListError.full) { try store.put(SecurityList(name: "further", kind: .card)) }
    }
}
