// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Position {
    /// Whether the other position is no further away, to about a fifth of a per cent, which a radius need not know better.
    /// Integers alone, so that every process comes to the same answer.
    /// - Parameter radius: metres.
    func isWithin(_ radius: UInt32, of other: Position) -> Bool {
        let north = Int64(latitude) - Int64(other.latitude)
        var east = abs(Int64(longitude) - Int64(other.longitude))
        if east > Self.halfCircle { east = 2 * Self.halfCircle - east }
        let middle = (Int64(latitude) + Int64(other.latitude)) / 2
        let y = Self.centimetres(north)
        let x = Self.centimetres(east) * Self.cosine(middle) / 1_000_000
        let limit = UInt64(min(radius, Self.earthMetres)) * 100
        return UInt64((x * x + y * y).magnitude) <= limit * limit
    }

    private static let halfCircle: Int64 = 180_000_000
    /// Around the earth: beyond it every radius is the same.
    private static let earthMetres: UInt32 = 40_000_000

    /// The length of so many millionths of a degree of a great circle of the mean earth radius, 6,371,009 m.
    private static func centimetres(_ microdegrees: Int64) -> Int64 { microdegrees * 111_195 / 10_000 }

    /// Millionths. Bhāskara's rational approximation, off by less than 0.0017 anywhere.
    private static func cosine(_ microdegrees: Int64) -> Int64 {
        let degrees = microdegrees / 1_000
        let square = degrees * degrees
        return (32_400_000_000 - 4 * square) * 1_000_000 / (32_400_000_000 + square)
    }
}
