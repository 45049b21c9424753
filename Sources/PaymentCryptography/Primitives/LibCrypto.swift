// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The return codes of libcrypto, checked at every call.
enum LibCrypto {
    /// Stops the process when a libcrypto call with sound arguments fails: memory or the provider is gone, and any
    /// answer given after that would be a guess.
    @inline(__always)
    static func require(_ result: Int32, _ call: StaticString) {
        precondition(result > 0, "libcrypto call failed: \(call)")
    }

    /// As `require`, for a call that returns a handle.
    @inline(__always)
    static func require(_ handle: OpaquePointer?, _ call: StaticString) -> OpaquePointer {
        guard let handle else { preconditionFailure("libcrypto call failed: \(call)") }
        return handle
    }

    /// What an `i2d` function writes into memory of its own.
    static func der(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = encode(&start)
        require(count, "i2d")
        defer { CRYPTO_free(start, nil, 0) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    /// As `require`, for a call that returns the structure it set.
    static func require<T>(_ value: UnsafeMutablePointer<T>?, _ call: StaticString) {
        precondition(value != nil, "libcrypto call failed: \(call)")
    }
}

/// Ciphers fetched once for the process: a fetch per operation costs several times the operation.
enum FetchedCipher {
    // Safe: an EVP_CIPHER is reference-counted and immutable after its fetch.
    nonisolated(unsafe) static let aes128GCM = fetch("AES-128-GCM")
    nonisolated(unsafe) static let aes192GCM = fetch("AES-192-GCM")
    nonisolated(unsafe) static let aes256GCM = fetch("AES-256-GCM")

    static func gcm(keyBytes: Int) -> OpaquePointer {
        switch keyBytes {
        case 16: aes128GCM
        case 24: aes192GCM
        case 32: aes256GCM
        default: preconditionFailure("an AES key has 16, 24 or 32 bytes")
        }
    }

    private static func fetch(_ name: String) -> OpaquePointer {
        LibCrypto.require(EVP_CIPHER_fetch(nil, name, nil), "EVP_CIPHER_fetch")
    }
}
