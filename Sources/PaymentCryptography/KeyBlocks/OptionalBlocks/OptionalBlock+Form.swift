// SPDX-License-Identifier: Apache-2.0

/// Whether the text of an optional block is as the standard writes it (X9.143:2021 6.3.6), without an allocation.
extension KeyBlockHeader.OptionalBlock {
    /// Blocks whose content the standard does not fix, and those it does not name, are well formed as they stand; their
    /// names are two letters or digits.
    public var isWellFormed: Bool {
        switch id {
        case "AL": text == "0100" || text == "0101"
        case "BI": Self.isHex(text) && (has("00", count: 12) || has("01", count: 10))
        case "CT": Self.certificates(text, nil)
        case "DA": has("01") && text.utf8.count >= 7 && text.utf8.count % 5 == 2 && Self.isAlphanumeric(text)
        case "HM": HMACHash(rawValue: text).name != nil
        case "IK": text.utf8.count == 16 && Self.isHex(text)
        // Eight bytes are an old form without the first two.
        case "KS": (text.utf8.count == 20 || text.utf8.count == 16) && Self.isHex(text)
        case "KC", "KP", "PK": Self.isHex(text) && isCheckValue
        case "TC", "TS": KeyBlockTime.isWellFormed(text)
        case "WP": text == "000" || text == "001" || text == "002" || text == "003"
        default: FieldCode.isAlphanumeric(pair: FieldCode.pair(id))
        }
    }

    private func has(_ head: StaticString, count: Int? = nil) -> Bool {
        let isHead = head.withUTF8Buffer { text.utf8.starts(with: $0) }
        return isHead && count ?? text.utf8.count == text.utf8.count
    }

    /// A method and one byte or more of it.
    private var isCheckValue: Bool {
        let count = text.utf8.count
        return count % 2 == 0 && count >= 4 && ((has("00") && count <= 8) || (has("01") && count <= 12))
    }

    /// Capital letters only.
    static func isHex(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }
    }

    private static func isAlphanumeric(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
    }

    /// Two digits of format and a certificate in base 64; or `02` and any number of certificates, each with its format
    /// and four hexadecimal digits of its length (tables 10 and 11).
    ///
    /// - Parameter body: sees each format and certificate.
    static func certificates(_ text: String, _ body: ((Substring, Substring) -> Void)?) -> Bool {
        guard text.utf8.count > 2 else { return false }
        var rest = text[...]
        func take(_ count: Int) -> Substring? {
            guard rest.utf8.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        func isCertificate(_ format: Substring, _ certificate: Substring) -> Bool {
            guard format == "00" || format == "01", !certificate.isEmpty, isBase64(certificate) else { return false }
            body?(format, certificate)
            return true
        }
        guard let format = take(2) else { return false }
        guard format == "02" else { return isCertificate(format, rest) }
        while !rest.isEmpty {
            guard let format = take(2), let digits = take(4), isHex(String(digits)),
                let count = Int(digits, radix: 16), let certificate = take(count), isCertificate(format, certificate)
            else { return false }
        }
        return true
    }

    private static func isBase64(_ text: Substring) -> Bool {
        text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2B
                || $0 == 0x2F || $0 == 0x3D
        }
    }
}
