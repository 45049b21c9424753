// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Chinese text in two bytes a character, as UnionPay's terminals send and show it: ASCII in one byte, and the rows of
/// GB/T 2312 in the places that GBK and GB 18030 give them. Their further characters are not in the table.
public enum GBK {
    /// Encodes a text; "?" for every character that the table does not have.
    ///
    /// - Parameter max: bytes; a text that is longer ends before the character that would pass it.
    public static func bytes(_ text: some StringProtocol, max: Int = .max) -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            let code = scalar.isASCII ? UInt16(scalar.value) : table.code(of: scalar) ?? 0x3F
            let isDouble = code > 0xFF
            guard bytes.count + (isDouble ? 2 : 1) <= max else { break }
            if isDouble { bytes.append(UInt8(code >> 8)) }
            bytes.append(UInt8(truncatingIfNeeded: code))
        }
        return bytes
    }

    /// Decodes a text.
    /// - Returns: nil for bytes that are no characters of the table, or end in the middle of one.
    public static func text(_ bytes: some Sequence<UInt8>) -> String? {
        var text = String.UnicodeScalarView()
        var lead: UInt8?
        for byte in bytes {
            if let first = lead {
                guard let scalar = table.scalar(first, byte) else { return nil }
                text.append(scalar)
                lead = nil
            } else if byte < 0x80 {
                text.append(Unicode.Scalar(byte))
            } else {
                lead = byte
            }
        }
        return lead == nil ? String(text) : nil
    }

    private static let table = Table()

    private struct Table {
        /// Places of one row.
        static let width = 94
        /// The row and the place of a character are its two bytes, each less this.
        static let base: UInt8 = 0xA0

        /// By row and place; a space where there is none.
        private let scalars: [Unicode.Scalar]
        /// Character and its two bytes in one word, in rising order.
        private let codes: [UInt64]

        init() {
            guard let root = try? JSON(parsing: PackageResources.gb2312_json), let rows = root["rows"]?.array else {
                preconditionFailure("the shipped table of characters is read by the tests")
            }
            var scalars: [Unicode.Scalar] = []
            var codes: [UInt64] = []
            for (row, line) in rows.enumerated() {
                let filled = Array((line.string ?? "").unicodeScalars)
                for (place, scalar) in filled.enumerated() where scalar != " " {
                    let code = (row + 1 + Int(Self.base)) << 8 | (place + 1 + Int(Self.base))
                    codes.append(UInt64(scalar.value) << 16 | UInt64(code))
                }
                scalars += filled + Array(repeating: " ", count: Self.width - filled.count)
            }
            self.scalars = scalars
            self.codes = codes.sorted()
        }

        func scalar(_ first: UInt8, _ second: UInt8) -> Unicode.Scalar? {
            let (row, place) = (Int(first) - Int(Self.base) - 1, Int(second) - Int(Self.base) - 1)
            guard row >= 0, 0..<Self.width ~= place, row * Self.width + place < scalars.count else { return nil }
            let scalar = scalars[row * Self.width + place]
            return scalar == " " ? nil : scalar
        }

        func code(of scalar: Unicode.Scalar) -> UInt16? {
            let wanted = UInt64(scalar.value) << 16
            var (low, high) = (0, codes.count)
            while low < high {
                let middle = (low + high) / 2
                if codes[middle] < wanted { low = middle + 1 } else { high = middle }
            }
            guard low < codes.count, codes[low] >> 16 == UInt64(scalar.value) else { return nil }
            return UInt16(truncatingIfNeeded: codes[low])
        }
    }
}
