// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A secret that a test knows, in every form in which it could lie about outside the module.
struct Marker: Sendable {
    var name: String
    var forms: [(form: String, bytes: [UInt8])]

    /// Bytes as they are and as hexadecimal text.
    init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        forms = [("bytes", bytes)]
        for (form, digits) in [("text", "0123456789abcdef"), ("TEXT", "0123456789ABCDEF")] {
            let digits = Array(digits.utf8)
            forms.append((form, bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0x0F)]] }))
        }
    }

    /// A PIN of twelve digits and the cards that it was typed for: as text, one digit a byte, packed (which every clear block
    /// of ISO 9564-1 but format 0 and 3 holds, format 4 among them), and in the clear blocks that a PAN is part of.
    init(_ name: String, pin: [UInt8], pans: [PAN]) {
        self.name = name
        let packed = Self.packed(pin)
        forms = [("text", pin.map { $0 + 0x30 }), ("digits", pin), ("packed", packed)]
        for pan in pans {
            // The twelve digits before the check digit.
            let account = Self.packed([0, 0, 0, 0] + pan.ascii.dropLast().suffix(12).map { $0 - 0x30 })
            let zero = Self.block(0x0C, packed, account)
            forms.append(("format 0 \(pan)", zero))
            forms.append(("format 0 in text \(pan)", Marker("", zero).forms[2].bytes))
            // Its filling is random.
            forms.append(("format 3 \(pan)", Array(Self.block(0x3C, packed, account)[..<7])))
            let (fill, none) = ([UInt8](repeating: 0xFF, count: 8), [UInt8](repeating: 0, count: 8))
            let wide = Self.block(0x0C, packed + fill, none + account)
            forms.append(("SM4 \(pan)", wide))
        }
    }

    private static func packed(_ digits: [UInt8]) -> [UInt8] {
        stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static func block(_ control: UInt8, _ packed: [UInt8], _ account: [UInt8]) -> [UInt8] {
        zip([control] + packed + [0xFF], account).map { $0 ^ $1 }
    }
}

/// Where a marker was found.
struct Sighting: Equatable, CustomStringConvertible {
    var marker: String
    var form: String
    var place: String
    var description: String { "\(marker) (\(form)) in \(place)" }
}
