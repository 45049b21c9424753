// SPDX-License-Identifier: Apache-2.0
import Estate
import Issuer
import PaymentCryptography
import SecurityTriggers
import Vocabulary

/// The host's state as it was at one moment, for another thread to write down.
///
/// Taking it copies a few references: the host goes on and copies what it changes, piece by piece, while this keeps what
/// was. So a snapshot costs the host's loop no time of its own.
public struct HostState: Sendable {
    public let sequence: UInt64
    let rulesVersion: UInt32
    let rules: RuleSet
    let estate: Estate
    let issuer: Issuer
    let triggers: Triggers
    let memory: [TransactionMemory]

    /// The version of the layout that is written.
    public static let version: UInt8 = 2

    /// The whole state: equal states give equal bytes, in every process.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 1 << 16)
        writer.byte(Self.version)
        writer.unsigned(sequence)
        writer.unsigned(rulesVersion)
        writer.text(rules.source)
        estate.snapshot(to: &writer)
        issuer.snapshot(to: &writer)
        triggers.snapshot(to: &writer)
        writer.list(memory) { $1.snapshot(to: &$0) }
        return writer.bytes
    }
}

extension Host {
    /// The state as it is now, to be written down elsewhere.
    public func state() -> HostState {
        HostState(
            sequence: sequence, rulesVersion: rulesVersion, rules: rules, estate: estate, issuer: issuer,
            triggers: triggers, memory: memory)
    }

    /// The whole state: equal states give equal bytes, in every process.
    public func snapshot() -> [UInt8] { state().encoded() }

    /// SHA-256 of the snapshot: what a live host and one recovered from its journal must agree on.
    public func digest() -> [UInt8] { SHA256.hash(snapshot()) }

    /// Reads a snapshot of this version or the one before it.
    ///
    /// - Throws: `CodecError` for damaged bytes, or rules this version no longer reads.
    public init(snapshot bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        let version = try reader.byte()
        guard 1...HostState.version ~= version else { throw .invalid(offset: 0, what: "snapshot version") }
        let sequence: UInt64 = try reader.unsigned()
        let rulesVersion: UInt32 = try reader.unsigned()
        let start = reader.offset
        let text = try reader.text()
        guard let rules = try? RuleSet(parsing: text) else { throw .invalid(offset: start, what: "rule set") }
        let estate = try Estate(snapshot: &reader)
        let issuer = try Issuer(snapshot: &reader)
        let triggers = try Triggers(snapshot: &reader, rules: rules)
        let memory = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            version == 1
                ? try TransactionMemory(ringSnapshot: &reader) : try TransactionMemory(snapshot: &reader)
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
