// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("The noise source and its tests")
struct NoiseTests {
    /// The proportion cut-off by whole numbers: with `p = 2^-H` and a window of `w`, the smallest `c` for which the sum of
    /// `binomial(w, k) (2^H - 1)^(w - k)` over `k >= c` is at most `2^(H w - a)`.
    static func exactProportion(entropy: Int, falseAlarm: Int) -> Int {
        let window = NoiseTest.window
        let limit = BigNumber(bit: entropy * window - falseAlarm)
        var term = BigNumber(bit: 0)
        var sum = BigNumber()
        for count in stride(from: window, through: 1, by: -1) {
            sum.add(term)
            if sum.isGreater(than: limit) { return count + 1 }
            term.multiply(by: UInt64(count) * UInt64((1 << entropy) - 1))
            term.divide(by: UInt64(window - count + 1))
        }
        return 1
    }

    @Test("the cut-offs are the exact ones of SP 800-90B for every claimed entropy and level", arguments: 1...8)
    func cutoffs(entropy: Int) {
        for falseAlarm in [20, 30, 40, 60] {
            let cutoffs = NoiseTest.Cutoffs(entropy: entropy, falseAlarm: falseAlarm)
            #expect(cutoffs.proportion == Self.exactProportion(entropy: entropy, falseAlarm: falseAlarm))
            // The fewest equal samples in a row, n of them having the probability 2^(-H (n - 1)), at most 2^-a.
            let fewest = (1...100).first { entropy * ($0 - 1) >= falseAlarm }
            #expect(cutoffs.repetition == fewest)
        }
    }

    @Test("published cut-offs: jitterentropy's for one bit, and those for a byte of full entropy")
    func published() {
        let bit = NoiseTest.Cutoffs(entropy: 1, falseAlarm: 30)
        #expect(bit.repetition == 31 && bit.proportion == 325)
        #expect(NoiseTest.Cutoffs(entropy: 1, falseAlarm: 60).proportion == 355)
        #expect(NoiseTest.claimed.intermittent == NoiseTest.Cutoffs(entropy: 8, falseAlarm: 30))
        #expect(NoiseTest.claimed.intermittent.repetition == 5 && NoiseTest.claimed.intermittent.proportion == 16)
        #expect(NoiseTest.claimed.permanent.repetition == 9 && NoiseTest.claimed.permanent.proportion == 25)
        #expect(NoiseTest(entropy: 1).intermittent == bit)
    }

    @Test("each test alarms at its cut-off and not one sample before")
    func edges() {
        func verdicts(_ samples: [UInt8]) -> [NoiseTest.Verdict] {
            var test = NoiseTest()
            return samples.map {
                test.add($0)
                return test.verdict
            }
        }
        let run = verdicts([1, 7, 7, 7, 7, 7, 7, 7, 7, 7, 2])
        #expect(run[4] == .sound && run[5] == .intermittent && run[8] == .intermittent && run[9] == .permanent)
        #expect(run[10] == .permanent)
        // The window's first sample comes back every other time.
        let spread = verdicts((0..<100).map { $0 % 2 == 0 ? 9 : UInt8(100 + $0) })
        #expect(spread[28] == .sound && spread[30] == .intermittent)
        #expect(spread[47] == .intermittent && spread[48] == .permanent)
        // Fifteen times in each of two windows is thirty times and no alarm.
        let windows = verdicts(
            (0..<1_024).map { (index: Int) -> UInt8 in
                let isMatch = index % 512 < 30 && index % 2 == 0
                return isMatch ? 9 : UInt8(10 + index % 200)
            })
        #expect(windows.last == .sound)
    }

