// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// HMAC-SHA-256 (RFC 2104, FIPS 198-1) with its key prepared: the two padded blocks are hashed once.
public struct HMACSHA256: ~Copyable, Sendable {
    /// The bytes of a code.
    public static let codeCount = 32
    private static let blockCount = 64

    /// The inner and the outer hash after their padded key block.
    private let states: SecretKey

    /// - Parameter key: of any length; longer than 64 bytes it is hashed first (RFC 2104 section 3).
    public init(key: borrowing SecretKey) {
        let key = key.copy()
        states = SecretKey(count: 2 * MemoryLayout<SHA256_CTX>.stride) { states in
            let contexts = states.bindMemory(to: SHA256_CTX.self)
            let padded = SecretKey(count: 2 * Self.blockCount) { block in
                key.withBytes { key in
                    if key.count > Self.blockCount {
                        SHA256.hash(key, into: block)
                    } else {
                        UnsafeMutableRawBufferPointer(rebasing: block[..<key.count]).copyMemory(from: key)
                    }
                }
                for index in 0..<Self.blockCount {
                    block[Self.blockCount + index] = block[index] ^ 0x5C
                    block[index] ^= 0x36
                }
            }
            padded.withBytes { padded in
                for index in contexts.indices {
                    guard let state = contexts.baseAddress.map({ $0 + index }) else { return }
                    LibCrypto.require(SHA256_Init(state), "SHA256_Init")
                    LibCrypto.require(
                        SHA256_Update(
                            state, padded.baseAddress.map { $0 + index * Self.blockCount }, Self.blockCount),
                        "SHA256_Update")
                }
            }
        }
    }

    /// The 32 bytes of the code.
    public borrowing func code(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.codeCount) { output, initialized in
            code(message, into: UnsafeMutableRawBufferPointer(start: output.baseAddress, count: Self.codeCount))
            initialized = Self.codeCount
        }
    }

    /// The 32 bytes of the code.
    public borrowing func code(_ message: [UInt8]) -> [UInt8] { message.withUnsafeBytes { code($0) } }

    /// Writes the 32 bytes of the code; allocates nothing.
    public borrowing func code(_ message: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= Self.codeCount, "a code needs 32 bytes")
        let digest = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        states.withBytes { states in
            var context = states.loadUnaligned(as: SHA256_CTX.self)
            LibCrypto.require(SHA256_Update(&context, message.baseAddress, message.count), "SHA256_Update")
            LibCrypto.require(SHA256_Final(digest, &context), "SHA256_Final")
            context = states.loadUnaligned(fromByteOffset: MemoryLayout<SHA256_CTX>.stride, as: SHA256_CTX.self)
            LibCrypto.require(SHA256_Update(&context, digest, Self.codeCount), "SHA256_Update")
            LibCrypto.require(SHA256_Final(digest, &context), "SHA256_Final")
            OPENSSL_cleanse(&context, MemoryLayout<SHA256_CTX>.size)
        }
    }

    /// Whether the code belongs to the message; in constant time. The code may be truncated to no less than 16 bytes.
    public borrowing func verify(_ code: [UInt8], message: [UInt8]) -> Bool {
        guard (16...Self.codeCount).contains(code.count) else { return false }
        return constantTimeEquals(Array(self.code(message).prefix(code.count)), code)
    }

    /// The code of a message under a key that is used once.
    public static func code(key: borrowing SecretKey, message: [UInt8]) -> [UInt8] {
        HMACSHA256(key: key).code(message)
    }
}
