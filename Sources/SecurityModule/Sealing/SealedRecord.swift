// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// One record of a sealed journal as it is stored and sent. What it says is for the host alone; which intents it opens
/// and covers stands outside, so that the module that has written it knows its own open intents again after a restart.
///
///     0        version, 1
///     1        kind
///     then     index, the intents (a count, then each), the box with its length before it; integers as LEB128
///     last 16  the forward-secure MAC over identity and everything before
public struct SealedRecord: Equatable, Sendable {
    public typealias Kind = SealedKind

    /// The longest record that is sealed, in bytes.
    public static let contentCountMax = 4_096
    /// Intents that may be open at once.
    public static let intentsMax = 64
    /// The longest sealed form, in bytes.
    public static let byteCountMax = contentCountMax + SealSession.overhead + 16 + 10 * (intentsMax + 2)
    private static let version: UInt8 = 1

    /// Counts from 1 and never repeats.
    public let index: UInt64
    public let kind: Kind
    /// Indices of the intents that it covers; of a closing record those that are open. Ascending.
    public let intents: [UInt64]
    /// A record of a `SealSession`.
    let box: [UInt8]
    /// 16 bytes.
    let code: [UInt8]

    init(index: UInt64, kind: Kind, intents: [UInt64], box: [UInt8], code: [UInt8]) {
        (self.index, self.kind, self.intents) = (index, kind, intents)
        (self.box, self.code) = (box, code)
    }

    public func encoded() -> [UInt8] { Self.message(index, kind, intents, box) + code }

    /// - Throws: `CodecError` for what no module ever wrote; says nothing about authenticity.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        guard bytes.count <= Self.byteCountMax else { throw .invalid(offset: Self.byteCountMax, what: "length") }
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else { throw .invalid(offset: 0, what: "sealed record version") }
        kind = try reader.raw(Kind.self, "kind of sealed record")
        index = try reader.unsigned()
        let start = reader.offset
        intents = try reader.indices()
        guard intents.count <= Self.intentsMax, zip(intents, intents.dropFirst()).allSatisfy(<),
            intents.first != 0, (intents.last ?? 0) < index
        else { throw .invalid(offset: start, what: "intents") }
        box = try reader.sized()
        code = try reader.raw(ForwardMAC.codeCount)
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of sealed record") }
    }

    // MARK: What is authenticated

    /// Everything before the box: what the box is bound to.
    static func header(_ index: UInt64, _ kind: Kind, _ intents: [UInt64]) -> [UInt8] {
        var writer = ByteWriter(capacity: 16)
        writer.byte(version)
        writer.byte(kind.rawValue)
        writer.unsigned(index)
        writer.list(intents) { $0.unsigned($1) }
        return writer.bytes
    }

    /// Everything before the code: what the code is made of, behind the identity.
    static func message(_ index: UInt64, _ kind: Kind, _ intents: [UInt64], _ box: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: box.count + 32)
        writer.raw(header(index, kind, intents))
        writer.sized(box)
        return writer.bytes
    }

    var header: [UInt8] { Self.header(index, kind, intents) }
    func message(of identity: JournalIdentity) -> [UInt8] {
        identity.bytes + Self.message(index, kind, intents, box)
    }
}
