// SPDX-License-Identifier: Apache-2.0

/// How a key block binds its header to its key (ANSI X9.143:2021 6.2, ISO 20038:2017).
public enum KeyBlockVersion: String, Sendable, CaseIterable {
    /// TDES, variants of the protection key, deprecated; read only.
    case a = "A"
    /// TDES, derived keys.
    case b = "B"
    /// TDES, variants of the protection key; read only.
    case c = "C"
    /// AES-CBC, derived keys.
    case d = "D"
    /// AES-CTR, derived keys (ISO 20038).
    case e = "E"

    /// Of the letter that a header begins with.
    init?(letter: UInt8) {
        switch letter {
        case UInt8(ascii: "A"): self = .a
        case UInt8(ascii: "B"): self = .b
        case UInt8(ascii: "C"): self = .c
        case UInt8(ascii: "D"): self = .d
        case UInt8(ascii: "E"): self = .e
        default: return nil
        }
    }

    var letter: UInt8 {
        switch self {
        case .a: UInt8(ascii: "A")
        case .b: UInt8(ascii: "B")
        case .c: UInt8(ascii: "C")
        case .d: UInt8(ascii: "D")
        case .e: UInt8(ascii: "E")
        }
    }

    var usesAES: Bool { self == .d || self == .e }
    var isReadOnly: Bool { self == .a || self == .c }
    var blockBytes: Int { usesAES ? 16 : 8 }
    var macBytes: Int { usesAES ? 16 : self == .b ? 8 : 4 }
    /// What protection keys of this version are for.
    var protectionAlgorithm: KeyAlgorithm { usesAES ? .aes : .tdes }

    /// Whether a protection key may have so many bytes: 16 or 24 for TDES, 16, 24 or 32 for AES.
    func takesProtectionKey(byteCount: Int) -> Bool {
        byteCount == 16 || byteCount == 24 || (usesAES && byteCount == 32)
    }
}
