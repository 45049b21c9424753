// SPDX-License-Identifier: Apache-2.0

/// The inside of a key token (TR-34 B.2.2.2, annex D): version, the host's identifier, the key, and the header that also
/// stands among the signed attributes.
enum ClearKeyBlock {
    static func encoding(key: borrowing SecretKey, header: [UInt8], host: CertificateID) -> SecretKey {
        let before = ASN1.integer(1) + host.encoding + ASN1.header(ASN1.Tag.octets, count: key.count)
        let after = SignedAttributes.attribute(ObjectIdentifier.data, ASN1.octets(header))
        let count = before.count + key.count + after.count
        let start = ASN1.header(ASN1.Tag.sequence, count: count)
        let keyBytes = UnsafeRawBufferPointer(start: key.base, count: key.count)
        return SecretKey(count: start.count + count) { block in
            var rest = block
            for part in [start, before] {
                rest.copyBytes(from: part)
                rest = UnsafeMutableRawBufferPointer(rebasing: rest[part.count...])
            }
            rest.copyMemory(from: keyBytes)
            UnsafeMutableRawBufferPointer(rebasing: rest[keyBytes.count...]).copyBytes(from: after)
        }
    }

    /// The key of the block, when host and header are those of the signed outside. Whatever is wrong with the inside is
    /// the same error.
    static func key(
        in content: borrowing SecretKey, blockCount: Int, header: [UInt8], host: Certificate
    ) throws(TR34Error) -> SecretKey {
        do {
            return try content.withBytes { content throws(TR34Error) in
                try Self.key(in: content, blockCount: blockCount, header: header, host: host)
            }
        } catch { throw .notAuthentic }
    }

    private static func key(
        in content: UnsafeRawBufferPointer, blockCount: Int, header: [UInt8], host: Certificate
    ) throws(TR34Error) -> SecretKey {
        var outer = ASN1Reader(content[...])
        var block = try outer.next(ASN1.Tag.sequence, "key block").reader
        // Some senders leave the padding away where the block fits by itself.
        let padding = outer.remainder
        guard padding.isEmpty || padding.count <= blockCount && padding.allSatisfy({ Int($0) == padding.count }) else {
            throw .notAuthentic
        }
        let version = try block.next(ASN1.Tag.integer, "version of the key block").bytes
        guard version == [1] || version == [0] else { throw .notAuthentic }
        guard try PartyIdentifier(reading: try block.next("host")).names(host) else { throw .notAuthentic }
        let clear = try block.next(ASN1.Tag.octets, "key").content
        guard (1...256).contains(clear.count) else { throw .notAuthentic }
        let inside: [UInt8]
        if block.tag == ASN1.Tag.octets {
            inside = try block.nextOctets("key block header")
        } else {
            var attribute = try block.next(ASN1.Tag.sequence, "key block header").reader
            guard try attribute.next("key block header").bytes == ObjectIdentifier.data else { throw .notAuthentic }
            var values = try attribute.next(ASN1.Tag.set, "key block header").reader
            inside = try values.nextOctets("key block header")
            try values.end("key block header")
            try attribute.end("key block header")
        }
        try block.end("key block")
        guard constantTimeEquals(inside, header) else { throw .notAuthentic }
        return SecretKey(count: clear.count) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: clear)) }
    }
}
