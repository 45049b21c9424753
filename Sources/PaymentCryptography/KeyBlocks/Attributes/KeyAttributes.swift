// SPDX-License-Identifier: Apache-2.0

/// What a key is, without the key: what a key block proves, and what a key arena keeps beside each key.
public struct KeyAttributes: Equatable, Sendable {
    public var usage: KeyUsage
    public var algorithm: KeyAlgorithm
    public var modeOfUse: ModeOfUse
    public var exportability: Exportability

    public init(
        usage: KeyUsage, algorithm: KeyAlgorithm, modeOfUse: ModeOfUse,
        exportability: Exportability = .nonExportable
    ) {
        self.usage = usage
        self.algorithm = algorithm
        self.modeOfUse = modeOfUse
        self.exportability = exportability
    }
}
