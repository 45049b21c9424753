// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Random bytes that may become public (nonces, salts, fill), from libcrypto's generator. Keys come from
/// `SecretKey.random(count:)`.
public enum RandomBytes {
    /// Fills the buffer.
    public static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard !buffer.isEmpty else { return }
        LibCrypto.require(RAND_bytes(buffer.baseAddress, Int32(buffer.count)), "RAND_bytes")
    }

    /// That many bytes.
    public static func bytes(_ count: Int) -> [UInt8] {
        precondition((0...1 << 24).contains(count), "a count of random bytes is between 0 and 2^24")
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            fill(UnsafeMutableRawBufferPointer(buffer))
            initialized = count
        }
    }

    /// One 64-bit word.
    public static func word() -> UInt64 {
        var word: UInt64 = 0
        withUnsafeMutableBytes(of: &word) { fill($0) }
        return word
    }
}
