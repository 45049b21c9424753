// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The random source. Every random byte that the module uses comes from here and has passed the continuous tests.
extension TerminalSecurityModule {
    /// The start-up test of the noise source, before the first command after power-up or a change of the hardware.
    mutating func testNoiseIfDue(_ now: Instant, _ random: inout some RandomSource) {
        guard noiseTestDue, record.latch == nil else { return }
        noiseTestDue = false
        restartNoise(now, &random)
    }

    /// Random bytes; nil, and H02, when the source is broken.
    ///
    /// After an intermittent alarm the bytes are thrown away, and others are drawn once a restart test has passed. An
    /// alarm right after that is none of chance any more.
    mutating func draw(_ count: Int, _ now: Instant, _ random: inout some RandomSource) -> [UInt8]? {
        guard noise.verdict != .permanent else { return breakNoise(now) }
        let bytes = samples(count, &random)
        if noise.verdict == .sound { return bytes }
        guard noise.verdict == .intermittent else { return breakNoise(now) }
        append(.noiseAlarm, at: now)
        guard restartNoise(now, &random) else { return nil }
        let others = samples(count, &random)
        return noise.verdict == .sound ? others : breakNoise(now)
    }

    /// Random bytes as a key; nil when the source alarms: then it is tested anew before the next command.
    mutating func drawKey(_ count: Int, _ now: Instant, _ random: inout some RandomSource) -> SecretKey? {
        let key = SecretKey(count: count) { block in
            var place = 0
            drawSamples(count, &random) { sample in
                block[place] = sample
                place += 1
            }
        }
        switch noise.verdict {
        case .sound: return key
        case .intermittent:
            noiseTestDue = true
            append(.noiseAlarm, at: now)
        case .permanent: _ = breakNoise(now)
        }
        return nil
    }

    /// Eight random bytes as a word.
    mutating func drawWord(_ now: Instant, _ random: inout some RandomSource) -> UInt64? {
        draw(8, now, &random).map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
    }

    /// The restart test, again where it alarms intermittently, `restartsMax` times at most.
    ///
    /// - Returns: whether it has passed.
    @discardableResult
    private mutating func restartNoise(_ now: Instant, _ random: inout some RandomSource) -> Bool {
        for _ in 0..<NoiseTest.restartsMax {
            noise = NoiseTest()
            _ = samples(NoiseTest.startUpSamples, &random)
            if noise.verdict == .sound { return true }
            if noise.verdict == .permanent { break }
        }
        _ = breakNoise(now)
        return false
    }

    private mutating func breakNoise(_ now: Instant) -> [UInt8]? {
        noise.condemn()
        raise(.h02, now)
        return nil
    }

    private mutating func samples(_ count: Int, _ random: inout some RandomSource) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        drawSamples(count, &random) { bytes.append($0) }
        return bytes
    }

    private mutating func drawSamples(
        _ count: Int, _ random: inout some RandomSource, _ take: (UInt8) -> Void
    ) {
        for start in stride(from: 0, to: count, by: 8) {
            var word = random.next()
            for _ in 0..<min(8, count - start) {
                let sample = hardware.noise.sample(UInt8(truncatingIfNeeded: word), at: samplesDrawn)
                samplesDrawn &+= 1
                noise.add(sample)
                take(sample)
                word >>= 8
            }
        }
    }
}
