// SPDX-License-Identifier: Apache-2.0

extension SecretKey {
    /// The key for a file: encrypted and authenticated by AES-GCM (NIST SP 800-38D) under `wrappingKey`, with a random
    /// nonce. 29 bytes longer than the key.
    ///
    /// - Parameter wrappingKey: 16, 24 or 32 bytes; one key wraps at most 2^32 secrets (SP 800-38D 8.3).
    public borrowing func wrapped(under wrappingKey: borrowing SecretKey) -> [UInt8] {
        sealed(under: wrappingKey, label: "secret key")
    }

    /// The inverse of `wrapped(under:)`.
    ///
    /// - Returns: nil when the bytes are not a secret that this key wrapped.
    public init?(unwrapping bytes: [UInt8], under wrappingKey: borrowing SecretKey) {
        self.init(sealed: bytes, under: wrappingKey, label: "secret key")
    }

    private static var formatVersion: UInt8 { 1 }
    private static var overhead: Int { 1 + AESGCM.nonceCount + AESGCM.tagCount }

    /// Version byte, nonce, ciphertext, tag. The label separates what one wrapping key seals for different uses.
    borrowing func sealed(under wrappingKey: borrowing SecretKey, label: StaticString) -> [UInt8] {
        let nonce = RandomBytes.bytes(AESGCM.nonceCount)
        var output = [UInt8](repeating: 0, count: count + Self.overhead)
        output[0] = Self.formatVersion
        output.replaceSubrange(1..<1 + nonce.count, with: nonce)
        output.withUnsafeMutableBytes { output in
            withBytes { plaintext in
                AESGCM.seal(
                    plaintext, nonce: nonce, associatedData: Self.associatedData(label), key: wrappingKey,
                    into: UnsafeMutableRawBufferPointer(rebasing: output[(1 + AESGCM.nonceCount)...]))
            }
        }
        return output
    }

    init?(sealed bytes: [UInt8], under wrappingKey: borrowing SecretKey, label: StaticString) {
        let count = bytes.count - Self.overhead
        guard (1...Self.countMax).contains(count), bytes[0] == Self.formatVersion else { return nil }
        let nonce = Array(bytes[1..<1 + AESGCM.nonceCount])
        // A closure cannot capture a borrowed parameter; the copy is wiped at the end of this call.
        let key = wrappingKey.copy()
        var authentic = false
        let secret = SecretKey(count: count) { block in
            bytes.withUnsafeBytes { bytes in
                authentic = AESGCM.open(
                    UnsafeRawBufferPointer(rebasing: bytes[(1 + AESGCM.nonceCount)...]), nonce: nonce,
                    associatedData: Self.associatedData(label), key: key, into: block)
            }
        }
        guard authentic else { return nil }
        self = secret
    }

    private static func associatedData(_ label: StaticString) -> [UInt8] {
        [formatVersion] + label.withUTF8Buffer { Array($0) }
    }
}
