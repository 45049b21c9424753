// SPDX-License-Identifier: Apache-2.0

/// The key block encryption key (KBEK) and authentication key (KBAK) that come from a protection key, and what is done
/// with them (X9.143 7.2).
struct KeyBlockKeys: ~Copyable {
    let version: KeyBlockVersion
    let encryption: SecretKey
    let authentication: SecretKey

    init(version: KeyBlockVersion, protectionKey: borrowing SecretKey) throws(KeyBlockError) {
        let lengths = version.usesAES ? [16, 24, 32] : [16, 24]
        guard lengths.contains(protectionKey.count) else {
            throw .wrongProtectionKey(version: version, byteCount: protectionKey.count)
        }
        self.version = version
        switch version {
        case .a, .c:
            encryption = Self.variant(protectionKey, 0x45)
            authentication = Self.variant(protectionKey, 0x4D)
        case .b:
            encryption = Self.deriveTDES(protectionKey, usage: 0)
            authentication = Self.deriveTDES(protectionKey, usage: 1)
        case .d:
            encryption = Self.deriveAES(protectionKey, usage: 0)
            authentication = Self.deriveAES(protectionKey, usage: 1)
        case .e:
            encryption = Self.deriveAES(protectionKey, usage: 2)
            authentication = Self.deriveAES(protectionKey, usage: 1)
        }
    }

    /// Versions A and C: every byte exclusive-ored with the letter E or M.
    private static func variant(_ key: borrowing SecretKey, _ letter: UInt8) -> SecretKey {
        key.withBytes { key in
            SecretKey(count: key.count) { output in
                for index in 0..<key.count { output[index] = key[index] ^ letter }
            }
        }
    }

    /// `counter ‖ usage ‖ 00 ‖ algorithm ‖ bits`, the counter one byte, the others two.
    private static func input(_ counter: Int, usage: UInt8, algorithm: UInt8, bits: Int) -> [UInt8] {
        [UInt8(counter), 0, usage, 0, 0, algorithm, UInt8(bits >> 8), UInt8(bits & 0xFF)]
    }

    private static func deriveTDES(_ key: borrowing SecretKey, usage: UInt8) -> SecretKey {
        key.withBytes { key in
            SecretKey(count: key.count) { output in
                TripleDES.with(key: key) { des in
                    for part in 0..<key.count / 8 {
                        let input = input(
                            part + 1, usage: usage, algorithm: UInt8(key.count / 8 - 2), bits: key.count * 8)
                        output.setWord(input.withUnsafeBytes { TDESCMAC.word(des, $0) }, at: part * 8)
                    }
                }
            }
        }
    }

    private static func deriveAES(_ key: borrowing SecretKey, usage: UInt8) -> SecretKey {
        let mac = AESCMAC(key: key)
        let count = key.count
        return SecretKey(count: count) { output in
            for (part, start) in stride(from: 0, to: count, by: 16).enumerated() {
                let input = input(part + 1, usage: usage, algorithm: UInt8(count / 8), bits: count * 8)
                let end = min(start + 16, count)
                input.withUnsafeBytes { input in
                    mac.withCode(input) {
                        UnsafeMutableRawBufferPointer(rebasing: output[start..<end])
                            .copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<(end - start)]))
                    }
                }
            }
        }
    }

    /// The MAC of header and key field: of the clear field (B, D, E), or of the encrypted one (A, C).
    borrowing func mac(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        switch version {
        case .a, .c: Array(RetailMAC.algorithm1(key: authentication, message: message).prefix(version.macBytes))
        case .b: TDESCMAC.code(key: authentication, message: message)
        case .d, .e: AESCMAC(key: authentication).code(message)
        }
    }

    /// Encrypts the key field in place; the MAC is the initialisation vector.
    borrowing func encrypt(_ field: UnsafeMutableRawBufferPointer, mac: [UInt8]) {
        transform(field, vector: mac, encrypting: true)
    }

    /// Decrypts the key field in place.
    borrowing func decrypt(_ field: UnsafeMutableRawBufferPointer, vector: [UInt8]) {
        transform(field, vector: vector, encrypting: false)
    }

    private borrowing func transform(_ field: UnsafeMutableRawBufferPointer, vector: [UInt8], encrypting: Bool) {
        encryption.withBytes { key in
            vector.withUnsafeBytes { vector in
                switch version {
                case .a, .b, .c:
                    TripleDES.with(key: key) { $0.cbc(field, vector: vector.word(at: 0), encrypting: encrypting) }
                case .d:
                    AESBlockCipher(key: key, encrypting: encrypting)
                        .cbc(field, vector: vector.loadUnaligned(as: Block.self), encrypting: encrypting)
                case .e:
                    AESBlockCipher(key: key).counterMode(field, initial: vector.loadUnaligned(as: Block.self))
                }
            }
        }
    }
}

extension AESBlockCipher {
    /// CTR (NIST SP 800-38A 6.5) in place; the whole block counts.
    borrowing func counterMode(_ data: UnsafeMutableRawBufferPointer, initial: Block) {
        var counter = initial
        for offset in stride(from: 0, to: data.count, by: Self.blockBytes) {
            let stream = transform(counter)
            withUnsafeBytes(of: stream) { stream in
                for index in 0..<min(Self.blockBytes, data.count - offset) { data[offset + index] ^= stream[index] }
            }
            let (low, carry) = counter.low.addingReportingOverflow(1)
            counter = Block(high: counter.high &+ (carry ? 1 : 0), low: low)
        }
    }
}
