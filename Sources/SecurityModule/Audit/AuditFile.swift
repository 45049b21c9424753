// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// An audit log as it is kept and handed on: everything collected of one module in one epoch.
///
///     0..4     "TGAL"
///     4        version, 1
///     5..17    serial number, epoch
///     17..53   the head before the epoch's first record
///     then     segments, each with its length before it; their count before them
public struct AuditFile: Equatable, Sendable {
    public static let byteCountMax = 64 << 20
    private static let magic = Array("TGAL".utf8)
    private static let version: UInt8 = 1

    public var identity: AuditIdentity
    /// Before the first record of the epoch.
    public var origin: AuditHead
    /// In the order in which they were collected.
    public var segments: [LogSegment] = []

    public init(_ identity: AuditIdentity, origin: AuditHead = .origin) {
        (self.identity, self.origin) = (identity, origin)
    }

    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 4_096)
        writer.raw(Self.magic)
        writer.byte(Self.version)
        writer.raw(identity.bytes)
        writer.raw(origin.bytes)
        writer.list(segments) { $0.sized($1.encoded()) }
        return writer.bytes
    }

    /// - Throws: `CodecError`; says nothing about authenticity.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        guard bytes.count <= Self.byteCountMax else { throw .invalid(offset: Self.byteCountMax, what: "length") }
        var reader = ByteReader(bytes)
        guard try reader.raw(Self.magic.count) == Self.magic, try reader.byte() == Self.version else {
            throw .invalid(offset: 0, what: "audit file")
        }
        identity = try AuditIdentity(from: &reader)
        origin = try AuditHead(from: &reader)
        segments = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try LogSegment(decoding: try reader.sized())
        }
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of audit file") }
    }

    /// Verifies the whole log.
    ///
    /// - Parameter attested: the head that the module has attested last, if it is known: without it nobody sees that the
    ///   end was cut off together with its checkpoints.
    /// - Throws: `AuditFinding`.
    public func verify(
        firstKey: borrowing SecretKey, publicKey: P256PublicKey, attested: AuditHead? = nil
    ) throws(AuditFinding) -> AuditReport {
        var verifier = AuditVerifier(identity, origin: origin, firstKey: firstKey, publicKey: publicKey)
        var report = AuditReport()
        for segment in segments {
            let known = verifier.position.index
            report.records += try verifier.verify(segment)
            report.checkpoints += segment.checkpoints.count { $0.head.index > known }
            report.add(segment.entries.drop { $0.record.index <= known })
        }
        (report.end, report.isClosed) = (verifier.position, verifier.isClosed)
        if let attested { report.uncollected = try verifier.check(attested: attested) }
        return report
    }

    /// The first record in which two files of one log differ, both histories being signed; as `LogSegment.fork`.
    public func fork(from other: AuditFile, signedBy key: P256PublicKey) -> UInt32? {
        guard origin == other.origin else { return nil }
        return joined.fork(from: other.joined, signedBy: key)
    }

    /// All segments as one, without what was sent twice.
    private var joined: LogSegment {
        var whole = LogSegment(identity: identity, start: origin)
        var last = origin.index
        for segment in segments where segment.identity == identity {
            for entry in segment.entries where entry.record.index == last &+ 1 {
                whole.entries.append(entry)
                last &+= 1
            }
            whole.checkpoints += segment.checkpoints
        }
        return whole
    }
}

/// What a verified log says.
public struct AuditReport: Equatable, Sendable {
    public var records = 0
    public var checkpoints = 0
    /// After the last record.
    public var end = AuditHead.origin
    /// The last power-up told of.
    public var boot: UInt32 = 0
    /// Events that found no room.
    public var unlogged: UInt64 = 0
    /// Records behind the tampering, which nothing proves.
    public var unproved = 0
    public var isClosed = false
    /// Records that the module has attested and that are not here.
    public var uncollected: UInt32 = 0

    mutating func add(_ entries: ArraySlice<AuditEntry>) {
        for entry in entries {
            boot = max(boot, entry.record.boot)
            unlogged += UInt64(entry.record.unlogged)
            if entry.code.isEmpty { unproved += 1 }
        }
    }
}
