// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// The continuous health tests of the noise source, over bytes with a claimed min-entropy of eight bits each
/// (NIST SP 800-90B 4.4): repetition count and adaptive proportion, both with a false alarm below 2^-60.
struct NoiseTest: Sendable {
    /// 1 + ⌈60 / 8⌉ (4.4.1).
    static let repetitionCutoff = 9
    /// For a window of 512 samples (4.4.2).
    static let proportionCutoff = 25
    static let proportionWindow = 512
    /// At start-up (4.3).
    static let startUpSamples = 1_024

    private(set) var failed = false
    private var last: UInt8?
    private var run = 0
    private var reference: UInt8 = 0
    private var matches = 0
    private var position = 0

    mutating func add(_ sample: UInt8) {
        run = sample == last ? run + 1 : 1
        last = sample
        if position == 0 { (reference, matches) = (sample, 0) }
        if sample == reference { matches += 1 }
        position = (position + 1) % Self.proportionWindow
        if run >= Self.repetitionCutoff || matches >= Self.proportionCutoff { failed = true }
    }
}
