// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// Why bytes are no snapshot to start from.
public enum SnapshotError: Error, Equatable, Sendable {
    /// The bytes do not begin as a snapshot does.
    case notASnapshot
    /// A format of the envelope that this program does not know.
    case unknownFormat(UInt8)
    /// The bytes are shorter or longer than they say.
    case length(expected: UInt64, found: Int)
    /// The hash over the envelope does not fit: a byte was changed.
    case damaged
}

/// A state with the place in the journal that it stands for, safe against damage.
///
/// Layout, integers big-endian: 8 bytes `TGSNAP` and two zeros, 1 byte format, 8 bytes version of the state,
/// 8 bytes sequence, 32 bytes chain value, 8 bytes length of the state, the state, and SHA-256 over all before it.
/// The hash detects accidents; whoever can write the file can also write a new hash, so a journal is checked to have
/// had the snapshot's head before its state is used.
public struct SnapshotEnvelope: Equatable, Sendable {
    /// The version of the state's own layout, as the state's owner counts it.
    public let version: UInt64
    /// The sequence number of the last record that the state contains; 0 before the first.
    public let sequence: UInt64
    /// The journal's chain value after that record, 32 bytes.
    public let chain: [UInt8]
    /// The state, in the layout of its owner.
    public let state: [UInt8]

    /// The longest state in bytes.
    public static let stateBytesMax = 1 << 32

    static let format: UInt8 = 1
    private static let magic: [UInt8] = Array("TGSNAP".utf8) + [0, 0]
    private static let hashBytes = 32
    private static let headerBytes = 8 + 1 + 8 + 8 + Chain.valueBytes + 8

    /// A snapshot of `state`, taken when the journal's last record was number `sequence`.
    ///
    /// - Precondition: the chain value has 32 bytes, the state at most `stateBytesMax`.
    public init(version: UInt64, sequence: UInt64, chain: [UInt8], state: [UInt8]) {
        precondition(chain.count == Chain.valueBytes && state.count <= Self.stateBytesMax, "parts of a snapshot")
        self.version = version
        self.sequence = sequence
        self.chain = chain
        self.state = state
    }

    /// The head that the journal had: reading goes on with record `head.next`.
    public var head: JournalHead { JournalHead(next: sequence &+ 1, chain: chain) }

    /// The snapshot as bytes.
    public func encode() -> [UInt8] {
        var writer = ByteWriter(capacity: Self.headerBytes + state.count + Self.hashBytes)
        writer.raw(Self.magic)
        writer.byte(Self.format)
        writer.word(version)
        writer.word(sequence)
        writer.raw(chain)
        writer.word(UInt64(state.count))
        writer.raw(state)
        writer.raw(SHA256.hash(writer.bytes))
        return writer.bytes
    }

    /// Reads a snapshot back.
    ///
    /// - Throws: `SnapshotError` for whatever is not, byte for byte, what `encode` wrote.
    public static func decode(_ bytes: [UInt8]) throws(SnapshotError) -> SnapshotEnvelope {
        guard bytes.count > magic.count, Array(bytes[..<magic.count]) == magic else { throw .notASnapshot }
        guard bytes[magic.count] == format else { throw .unknownFormat(bytes[magic.count]) }
        guard bytes.count >= headerBytes + hashBytes else {
            throw .length(expected: UInt64(headerBytes + hashBytes), found: bytes.count)
        }
        do {
            var reader = ByteReader(bytes)
            _ = try reader.raw(magic.count + 1)
            let version = try reader.word()
            let sequence = try reader.word()
            let chain = try reader.raw(Chain.valueBytes)
            let length = try reader.word()
            let body = bytes.count - headerBytes - hashBytes
            guard length == UInt64(body) else {
                throw SnapshotError.length(
                    expected: length.addingReportingOverflow(UInt64(headerBytes + hashBytes)).partialValue,
                    found: bytes.count)
            }
            let state = try reader.raw(body)
            guard SHA256.hash(bytes[..<reader.offset]) == (try reader.raw(hashBytes)) else {
                throw SnapshotError.damaged
            }
            guard sequence <= Chain.sequenceMax else { throw SnapshotError.damaged }
            return SnapshotEnvelope(version: version, sequence: sequence, chain: chain, state: state)
        } catch let error as SnapshotError {
            throw error
        } catch {
            // Safe: every read above lies inside the length that was checked first.
            throw .damaged
        }
    }
}
