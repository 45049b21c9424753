// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// The SHA-256 of a file that lies beside the journal, which names it so and holds nothing else of it.
public struct FileDigest: Hashable, Sendable, CustomStringConvertible {
    /// 32 of them.
    public let bytes: [UInt8]

    public static let byteCount = 32

    /// - Returns: nil for another number of bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Of 64 hexadecimal figures; nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard let bytes = Hex.bytes(text) else { return nil }
        self.init(bytes)
    }

    /// Of a file's contents.
    public init(of contents: [UInt8]) { bytes = SHA256.hash(contents) }

    /// In hexadecimal figures: the file's name.
    public var description: String { Hex.text(bytes) }

    func encode(to writer: inout ByteWriter) { writer.raw(bytes) }

    init(from reader: inout ByteReader) throws(CodecError) { bytes = try reader.raw(Self.byteCount) }
}
