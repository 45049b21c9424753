// SPDX-License-Identifier: Apache-2.0

extension Position {
    /// Degrees north and east with up to six decimals each, between them a comma: `48.137, 11.575`.
    public init?(degrees text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, let latitude = Self.millionths(parts[0], 90),
            let longitude = Self.millionths(parts[1].drop { $0 == " " }, 180)
        else { return nil }
        self.init(latitude: latitude, longitude: longitude)
    }

    /// The same, without more decimals than it takes.
    public var degrees: String { "\(Self.text(latitude)), \(Self.text(longitude))" }

    private static func millionths(_ text: Substring, _ most: Int32) -> Int32? {
        let figures = text.hasPrefix("-") ? text.dropFirst() : text
        let parts = figures.split(separator: ".", omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? parts[1] : "0"
        guard 1...2 ~= parts.count, (parts + [decimals]).allSatisfy({ $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }),
            1...3 ~= parts[0].count, 1...6 ~= decimals.count, let whole = Int32(parts[0]),
            let rest = Int32(decimals + String(repeating: "0", count: 6 - decimals.count)),
            whole * 1_000_000 + rest <= most * 1_000_000
        else { return nil }
        let degrees = whole * 1_000_000 + rest
        return figures.count == text.count ? degrees : -degrees
    }

    private static func text(_ degrees: Int32) -> String {
        let (whole, rest) = degrees.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        var decimals = Substring(String(1_000_000 + rest).dropFirst())
        while decimals.count > 1, decimals.last == "0" { decimals.removeLast() }
        return "\(degrees < 0 ? "-" : "")\(whole).\(decimals)"
    }
}
