// SPDX-License-Identifier: Apache-2.0

/// A PIN encryption key with its schedules ready, in one wiped block: what a zone's key is between two messages.
public struct PINEncryptionKey: ~Copyable, @unchecked Sendable {
    // Unchecked: after `init` the schedules are only read.
    private let memory: SecretKey
    let isAES: Bool

    /// - Parameter algorithm: TDES with 16 or 24 bytes, or AES with 16, 24 or 32.
    /// - Throws: `KeyStrengthError` for a key that `KeyGuard` refuses, or an algorithm that encrypts no PIN.
    public init(_ key: borrowing SecretKey, algorithm: KeyAlgorithm) throws(KeyStrengthError) {
        guard algorithm != .hmac else { throw .wrongLength(key.count) }
        try KeyGuard.check(key, for: algorithm)
        isAES = algorithm == .aes
        memory = SecretKey(count: max(TripleDES.byteCount, 2 * AESSchedule.byteCount)) { _ in }
        let base = memory.base
        let isAES = isAES
        key.withBytes { key in
            if isAES {
                AESSchedule(at: base).setEncryptionKey(key)
                AESSchedule(at: base + AESSchedule.byteCount).setDecryptionKey(key)
            } else {
                _ = TripleDES(key: key, at: base)
            }
        }
    }

    /// The bytes of a block under this key.
    public var blockCount: Int { isAES ? 16 : 8 }

    /// The word of the PIN in an encrypted block; `bad` says whether it is one.
    @inline(__always)
    borrowing func word(
        _ block: UnsafeRawBufferPointer, pan: PANDigits, format: PINBlockFormat, bad: inout UInt64
    ) -> UInt64 {
        if isAES {
            let decryption = AESSchedule(at: memory.base + AESSchedule.byteCount)
            let encrypted = block.loadUnaligned(as: Block.self)
            let field = decryption.decrypt(decryption.decrypt(encrypted) ^ PINBlock.panField4(pan))
            return PINWord.read(field.high, format: .format4, bad: &bad)
        }
        let clear = TripleDES(expandedAt: memory.base).decrypt(block.word(at: 0))
        return PINBlock.word(clear, pan: pan, format: format, bad: &bad)
    }

    @inline(__always)
    borrowing func write(
        _ word: UInt64, pan: PANDigits, format: PINBlockFormat, into output: UnsafeMutableRawBufferPointer
    ) {
        let random = format.isRandomised ? RandomBytes.word() : 0
        let field = PINWord.field(word, format: format, random: random)
        if isAES {
            let encryption = AESSchedule(at: memory.base)
            let intermediate = encryption.encrypt(Block(high: field, low: random))
            output.storeBytes(of: encryption.encrypt(intermediate ^ PINBlock.panField4(pan)), as: Block.self)
        } else {
            let bound = format.bindsPAN ? field ^ pan.rightmost(12) : field
            output.setWord(TripleDES(expandedAt: memory.base).encrypt(bound), at: 0)
        }
    }
}

/// Why no PIN was translated. What is wrong with a block is never said.
public enum PINTranslationError: Error, Equatable, Sendable {
    /// The formats may not follow one another, or a format does not belong to its key's algorithm.
    case notPermitted
    /// A block, or the room for one, of a wrong length.
    case wrongLength
    /// The block holds no PIN for this PAN under this key.
    case unusableBlock
}

/// From one zone's key and format to another's, inside: the PIN never leaves (PCI PIN; ISO 9564-1:2017 9.5).
public enum PINTranslation {
    /// What a destination permits beyond the rule.
    public struct Waivers: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// From format 4 under AES down to a format under TDES.
        public static let weakerCipher = Waivers(rawValue: 1)
    }

    /// Whether a format may become another: never format 2, which is for cards offline; never from one that binds the
    /// PAN to one that does not; from AES to TDES only with a waiver.
    public static func permits(
        from source: PINBlockFormat, to target: PINBlockFormat, waivers: Waivers = []
    ) -> Bool {
        guard source != .format2, target != .format2 else { return false }
        if source.bindsPAN, !target.bindsPAN { return false }
        return source != .format4 || target == .format4 || waivers.contains(.weakerCipher)
    }

    /// Writes the PIN of `block` into `output`, under the other key and in the other format, for the same PAN. The same
    /// work is done for a good and for a bad block; a bad one leaves `output` zero.
    ///
    /// - Parameter block: 8 bytes under TDES, 16 under AES; `output` likewise. They may overlap.
    public static func translate(
        _ block: UnsafeRawBufferPointer, pan: PANDigits,
        from source: borrowing PINEncryptionKey, format sourceFormat: PINBlockFormat,
        to target: borrowing PINEncryptionKey, format targetFormat: PINBlockFormat, waivers: Waivers = [],
        into output: UnsafeMutableRawBufferPointer
    ) throws(PINTranslationError) {
        guard permits(from: sourceFormat, to: targetFormat, waivers: waivers),
            source.isAES == (sourceFormat == .format4), target.isAES == (targetFormat == .format4)
        else { throw .notPermitted }
        guard block.count == source.blockCount, output.count == target.blockCount else { throw .wrongLength }
        var bad: UInt64 = 0
        let word = source.word(block, pan: pan, format: sourceFormat, bad: &bad)
        target.write(word, pan: pan, format: targetFormat, into: output)
        guard bad == 0 else {
            for index in 0..<output.count { output[index] = 0 }
            throw .unusableBlock
        }
    }

    /// As above, for blocks in arrays.
    public static func translate(
        _ block: [UInt8], pan: PANDigits, from source: borrowing PINEncryptionKey, format sourceFormat: PINBlockFormat,
        to target: borrowing PINEncryptionKey, format targetFormat: PINBlockFormat, waivers: Waivers = []
    ) throws(PINTranslationError) -> [UInt8] {
        // A closure cannot capture borrowed parameters, so both blocks lie in memory of their own for this call.
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: block.count + target.blockCount, alignment: 8)
        defer { room.deallocate() }
        room.copyBytes(from: block)
        let output = UnsafeMutableRawBufferPointer(rebasing: room[block.count...])
        try translate(
            UnsafeRawBufferPointer(rebasing: room[..<block.count]), pan: pan, from: source, format: sourceFormat,
            to: target, format: targetFormat, waivers: waivers, into: output)
        return Array(output)
    }
}
