// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// For each of the devices seen last, the keys on the way to its latest transaction.
///
/// Key `d` of a path is that of the counter's highest `d` one bits; key 0 is the initial key. Two counters share the keys
/// of the leading one bits they have in common, and a counter and the next legal one differ in one step at most:
/// consecutive transactions of a device cost one derivation each, not one for every one bit.
///
/// Invariants, before every call:
/// 1. a path's keys are those of its counter, as far as there is room for them, and zero behind these;
/// 2. a path that is not in use is zero;
/// 3. there are never more than `capacity` paths, each at one of the `ways` places of its identifier.
struct DerivationPaths: ~Copyable, @unchecked Sendable {
    // Unchecked: the memory is reached through `mutating` members alone, which exclusivity keeps to one thread.

    /// Keys of a path, the initial key among them. A transaction key at the end of the most one bits is no parent, so
    /// there is no room for it.
    struct Shape: Equatable {
        var keysMax: Int
        var keyBytesMax: Int
        var byteCount: Int { keysMax * keyBytesMax }
    }

    /// What the initial key of a path was derived from: itself, or the base derivation key.
    enum Origin { case initialKey, baseKey }

    private struct Path {
        var initialKeyID: UInt64 = 0
        var counter: UInt32 = 0
        var keyBytes = 0
        var origin = Origin.initialKey
        /// When it was used last; zero for a path not in use.
        var lastUse: UInt64 = 0
        var memory: UnsafeMutableRawPointer?
    }

    static let capacityMax = 1 << 16
    private static let waysMax = 4

    let shape: Shape
    let capacity: Int
    private let ways: Int
    private let paths: UnsafeMutablePointer<Path>
    private var uses: UInt64 = 0
    private(set) var count = 0

    /// - Parameter capacity: paths at most; 1 to `capacityMax`, above four rounded down to a multiple of four.
    init(shape: Shape, capacity: Int) {
        precondition((1...Self.capacityMax).contains(capacity), "a cache has room for 1 to 65536 initial keys")
        self.shape = shape
        ways = min(capacity, Self.waysMax)
        self.capacity = capacity / ways * ways
        paths = .allocate(capacity: self.capacity)
        paths.initialize(repeating: Path(), count: self.capacity)
    }

    deinit {
        for index in 0..<capacity {
            if let memory = paths[index].memory { SecretHeap.free(memory, count: shape.byteCount) }
        }
        paths.deallocate()
    }

    /// Wipes every path.
    mutating func removeAll() {
        for index in 0..<capacity where paths[index].lastUse != 0 { clear(index) }
        count = 0
    }

    /// The path of an initial key whose bytes are these; an older key of the same name is wiped.
    mutating func path(_ initialKeyID: UInt64, initialKey: UnsafeRawBufferPointer) -> Int {
        let index = find(initialKeyID, .initialKey, initialKey.count)
        if paths[index].keyBytes == 0 || !constantTimeEquals(UnsafeRawBufferPointer(key(index, 0)), initialKey) {
            setInitialKey(initialKey, of: index)
        }
        return index
    }

    /// The path of a device of the base derivation key, and whether `setInitialKey` is to come first.
    mutating func path(_ initialKeyID: UInt64, keyBytes: Int) -> (index: Int, isNew: Bool) {
        let index = find(initialKeyID, .baseKey, keyBytes)
        return (index, paths[index].keyBytes == 0)
    }

    mutating func setInitialKey(_ initialKey: UnsafeRawBufferPointer, of index: Int) {
        wipe(index)
        paths[index].counter = 0
        paths[index].keyBytes = initialKey.count
        key(index, 0).copyMemory(from: initialKey)
    }

    /// Goes to the key of a counter: `current` gets the last key on the way that is there, and after each `step`, which
    /// derives the next one in place, gives it to the path.
    @inline(__always)
    mutating func descend(
        _ index: Int, to counter: UInt32, current: UnsafeMutableRawBufferPointer, _ step: (UInt32) -> Void
    ) {
        let before = paths[index].counter
        let start = sharedStart(before, counter)
        var depth = start.nonzeroBitCount
        current.copyMemory(from: UnsafeRawBufferPointer(key(index, depth)))
        DUKPTCounter.forEachStep(from: start, to: counter) { reached in
            step(reached)
            depth += 1
            if depth < shape.keysMax { key(index, depth).copyMemory(from: UnsafeRawBufferPointer(current)) }
        }
        // What the last transaction had and this one has not is of no use any more.
        for stale in stride(from: depth + 1, through: min(before.nonzeroBitCount, shape.keysMax - 1), by: 1) {
            OPENSSL_cleanse(key(index, stale).baseAddress, paths[index].keyBytes)
        }
        paths[index].counter = counter
    }

    /// The leading one bits that both counters have in common, as many as there are keys for.
    private func sharedStart(_ before: UInt32, _ counter: UInt32) -> UInt32 {
        let differing = before ^ counter
        let same = differing == 0 ? UInt32.max : ~(UInt32.max >> UInt32(differing.leadingZeroBitCount))
        let shared = counter & same
        return shared.nonzeroBitCount < shape.keysMax ? shared : shared & (shared - 1)
    }

    /// The bytes of a path's key.
    func key(_ index: Int, _ depth: Int) -> UnsafeMutableRawBufferPointer {
        let memory = paths[index].memory.map { $0 + depth * shape.keyBytesMax }
        return UnsafeMutableRawBufferPointer(start: memory, count: paths[index].keyBytes)
    }

    /// Finds the path of an identifier, or makes the one that was not used longest its own.
    private mutating func find(_ initialKeyID: UInt64, _ origin: Origin, _ keyBytes: Int) -> Int {
        uses += 1
        let first = place(of: initialKeyID)
        var oldest = first
        for index in first..<first + ways {
            let path = paths[index]
            if path.lastUse != 0, path.initialKeyID == initialKeyID, path.origin == origin,
                path.keyBytes == keyBytes || path.keyBytes == 0
            {
                paths[index].lastUse = uses
                return index
            }
            if path.lastUse < paths[oldest].lastUse { oldest = index }
        }
        if paths[oldest].lastUse == 0 { count += 1 }
        clear(oldest)
        if paths[oldest].memory == nil { paths[oldest].memory = SecretHeap.allocate(shape.byteCount) }
        paths[oldest].initialKeyID = initialKeyID
        paths[oldest].origin = origin
        paths[oldest].lastUse = uses
        return oldest
    }

    /// Spreads identifiers, which often differ in a few bits only, over the places.
    private func place(of initialKeyID: UInt64) -> Int {
        let spread = (initialKeyID ^ initialKeyID >> 32) &* 0x9E37_79B9_7F4A_7C15
        return Int(((spread >> 32) * UInt64(capacity / ways)) >> 32) * ways
    }

    private func clear(_ index: Int) {
        wipe(index)
        paths[index] = Path(memory: paths[index].memory)
    }

    private func wipe(_ index: Int) {
        if let memory = paths[index].memory { OPENSSL_cleanse(memory, shape.byteCount) }
    }
}
