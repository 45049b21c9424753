// SPDX-License-Identifier: Apache-2.0

/// How closely a key block is held to the standard. Writing is always strict.
public struct KeyBlockPolicy: Equatable, Sendable {
    /// Whether a finding refuses the block.
    public let isStrict: Bool
    /// Whether weak keys are taken all the same (`KeyGuard`).
    public let acceptsWeakKeys: Bool

    /// Refuses a block for its first finding.
    public static let strict = KeyBlockPolicy(isStrict: true, acceptsWeakKeys: false)
    /// Reads what is authentic, and lists what it finds; a weak key is refused.
    public static let lenient = KeyBlockPolicy(isStrict: false, acceptsWeakKeys: false)

    /// The same, for published samples and test keys: weak keys, and weak protection keys, are taken.
    public func acceptingWeakKeys() -> KeyBlockPolicy {
        KeyBlockPolicy(isStrict: isStrict, acceptsWeakKeys: true)
    }

    /// What becomes of a finding: strict throws it; lenient lists it, but throws a weak key.
    func judge(_ finding: KeyBlockFinding, _ list: inout [KeyBlockFinding]) throws(KeyBlockError) {
        switch finding {
        case .weakKey, .weakProtectionKey:
            if acceptsWeakKeys { break }
            if isStrict { throw .refused(finding) }
            if case .weakKey = finding { throw .refused(finding) }
        default: if isStrict { throw .refused(finding) }
        }
        list.append(finding)
    }
}

/// What a writer may choose.
public struct KeyBlockWriting: Sendable {
    /// The key check values to write: they are computed, and replace what the header has of them.
    public struct CheckValues: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// KC, of the key.
        public static let key = CheckValues(rawValue: 1)
        /// KP, of the protection key.
        public static let protectionKey = CheckValues(rawValue: 2)
    }

    public var checkValues: CheckValues
    /// Whether the key is padded to the longest of its algorithm, so that the text does not tell its length (X9.143
    /// 6.1).
    public var hidesLength: Bool
    /// Whether weak keys are wrapped, as test keys are.
    public var acceptsWeakKeys: Bool

    public init(checkValues: CheckValues = [], hidesLength: Bool = true, acceptsWeakKeys: Bool = false) {
        self.checkValues = checkValues
        self.hidesLength = hidesLength
        self.acceptsWeakKeys = acceptsWeakKeys
    }

    var policy: KeyBlockPolicy { acceptsWeakKeys ? .strict.acceptingWeakKeys() : .strict }
}
