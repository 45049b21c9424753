// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Testing
import Vocabulary

@testable import Host

/// The duplicate index against a plain list that does the same slowly.
@Suite("Transaction memory")
struct TransactionMemoryTests {
    static func transaction(_ stan: UInt32, at: Instant, kind: UInt16 = 0x0200) -> RememberedTransaction {
        RememberedTransaction(
            key: TransactionKey(stan: STAN(stan), localTime: UInt64(stan) * 7), transmission: UInt64(stan) * 3,
            digest: 0, card: nil, amount: Money(minorUnits: Int64(stan), .eur), at: at,
            answer: Samples.answer(.approved), isReversed: false, isTombstone: false, kind: kind)
    }

    @Test("it finds and forgets what the plain list does, with trace numbers that collide", arguments: UInt64(1)...6)
    func model(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var memory = TransactionMemory()
        var list: [RememberedTransaction] = []
        var now = Samples.at
        for _ in 0..<6_000 {
            now = now + .seconds(Int64(random.below(seed % 2 == 0 ? 20 : 400)))
            let stan = UInt32(1 + random.below(seed % 3 == 0 ? 40 : 5_000) * (seed % 3 == 1 ? 4_096 : 1))
            let new = Self.transaction(stan, at: now, kind: random.below(4) == 0 ? 0x0400 : 0x0200)
            while list.count > TransactionMemory.countMin, new.at - list[0].at >= TransactionMemory.retention {
                list.removeFirst()
            }
            if list.count == TransactionMemory.countMax { list.removeFirst() }
            list.append(new)
            memory.insert(new)
            let asked = Self.transaction(UInt32(1 + random.below(5_000)), at: now)
            for wanted in [asked, list[random.below(list.count)]] {
                let found = list.last { $0.key == wanted.key && $0.kind == 0x0200 }
                #expect(memory.find(wanted.key, kind: 0x0200) == found)
                let original = list.last {
                    $0.key.stan == wanted.key.stan && $0.transmission == wanted.transmission && $0.kind == 0x0200
                }
                #expect(memory.original(stan: wanted.key.stan, transmission: wanted.transmission) == original)
            }
        }
        #expect(memory.count == list.count)
        #expect(memory.standing == list.filter { $0.kind == 0x0200 })
    }

    @Test("a memory read back is the same memory, and goes on as the first does")
    func readBack() throws {
        var memory = TransactionMemory()
        for stan in UInt32(1)...700 { memory.insert(Self.transaction(stan, at: Samples.at + .minutes(Int64(stan)))) }
        var writer = ByteWriter()
        memory.snapshot(to: &writer)
        var reader = ByteReader(writer.bytes)
        var second = try TransactionMemory(snapshot: &reader)
        #expect(reader.isAtEnd && second == memory)
        for stan in UInt32(701)...2_000 {
            let next = Self.transaction(stan, at: Samples.at + .minutes(Int64(stan)))
            memory.insert(next)
            second.insert(next)
        }
        #expect(second == memory && second.count == memory.count)
    }

    @Test("the ring of the first version is read in the order of its transactions", arguments: [0, 1, 200, 256, 700])
    func firstVersion(inserted: Int) throws {
        let all = (0..<inserted).map { Self.transaction(UInt32($0 + 1), at: Samples.at + .seconds(Int64($0))) }
        var ring: [RememberedTransaction] = []
        for (index, transaction) in all.enumerated() {
            if ring.count < 256 { ring.append(transaction) } else { ring[index % 256] = transaction }
        }
        var writer = ByteWriter()
        writer.count(inserted % 256)
        writer.list(ring) { $1.encode(to: &$0) }
        var reader = ByteReader(writer.bytes)
        let memory = try TransactionMemory(ringSnapshot: &reader)
        #expect(memory.standing == Array(all.suffix(256)))
    }
}
