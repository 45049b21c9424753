// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Random numbers of the shapes that payments have. Only the four operations and the square root, which every machine rounds
/// alike: a seed gives the same rows everywhere.
struct Chance: Sendable {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// In 0..<1, of 53 bits.
    mutating func unit() -> Double { Double(random.next() >> 11) * 0x1p-53 }

    mutating func uniform(_ range: Range<Double>) -> Double {
        range.lowerBound + unit() * (range.upperBound - range.lowerBound)
    }

    mutating func below(_ bound: Int) -> Int { random.below(bound) }

    mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + random.below(range.upperBound - range.lowerBound + 1)
    }

    mutating func holds(_ probability: Double) -> Bool { unit() < probability }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[random.below(elements.count)] }

    /// Normal, by Marsaglia's polar method.
    mutating func normal(mean: Double, deviation: Double) -> Double {
        while true {
            let (x, y) = (2 * unit() - 1, 2 * unit() - 1)
            let square = x * x + y * y
            if square > 0, square < 1 {
                return mean + deviation * x * (-2 * Self.logarithm(square) / square).squareRoot()
            }
        }
    }

    /// Poisson, by Knuth's product of uniforms; for means of up to some dozens.
    mutating func poisson(mean: Double) -> Int {
        let limit = Self.exponential(-mean)
        var (count, product) = (0, unit())
        while product > limit {
            count += 1
            product *= unit()
        }
        return count
    }

    /// The natural logarithm: significand and exponent apart, and the series of the inverse hyperbolic tangent.
    static func logarithm(_ value: Double) -> Double {
        var (significand, exponent) = (value.significand, Double(value.exponent))
        if significand > 1.5 { (significand, exponent) = (significand / 2, exponent + 1) }
        let ratio = (significand - 1) / (significand + 1)
        let square = ratio * ratio
        var (term, sum, odd) = (ratio, ratio, 1.0)
        while term > 1e-17 || term < -1e-17 {
            term *= square
            odd += 2
            sum += term / odd
        }
        return 2 * sum + exponent * 0.693_147_180_559_945_3
    }

    /// e to a power: halved until small, Taylor's series, squared back.
    static func exponential(_ value: Double) -> Double {
        var (reduced, halvings) = (value, 0)
        while reduced > 0.5 || reduced < -0.5 { (reduced, halvings) = (reduced / 2, halvings + 1) }
        var (term, sum, index) = (1.0, 1.0, 1.0)
        while term > 1e-18 || term < -1e-18 {
            term *= reduced / index
            sum += term
            index += 1
        }
        for _ in 0..<halvings { sum *= sum }
        return sum
    }
}
