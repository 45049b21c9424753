// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

/// The key block that a key leaves in: how it is protected, and what the header says.
struct KeyBlockTarget: ParsableArguments {
    @Option(help: "The key block protection key; @file or - for the standard input.") var kbpk: CryptoInput?
    @Option(help: "The version of the key block: B (TDES), D (AES-CBC) or E (AES-CTR).") var blockVersion = "D"
    @Option(help: "The key usage of X9.143, such as P0.") var usage: String?
    @Option(help: "The mode of use, such as E or N.") var mode: String?
    @Option(help: "The key version, two characters.") var keyVersion = "00"
    @Option(help: "The exportability: E, N or S.") var exportability = "N"
    @Option(
        name: .customLong("optional"), parsing: .singleValue,
        help: "An optional block as ID=TEXT, such as LB=\"my key\"; again for more.")
    var optionalBlocks: [String] = []
    @Flag(help: "Also write the check values of the key (KC) and of the protection key (KP).") var checkValues = false
    @Flag(help: "Do not hide the key's length by padding.") var exactLength = false

    /// Adds the key block, if there is a protection key.
    ///
    /// - Parameter serial: an optional block that belongs to the key, unless the user gives one of the same name.
    func add(
        _ key: borrowing SecretKey, _ algorithm: CryptoKeyAlgorithm, usage: KeyUsage? = nil, mode: ModeOfUse? = nil,
        serial: KeyBlockHeader.OptionalBlock? = nil, to answer: inout CryptoAnswer
    ) throws {
        guard kbpk != nil else { return }
        guard let letter = algorithm.blockLetter else {
            throw ValidationError("--algorithm: X9.143 has no letter for \(algorithm.rawValue)")
        }
        try add(key, letter: letter, usage: usage, mode: mode, serial: serial, to: &answer)
    }

    func add(
        _ key: borrowing SecretKey, letter: KeyAlgorithm, usage: KeyUsage? = nil, mode: ModeOfUse? = nil,
        serial: KeyBlockHeader.OptionalBlock? = nil, to answer: inout CryptoAnswer
    ) throws {
        guard let kbpk else { return }
        guard let version = KeyBlockVersion(rawValue: blockVersion.uppercased()) else {
            throw ValidationError("--block-version: expected B, D or E, got \(blockVersion)")
        }
        let exported = Exportability(rawValue: exportability.uppercased())
        guard exported.name != nil else {
            throw ValidationError("--exportability: expected E, N or S, got \(exportability)")
        }
        guard let usage = self.usage ?? usage?.rawValue else {
            throw ValidationError("--usage: a key block needs it, such as P0 for PIN encryption")
        }
        guard usage.utf8.count == 2 else { throw ValidationError("--usage: expected two characters, got \(usage)") }
        guard self.mode.map({ $0.utf8.count == 1 }) ?? true else {
            throw ValidationError("--mode: expected one character, such as E or N")
        }
        var blocks = try optionalBlocks.map(Self.optionalBlock)
        if let serial, !blocks.contains(where: { $0.id == serial.id }) { blocks.insert(serial, at: 0) }
        let header = KeyBlockHeader(
            version: version, usage: KeyUsage(rawValue: usage), algorithm: letter,
            modeOfUse: self.mode.map { ModeOfUse(rawValue: $0) } ?? mode ?? .unrestricted, keyVersion: keyVersion,
            exportability: exported, optionalBlocks: blocks)
        let protection = try kbpk.key("--kbpk", version == .b ? [16, 24] : [16, 24, 32])
        // Test keys may be weak; the notes beside the answer say so.
        var writing = KeyBlockWriting(hidesLength: !exactLength, acceptsWeakKeys: true)
        if checkValues { writing.checkValues = [.key, .protectionKey] }
        answer.add(
            "keyBlock", "key block", try KeyBlock.wrap(key, header: header, under: protection, writing: writing))
    }

    private static func optionalBlock(_ text: String) throws -> KeyBlockHeader.OptionalBlock {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 2 else {
            throw ValidationError("--optional: expected ID=TEXT with two characters of ID, got \(text)")
        }
        return .init(id: String(parts[0]), text: String(parts[1]))
    }
}
