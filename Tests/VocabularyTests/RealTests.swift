// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing
import Vocabulary

@Suite("Real functions")
struct RealTests {
    /// How many representable numbers apart two values of one sign are.
    private func steps(_ left: Double, _ right: Double) -> UInt64 {
        if left == right { return 0 }
        guard left.isFinite, right.isFinite, left.sign == right.sign else { return .max }
        let (a, b) = (left.bitPattern, right.bitPattern)
        return a > b ? a - b : b - a
    }

    /// The argument at which two functions are furthest apart, and how far.
    private func furthest(
        _ arguments: [Double], _ own: (Double) -> Double, _ library: (Double) -> Double
    ) -> (steps: UInt64, at: Double) {
        var worst: (steps: UInt64, at: Double) = (0, 0)
        for x in arguments {
            let steps = steps(own(x), library(x))
            if steps > worst.steps { worst = (steps, x) }
        }
        return worst
    }

    @Test("exp is at most one step from the C library's, over its whole range")
    func expIsClose() {
        var random = SeededRandom(seed: 6)
        let arguments = (0..<30_000).map { index in
            (Double(random.next() >> 11) * 0x1p-52 - 1) * [1.0, 40, 745][index % 3]
        }
        let worst = furthest(arguments, Real.exp, Glibc.exp)
        #expect(worst.steps <= 1, "exp(\(worst.at))")
    }

    @Test("log is at most one step from the C library's, near 1, over all magnitudes and below the normal ones")
    func logIsClose() {
        var random = SeededRandom(seed: 7)
        let arguments = (0..<30_000).map { index in
            switch index % 3 {
            case 0: 1 + (Double(random.next() >> 11) * 0x1p-52 - 1) * 0.3
            case 1: Double(bitPattern: random.next() % 0x7FF0_0000_0000_0000)
            default: Double(bitPattern: random.next() >> 12)
            }
        }
        let worst = furthest(arguments, Real.log, Glibc.log)
        #expect(worst.steps <= 1, "log(\(worst.at))")
    }

    @Test("edges are what IEEE 754 says")
    func edges() {
        #expect(Real.exp(0) == 1)
        #expect(Real.exp(.infinity) == .infinity)
        #expect(Real.exp(710) == .infinity)
        #expect(Real.exp(-.infinity) == 0)
        #expect(Real.exp(-746) == 0)
        #expect(Real.exp(-745) == .leastNonzeroMagnitude)
        #expect(Real.exp(.nan).isNaN)
        #expect(Real.log(1) == 0)
        #expect(Real.log(0) == -.infinity)
        #expect(Real.log(-0.0) == -.infinity)
        #expect(Real.log(-1).isNaN)
        #expect(Real.log(.nan).isNaN)
        #expect(Real.log(.infinity) == .infinity)
        #expect(Real.logistic(0) == 0.5)
        #expect(Real.logistic(800) == 1)
        #expect(Real.logistic(-800) == 0)
    }

    @Test("the bits are the same on every machine")
    func bitsAreFixed() {
        let arguments = [-700.25, -20.5, -1e-9, 0.1, 1, 3.75, 88.5, 709.5]
        let logarithms = [.leastNonzeroMagnitude, .leastNormalMagnitude / 3, 0.01, 0.7071, 0.999_999, 1.5, 220, 1e300]
        #expect(arguments.map { Hex.text(Real.exp($0).bitPattern) } == Self.exponentials)
        #expect(logarithms.map { Hex.text(Real.log($0).bitPattern) } == Self.logarithms)
    }

    /// As first computed; within one step of 60 digits of Python's decimal arithmetic.
    private static let exponentials: [String] = [
        "00CAF5FE9A485C8E", "3E157A3AFEED00AB", "3FEFFFFFFF768FA1", "3FF1AEC7B35A00D4",
        "4005BF0A8B145769", "404542B2D0A266E7", "47E99B987155FE28", "7FE81E9B4B52D0C9",
    ]
    private static let logarithms: [String] = [
        "C0874385446D71C3", "C0862BF5D2B81354", "C0126BB1BBB55516", "BFD62E6B3842A25E",
        "BEB0C6F82D74D230", "3FD9F323ECBF984C", "4015931319798D6E", "4085963447F87FB5",
    ]
}
