// SPDX-License-Identifier: Apache-2.0

/// A source of random words, handed into a core. A shell passes the system's; tests and the simulator a seeded one.
public protocol RandomSource {
    mutating func next() -> UInt64
}

extension RandomSource {
    public mutating func bytes(_ count: Int) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(count)
        while output.count < count {
            var word = next()
            for _ in 0..<min(8, count - output.count) {
                output.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        return output
    }

    /// Uniform in `0..<bound`, without modulo bias (Lemire's multiply-and-reject).
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "the bound of a random number must be positive")
        let limit = UInt64(bound)
        let threshold = (0 &- limit) % limit
        while true {
            let product = next().multipliedFullWidth(by: limit)
            if product.low >= threshold { return Int(product.high) }
        }
    }

    /// True with probability `perMille / 1000`.
    public mutating func chance(perMille: Int) -> Bool { below(1_000) < perMille }
}

/// The system's random generator. Only shells make one.
public struct SystemRandom: RandomSource, Sendable {
    private var generator = SystemRandomNumberGenerator()
    public init() {}
    public mutating func next() -> UInt64 { generator.next() }
}

/// A repeatable source (SplitMix64, Steele, Lea and Flood 2014): the same seed gives the same run. Never for keys.
public struct SeededRandom: RandomSource, Sendable {
    private var state: UInt64
    public init(seed: UInt64) { state = seed }
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
