// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A key or a sealed secret outside its TPM: the private part is under the parent's key.
struct TPMObject: Equatable {
    var privatePart: [UInt8]
    var publicArea: [UInt8]
    /// The longest part.
    static let partMax = 1_024
}

extension TPMObject {
    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: 512)
        write(to: &writer)
        return writer.bytes
    }

    func write(to writer: inout ByteWriter) {
        writer.sized(privatePart)
        writer.sized(publicArea)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        privatePart = try reader.sized()
        publicArea = try reader.sized()
    }

    init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        try self.init(from: &reader)
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of object") }
    }
}
