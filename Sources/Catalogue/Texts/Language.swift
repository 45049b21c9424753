// SPDX-License-Identifier: Apache-2.0

/// A language that every text of the catalogue exists in.
public enum Language: String, CaseIterable, Sendable {
    case en, zh

    /// The most ranges of an `Accept-Language` field that are looked at.
    public static let acceptRangesMax = 16

    /// Picks the language a browser prefers (RFC 9110, 12.5.4): the highest quality wins, the first of equals;
    /// English when nothing fits. Malformed ranges are passed over.
    ///
    /// - Parameter acceptLanguage: the field's value, such as `zh-CN,zh;q=0.9,en;q=0.8`.
    public init(acceptLanguage: String) {
        var best = (language: Language.en, quality: 0)
        let ranges = acceptLanguage.split(separator: ",", maxSplits: Self.acceptRangesMax)
        for range in ranges.prefix(Self.acceptRangesMax) {
            let parts = range.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
            guard let tag = parts.first.map({ $0.filter { $0 != " " && $0 != "\t" }.lowercased() }),
                let quality = parts.count == 2 ? Self.quality(parts[1]) : 1_000, quality > best.quality
            else { continue }
            let primary = tag.split(separator: "-", maxSplits: 1).first.map(String.init) ?? ""
            if let language = Language(rawValue: primary) {
                best = (language, quality)
            } else if primary == "*" {
                best = (.en, quality)
            }
        }
        self = best.language
    }

    /// Thousandths of `q=0.8`; nil for anything else.
    private static func quality(_ text: Substring) -> Int? {
        let bytes = text.utf8.filter { $0 != 0x20 && $0 != 0x09 }
        guard bytes.count >= 3, bytes.count <= 7, bytes[0] | 0x20 == 0x71, bytes[1] == 0x3D,
            bytes[2] == 0x30 || bytes[2] == 0x31, bytes.count == 3 || bytes[3] == 0x2E
        else { return nil }
        var value = Int(bytes[2] - 0x30) * 1_000
        var unit = 100
        for byte in bytes.dropFirst(4) {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value += Int(byte - 0x30) * unit
            unit /= 10
        }
        return value <= 1_000 ? value : nil
    }
}
