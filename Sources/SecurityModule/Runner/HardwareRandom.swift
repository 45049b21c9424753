// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// The hardware's random bytes as the module takes them. Its `next()` can neither wait nor fail, so they are drawn ahead:
/// before each call there is enough for the longest of them, the start-up test of the noise source and two tokens.
final class HardwareRandom: RandomSource {
    /// Bytes drawn at a time.
    static let count = 4_096
    /// Fewer left are topped up before a call.
    static let reserve = 3 * NoiseTest.startUpSamples

    private var pool: SecretKey
    private var position: Int
    /// A call has asked for more than there was, and has got zeros: nothing of it may be used.
    private(set) var ranDry = false

    init() {
        pool = SecretKey(count: 1) { _ in }
        position = 1
    }

    /// Draws anew when little is left.
    func replenish(from hardware: inout some SecureHardware & ~Copyable) throws(HardwareError) {
        guard pool.count - position < Self.reserve else { return }
        pool = try SecretKey(count: Self.count) { (block) throws(HardwareError) in try hardware.fillRandom(block) }
        position = 0
        ranDry = false
    }

    func next() -> UInt64 {
        guard position + 8 <= pool.count else {
            ranDry = true
            return 0
        }
        defer { position += 8 }
        let start = position
        return pool.withBytes { $0.loadUnaligned(fromByteOffset: start, as: UInt64.self) }
    }
}
