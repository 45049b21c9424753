// SPDX-License-Identifier: Apache-2.0

extension AESSchedule {
    /// CBC over whole blocks, in place; the schedule is of that direction.
    func cbc(_ data: UnsafeMutableRawBufferPointer, vector: Block = .zero, encrypting: Bool) {
        var chain = vector
        for offset in stride(from: 0, to: data.count, by: Self.blockBytes) {
            let block = data.loadUnaligned(fromByteOffset: offset, as: Block.self)
            let output: Block
            if encrypting {
                output = encrypt(block ^ chain)
                chain = output
            } else {
                output = decrypt(block) ^ chain
                chain = block
            }
            data.storeBytes(of: output, toByteOffset: offset, as: Block.self)
        }
    }

    /// CTR (NIST SP 800-38A 6.5) in place, with an encryption schedule; the whole block counts.
    func counterMode(_ data: UnsafeMutableRawBufferPointer, initial: Block) {
        var counter = initial
        for offset in stride(from: 0, to: data.count, by: Self.blockBytes) {
            let stream = encrypt(counter)
            withUnsafeBytes(of: stream) { stream in
                for index in 0..<min(Self.blockBytes, data.count - offset) { data[offset + index] ^= stream[index] }
            }
            let (low, carry) = counter.low.addingReportingOverflow(1)
            counter = Block(high: counter.high &+ (carry ? 1 : 0), low: low)
        }
    }
}

extension AESBlockCipher {
    /// CBC over whole blocks, in place, in the direction of the key.
    borrowing func cbc(_ data: UnsafeMutableRawBufferPointer, vector: Block = .zero, encrypting: Bool) {
        schedule.cbc(data, vector: vector, encrypting: encrypting)
    }
}
