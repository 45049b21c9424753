// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// What a supplier says of a piece of software, under its signature: an executable is authentic when its own measurement
/// is the one that stands here.
public struct SoftwareManifest: Equatable, Sendable {
    public var component: SoftwareComponent
    public var version: SoftwareVersion
    /// SHA-256 of the file.
    public var digest: [UInt8]
    /// Rises when a weakness was removed. A module never takes a lower one than it has had (invariant I9).
    public var securityVersion: UInt32
    /// `r ‖ s`, ECDSA on P-256 with SHA-256.
    public var signature: [UInt8]

    private static let mark = Array("tillguard-manifest/1".utf8)

    init(
        _ component: SoftwareComponent, _ version: SoftwareVersion, digest: [UInt8], securityVersion: UInt32,
        signature: [UInt8]
    ) {
        (self.component, self.version, self.digest) = (component, version, digest)
        (self.securityVersion, self.signature) = (securityVersion, signature)
    }

    /// The supplier's side, which no module has.
    ///
    /// - Parameter digest: the 32 bytes of the file's SHA-256.
    public init(
        signing component: SoftwareComponent, _ version: SoftwareVersion, digest: [UInt8], securityVersion: UInt32,
        by supplier: borrowing P256PrivateKey
    ) throws(CurveError) {
        self.init(component, version, digest: digest, securityVersion: securityVersion, signature: [])
        signature = try supplier.signature(of: signed)
    }

    /// Whether this supplier signed it, and it names a SHA-256.
    public func isAuthentic(under supplier: P256PublicKey) -> Bool {
        digest.count == SHA256.digestCount && supplier.verifies(signature, of: signed)
    }

    /// What the signature covers.
    private var signed: [UInt8] {
        var writer = ByteWriter(capacity: 80)
        writer.raw(Self.mark)
        writeClaims(to: &writer)
        return writer.bytes
    }

    private func writeClaims(to writer: inout ByteWriter) {
        writer.byte(component.rawValue)
        writer.unsigned(version.packed)
        writer.sized(digest)
        writer.unsigned(securityVersion)
    }

    public func write(to writer: inout ByteWriter) {
        writeClaims(to: &writer)
        writer.sized(signature)
    }

    /// Says nothing about authenticity.
    public init(from reader: inout ByteReader) throws(CodecError) {
        component = try reader.raw(SoftwareComponent.self, "software component")
        version = SoftwareVersion(packed: try reader.unsigned())
        digest = try reader.sized()
        securityVersion = try reader.unsigned()
        signature = try reader.sized()
    }
}
