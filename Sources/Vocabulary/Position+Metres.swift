// SPDX-License-Identifier: Apache-2.0
/// The way between two places, by additions, multiplications, divisions and square roots of IEEE 754 alone: the same bits in
/// every process.
extension Position {
    /// The mean radius of the earth.
    private static let radiusMetres = 6_371_009.0

    /// The great circle's length on a sphere, by the haversine formula; right to better than a metre for a sphere.
    public func metres(to other: Position) -> Double {
        let south = Self.sine(halfOf: Int64(latitude) - Int64(other.latitude))
        let east = Self.sine(halfOf: Int64(longitude) - Int64(other.longitude))
        // cos x = sin(90° − x); `sine` takes the double of its angle.
        let here = Self.sine(halfOf: 180_000_000 - 2 * Int64(latitude).magnitude.signed)
        let there = Self.sine(halfOf: 180_000_000 - 2 * Int64(other.latitude).magnitude.signed)
        let square = min(1, south * south + here * there * east * east)
        return 2 * Self.radiusMetres * Self.arcSine(square.squareRoot())
    }

    /// The sine of half an angle in millionths of a degree, which lies within ±360°.
    private static func sine(halfOf angle: Int64) -> Double {
        // Within ±180°, then folded onto ±90°, exactly.
        var half = Double(angle) / 2
        if half > 90_000_000 { half = 180_000_000 - half }
        if half < -90_000_000 { half = -180_000_000 - half }
        let x = half / 180_000_000 * Double.pi
        let square = x * x
        // The power series to the nineteenth power: what is left out is below 1e-15 at a right angle.
        var series = 1.0
        for step in stride(from: 18.0, through: 2, by: -2) { series = 1 - square / (step * (step + 1)) * series }
        return x * series
    }

    /// The arc whose sine is given, 0…1.
    private static func arcSine(_ sine: Double) -> Double {
        // Halving the arc three times brings the sine below 0.2, where the series ends soon.
        var (value, factor) = (sine, 1.0)
        for _ in 0..<3 {
            value /= (2 * (1 + max(0, 1 - value * value).squareRoot())).squareRoot()
            factor *= 2
        }
        let square = value * value
        var (term, sum) = (value, value)
        for step in stride(from: 1.0, through: 19, by: 2) {
            term *= square * step / (step + 1)
            sum += term / (step + 2)
        }
        return factor * sum
    }
}

extension UInt64 {
    /// Safe: magnitudes of millionths of a degree are far below 2⁶³.
    fileprivate var signed: Int64 { Int64(self) }
}
