// SPDX-License-Identifier: Apache-2.0
import SecurityModule
import Vocabulary

/// What provisioning a TPM has come to: one generation of keys.
struct TPMProvisioning: Equatable {
    var epoch: UInt64
    /// The registers that the policy names.
    var registers: [Int]
    /// The digest of the policy that all three objects are under.
    var policy: [UInt8]
    var identity: TPMObject
    var attestation: TPMObject
}

extension TPMProvisioning {
    private static let version: UInt8 = 1

    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: 1_024)
        writer.byte(Self.version)
        writer.word(epoch)
        writer.list(registers) { $0.count($1) }
        writer.sized(policy)
        identity.write(to: &writer)
        attestation.write(to: &writer)
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else { throw .invalid(offset: 0, what: "version of provisioning") }
        epoch = try reader.word()
        registers = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.count() }
        policy = try reader.sized()
        identity = try TPMObject(from: &reader)
        attestation = try TPMObject(from: &reader)
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of provisioning") }
    }
}
