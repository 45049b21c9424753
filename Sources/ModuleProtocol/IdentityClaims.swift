// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What evidence says of the module's identity, since modules have one of their own.
public struct IdentityClaims: Hashable, Sendable {
    /// The bytes of the key: P-256, compressed.
    public static let keyLength = 33

    /// The public half of the key that the module made for itself; the other half has never left it.
    public var key: [UInt8]
    /// The epoch of the audit log; 0 for a log that has begun none.
    public var logEpoch: UInt32

    public init(key: [UInt8], logEpoch: UInt32) {
        (self.key, self.logEpoch) = (key, logEpoch)
    }

    func write(to writer: inout ByteWriter) {
        writer.raw(key)
        writer.unsigned(logEpoch)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        key = try reader.raw(Self.keyLength)
        logEpoch = try reader.unsigned()
    }
}
