// SPDX-License-Identifier: Apache-2.0

/// Authenticated encryption by AES-GCM under one key, for data that is stored: encrypted PANs in the journal.
public struct AuthenticatedCipher: ~Copyable, Sendable {
    /// The bytes of a nonce.
    public static let nonceCount = 12
    /// How much longer the sealed form is than the plaintext.
    public static let tagCount = 16

    private let key: SecretKey

    /// - Parameter key: 32 bytes for AES-256; 16 and 24 are taken too.
    public init(key: borrowing SecretKey) {
        precondition([16, 24, 32].contains(key.count), "an AES key has 16, 24 or 32 bytes")
        self.key = key.copy()
    }

    /// Ciphertext and tag.
    ///
    /// - Parameter nonce: 12 bytes, never twice under one key: a counter, or at most 2^32 random ones.
    /// - Parameter associatedData: authenticated, not encrypted.
    public borrowing func seal(plaintext: [UInt8], nonce: [UInt8], associatedData: [UInt8] = []) -> [UInt8] {
        let count = plaintext.count + AESGCM.tagCount
        return [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            plaintext.withUnsafeBytes {
                AESGCM.seal(
                    $0, nonce: nonce, associatedData: associatedData, key: key,
                    into: UnsafeMutableRawBufferPointer(start: output.baseAddress, count: count))
            }
            initialized = count
        }
    }

    /// The plaintext.
    ///
    /// - Returns: nil when key, nonce, associated data and bytes do not belong together.
    public borrowing func open(_ sealed: [UInt8], nonce: [UInt8], associatedData: [UInt8] = []) -> [UInt8]? {
        let count = sealed.count - AESGCM.tagCount
        guard count >= 0, nonce.count == AESGCM.nonceCount else { return nil }
        var authentic = false
        let plaintext = [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            sealed.withUnsafeBytes {
                authentic = AESGCM.open(
                    $0, nonce: nonce, associatedData: associatedData, key: key,
                    into: UnsafeMutableRawBufferPointer(start: output.baseAddress, count: count))
            }
            initialized = count
        }
        return authentic ? plaintext : nil
    }
}
