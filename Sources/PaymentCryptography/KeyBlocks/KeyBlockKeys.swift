// SPDX-License-Identifier: Apache-2.0

/// The key block encryption key (KBEK) and authentication key (KBAK) that come from a protection key, and what is done
/// with them (X9.143 7.2). A view of `byteCount` bytes that their owner wipes.
struct KeyBlockKeys {
    let version: KeyBlockVersion
    private let memory: UnsafeMutableRawPointer
    private let keyCount: Int

    private static let authenticationAt = 32
    private static let encryptionScheduleAt = 64
    private static let scheduleBytes = max(TripleDES.byteCount, AESSchedule.byteCount)
    private static let authenticationScheduleAt = encryptionScheduleAt + scheduleBytes
    static let byteCount = authenticationScheduleAt + scheduleBytes

    /// Derives both keys, and expands them for one direction.
    init(
        version: KeyBlockVersion, protectionKey: UnsafeRawBufferPointer, encrypting: Bool,
        at memory: UnsafeMutableRawPointer
    ) throws(KeyBlockError) {
        let count = protectionKey.count
        guard version.takesProtectionKey(byteCount: count) else {
            throw .wrongProtectionKey(version: version, byteCount: count)
        }
        self.version = version
        self.memory = memory
        keyCount = count
        switch version {
        case .a, .c:
            // Every byte exclusive-ored with the letter E or M.
            for index in 0..<count {
                memory.storeBytes(of: protectionKey[index] ^ 0x45, toByteOffset: index, as: UInt8.self)
                memory.storeBytes(
                    of: protectionKey[index] ^ 0x4D, toByteOffset: Self.authenticationAt + index, as: UInt8.self)
            }
        case .b:
            let des = TripleDES(key: protectionKey, at: memory + Self.encryptionScheduleAt)
            let subkey = TDESCMAC.firstSubkey(des)
            deriveTDES(des, subkey, usage: 0, at: 0)
            deriveTDES(des, subkey, usage: 1, at: Self.authenticationAt)
        case .d, .e:
            let aes = AESSchedule(at: memory + Self.encryptionScheduleAt)
            aes.setEncryptionKey(protectionKey)
            let subkey = CMAC.secondSubkey(aes)
            deriveAES(aes, subkey, usage: version == .d ? 0 : 2, at: 0)
            deriveAES(aes, subkey, usage: 1, at: Self.authenticationAt)
        }
        if version.usesAES {
            // CTR encrypts in both directions.
            if encrypting || version == .e {
                aes.setEncryptionKey(encryption)
            } else {
                aes.setDecryptionKey(encryption)
            }
            AESSchedule(at: memory + Self.authenticationScheduleAt).setEncryptionKey(authentication)
        } else {
            _ = TripleDES(key: encryption, at: memory + Self.encryptionScheduleAt)
            _ = TripleDES(key: authentication, at: memory + Self.authenticationScheduleAt)
        }
    }

    var encryption: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: keyCount) }
    var authentication: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: memory + Self.authenticationAt, count: keyCount)
    }
    private var aes: AESSchedule { AESSchedule(at: memory + Self.encryptionScheduleAt) }
    private var des: TripleDES { TripleDES(expandedAt: memory + Self.encryptionScheduleAt) }

    /// `counter ‖ usage ‖ 00 ‖ algorithm ‖ bits`, the counter one byte, the others two, as one word.
    private static func input(_ counter: Int, usage: UInt64, algorithm: Int, bits: Int) -> UInt64 {
        UInt64(counter) << 56 | usage << 40 | UInt64(algorithm) << 16 | UInt64(bits)
    }

    /// CMAC of one whole block for each eight bytes.
    private func deriveTDES(_ des: TripleDES, _ subkey: UInt64, usage: UInt64, at offset: Int) {
        let output = UnsafeMutableRawBufferPointer(start: memory + offset, count: 32)
        for part in 0..<keyCount / 8 {
            let input = Self.input(part + 1, usage: usage, algorithm: keyCount / 8 - 2, bits: keyCount * 8)
            output.setWord(des.encrypt(input ^ subkey), at: part * 8)
        }
    }

    /// CMAC of half a block for each sixteen bytes. A key of 24 bytes leaves half a block over, in the wiped memory.
    private func deriveAES(_ aes: AESSchedule, _ subkey: Block, usage: UInt64, at offset: Int) {
        for part in 0..<(keyCount + 15) / 16 {
            let input = Self.input(part + 1, usage: usage, algorithm: keyCount / 8, bits: keyCount * 8)
            let padded = Block(high: input, low: 0x80 << 56) ^ subkey
            withUnsafeBytes(of: padded) { padded in
                guard let base = padded.baseAddress else { return }
                aes.encrypt(base, into: memory + offset + 16 * part)
            }
        }
    }

    /// The MAC of header and key field: of the clear field (B, D, E), or of the encrypted one (A, C). The version's bytes
    /// of it count, from the left.
    func mac(_ message: UnsafeRawBufferPointer) -> Block {
        let des = TripleDES(expandedAt: memory + Self.authenticationScheduleAt)
        switch version {
        case .a, .c: return Block(high: RetailMAC.algorithm1(des, message, .method1), low: 0)
        case .b: return Block(high: TDESCMAC.word(des, message), low: 0)
        case .d, .e: return CMAC.code(message, cipher: AESSchedule(at: memory + Self.authenticationScheduleAt))
        }
    }

    /// Encrypts or decrypts the key field in place, as the keys were expanded.
    func transform(_ field: UnsafeMutableRawBufferPointer, vector: Block, encrypting: Bool) {
        switch version {
        case .a, .b, .c: des.cbc(field, vector: vector.high, encrypting: encrypting)
        case .d: aes.cbc(field, vector: vector, encrypting: encrypting)
        case .e: aes.counterMode(field, initial: vector)
        }
    }
}
