// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// The hardware's random bytes, some of them drawn ahead: most commands need a few words, and a TPM gives 32 bytes at a time.
final class RandomPool {
    /// Bytes drawn at a time.
    static let count = 256
    /// Fewer left are topped up before a command: what any but a test of the noise source needs.
    static let reserve = 128

    private var bytes: SecretKey
    private var position: Int
    /// The hardware has given none ahead of this command: the module is told so, and sees zeros.
    var isSilent = false
    /// The hardware has given none in the middle of a command: nothing of that may be used.
    fileprivate(set) var ranDry = false

    init() {
        bytes = SecretKey(count: 1) { _ in }
        position = 1
    }

    /// Draws anew when little is left.
    func replenish(from hardware: inout some SecureHardware & ~Copyable) throws(HardwareError) {
        guard bytes.count - position < Self.reserve else { return }
        try draw(from: &hardware)
    }

    fileprivate func draw(from hardware: inout some SecureHardware & ~Copyable) throws(HardwareError) {
        bytes = try SecretKey(count: Self.count) { (block) throws(HardwareError) in try hardware.fillRandom(block) }
        position = 0
    }

    /// - Returns: nil when nothing is left.
    fileprivate func word() -> UInt64? {
        guard position + 8 <= bytes.count else { return nil }
        defer { position += 8 }
        let start = position
        return bytes.withBytes { $0.loadUnaligned(fromByteOffset: start, as: UInt64.self) }
    }
}

/// The pool for the length of one command, which draws more from the hardware when a test of the noise source needs it.
struct HardwareRandom<Hardware: SecureHardware & ~Copyable>: RandomSource {
    let pool: RandomPool
    /// Safe: lent for the length of the command that this value is made for.
    let hardware: UnsafeMutablePointer<Hardware>

    mutating func next() -> UInt64 {
        guard !pool.isSilent, !pool.ranDry else { return 0 }
        if let word = pool.word() { return word }
        do throws(HardwareError) { try pool.draw(from: &hardware.pointee) } catch {
            pool.ranDry = true
            return 0
        }
        return pool.word() ?? 0
    }
}
