// SPDX-License-Identifier: Apache-2.0

/// What the standard wants of a key block beyond its form (X9.143:2021 tables 1 to 7). Allocates nothing for a block
/// that is as it should be.
struct KeyBlockRules {
    let policy: KeyBlockPolicy
    private(set) var findings: [KeyBlockFinding] = []

    init(_ policy: KeyBlockPolicy) { self.policy = policy }

    mutating func found(_ finding: KeyBlockFinding) throws(KeyBlockError) { try policy.judge(finding, &findings) }

    /// The fields of the header and its optional blocks.
    mutating func check(_ header: KeyBlockHeader) throws(KeyBlockError) {
        if header.version == .a { try found(.deprecatedVersion) }
        try checkAttributes(header.attributes)
        if !FieldCode.isAlphanumeric(pair: header.keyVersionCode) { try found(.keyVersion) }
        // 00, 10 or 20.
        let isContext = [0x3030, 0x3130, 0x3230].contains(header.contextCode)
        if !isContext { try found(.context) }
        var namesHash = false
        for index in header.optionalBlocks.indices {
            if !header.optionalBlocks[index].isWellFormed {
                try found(.optionalBlock(id: header.optionalBlocks[index].id))
            }
            if header.optionalBlocks[index].id == "HM" { namesHash = true }
        }
        // ISO 20038 names the hash by the letter of the algorithm.
        if header.version != .e, header.algorithm.isHMAC, !namesHash { try found(.hashMissing) }
    }

    private mutating func checkAttributes(_ attributes: KeyAttributes) throws(KeyBlockError) {
        let (usage, algorithm, mode) = (attributes.usage, attributes.algorithm, attributes.modeOfUse)
        let isUsage = usage.isProprietary || usage.rule != nil
        let isAlgorithm = algorithm.isProprietary || (algorithm.isRegistered && algorithm != .des)
        let isMode = mode.isProprietary || mode.isRegistered
        if !isUsage { try found(.unknownUsage) }
        if !isAlgorithm { try found(.unusableAlgorithm) }
        if !isMode { try found(.unknownMode) }
        if !attributes.exportability.isRegistered { try found(.unknownExportability) }
        guard isUsage else { return }
        if isAlgorithm, !algorithm.isProprietary, !usage.allows(algorithm) { try found(.algorithmOfUsage) }
        if isMode, !mode.isProprietary, !usage.allows(mode) { try found(.modeOfUsage) }
    }

    /// The key, and what protects it.
    mutating func check(
        _ header: KeyBlockHeader, key: UnsafeRawBufferPointer, protectionKey: UnsafeRawBufferPointer
    ) throws(KeyBlockError) {
        let guardian = header.version.protectionAlgorithm
        if let strength = KeyStrength(header.algorithm, byteCount: key.count),
            let protection = KeyStrength(guardian, byteCount: protectionKey.count), !protection.mayProtect(strength)
        {
            try found(.strongerThanProtection)
        }
        // The two keys of a variant LMK and of old hosts may make up three parts.
        do { try KeyGuard.check(protectionKey, for: guardian, allowing: .doubleLengthInTriple) } catch {
            try found(.weakProtectionKey(error))
        }
        do {
            try KeyGuard.check(key, for: header.algorithm, allowing: policy.isStrict ? [] : .doubleLengthInTriple)
        } catch {
            // Single DES is weak; any other length is only wrong.
            if case .wrongLength = error, key.count != 8 { try found(.keyLength) } else { try found(.weakKey(error)) }
        }
        try checkValues(header, key: key, protectionKey: protectionKey)
    }

    /// KC and KP against the keys; those that are not well formed have been found before.
    private mutating func checkValues(
        _ header: KeyBlockHeader, key: UnsafeRawBufferPointer, protectionKey: UnsafeRawBufferPointer
    ) throws(KeyBlockError) {
        for index in header.optionalBlocks.indices {
            let id = header.optionalBlocks[index].id
            guard id == "KC" || id == "KP", let value = header.optionalBlocks[index].checkValue else { continue }
            let matches =
                id == "KC"
                ? value.matches(key, header.algorithm)
                : value.matches(protectionKey, header.version.protectionAlgorithm)
            if !matches { try found(.checkValue(id: id)) }
        }
    }
}
