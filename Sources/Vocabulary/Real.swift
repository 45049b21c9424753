// SPDX-License-Identifier: Apache-2.0

/// Elementary functions of real numbers in pure Swift, at most one unit in the last place from the true value.
///
/// The platform's mathematical library does not promise the same bits on every machine and version; a replay needs them.
/// Only additions, multiplications, divisions and roundings of IEEE 754 are used here, which are the same everywhere.
public enum Real {
    /// ln 2 with its last 21 bits cleared, so that its product with any binary exponent is exact.
    private static let ln2High = Double(bitPattern: 0x3FE6_2E42_FEE0_0000)
    /// ln 2 less `ln2High`.
    private static let ln2Low = 1.9082149292705878e-10
    private static let inverseLn2 = 1.4426950408889634

    /// e to the power of x; infinity above 709.78, 0 below −745.13, NaN for NaN.
    public static func exp(_ x: Double) -> Double {
        guard !x.isNaN else { return x }
        guard x < 709.782712893385 else { return .infinity }
        guard x > -745.1332191019412 else { return 0 }
        // x = k ln 2 + r + rest with |r| ≤ ln 2 / 2; the first difference is exact.
        let k = (x * inverseLn2).rounded(.toNearestOrEven)
        let high = x - k * ln2High
        let low = k * ln2Low
        let r = high - low
        let rest = (high - r) - low
        // The power series without its first two terms, to the fourteenth power: what is left out is below 2⁻⁶².
        var series = 1.0 / 87_178_291_200
        series = series * r + 1.0 / 6_227_020_800
        series = series * r + 1.0 / 479_001_600
        series = series * r + 1.0 / 39_916_800
        series = series * r + 1.0 / 3_628_800
        series = series * r + 1.0 / 362_880
        series = series * r + 1.0 / 40_320
        series = series * r + 1.0 / 5_040
        series = series * r + 1.0 / 720
        series = series * r + 1.0 / 120
        series = series * r + 1.0 / 24
        series = series * r + 1.0 / 6
        series = series * r + 0.5
        let tail = r * r * series + rest * (1 + r)
        // 1 + r + tail, with what each addition rounds away added at the end.
        let sum = r + tail
        let value = 1 + sum
        let significand = value + ((sum - (value - 1)) + (tail - (sum - r)))
        // In two steps, since 2ᵏ alone may be out of range; only the second can round.
        let half = Int(k) / 2
        return significand * powerOfTwo(half) * powerOfTwo(Int(k) - half)
    }

    /// The natural logarithm; −infinity for 0, NaN for what is negative.
    public static func log(_ x: Double) -> Double {
        guard x > 0, x < .infinity else { return x == 0 ? -.infinity : x < 0 ? .nan : x }
        var exponent = 0
        var scaled = x
        if x < .leastNormalMagnitude {
            scaled *= 0x1p54
            exponent = -54
        }
        exponent += Int(scaled.exponent)
        var significand = scaled.significand
        if significand > 1.4142135623730951 {
            significand /= 2
            exponent += 1
        }
        // ln(1 + f) = 2 artanh(s) with s = f / (2 + f), |s| ≤ 0.172; the series to s²³ leaves less than 2⁻⁶⁰ out.
        let f = significand - 1
        let s = f / (2 + f)
        let z = s * s
        var series = 2.0 / 23
        series = series * z + 2.0 / 21
        series = series * z + 2.0 / 19
        series = series * z + 2.0 / 17
        series = series * z + 2.0 / 15
        series = series * z + 2.0 / 13
        series = series * z + 2.0 / 11
        series = series * z + 2.0 / 9
        series = series * z + 2.0 / 7
        series = series * z + 2.0 / 5
        series = series * z + 2.0 / 3
        series *= z
        // 2s + s·series, written as f − (f²/2 − s (f²/2 + series)), which keeps f exact.
        let square = 0.5 * f * f
        let k = Double(exponent)
        return k * ln2High - ((square - (s * (square + series) + k * ln2Low)) - f)
    }

    /// 1 / (1 + e⁻ˣ), without overflow on either side.
    public static func logistic(_ x: Double) -> Double {
        guard x < 0 else { return 1 / (1 + exp(-x)) }
        let power = exp(x)
        return power / (1 + power)
    }

    /// 2ⁿ for −1,022 ≤ n ≤ 1,023.
    private static func powerOfTwo(_ n: Int) -> Double { Double(bitPattern: UInt64(n + 1_023) << 52) }
}
