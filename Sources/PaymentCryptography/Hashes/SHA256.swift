// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// SHA-256 (FIPS 180-4), whole or piece by piece. A value: copying one forks the computation.
///
/// Uses libcrypto's low-level functions, which need neither a fetch nor an allocation.
public struct SHA256: Sendable {
    /// The bytes of a digest.
    public static let digestCount = 32

    var context = SHA256_CTX()

    /// The hash of nothing yet.
    public init() { LibCrypto.require(SHA256_Init(&context), "SHA256_Init") }

    /// Adds bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        LibCrypto.require(SHA256_Update(&context, bytes.baseAddress, bytes.count), "SHA256_Update")
    }

    /// Adds bytes.
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The 32 bytes of the digest.
    public consuming func finalize() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.digestCount) { output, initialized in
            finalize(into: UnsafeMutableRawBufferPointer(start: output.baseAddress, count: Self.digestCount))
            initialized = Self.digestCount
        }
    }

    /// Writes the 32 bytes of the digest.
    public mutating func finalize(into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= Self.digestCount, "a digest needs 32 bytes")
        let digest = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        LibCrypto.require(SHA256_Final(digest, &context), "SHA256_Final")
    }

    /// The digest of the bytes.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }

    /// The digest of the bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { hash($0) } }

    /// The digest of the bytes.
    public static func hash(_ bytes: some Collection<UInt8>) -> [UInt8] {
        bytes.withContiguousStorageIfAvailable { hash(UnsafeRawBufferPointer($0)) } ?? hash(Array(bytes))
    }

    /// Writes the digest of the bytes; allocates nothing.
    public static func hash(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        var hash = SHA256()
        hash.update(bytes)
        hash.finalize(into: output)
    }
}
