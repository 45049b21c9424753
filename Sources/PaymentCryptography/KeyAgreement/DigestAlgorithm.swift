// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A hash function that a key derivation or a MAC is built on.
public enum DigestAlgorithm: String, Sendable, CaseIterable {
    case sha1 = "SHA-1"
    case sha224 = "SHA-224"
    case sha256 = "SHA-256"
    case sha384 = "SHA-384"
    case sha512 = "SHA-512"
    /// GB/T 32905-2016.
    case sm3 = "SM3"

    /// The bytes of a digest.
    public var digestCount: Int {
        switch self {
        case .sha1: 20
        case .sha224: 28
        case .sha256, .sm3: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// The digest of the bytes.
    public func hash(_ bytes: [UInt8]) -> [UInt8] {
        let context = DigestContext(self)
        bytes.withUnsafeBytes { context.update($0) }
        return context.finalize()
    }

    /// HMAC (FIPS 198-1) of a message.
    public func hmac(key: borrowing SecretKey, message: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: digestCount)
        var written: UInt32 = 0
        key.withBytes { key in
            let result = HMAC(
                fetched, key.baseAddress, Int32(key.count), message, message.count, &output, &written)
            precondition(result != nil, "libcrypto call failed: HMAC")
        }
        return output
    }

    /// Fetched once for the process.
    var fetched: OpaquePointer {
        switch self {
        case .sha1: Self.fetchedSHA1
        case .sha224: Self.fetchedSHA224
        case .sha256: Self.fetchedSHA256
        case .sha384: Self.fetchedSHA384
        case .sha512: Self.fetchedSHA512
        case .sm3: Self.fetchedSM3
        }
    }

    // Safe: an EVP_MD is reference-counted and immutable after its fetch.
    nonisolated(unsafe) private static let fetchedSHA1 = fetch("SHA1")
    nonisolated(unsafe) private static let fetchedSHA224 = fetch("SHA224")
    nonisolated(unsafe) private static let fetchedSHA256 = fetch("SHA256")
    nonisolated(unsafe) private static let fetchedSHA384 = fetch("SHA384")
    nonisolated(unsafe) private static let fetchedSHA512 = fetch("SHA512")
    nonisolated(unsafe) private static let fetchedSM3 = fetch("SM3")

    private static func fetch(_ name: String) -> OpaquePointer {
        LibCrypto.require(EVP_MD_fetch(nil, name, nil), "EVP_MD_fetch")
    }
}

/// One running hash through EVP; its state is wiped when it goes.
struct DigestContext: ~Copyable {
    private let algorithm: DigestAlgorithm
    private let context: OpaquePointer

    init(_ algorithm: DigestAlgorithm) {
        self.algorithm = algorithm
        context = LibCrypto.require(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        LibCrypto.require(EVP_DigestInit_ex2(context, algorithm.fetched, nil), "EVP_DigestInit_ex2")
    }

    deinit { EVP_MD_CTX_free(context) }

    borrowing func update(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        LibCrypto.require(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count), "EVP_DigestUpdate")
    }

    borrowing func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// Writes the digest.
    borrowing func finalize(into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= algorithm.digestCount, "a digest needs its room")
        let digest = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        LibCrypto.require(EVP_DigestFinal_ex(context, digest, nil), "EVP_DigestFinal_ex")
    }

    borrowing func finalize() -> [UInt8] {
        var output = [UInt8](repeating: 0, count: algorithm.digestCount)
        output.withUnsafeMutableBytes { finalize(into: $0) }
        return output
    }
}
