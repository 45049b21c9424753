// SPDX-License-Identifier: Apache-2.0
import Estate
import Issuer
import PaymentCryptography
import SecurityTriggers
import Vocabulary

extension Host {
    private static let snapshotVersion: UInt8 = 1

    /// The whole state: equal states give equal bytes, in every process.
    public func snapshot() -> [UInt8] {
        var writer = ByteWriter(capacity: 1 << 16)
        writer.byte(Self.snapshotVersion)
        writer.unsigned(sequence)
        writer.unsigned(rulesVersion)
        writer.text(rules.source)
        estate.snapshot(to: &writer)
        issuer.snapshot(to: &writer)
        triggers.snapshot(to: &writer)
        writer.list(memory) { $1.snapshot(to: &$0) }
        return writer.bytes
    }

    /// SHA-256 of the snapshot: what a live host and one recovered from its journal must agree on.
    public func digest() -> [UInt8] { SHA256.hash(snapshot()) }

    /// - Throws: `CodecError` for damaged bytes, or rules this version no longer reads.
    public init(snapshot bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.snapshotVersion else { throw .invalid(offset: 0, what: "snapshot version") }
        let sequence: UInt64 = try reader.unsigned()
        let rulesVersion: UInt32 = try reader.unsigned()
        let start = reader.offset
        let text = try reader.text()
        guard let rules = try? RuleSet(parsing: text) else { throw .invalid(offset: start, what: "rule set") }
        let estate = try Estate(snapshot: &reader)
        let issuer = try Issuer(snapshot: &reader)
        let triggers = try Triggers(snapshot: &reader, rules: rules)
        let memory = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try TransactionMemory(snapshot: &reader)
        }
        guard reader.isAtEnd, memory.count == estate.terminals.count else {
            throw .invalid(offset: reader.offset, what: "end of snapshot")
        }
        self.init(rules: rules)
        self.sequence = sequence
        self.rulesVersion = rulesVersion
        self.estate = estate
        self.issuer = issuer
        self.triggers = triggers
        self.memory = memory
    }
}
