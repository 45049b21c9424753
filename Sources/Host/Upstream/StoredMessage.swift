// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What must reach a destination, as it is stored for it.
struct StoredMessage: Equatable {
    enum Kind: UInt8, CaseIterable {
        /// 0420, 0421.
        case reversal = 1
        /// 0120, 0220 and their repeats: what was approved in the destination's place, and refunds.
        case advice = 2
    }

    /// Added to the kind of all but requests for purchases, which were there first.
    private static let isFull: UInt8 = 0x10

    var kind: Kind
    var named: NamedForward
    /// An advice's approval code.
    var approvalCode: UInt32
    /// What a reversal takes back, as the destination knows it.
    var name: UpstreamName

    private init(_ kind: Kind, _ named: NamedForward, approvalCode: UInt32, name: UpstreamName) {
        (self.kind, self.named, self.approvalCode, self.name) = (kind, named, approvalCode, name)
    }

    static func reversal(_ named: NamedForward, of name: UpstreamName) -> StoredMessage {
        StoredMessage(.reversal, named, approvalCode: 0, name: name)
    }

    static func advice(_ named: NamedForward, approvalCode: UInt32) -> StoredMessage {
        StoredMessage(.advice, named, approvalCode: approvalCode, name: named.nameOfRequest)
    }

    var encoded: [UInt8] {
        let isFull = !named.forward.isPlain || name != named.nameOfRequest
        var writer = ByteWriter(capacity: 192)
        writer.byte(isFull ? kind.rawValue | Self.isFull : kind.rawValue)
        writer.unsigned(approvalCode)
        named.encode(to: &writer, hasKind: isFull)
        if isFull { name.encode(to: &writer) }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        let byte = try reader.byte()
        let isFull = byte & Self.isFull != 0
        guard let kind = Kind(rawValue: byte & ~Self.isFull) else {
            throw .invalid(offset: 0, what: "kind of stored message")
        }
        self.kind = kind
        approvalCode = try reader.unsigned()
        named = try NamedForward(from: &reader, hasKind: isFull)
        name = isFull ? try UpstreamName(from: &reader) : named.nameOfRequest
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of stored message") }
    }
}
