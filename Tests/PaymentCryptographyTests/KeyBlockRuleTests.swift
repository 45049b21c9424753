// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `The rules of key blocks` {
    /// Any usage with any algorithm and mode that go together, and a length that the algorithm has.
    static let lawful: [KeyAttributes] = KeyUsage.registered.flatMap { usage in
        KeyAlgorithm.registered.filter { usage.allows($0) }.flatMap { algorithm in
            ModeOfUse.registered.filter { usage.allows($0) }.map {
                KeyAttributes(usage: usage, algorithm: algorithm, modeOfUse: $0)
            }
        }
    }

    private static func header(
        _ attributes: KeyAttributes, _ version: KeyBlockVersion = .d, _ exportability: Exportability = .exportable
    ) -> KeyBlockHeader {
        KeyBlockHeader(
            version: version, usage: attributes.usage, algorithm: attributes.algorithm,
            modeOfUse: attributes.modeOfUse, exportability: exportability,
            optionalBlocks: attributes.algorithm.isHMAC ? [.hash(.sha256)] : [])
    }

    @Test(arguments: [KeyBlockVersion.b, .d, .e])
    func `let every lawful combination be written and read`(version: KeyBlockVersion) throws {
        let isTDES = version == .b
        let protection = SecretKey.random(count: isTDES ? 24 : 32)
        for attributes in Self.lawful where !isTDES || (attributes.algorithm != .aes && !attributes.algorithm.isHMAC) {
            let key = SecretKey.random(count: attributes.algorithm == .rsa ? 300 : 24)
            for exportability in Exportability.registered {
                let header = Self.header(attributes, version, exportability)
                let text = try KeyBlock.wrap(key, header: header, under: protection)
                let read = try KeyBlock.unwrap(text, under: protection, policy: .strict)
                #expect(read.header.attributes == header.attributes && read.findings.isEmpty)
                #expect(holds(read.takeKey().equals(key)))
            }
        }
    }

    @Test func `refuse every other combination of what the standard names`() {
        let protection = SecretKey.random(count: 32)
        let key = SecretKey.random(count: 24)
        var refused = 0
        for usage in KeyUsage.registered {
            for algorithm in KeyAlgorithm.registered where algorithm != .des {
                for mode in ModeOfUse.registered where !usage.allows(algorithm) || !usage.allows(mode) {
                    let attributes = KeyAttributes(usage: usage, algorithm: algorithm, modeOfUse: mode)
                    let error = Self.thrown {
                        _ = try KeyBlock.wrap(key, header: Self.header(attributes), under: protection)
                    }
                    let expected: KeyBlockFinding = usage.allows(algorithm) ? .modeOfUsage : .algorithmOfUsage
                    #expect(error == .refused(expected), "\(attributes)")
                    refused += 1
                }
            }
        }
        #expect(refused > 2_000)
    }

    @Test func `know the usages, modes and algorithms of X9-143`() {
        #expect(
            KeyUsage.registered.map(\.rawValue).joined(separator: " ")
                == "B0 B1 B2 B3 C0 D0 D1 D2 D3 E0 E1 E2 E3 E4 E5 E6 E7 I0 K0 K1 K2 K3 K4 M0 M1 M2 M3 M4 M5 M6 M7 M8 "
                + "P0 P1 S0 S1 S2 V0 V1 V2 V3 V4 V5")
        #expect(ModeOfUse.registered.map(\.rawValue).joined() == "BCDEGNSTVXY")
        #expect(KeyAlgorithm.registered.map(\.rawValue).joined() == "ADEHIJRST")
        for usage in KeyUsage.registered { #expect(usage.name?.isEmpty == false) }
        for mode in ModeOfUse.registered { #expect(mode.name?.isEmpty == false) }
        // What public sources state of single usages.
        for (usage, algorithms, modes) in [
            ("B0", "AT", "NX"), ("C0", "AT", "CGNV"), ("D0", "AT", "BDEN"), ("E0", "AT", "NX"), ("K0", "AT", "BDEN"),
            ("M0", "T", "CGNV"), ("M7", "HIJ", "CGNV"), ("P0", "AT", "BDEN"), ("S0", "ERS", "NSV"),
            ("V2", "AT", "CGNV"),
        ] {
            let usage = KeyUsage(rawValue: usage)
            #expect(KeyAlgorithm.registered.filter { usage.allows($0) }.map(\.rawValue).joined() == algorithms)
            #expect(ModeOfUse.registered.filter { usage.allows($0) }.map(\.rawValue).joined() == modes)
        }
    }

    @Test func `keep proprietary values, and what later editions may bring`() throws {
        let protection = SecretKey.random(count: 32)
        let key = SecretKey.random(count: 16)
        for usage in ["00", "10", "99"] {
            let attributes = KeyAttributes(
                usage: KeyUsage(rawValue: usage), algorithm: KeyAlgorithm(rawValue: "1"),
                modeOfUse: ModeOfUse(rawValue: "1"))
            #expect(attributes.usage.isProprietary && attributes.algorithm.isProprietary)
            let text = try KeyBlock.wrap(key, header: Self.header(attributes), under: protection)
            #expect(
                try KeyBlock.unwrap(text, under: protection, policy: .strict).header.attributes.usage
                    == attributes.usage)
        }
        for (usage, algorithm, mode, finding) in [
            ("K9", "A", "B", KeyBlockFinding.unknownUsage), ("P0", "Z", "B", .unusableAlgorithm),
            ("P0", "A", "Q", .unknownMode), ("p0", "A", "B", .unknownUsage),
        ] {
            let attributes = KeyAttributes(
                usage: KeyUsage(rawValue: usage), algorithm: KeyAlgorithm(rawValue: algorithm),
                modeOfUse: ModeOfUse(rawValue: mode))
            let error = Self.thrown { _ = try KeyBlock.wrap(key, header: Self.header(attributes), under: protection) }
            #expect(error == .refused(finding))
        }
    }

    @Test(arguments: Vector.load("tr31", "unwrap"))
    func `find in a published sample what is against them, and only a strict reader refuses it`(vector: Vector) throws {
        let text = try vector.input("key_block")
        let protection = try vector.key("kbpk")
        let findings = try KeyBlock.unwrap(text, under: protection, policy: .lenient.acceptingWeakKeys()).findings
        let error = Self.thrown { _ = try KeyBlock.unwrap(text, under: protection, policy: .strict) }
        #expect(error == findings.first.map { .refused($0) })
        #expect(findings == Self.samples[vector.id, default: []], "\(vector.id): \(findings)")
    }

    /// What is known to be against the rules in the published samples.
    static let samples: [String: [KeyBlockFinding]] = {
        var samples: [String: [KeyBlockFinding]] = [
            "tr31-d016": [.strongerThanProtection], "tr31-d017": [.strongerThanProtection],
            "tr31-d020": [.strongerThanProtection], "tr31-p020": [.modeOfUsage],
            "tr31-p040": [.optionalBlock(id: "KS")],
        ]
        for id in ["p010", "p013", "p052", "p055"] { samples["tr31-\(id)"] = [.deprecatedVersion] }
        for id in ["d007", "d010", "d011", "d014", "d019"] {
            samples["tr31-\(id)"] = [.deprecatedVersion, .strongerThanProtection]
        }
        for id in ["p019", "p028", "p029"] { samples["tr31-\(id)"] = [.weakProtectionKey(.repeatedByte)] }
        let single: [KeyBlockFinding] = [.weakProtectionKey(.repeatedByte), .weakKey(.wrongLength(8))]
        let repeated: [KeyBlockFinding] = [.weakProtectionKey(.repeatedByte), .weakKey(.repeatedByte)]
        samples["tr31-p043"] = [.deprecatedVersion] + single
        samples["tr31-p044"] = single
        for id in ["p046", "p049"] { samples["tr31-\(id)"] = [.deprecatedVersion] + repeated }
        for id in ["p047", "p050"] { samples["tr31-\(id)"] = repeated }
        return samples
    }()

    @Test func `refuse small letters in key field and MAC, which a lenient reader notes`() throws {
        let vector = try #require(Vector.load("tr31", "unwrap").first { $0.id == "tr31-p014" })
        let text = try vector.input("key_block")
        let protection = try vector.key("kbpk")
        let header = text.prefix(16)
        let small = header + text.dropFirst(16).lowercased()
        #expect(try KeyBlock.unwrap(text, under: protection, policy: .strict).findings.isEmpty)
        let read = try KeyBlock.unwrap(small, under: protection)
        #expect(read.findings == [.smallLetters])
        #expect(try hex(read.takeKey()) == vector.expected("key"))
        #expect(
            Self.thrown { _ = try KeyBlock.unwrap(small, under: protection, policy: .strict) }
                == .refused(.smallLetters))
    }

    @Test func `refuse weak keys and weak protection keys unless the caller takes them`() throws {
        let header = KeyBlockHeader(version: .d, usage: .pinEncryption, algorithm: .tdes, modeOfUse: .both)
        let sound = SecretKey.random(count: 32)
        let sample = try require(SecretKey(hex: "44444444444444444444444444444444"))
        #expect(
            Self.thrown { _ = try KeyBlock.wrap(sample, header: header, under: sound) }
                == .refused(.weakKey(.repeatedByte)))
        #expect(
            Self.thrown { _ = try KeyBlock.wrap(.random(count: 16), header: header, under: sample) }
                == .refused(.weakProtectionKey(.repeatedByte)))
        let text = try KeyBlock.wrap(sample, header: header, under: sound, writing: .init(acceptsWeakKeys: true))
        for policy in [KeyBlockPolicy.strict, .lenient] {
            #expect(
                Self.thrown { _ = try KeyBlock.unwrap(text, under: sound, policy: policy) }
                    == .refused(.weakKey(.repeatedByte)))
            let read = try KeyBlock.unwrap(text, under: sound, policy: policy.acceptingWeakKeys())
            #expect(read.findings == [.weakKey(.repeatedByte)])
        }
    }

    @Test func `hide the length of a key unless told otherwise`() throws {
        let protection = SecretKey.random(count: 32)
        let header = KeyBlockHeader(version: .d, usage: .pinEncryption, algorithm: .aes, modeOfUse: .both)
        let key = SecretKey.random(count: 16)
        #expect(try KeyBlock.wrap(key, header: header, under: protection).utf8.count == 144)
        let exact = try KeyBlock.wrap(key, header: header, under: protection, writing: .init(hidesLength: false))
        #expect(exact.utf8.count == 112)
        #expect(holds(try KeyBlock.unwrap(exact, under: protection, policy: .strict).takeKey().equals(key)))
    }

    static func thrown(_ step: () throws -> Void) -> KeyBlockError? {
        do {
            try step()
            return nil
        } catch { return error as? KeyBlockError }
    }
}