    @Test("a sound source raises no alarm in a million samples of any seed", arguments: [1, 2, 3, 4] as [UInt64])
    func soundSource(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var test = NoiseTest()
        for _ in 0..<(1 << 17) {
            var word = random.next()
            for _ in 0..<8 {
                test.add(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        #expect(test.verdict == .sound)
    }

    @Test("the false alarms of a sound source are no more than the claimed probability allows")
    func falseAlarms() {
        // One in 2^10, where there is something to count.
        let loose = NoiseTest.Cutoffs(entropy: 8, falseAlarm: 10)
        let never = NoiseTest.Cutoffs(entropy: 8, falseAlarm: 60)
        var random = SeededRandom(seed: 90)
        var alarms = 0
        let windows = 2_000
        for _ in 0..<windows {
            var test = NoiseTest(intermittent: loose, permanent: never)
            for _ in 0..<NoiseTest.window { test.add(UInt8(truncatingIfNeeded: random.next())) }
            if test.verdict != .sound { alarms += 1 }
        }
        // Of 2^10 windows one by proportion, and of 2^16 samples one by repetition; the bound is four times that.
        #expect(alarms <= 4 * (windows / 1_024 + windows * NoiseTest.window / 65_536))
        #expect(alarms > 0)
    }

    static let broken: [NoiseModel] = [
        .stuck(0), .stuck(0xC3), .biased(128), .biased(192), .periodic(1), .periodic(2), .periodic(16), .periodic(32),
        .alternating(0, 255), .bursts(length: 9, every: 900), .bursts(length: 40, every: 1_000),
    ]

    @Test("every broken source is found by the restart tests before anything is drawn from it", arguments: broken)
    func found(model: NoiseModel) throws {
        for seed in [UInt64(1), 20, 300] {
            let bench = try Bench()
            bench.random = SeededRandom(seed: seed)
            bench.signOn()
            bench.hardware.noise = model
            bench.sense()
            #expect(bench.attest() == nil, "seed \(seed)")
            #expect(bench.status.openWarnings == [RaisedWarning(.h02, .s2)], "seed \(seed)")
            #expect(refusal(bench.handle(.beginPINEntry)) == .halted)
        }
    }

    @Test("a source that breaks between two commands gives no byte of a PIN block, and takes the PIN with it")
    func fill() throws {
        let bench = try Bench(.aes)
        bench.signOn()
        _ = bench.handle(.beginPINEntry)
        bench.enter("4711")
        bench.module.hardware.noise = .stuck(0)
        let pan = try require(PAN("6212345678901232"))
        // The fill is eight samples: the fifth equal one alarms, and the restart test finds the rest.
        #expect(refusal(bench.protect(.authorisation, pin: true, pan: pan)) == .halted)
        #expect(bench.status.openWarnings.codes == [.h02] && bench.status.keypadCount == nil)
    }

    @Test("an intermittent alarm throws away what was drawn and goes on after a passed restart test")
    func intermittent() throws {
        let bench = try Bench()
        bench.signOn()
        // Six equal samples in each 5,000: more than chance gives, less than a broken source.
        bench.hardware.noise = .bursts(length: 6, every: 5_000)
        bench.sense()
        for _ in 0..<2_500 {
            let drawn = bench.module.draw(16, bench.now, &bench.random)
            let bytes = try require(drawn)
            var run = 1
            for (one, next) in zip(bytes, bytes.dropFirst()) {
                run = one == next ? run + 1 : 1
                #expect(run < 5)
            }
        }
        #expect(bench.status.openWarnings.codes == [])
        #expect(bench.module.auditLog.records.contains { $0.event == .noiseAlarm })
        #expect(bench.module.samplesDrawn > 2_500 * 16 + UInt64(5 * NoiseTest.startUpSamples))
    }

    @Test("H02 ends by one operator's word after the restart test of a mended source, and not before")
    func clears() throws {
        let bench = try Bench()
        bench.signOn()
        bench.make(.randomPeriodic)
        _ = bench.handle(.status)
        #expect(bench.status.openWarnings.codes == [.h02])
        bench.hardware.repair(.randomPeriodic)
        bench.sense()
        bench.signOn(lease: 2)
        #expect(bench.status.openWarnings.codes == [.h02])
        bench.signOn(lease: 3, cleared: [.h02])
        #expect(bench.status.openWarnings.codes == [])
    }
}

/// A whole number of any size, as far as the exact cut-offs need one.
struct BigNumber {
    /// Least significant first.
    private var words: [UInt64] = []

    init() {}
    init(bit: Int) {
        words = [UInt64](repeating: 0, count: bit / 64 + 1)
        words[bit / 64] = 1 << UInt64(bit % 64)
    }

    mutating func add(_ other: BigNumber) {
        var carry: UInt64 = 0
        for index in 0..<max(words.count, other.words.count) {
            if index == words.count { words.append(0) }
            let (half, first) = words[index].addingReportingOverflow(index < other.words.count ? other.words[index] : 0)
            let (sum, second) = half.addingReportingOverflow(carry)
            words[index] = sum
            carry = first || second ? 1 : 0
        }
        if carry > 0 { words.append(carry) }
    }

    mutating func multiply(by factor: UInt64) {
        var carry: UInt64 = 0
        for index in words.indices {
            let product = words[index].multipliedFullWidth(by: factor)
            let (low, overflow) = product.low.addingReportingOverflow(carry)
            words[index] = low
            carry = product.high + (overflow ? 1 : 0)
        }
        if carry > 0 { words.append(carry) }
    }

    /// Without a remainder.
    mutating func divide(by divisor: UInt64) {
        var rest: UInt64 = 0
        for index in words.indices.reversed() {
            (words[index], rest) = divisor.dividingFullWidth((rest, words[index]))
        }
        precondition(rest == 0, "the division must come out even")
    }

    func isGreater(than other: BigNumber) -> Bool {
        for index in stride(from: max(words.count, other.words.count) - 1, through: 0, by: -1) {
            let (left, right) = (
                index < words.count ? words[index] : 0, index < other.words.count ? other.words[index] : 0
            )
            if left != right { return left > right }
        }
        return false
    }
}
