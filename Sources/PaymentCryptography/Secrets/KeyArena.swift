// SPDX-License-Identifier: Apache-2.0

/// Many keys in one place: pages that are locked and guarded (`LockedMemory`), divided into slots of 32 bytes, which
/// handles name. A `SecretKey` cannot be copied, and so lies in no array or dictionary: many keys lie here.
///
/// The attributes lie beside, outside the locked pages: about a hundred bytes a slot, none of them secret.
public struct KeyArena: ~Copyable, Sendable {
    /// The longest key, in bytes.
    public static let slotBytes = 32
    /// The most slots: 2 MiB of locked pages.
    public static let capacityMax = 1 << 16

    private struct Slot: Sendable {
        var generation: UInt32 = 0
        var key: StoredKeyAttributes?
    }

    private let memory: LockedMemory
    private var slots: [Slot]
    /// Those that hold nothing, the next one last.
    private var free: [UInt32]

    /// - Parameter capacity: how many keys, 1 to 65,536.
    public init(capacity: Int) {
        precondition((1...Self.capacityMax).contains(capacity), "an arena has 1 to \(Self.capacityMax) slots")
        memory = LockedMemory(byteCount: capacity * Self.slotBytes)
        slots = Array(repeating: Slot(), count: capacity)
        free = (0..<UInt32(capacity)).reversed()
    }

    /// How many keys there is room for.
    public var capacity: Int { slots.count }
    /// How many keys it holds.
    public var count: Int { slots.count - free.count }
    /// Whether the pages are locked into memory. Where they are not (`RLIMIT_MEMLOCK`), the arena works all the same, and
    /// whoever starts it says so.
    public var isLocked: Bool { memory.isLocked }
    /// Whether the pages are left out of core dumps.
    public var isLeftOutOfDumps: Bool { memory.isLeftOutOfDumps }
    /// The bytes of the pages.
    public var byteCount: Int { memory.byteCount }

    /// Takes in the bytes of a key; its owner wipes what it holds itself.
    ///
    /// - Parameter attributes: nil for a key that is in no key block.
    public mutating func insert(
        _ key: borrowing SecretKey, attributes: KeyAttributes? = nil
    ) throws(KeyArenaError) -> KeyHandle {
        guard key.count <= Self.slotBytes else { throw .tooLong(key.count) }
        guard let slot = free.popLast() else { throw .full(slots.count) }
        place(slot).copyMemory(from: key.base, byteCount: key.count)
        slots[Int(slot)].key = StoredKeyAttributes(
            attributes: attributes, byteCount: key.count,
            strength: attributes.flatMap { KeyStrength($0.algorithm, byteCount: key.count) },
            checkValue: attributes.flatMap { KeyCheckValue(of: key, $0.algorithm) })
        return KeyHandle(slot: slot, generation: slots[Int(slot)].generation)
    }

    /// Whether the handle names a key.
    public func contains(_ handle: KeyHandle) -> Bool { self[handle] != nil }

    /// What is known of the key; nil for a handle whose key is gone.
    public subscript(handle: KeyHandle) -> StoredKeyAttributes? {
        guard Int(handle.slot) < slots.count, slots[Int(handle.slot)].generation == handle.generation else {
            return nil
        }
        return slots[Int(handle.slot)].key
    }

    /// Lends the key as it lies in its slot; nothing is copied.
    ///
    /// - Returns: nil, without a call of the body, for a handle whose key is gone.
    public borrowing func withKey<R: ~Copyable, E: Error>(
        _ handle: KeyHandle, _ body: (borrowing SecretKey) throws(E) -> R
    ) throws(E) -> R? {
        guard let key = self[handle] else { return nil }
        let lent = SecretKey(lending: place(handle.slot), count: key.byteCount)
        return try body(lent)
    }

    /// Wipes the key's slot and forgets the handle.
    ///
    /// - Returns: false for a handle whose key is gone.
    @discardableResult
    public mutating func remove(_ handle: KeyHandle) -> Bool {
        guard contains(handle) else { return false }
        wipe(handle.slot)
        free.append(handle.slot)
        return true
    }

    /// Wipes every slot; no handle names anything any more.
    public mutating func removeAll() {
        for slot in slots.indices where slots[slot].key != nil {
            wipe(UInt32(slot))
            free.append(UInt32(slot))
        }
    }

    private mutating func wipe(_ slot: UInt32) {
        memory.wipe(Int(slot) * Self.slotBytes..<(Int(slot) + 1) * Self.slotBytes)
        slots[Int(slot)].key = nil
        slots[Int(slot)].generation &+= 1
    }

    private func place(_ slot: UInt32) -> UnsafeMutableRawPointer { memory.base + Int(slot) * Self.slotBytes }
}
