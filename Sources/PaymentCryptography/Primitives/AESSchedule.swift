// SPDX-License-Identifier: Apache-2.0
internal import CAES
internal import COpenSSL

/// AES on single blocks (FIPS 197): a view of a key schedule that lies in memory its maker wipes, like `TripleDES`.
///
/// With the processor's own instructions where it has them, without a table in the cache; else through libcrypto's
/// low-level functions, which take the same memory.
struct AESSchedule {
    static let blockBytes = 16
    /// What one schedule takes, in bytes, whichever way it is used; to be aligned to four.
    static let byteCount = max(MemoryLayout<caes_schedule>.stride, MemoryLayout<AES_KEY>.stride)

    /// Whether the processor does AES itself; else libcrypto's portable code does.
    static let isInHardware = caes_is_available()

    private let memory: UnsafeMutableRawPointer
    private let isInHardware: Bool

    /// A view of `byteCount` bytes.
    @inline(__always)
    init(at memory: UnsafeMutableRawPointer, inHardware: Bool = isInHardware) {
        self.memory = memory
        self.isInHardware = inHardware
    }

    private var hardware: UnsafeMutablePointer<caes_schedule> { memory.assumingMemoryBound(to: caes_schedule.self) }
    private var portable: UnsafeMutablePointer<AES_KEY> { memory.assumingMemoryBound(to: AES_KEY.self) }

    /// Expands a key of 16, 24 or 32 bytes.
    @inline(__always)
    func setEncryptionKey(_ key: UnsafeRawBufferPointer) {
        precondition(key.count == 16 || key.count == 24 || key.count == 32, "an AES key has 16, 24 or 32 bytes")
        if isInHardware {
            caes_set_encryption_key(key.baseAddress, key.count, hardware)
        } else {
            _ = AES_set_encrypt_key(key.baseAddress, Int32(key.count * 8), portable)
        }
    }

    /// Expands a key of 16, 24 or 32 bytes for `decrypt`.
    @inline(__always)
    func setDecryptionKey(_ key: UnsafeRawBufferPointer) {
        precondition(key.count == 16 || key.count == 24 || key.count == 32, "an AES key has 16, 24 or 32 bytes")
        if isInHardware {
            caes_set_decryption_key(key.baseAddress, key.count, hardware)
        } else {
            _ = AES_set_decrypt_key(key.baseAddress, Int32(key.count * 8), portable)
        }
    }

    /// One block from memory to memory, which may be the same, so that a derived key never passes through a value.
    @inline(__always)
    func encrypt(_ input: UnsafeRawPointer, into output: UnsafeMutableRawPointer) {
        if isInHardware {
            caes_encrypt(hardware, input, output)
        } else {
            AES_encrypt(input, output, portable)
        }
    }

    /// As `encrypt`, with a schedule of `setDecryptionKey`.
    @inline(__always)
    func decrypt(_ input: UnsafeRawPointer, into output: UnsafeMutableRawPointer) {
        if isInHardware {
            caes_decrypt(hardware, input, output)
        } else {
            AES_decrypt(input, output, portable)
        }
    }

    @inline(__always)
    func encrypt(_ block: Block) -> Block {
        var state = block
        withUnsafeMutableBytes(of: &state) { bytes in
            guard let base = bytes.baseAddress else { return }
            encrypt(base, into: base)
        }
        return state
    }

    @inline(__always)
    func decrypt(_ block: Block) -> Block {
        var state = block
        withUnsafeMutableBytes(of: &state) { bytes in
            guard let base = bytes.baseAddress else { return }
            decrypt(base, into: base)
        }
        return state
    }
}
