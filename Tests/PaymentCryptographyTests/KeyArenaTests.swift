// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing

@Suite struct `A key arena` {
    private static func key(_ byte: UInt8, _ count: Int = 32) -> SecretKey {
        SecretKey(count: count) { for index in 0..<$0.count { $0[index] = byte &+ UInt8(truncatingIfNeeded: index) } }
    }

    private static func error(_ step: () throws(KeyArenaError) -> Void) -> KeyArenaError? {
        do {
            try step()
            return nil
        } catch { return error }
    }

    @Test func `gives back every key under its own handle`() throws {
        var arena = KeyArena(capacity: 100)
        var handles: [KeyHandle] = []
        for index in 0..<100 { handles.append(try arena.insert(Self.key(UInt8(index), 1 + index % 32))) }
        #expect(holds(arena.count == 100))
        #expect(Set(handles).count == 100)
        for (index, handle) in handles.enumerated() {
            let expected = Self.key(UInt8(index), 1 + index % 32)
            let isSame = arena.withKey(handle) { $0.equals(expected) }
            #expect(isSame == true)
            #expect(holds(arena[handle]?.byteCount == 1 + index % 32))
        }
    }

    @Test func `takes no more keys than it has slots, and none longer than a slot`() throws {
        var arena = KeyArena(capacity: 1)
        #expect(holds(Self.error { () throws(KeyArenaError) in _ = try arena.insert(Self.key(0, 33)) } == .tooLong(33)))
        let handle = try arena.insert(Self.key(1))
        #expect(holds(Self.error { () throws(KeyArenaError) in _ = try arena.insert(Self.key(2)) } == .full(1)))
        let isRemoved = arena.remove(handle)
        #expect(isRemoved)
        _ = try arena.insert(Self.key(2))
        #expect(holds(arena.count == 1))
    }

    @Test func `refuses a stale handle, also when its slot holds another key`() throws {
        var arena = KeyArena(capacity: 1)
        var stale: [KeyHandle] = []
        for round in 0..<5 {
            let handle = try arena.insert(Self.key(UInt8(round)))
            for old in stale {
                #expect(holds(!arena.contains(old) && arena[old] == nil && old != handle))
                let lent = arena.withKey(old) { $0.count }
                #expect(lent == nil)
                let isRemoved = arena.remove(old)
                #expect(!isRemoved)
            }
            #expect(holds(arena.contains(handle)))
            arena.remove(handle)
            let isRemovedAgain = arena.remove(handle)
            #expect(!isRemovedAgain)
            stale.append(handle)
        }
        _ = try arena.insert(Self.key(9))
        arena.removeAll()
        #expect(holds(arena.count == 0))
    }

    @Test func `does not take a handle of a larger arena`() throws {
        var large = KeyArena(capacity: 8)
        var last = try large.insert(Self.key(0))
        for _ in 1..<8 { last = try large.insert(Self.key(0)) }
        let small = KeyArena(capacity: 2)
        #expect(holds(!small.contains(last)))
    }

    @Test func `zeroes a slot when its key is removed, and all of them when asked`() throws {
        var arena = KeyArena(capacity: 2)
        let (first, second) = (try arena.insert(Self.key(1)), try arena.insert(Self.key(2)))
        // Safe: the pages stay mapped as long as the arena lives.
        let start = arena.withKey(first) { key in UInt(bitPattern: key.withBytes { $0.baseAddress }) }
        let address = try #require(UnsafeRawPointer(bitPattern: start ?? 0))
        let slots = UnsafeRawBufferPointer(start: address, count: 64)
        #expect(!slots.allSatisfy { $0 == 0 })
        arena.remove(first)
        #expect(slots[..<32].allSatisfy { $0 == 0 } && !slots[32...].allSatisfy { $0 == 0 })
        arena.removeAll()
        #expect(slots.allSatisfy { $0 == 0 })
        #expect(holds(!arena.contains(second)))
    }

    @Test func `keeps attributes, strength and check value beside a key`() throws {
        var arena = KeyArena(capacity: 2)
        let attributes = KeyAttributes(usage: .pinEncryption, algorithm: .aes, modeOfUse: .encrypt)
        let key = SecretKey.random(count: 16)
        let handle = try arena.insert(key, attributes: attributes)
        let found = arena[handle]
        let stored = try #require(found)
        #expect(stored.attributes == attributes && stored.strength == KeyStrength(bits: 128))
        #expect(stored.checkValue?.value == KCV.aes(key))
        let plainHandle = try arena.insert(key)
        let plainFound = arena[plainHandle]
        let plain = try #require(plainFound)
        #expect(plain.attributes == nil && plain.checkValue == nil && plain.byteCount == 16)
    }

    @Test func `lends a key for work without a copy`() throws {
        var arena = KeyArena(capacity: 1)
        let key = SecretKey.random(count: 16)
        let handle = try arena.insert(key)
        let code = arena.withKey(handle) { AESCMAC(key: $0).code([1, 2, 3]) }
        #expect(code == AESCMAC(key: key).code([1, 2, 3]))
        // The loan's end frees and wipes nothing.
        let isSame = arena.withKey(handle) { $0.equals(key) }
        #expect(isSame == true)
    }

    @Test func `lies in whole pages, and says whether they are locked`() {
        let arena = KeyArena(capacity: 129)
        #expect(holds(arena.byteCount >= 129 * KeyArena.slotBytes && arena.byteCount % 4_096 == 0))
        #expect(holds(arena.isLeftOutOfDumps))
        // Too much for any limit that is set to less, and no reason to fail.
        let large = KeyArena(capacity: KeyArena.capacityMax)
        #expect(holds(large.capacity == KeyArena.capacityMax && large.byteCount == 2 << 20))
    }
}
