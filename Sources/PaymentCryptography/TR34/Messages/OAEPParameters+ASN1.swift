// SPDX-License-Identifier: Apache-2.0

extension OAEPParameters {
    /// Reads an AlgorithmIdentifier of RSAES-OAEP (RFC 4055 4.1). TR-34's samples leave the tags of its three parts away,
    /// so each part is known by what it names.
    init(reading element: ASN1Element<ArraySlice<UInt8>>) throws(TR34Error) {
        var algorithm = element.reader
        guard try algorithm.next("key encryption algorithm").bytes == ObjectIdentifier.rsaesOAEP else {
            throw .unsupportedAlgorithm("key encryption")
        }
        self.init(hash: .sha1)
        guard !algorithm.isAtEnd else { return }
        var parts = try algorithm.next(ASN1.Tag.sequence, "OAEP parameters").reader
        try algorithm.end("end of the key encryption algorithm")
        var seen: [UInt8] = []
        while !parts.isAtEnd {
            var part = try parts.next("OAEP parameter")
            if (ASN1.Tag.contextConstructed(0)...ASN1.Tag.contextConstructed(2)).contains(part.tag) {
                var explicit = part.reader
                part = try explicit.next("OAEP parameter")
                try explicit.end("end of an OAEP parameter")
            }
            guard part.tag == ASN1.Tag.sequence else { throw .malformed("OAEP parameter") }
            let kind = try read(part)
            guard !seen.contains(kind) else { throw .malformed("an OAEP parameter once") }
            seen.append(kind)
        }
    }

    /// Takes one part: a hash, MGF1 or a label; answers which.
    private mutating func read(_ part: ASN1Element<ArraySlice<UInt8>>) throws(TR34Error) -> UInt8 {
        var reader = part.reader
        let identifier = try reader.next(ASN1.Tag.objectIdentifier, "OAEP parameter").bytes
        switch identifier {
        case ObjectIdentifier.mgf1:
            let name = try AlgorithmIdentifier.simple(try reader.next("mask hash"), "mask hash")
            try reader.end("end of an OAEP parameter")
            guard let digest = ObjectIdentifier.digest(name) else { throw .unsupportedAlgorithm("mask hash") }
            maskHash = digest
            return 1
        case ObjectIdentifier.pSpecified:
            label = try reader.nextOctets("label")
            try reader.end("end of an OAEP parameter")
            return 2
        default:
            let name = try AlgorithmIdentifier.simple(part, "OAEP hash")
            guard let digest = ObjectIdentifier.digest(name) else { throw .unsupportedAlgorithm("OAEP hash") }
            hash = digest
            return 0
        }
    }

    /// The AlgorithmIdentifier. Hash identifiers have NULL parameters (RFC 4055 2.1); defaults are left away, as DER
    /// wants.
    var encoding: [UInt8] {
        var parts: [UInt8] = []
        if hash != .sha1 {
            parts += ASN1.element(ASN1.Tag.contextConstructed(0), Self.identifier(hash))
        }
        if maskHash != .sha1 {
            let function = ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.mgf1), Self.identifier(maskHash))
            parts += ASN1.element(ASN1.Tag.contextConstructed(1), function)
        }
        if !label.isEmpty {
            let source = ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.pSpecified), ASN1.octets(label))
            parts += ASN1.element(ASN1.Tag.contextConstructed(2), source)
        }
        return ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.rsaesOAEP), ASN1.sequence(parts))
    }

    private static func identifier(_ digest: DigestAlgorithm) -> [UInt8] {
        let name =
            switch digest {
            case .sha384: ObjectIdentifier.sha384
            case .sha512: ObjectIdentifier.sha512
            case .sha256: ObjectIdentifier.sha256
            default: preconditionFailure("keys are wrapped with SHA-2")
            }
        return ASN1.sequence(ASN1.objectIdentifier(name), ASN1.null)
    }
}
