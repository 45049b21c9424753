// SPDX-License-Identifier: Apache-2.0

/// AES on single blocks in one direction at a time: an `AESSchedule` in a wiped block of its own, for where no scratch
/// is at hand.
struct AESBlockCipher: ~Copyable {
    static let blockBytes = AESSchedule.blockBytes
    /// The schedule and the direction of its key.
    private let memory: SecretKey

    /// A cipher without a key.
    init() { memory = SecretKey(count: AESSchedule.byteCount + 1) { _ in } }

    /// A cipher with a key of 16, 24 or 32 bytes.
    init(key: UnsafeRawBufferPointer, encrypting: Bool = true) {
        self.init()
        setKey(key, encrypting: encrypting)
    }

    /// The schedule itself, in the direction of its key.
    var schedule: AESSchedule { AESSchedule(at: memory.base) }

    func setKey(_ key: UnsafeRawBufferPointer, encrypting: Bool = true) {
        memory.base.storeBytes(of: encrypting, toByteOffset: AESSchedule.byteCount, as: Bool.self)
        if encrypting { schedule.setEncryptionKey(key) } else { schedule.setDecryptionKey(key) }
    }

    /// One block, in the direction of the key.
    @inline(__always)
    func transform(_ block: Block) -> Block {
        let encrypting = memory.base.load(fromByteOffset: AESSchedule.byteCount, as: Bool.self)
        return encrypting ? schedule.encrypt(block) : schedule.decrypt(block)
    }

    /// One block from memory to memory, so that a derived key never passes through a Swift value.
    @inline(__always)
    func transform(_ block: Block, into output: UnsafeMutableRawPointer) {
        withUnsafeBytes(of: block) { input in
            guard let base = input.baseAddress else { return }
            let encrypting = memory.base.load(fromByteOffset: AESSchedule.byteCount, as: Bool.self)
            if encrypting { schedule.encrypt(base, into: output) } else { schedule.decrypt(base, into: output) }
        }
    }
}
