// SPDX-License-Identifier: Apache-2.0

/// Whether a key may leave in another key block: one character (X9.143:2021 table 6). Open, as the other attributes.
public struct Exportability: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Under a key in a form of X9.24.
    public static let exportable = Exportability(rawValue: "E")
    /// Never.
    public static let nonExportable = Exportability(rawValue: "N")
    /// Under any key-encryption key.
    public static let sensitive = Exportability(rawValue: "S")

    /// Every value that the standard names.
    public static let registered: [Exportability] = [.exportable, .nonExportable, .sensitive]

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
