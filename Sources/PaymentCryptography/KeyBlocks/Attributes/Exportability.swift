// SPDX-License-Identifier: Apache-2.0

/// Whether a key may leave in another key block: one character (X9.143:2021 table 6). Open, as the other attributes.
public struct Exportability: RawRepresentable, Hashable, Sendable {
    /// Its character, 0 for none.
    let code: UInt8

    init(code: UInt8) { self.code = code }

    /// A text that no header has room for, or cannot carry, counts as empty.
    public init(rawValue: String) { code = FieldCode.letter(rawValue) }

    private init(_ letter: Unicode.Scalar) { code = UInt8(ascii: letter) }

    public var rawValue: String { FieldCode.text(letter: code) }

    // Those that come with RawRepresentable would compare texts.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    /// Under a key in a form of X9.24.
    public static let exportable = Exportability("E")
    /// Never.
    public static let nonExportable = Exportability("N")
    /// Under any key-encryption key.
    public static let sensitive = Exportability("S")

    /// Every value that the standard names.
    public static let registered: [Exportability] = [.exportable, .nonExportable, .sensitive]

    /// Whether the standard names it.
    var isRegistered: Bool { self == .exportable || self == .nonExportable || self == .sensitive }

    /// What the standard calls it; nil for what it does not name.
    public var name: String? {
        switch self {
        case .exportable: "exportable under a key in a trusted key block"
        case .nonExportable: "not exportable"
        case .sensitive: "sensitive: exportable under any key-encryption key"
        default: nil
        }
    }
}
