// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// The continuous health tests of the noise source, over bytes with a claimed min-entropy (NIST SP 800-90B 4.4):
/// repetition count and adaptive proportion, each with two cut-offs.
///
/// An intermittent alarm comes from a sound source once in 2^30 samples: what was drawn is thrown away, nothing is made
/// from the source until a restart test has passed. A permanent one comes once in 2^60: the source is broken (H02).
struct NoiseTest: Sendable {
    enum Verdict: Equatable, Sendable {
        case sound, intermittent, permanent
    }

    /// Where the two tests alarm.
    struct Cutoffs: Equatable, Sendable {
        /// So many equal samples in a row (4.4.1).
        var repetition: Int
        /// So many samples of a window that equal its first (4.4.2).
        var proportion: Int

        /// - Parameters:
        ///   - entropy: the claimed min-entropy of a sample in bits, 1 to 8.
        ///   - falseAlarm: the binary exponent of the false alarm's probability: 30 stands for 2^-30.
        init(entropy: Int, falseAlarm: Int) {
            precondition((1...8).contains(entropy), "a byte has a min-entropy of 1 to 8 bits here")
            repetition = 1 + (falseAlarm + entropy - 1) / entropy
            proportion = Self.proportion(
                match: Double(sign: .plus, exponent: -entropy, significand: 1),
                alarm: Double(sign: .plus, exponent: -falseAlarm, significand: 1))
        }

        /// The smallest number of matches which a source of that entropy reaches with at most the probability `alarm`:
        /// the critical value of the binomial distribution, summed from its far end.
        private static func proportion(match: Double, alarm: Double) -> Int {
            let window = NoiseTest.window
            var term = 1.0
            for _ in 0..<window { term *= 1 - match }
            var terms = [term]
            for count in 0..<window {
                term *= Double(window - count) / Double(count + 1) * match / (1 - match)
                terms.append(term)
            }
            var cutoff = window + 1
            var tail = 0.0
            while cutoff > 0, tail + terms[cutoff - 1] <= alarm {
                tail += terms[cutoff - 1]
                cutoff -= 1
            }
            return cutoff
        }
    }

    /// Samples of a window: those of non-binary sources (4.4.2).
    static let window = 512
    /// At start-up and after an intermittent alarm (4.3).
    static let startUpSamples = 1_024
    /// Restart tests in a row that may alarm before the source is taken for broken.
    static let restartsMax = 3

    /// The source of the modules here gives bytes of full entropy.
    static let claimed = (
        intermittent: Cutoffs(entropy: 8, falseAlarm: 30), permanent: Cutoffs(entropy: 8, falseAlarm: 60)
    )

    let intermittent: Cutoffs
    let permanent: Cutoffs
    private(set) var verdict = Verdict.sound
    private var last: UInt8?
    private var run = 0
    private var reference: UInt8 = 0
    private var matches = 0
    private var position = 0

    /// For bytes of full entropy.
    init() { (intermittent, permanent) = Self.claimed }

    /// - Parameter entropy: the claimed min-entropy of a sample in bits, 1 to 8.
    init(entropy: Int) {
        intermittent = Cutoffs(entropy: entropy, falseAlarm: 30)
        permanent = Cutoffs(entropy: entropy, falseAlarm: 60)
    }

    init(intermittent: Cutoffs, permanent: Cutoffs) { (self.intermittent, self.permanent) = (intermittent, permanent) }

    /// Looks at one more sample. A verdict only becomes graver.
    mutating func add(_ sample: UInt8) {
        run = sample == last ? run + 1 : 1
        last = sample
        if position == 0 { (reference, matches) = (sample, 0) }
        if sample == reference { matches += 1 }
        position = (position + 1) % Self.window
        if run >= permanent.repetition || matches >= permanent.proportion {
            verdict = .permanent
        } else if verdict == .sound, run >= intermittent.repetition || matches >= intermittent.proportion {
            verdict = .intermittent
        }
    }

    /// Takes the source for broken.
    mutating func condemn() { verdict = .permanent }
}
