// SPDX-License-Identifier: Apache-2.0

/// The key derivation function of ANSI X9.63 (also SEC 1 3.6.1, and with SM3 of GB/T 32918.4).
public enum X963KDF {
    /// `count` bytes of `hash(secret ‖ counter ‖ sharedInfo)`, the counter four bytes from 1.
    ///
    /// - Parameter secret: the agreed value Z.
    /// - Parameter count: bytes of the derived key, 1 to 65,536.
    public static func derive(
        secret: borrowing SecretKey, sharedInfo: [UInt8], digest: DigestAlgorithm, count: Int
    ) -> SecretKey {
        let secret = secret.copy()
        return SecretKey(count: count) { output in
            let size = digest.digestCount
            let block = SecretKey.zeroed(size)
            var counter: UInt32 = 0
            for start in stride(from: 0, to: count, by: size) {
                counter += 1
                let context = DigestContext(digest)
                secret.withBytes { context.update($0) }
                withUnsafeBytes(of: counter.bigEndian) { context.update($0) }
                context.update(sharedInfo)
                let length = min(size, count - start)
                context.finalize(into: UnsafeMutableRawBufferPointer(start: block.base, count: size))
                UnsafeMutableRawBufferPointer(rebasing: output[start..<start + length])
                    .copyMemory(from: UnsafeRawBufferPointer(start: block.base, count: length))
            }
        }
    }
}

extension SecretKey {
    /// A block of the secret heap to work in.
    static func zeroed(_ count: Int) -> SecretKey { SecretKey(count: count) { _ in } }
}
