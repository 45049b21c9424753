// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Random numbers of the shapes that payments have. Only what every machine rounds alike: the four operations, the square root
/// and `Real`, so that a seed gives the same rows everywhere.
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
                return mean + deviation * x * (-2 * Real.log(square) / square).squareRoot()
            }
        }
    }

    /// Poisson, by Knuth's product of uniforms; for means of up to some dozens.
    mutating func poisson(mean: Double) -> Int {
        let limit = Real.exp(-mean)
        var (count, product) = (0, unit())
        while product > limit {
            count += 1
            product *= unit()
        }
        return count
    }
}
