// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A version of this engine. Each evaluation that has something to explain names the one that made it, on record too, so that
/// whoever reads an old explanation knows which program's meaning of the rules it has.
public struct EngineVersion: Hashable, Sendable, CustomStringConvertible {
    public let major: UInt8
    public let minor: UInt8
    public let patch: UInt8

    /// What is running, raised with each release.
    public static let current = EngineVersion(major: 0, minor: 1, patch: 0)

    public var description: String { "\(major).\(minor).\(patch)" }
}

// MARK: - Codec

extension EngineVersion {
    func encode(to writer: inout ByteWriter) { for part in [major, minor, patch] { writer.byte(part) } }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(major: try reader.byte(), minor: try reader.byte(), patch: try reader.byte())
    }
}
