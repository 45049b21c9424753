// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Why SM4 gave nothing.
public enum SM4Error: Error, Equatable, Sendable {
    /// An SM4 key has 16 bytes; in bytes.
    case wrongKeyLength(Int)
    /// The data is not whole blocks of 16 bytes; in bytes.
    case partialBlock(Int)
    /// An initialisation vector has 16 bytes; in bytes.
    case wrongVectorLength(Int)
}

/// The SM4 block cipher (GB/T 32907-2016, ISO/IEC 18033-3) in ECB and CBC without padding, its CBC-MAC and key check
/// value.
public enum SM4 {
    /// The bytes of a key.
    public static let keyCount = 16
    /// The bytes of a block.
    public static let blockCount = 16

    private static let zeroVector = [UInt8](repeating: 0, count: blockCount)

    /// Every block by itself.
    public static func encryptECB(_ data: [UInt8], key: borrowing SecretKey) throws(SM4Error) -> [UInt8] {
        try transform(data, key: key, vector: nil, encrypting: true)
    }

    /// Blocks encrypted again and again, as GB/T 32907 A.2 does, with one key schedule.
    package static func encryptECB(
        _ data: [UInt8], key: borrowing SecretKey, times: Int
    ) throws(SM4Error) -> [UInt8] {
        try transform(data, key: key, vector: nil, encrypting: true, times: times)
    }

    /// The inverse of `encryptECB`.
    public static func decryptECB(_ data: [UInt8], key: borrowing SecretKey) throws(SM4Error) -> [UInt8] {
        try transform(data, key: key, vector: nil, encrypting: false)
    }

    /// Cipher block chaining.
    ///
    /// - Parameter vector: 16 bytes.
    public static func encryptCBC(
        _ data: [UInt8], key: borrowing SecretKey, vector: [UInt8]
    ) throws(SM4Error) -> [UInt8] {
        try transform(data, key: key, vector: vector, encrypting: true)
    }

    /// The inverse of `encryptCBC`.
    public static func decryptCBC(
        _ data: [UInt8], key: borrowing SecretKey, vector: [UInt8]
    ) throws(SM4Error) -> [UInt8] {
        try transform(data, key: key, vector: vector, encrypting: false)
    }

    /// CBC-MAC (ISO 9797-1 algorithm 1 without truncation): the last block of the padded message.
    public static func mac(
        _ message: [UInt8], key: borrowing SecretKey, padding: MACPadding = .method1
    ) throws(SM4Error) -> [UInt8] {
        let padded = padding.padded(message, blockCount: blockCount)
        let output = try encryptCBC(padded, key: key, vector: zeroVector)
        return Array(output.suffix(blockCount))
    }

    /// As `mac(_:key:padding:)` with padding 1, for a message that is not in an array.
    public static func mac(_ message: UnsafeRawBufferPointer, key: borrowing SecretKey) throws(SM4Error) -> [UInt8] {
        guard key.count == keyCount else { throw .wrongKeyLength(key.count) }
        let count = max(1, (message.count + blockCount - 1) / blockCount) * blockCount
        var blocks = [UInt8](repeating: 0, count: count)
        blocks.withUnsafeMutableBytes { blocks in
            blocks.copyMemory(from: message)
            run(blocks, key: key, vector: zeroVector, encrypting: true, times: 1)
        }
        return Array(blocks.suffix(blockCount))
    }

    /// Whether 4 to 16 bytes of a CBC-MAC, from the left, belong to the message; in constant time.
    public static func verify(
        _ code: [UInt8], message: [UInt8], key: borrowing SecretKey, padding: MACPadding = .method1
    ) throws(SM4Error) -> Bool {
        guard (4...blockCount).contains(code.count) else { return false }
        return constantTimeEquals(Array(try mac(message, key: key, padding: padding).prefix(code.count)), code)
    }

    /// The key check value: the first bytes of an encrypted zero block.
    ///
    /// - Parameter count: 3 to 16 bytes.
    public static func kcv(_ key: borrowing SecretKey, count: Int = 3) throws(SM4Error) -> [UInt8] {
        precondition((3...16).contains(count), "an SM4 key check value has 3 to 16 bytes")
        return Array(try encryptECB([UInt8](repeating: 0, count: blockCount), key: key).prefix(count))
    }

    /// Whole blocks in place, each by itself, without a copy outside the memory given: for keys under keys.
    static func transformECB(
        _ blocks: UnsafeMutableRawBufferPointer, key: borrowing SecretKey, encrypting: Bool
    ) {
        precondition(key.count == keyCount && blocks.count % blockCount == 0, "an SM4 key and whole blocks")
        run(blocks, key: key, vector: nil, encrypting: encrypting, times: 1)
    }

    private static func transform(
        _ data: [UInt8], key: borrowing SecretKey, vector: [UInt8]?, encrypting: Bool, times: Int = 1
    ) throws(SM4Error) -> [UInt8] {
        guard key.count == keyCount else { throw .wrongKeyLength(key.count) }
        guard data.count % blockCount == 0 else { throw .partialBlock(data.count) }
        if let vector, vector.count != blockCount { throw .wrongVectorLength(vector.count) }
        var output = data
        output.withUnsafeMutableBytes { run($0, key: key, vector: vector, encrypting: encrypting, times: times) }
        return output
    }

    private static func run(
        _ blocks: UnsafeMutableRawBufferPointer, key: borrowing SecretKey, vector: [UInt8]?, encrypting: Bool,
        times: Int
    ) {
        guard !blocks.isEmpty else { return }
        let context = LibCrypto.require(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new")
        defer { EVP_CIPHER_CTX_free(context) }
        let cipher = vector == nil ? FetchedSM4.ecb : FetchedSM4.cbc
        key.withBytes { key in
            LibCrypto.require(
                EVP_CipherInit_ex2(context, cipher, key.baseAddress, vector, encrypting ? 1 : 0, nil),
                "EVP_CipherInit_ex2")
        }
        LibCrypto.require(EVP_CIPHER_CTX_set_padding(context, 0), "EVP_CIPHER_CTX_set_padding")
        let bytes = blocks.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var written: Int32 = 0
        for _ in 0..<times {
            LibCrypto.require(
                EVP_CipherUpdate(context, bytes, &written, bytes, Int32(blocks.count)), "EVP_CipherUpdate")
            precondition(Int(written) == blocks.count, "whole blocks go through at once")
        }
    }
}

private enum FetchedSM4 {
    // Safe: an EVP_CIPHER is reference-counted and immutable after its fetch.
    nonisolated(unsafe) static let ecb = LibCrypto.require(EVP_CIPHER_fetch(nil, "SM4-ECB", nil), "EVP_CIPHER_fetch")
    nonisolated(unsafe) static let cbc = LibCrypto.require(EVP_CIPHER_fetch(nil, "SM4-CBC", nil), "EVP_CIPHER_fetch")
}
