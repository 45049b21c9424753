// SPDX-License-Identifier: Apache-2.0

/// The future keys of a DUKPT device (X9.24-1:2009 A.2, X9.24-3:2017 6.4), for either scheme.
///
/// Register `i` holds the key of the next counter whose lowest one bit is bit `i`. Invariants, before every call:
/// 1. the register of the lowest one bit of `next` is valid, unless the device is exhausted;
/// 2. a register of a higher bit is valid exactly where that bit of `next` is zero;
/// 3. lower registers, and those of used counters, are empty and zero;
/// 4. no key comes out at `reservedEnd` or behind it: a device restored from its record goes on there, or further on.
struct FutureKeyRegisters: ~Copyable {
    /// Bits of the counter, most one bits in it, bytes of a key.
    struct Shape: Equatable {
        var bits: Int
        var onesMax: Int
        var keyBytes: Int
    }

    /// Writes the key of `counter`, one step below `parent`.
    typealias Derive = (
        _ parent: UnsafeRawBufferPointer, _ counter: UInt32, _ key: UnsafeMutableRawBufferPointer
    ) -> Void

    let shape: Shape
    private(set) var keys: SecretKey
    /// One bit a register.
    private(set) var valid: UInt32
    /// The next counter; `1 << bits` and above when the device is exhausted.
    private(set) var next: UInt64
    /// Where the durable record goes on; nothing is reserved when a device is made, nor when it is restored.
    private var reservedEnd: UInt64 = 0

    /// Fills every register from the initial key, which the caller then lets go.
    init(shape: Shape, initialKey: UnsafeRawBufferPointer, derive: Derive) {
        self.shape = shape
        keys = SecretKey(count: shape.bits * shape.keyBytes) { keys in
            for bit in 0..<shape.bits {
                let register = keys[bit * shape.keyBytes..<(bit + 1) * shape.keyBytes]
                derive(initialKey, 1 << UInt32(bit), UnsafeMutableRawBufferPointer(rebasing: register))
            }
        }
        valid = UInt32.max >> UInt32(32 - shape.bits)
        next = 1
    }

    /// What was sealed before; the caller has checked the invariants.
    init(shape: Shape, keys: consuming SecretKey, valid: UInt32, next: UInt64) {
        self.shape = shape
        self.keys = keys
        self.valid = valid
        self.next = next
    }

    var isExhausted: Bool { next >> UInt64(shape.bits) != 0 }

    /// Whether the next counter may be used.
    var isReserved: Bool { next < reservedEnd }

    private var lowestBit: Int { next.trailingZeroBitCount }

    /// The key of the counter that `next` was; its register is erased, and the counter moved on, before this returns.
    mutating func take(derive: Derive) throws(DUKPTError) -> SecretKey {
        guard !isExhausted else { throw .exhausted }
        guard isReserved else { throw .notReserved }
        let bit = lowestBit
        precondition(valid >> UInt32(bit) & 1 == 1, "the register of the next counter is valid")
        let size = shape.keyBytes
        let key = keys.withBytes { keys in
            SecretKey(count: size) {
                $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: keys[bit * size..<(bit + 1) * size]))
            }
        }
        retire(derive: derive)
        return key
    }

    /// Moves the counter forward without giving out the keys between; whole subtrees are dropped, not derived.
    mutating func advance(to counter: UInt32, derive: Derive) throws(DUKPTError) {
        guard counter != 0, UInt64(counter) >> UInt64(shape.bits) == 0, counter.nonzeroBitCount <= shape.onesMax else {
            throw .illegalCounter(counter)
        }
        guard !isExhausted else { throw .exhausted }
        guard UInt64(counter) >= next else { throw .counterBehind(counter, next: UInt32(next)) }
        skip(to: UInt64(counter), derive: derive)
    }

    /// The registers as they are once the next `count` counters, and whatever else is reserved, have been used.
    borrowing func ahead(by count: Int, derive: Derive) -> FutureKeyRegisters {
        var end = next
        for _ in 0..<count where end >> UInt64(shape.bits) == 0 {
            end = DUKPTCounter.next(after: end, onesMax: shape.onesMax)
        }
        var ahead = FutureKeyRegisters(shape: shape, keys: keys.copy(), valid: valid, next: next)
        ahead.skip(to: max(end, reservedEnd), derive: derive)
        return ahead
    }

    /// Lets the counters below `end` be used.
    mutating func reserve(upTo end: UInt64) { reservedEnd = max(reservedEnd, min(end, 1 << UInt64(shape.bits))) }

    /// To a legal counter that is not behind, or past the last.
    private mutating func skip(to end: UInt64, derive: Derive) {
        while next < end {
            let bit = lowestBit
            if end - next >= 1 << UInt64(bit) {
                erase(bit)
                next += 1 << UInt64(bit)
            } else {
                retire(derive: derive)
            }
        }
    }

    /// Derives the keys below the current one while it is there, erases it, and moves to the next legal counter.
    private mutating func retire(derive: Derive) {
        let bit = lowestBit
        if next.nonzeroBitCount < shape.onesMax {
            let (size, counter) = (shape.keyBytes, UInt32(next))
            keys.withMutableBytes { keys in
                let parent = UnsafeRawBufferPointer(rebasing: keys[bit * size..<(bit + 1) * size])
                for lower in 0..<bit {
                    let register = keys[lower * size..<(lower + 1) * size]
                    derive(parent, counter | 1 << UInt32(lower), UnsafeMutableRawBufferPointer(rebasing: register))
                }
            }
            valid |= (1 << UInt32(bit)) - 1
            next += 1
        } else {
            next += 1 << UInt64(bit)
        }
        erase(bit)
    }

    private mutating func erase(_ bit: Int) {
        let size = shape.keyBytes
        keys.withMutableBytes { keys in
            for index in bit * size..<(bit + 1) * size { keys[index] = 0 }
        }
        valid &= ~(1 << UInt32(bit))
    }
}
