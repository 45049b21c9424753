// SPDX-License-Identifier: Apache-2.0

/// The computation of CMAC over a keyed cipher.
enum CMAC {
    /// K1 and K2, 32 bytes.
    static func subkeys(_ cipher: AESSchedule) -> SecretKey {
        let zero = cipher.encrypt(.zero)
        let first = doubled(zero)
        let second = doubled(first)
        return SecretKey(count: 32) { keys in
            keys.storeBytes(of: first, as: Block.self)
            keys.storeBytes(of: second, toByteOffset: 16, as: Block.self)
        }
    }

    /// The code under a cipher that is keyed for this one message: the subkeys stay in registers.
    static func code(_ message: UnsafeRawBufferPointer, cipher: AESSchedule) -> Block {
        let first = doubled(cipher.encrypt(.zero))
        return code(message, cipher: cipher, first: first, second: doubled(first))
    }

    static func code(
        _ message: UnsafeRawBufferPointer, cipher: AESSchedule, subkeys: UnsafeRawBufferPointer
    ) -> Block {
        code(
            message, cipher: cipher, first: subkeys.loadUnaligned(as: Block.self),
            second: subkeys.loadUnaligned(fromByteOffset: 16, as: Block.self))
    }

    private static func code(
        _ message: UnsafeRawBufferPointer, cipher: AESSchedule, first: Block, second: Block
    ) -> Block {
        var state = Block.zero
        var offset = 0
        guard let base = message.baseAddress, !message.isEmpty else {
            return cipher.encrypt(Block(high: 0x80 << 56, low: 0) ^ second)
        }
        while message.count - offset > 16 {
            state = cipher.encrypt(state ^ Block(base + offset))
            offset += 16
        }
        let rest = message.count - offset
        if rest == 16 { return cipher.encrypt(state ^ Block(base + offset) ^ first) }
        var last = Block.zero
        withUnsafeMutableBytes(of: &last) { last in
            last.copyMemory(from: UnsafeRawBufferPointer(start: base + offset, count: rest))
            last[rest] = 0x80
        }
        return cipher.encrypt(state ^ last ^ second)
    }

    /// K2, for messages that do not end with a whole block.
    static func secondSubkey(_ cipher: AESSchedule) -> Block { doubled(doubled(cipher.encrypt(.zero))) }

    /// Multiplication by x in GF(2^128) (SP 800-38B 6.1), without a branch on the carry.
    private static func doubled(_ block: Block) -> Block {
        let carry = 0 &- (block.high >> 63)
        return Block(high: block.high << 1 | block.low >> 63, low: (block.low << 1) ^ (carry & 0x87))
    }
}
