// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// DES and Triple DES on 64-bit blocks (big-endian words) over libcrypto's low-level functions, which are stateless and
/// cheap to re-key; through EVP a new key costs three times as much, and DUKPT re-keys at every step.
///
/// A view of three key schedules that lie in memory its maker wipes.
struct TripleDES {
    typealias Schedule = DES_key_schedule
    static let blockBytes = 8

    private let schedules: UnsafeMutablePointer<Schedule>

    /// Lends `body` the schedules of a double- or triple-length key, and wipes them.
    static func with<R: ~Copyable, E: Error>(
        key: UnsafeRawBufferPointer, _ body: (TripleDES) throws(E) -> R
    ) throws(E) -> R {
        precondition(key.count == 16 || key.count == 24, "a TDES key has 16 or 24 bytes")
        let schedules = UnsafeMutablePointer<Schedule>.allocate(capacity: 3)
        defer {
            OPENSSL_cleanse(schedules, 3 * MemoryLayout<Schedule>.stride)
            schedules.deallocate()
        }
        return try body(TripleDES(key: key, at: schedules))
    }

    /// What three schedules take, in bytes; to be aligned to four.
    static let byteCount = 3 * MemoryLayout<Schedule>.stride

    /// Expands a double- or triple-length key into memory that its owner wipes.
    @inline(__always)
    init(key: UnsafeRawBufferPointer, at memory: UnsafeMutableRawPointer) {
        precondition(key.count == 16 || key.count == 24, "a TDES key has 16 or 24 bytes")
        self.init(key: key, at: memory.assumingMemoryBound(to: Schedule.self))
    }

    private init(key: UnsafeRawBufferPointer, at schedules: UnsafeMutablePointer<Schedule>) {
        self.schedules = schedules
        Self.set(key, 0, schedules)
        Self.set(key, 8, schedules + 1)
        if key.count == 24 {
            Self.set(key, 16, schedules + 2)
        } else {
            (schedules + 2).initialize(to: schedules[0])
        }
    }

    /// A view of schedules that have been expanded there.
    @inline(__always)
    init(expandedAt memory: UnsafeMutableRawPointer) { schedules = memory.assumingMemoryBound(to: Schedule.self) }

    @inline(__always)
    static func set(_ key: UnsafeRawBufferPointer, _ offset: Int, _ schedule: UnsafeMutablePointer<Schedule>) {
        guard let base = key.baseAddress else { preconditionFailure("an empty key") }
        // Safe: libcrypto reads eight bytes; its parameter lacks a `const`.
        let bytes = UnsafeMutableRawPointer(mutating: base + offset).assumingMemoryBound(to: DES_cblock.self)
        DES_set_key_unchecked(bytes, schedule)
    }

    @inline(__always)
    func encrypt(_ block: UInt64) -> UInt64 {
        Self.transform(block) { DES_encrypt3($0, schedules, schedules + 1, schedules + 2) }
    }

    @inline(__always)
    func decrypt(_ block: UInt64) -> UInt64 {
        Self.transform(block) { DES_decrypt3($0, schedules, schedules + 1, schedules + 2) }
    }

    /// Single DES under the first part of the key.
    @inline(__always)
    func encryptSingle(_ block: UInt64) -> UInt64 { Self.encrypt(block, schedules) }

    /// Single DES under one schedule.
    @inline(__always)
    static func encrypt(_ block: UInt64, _ schedule: UnsafeMutablePointer<Schedule>) -> UInt64 {
        transform(block) { DES_encrypt1($0, schedule, 1) }
    }

    /// libcrypto takes a block as two little-endian words.
    @inline(__always)
    private static func transform(_ block: UInt64, _ body: (UnsafeMutablePointer<UInt32>) -> Void) -> UInt64 {
        var words = (
            UInt32(truncatingIfNeeded: block >> 32).byteSwapped, UInt32(truncatingIfNeeded: block).byteSwapped
        )
        withUnsafeMutableBytes(of: &words) { bytes in
            guard let base = bytes.baseAddress else { return }
            body(base.assumingMemoryBound(to: UInt32.self))
        }
        return UInt64(words.0.byteSwapped) << 32 | UInt64(words.1.byteSwapped)
    }
}

extension UnsafeRawBufferPointer {
    /// The big-endian word at a byte offset.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}

extension UnsafeMutableRawBufferPointer {
    /// The big-endian word at a byte offset.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    func setWord(_ word: UInt64, at offset: Int) {
        storeBytes(of: word.bigEndian, toByteOffset: offset, as: UInt64.self)
    }
}

/// Eight bytes of a word, most significant first.
func bytes(of word: UInt64) -> [UInt8] {
    withUnsafeBytes(of: word.bigEndian) { Array($0) }
}
