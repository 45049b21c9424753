// SPDX-License-Identifier: Apache-2.0

/// The attributes of a key, authenticated with it (ANSI X9.143:2021 6.3, TR-31:2018).
public struct KeyBlockHeader: Equatable, Sendable {
    /// An optional block: two characters of name, and its text as it stands. `content()` reads the text.
    public struct OptionalBlock: Equatable, Sendable {
        public var id: String
        public var text: String
        public init(id: String, text: String) {
            self.id = id
            self.text = text
        }
    }

    public var version: KeyBlockVersion
    public var usage: KeyUsage
    public var algorithm: KeyAlgorithm
    public var modeOfUse: ModeOfUse
    /// Two characters: `00` unversioned, `c…` a component, else a version number.
    public var keyVersion: String {
        get { FieldCode.text(pair: keyVersionCode) }
        set { keyVersionCode = FieldCode.pair(newValue) }
    }
    public var exportability: Exportability
    /// In their order; the padding block `PB` that a writer adds is among them when read.
    public var optionalBlocks: [OptionalBlock]
    /// Two characters: the key context of X9.143:2021 and a reserved one, or `00`.
    public var context: String {
        get { FieldCode.text(pair: contextCode) }
        set { contextCode = FieldCode.pair(newValue) }
    }
    /// 0 for a text that the header cannot carry, as in the other fields.
    private(set) var keyVersionCode: UInt16
    private(set) var contextCode: UInt16

    public init(
        version: KeyBlockVersion, usage: KeyUsage, algorithm: KeyAlgorithm, modeOfUse: ModeOfUse,
        keyVersion: String = "00", exportability: Exportability = .nonExportable,
        optionalBlocks: [OptionalBlock] = [], context: String = "00"
    ) {
        let attributes = KeyAttributes(
            usage: usage, algorithm: algorithm, modeOfUse: modeOfUse, exportability: exportability)
        self.init(
            version, attributes, keyVersion: FieldCode.pair(keyVersion), context: FieldCode.pair(context),
            optionalBlocks)
    }

    init(
        _ version: KeyBlockVersion, _ attributes: KeyAttributes, keyVersion: UInt16, context: UInt16,
        _ optionalBlocks: [OptionalBlock] = []
    ) {
        self.version = version
        usage = attributes.usage
        algorithm = attributes.algorithm
        modeOfUse = attributes.modeOfUse
        exportability = attributes.exportability
        keyVersionCode = keyVersion
        contextCode = context
        self.optionalBlocks = optionalBlocks
    }

    /// What the key is, without version, context and optional blocks.
    public var attributes: KeyAttributes {
        KeyAttributes(usage: usage, algorithm: algorithm, modeOfUse: modeOfUse, exportability: exportability)
    }
}
