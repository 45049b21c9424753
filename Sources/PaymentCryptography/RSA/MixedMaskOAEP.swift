// SPDX-License-Identifier: Apache-2.0

/// The OAEP of TR-34's own samples (TR-34-2019 and its corrigendum, B.2.2.3, B.8, B.9): the label's hash and the mask of
/// the seed are of SHA-256, but the mask of the data block is of SHA-1. No OAEP parameters can say so, and no library
/// decrypts it. It is here so that those samples, and devices tested against them alone, can be read.
enum MixedMaskOAEP {
    private static let seedCount = 32

    /// The secret; nil for whatever reason it is not one. The decoding takes the same steps whatever the bytes are.
    static func decrypt(_ cryptogram: [UInt8], with key: borrowing RSAPrivateKey) -> SecretKey? {
        guard var message = RSAOperation.decryptEncodedMessage(cryptogram, with: key) else { return nil }
        let start = message.withMutableBytes { decode($0) }
        guard let start else { return nil }
        return message.withBytes { bytes in
            SecretKey(count: bytes.count - start) {
                $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start...]))
            }
        }
    }

    /// Takes the masks off in place (RFC 8017 7.1.2 step 3); answers where the secret begins.
    private static func decode(_ message: UnsafeMutableRawBufferPointer) -> Int? {
        let seed = UnsafeMutableRawBufferPointer(rebasing: message[1..<1 + seedCount])
        let block = UnsafeMutableRawBufferPointer(rebasing: message[(1 + seedCount)...])
        removeMask(of: UnsafeRawBufferPointer(block), .sha256, from: seed)
        removeMask(of: UnsafeRawBufferPointer(seed), .sha1, from: block)

        var bad = UInt64(message[0])
        for (index, byte) in DigestAlgorithm.sha256.hash([]).enumerated() { bad |= UInt64(block[index] ^ byte) }
        var (looking, start): (UInt64, UInt64) = (.max, 0)
        for index in seedCount..<block.count {
            let isOne = ~Mask.differs(UInt64(block[index]), 1)
            let isZero = ~Mask.differs(UInt64(block[index]), 0)
            start |= looking & isOne & UInt64(1 + seedCount + index + 1)
            bad |= looking & ~isOne & ~isZero
            looking &= ~isOne
        }
        bad |= looking
        guard bad == 0, start < message.count else { return nil }
        return Int(start)
    }

    /// Exclusive or with MGF1 of the seed (RFC 8017 B.2.1).
    private static func removeMask(
        of seed: UnsafeRawBufferPointer, _ digest: DigestAlgorithm, from target: UnsafeMutableRawBufferPointer
    ) {
        var counter: UInt32 = 0
        var offset = 0
        while offset < target.count {
            let context = DigestContext(digest)
            context.update(seed)
            withUnsafeBytes(of: counter.bigEndian) { context.update($0) }
            let mask = SecretKey(count: digest.digestCount) { context.finalize(into: $0) }
            mask.withBytes { mask in
                for index in 0..<min(mask.count, target.count - offset) { target[offset + index] ^= mask[index] }
            }
            offset += digest.digestCount
            counter += 1
        }
    }
}
