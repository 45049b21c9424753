// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import SecurityModule

extension TPMDevice {
    private typealias Attribute = TPM.ObjectAttribute

    // MARK: - Making

    /// The parent of all: an ECC storage key that follows from the owner's seed.
    func createParent(owner: TPMChannel.Authorisation) throws(HardwareError) -> UInt32 {
        try channel.run(.createPrimary, [TPM.Handle.owner], [owner], answersHandle: true) { writer in
            Self.sensitive(&writer)
            writer.sized { writer in
                Self.curveKey(
                    &writer,
                    Attribute.fixedTPM | Attribute.fixedParent | Attribute.sensitiveDataOrigin | Attribute.userWithAuth
                        | Attribute.noLockOut | Attribute.restricted | Attribute.decrypt, policy: [])
            }
            writer.sized([])
            writer.number(UInt32(0))
        } read: { (handle, reader) throws(HardwareError) in
            for _ in 0..<3 { _ = try reader.sized(max: TPMObject.partMax) }
            try Self.skipTicket(&reader)
            _ = try reader.sized(max: TPMObject.partMax)
            return handle
        }
    }

    /// Keeps an object in the TPM for good, in the place of whatever is there.
    func persist(_ object: UInt32, as handle: UInt32, owner: TPMChannel.Authorisation) throws(HardwareError) {
        let evicted = try channel.result(.evictControl, [TPM.Handle.owner, handle], [owner]) { $0.number(handle) }
        guard evicted.value == 0 || evicted == .handle else { throw evicted.error }
        try channel.run(.evictControl, [TPM.Handle.owner, object], [owner]) { $0.number(handle) }
    }

    /// A signing key on P-256, for whoever fulfils the policy.
    ///
    /// - Parameters:
    ///   - value: the key's own, for a policy that asks for it.
    ///   - isRestricted: it signs only what the TPM itself has made, as an attestation key must.
    func createSigningKey(
        parent: UInt32, policy: [UInt8], value: AuthorisationValue, isRestricted: Bool
    ) throws(HardwareError) -> TPMObject {
        try create(parent) { writer in
            Self.sensitive(&writer, value)
            writer.sized { writer in
                let restriction = isRestricted ? Attribute.restricted : 0
                Self.curveKey(
                    &writer,
                    Attribute.fixedTPM | Attribute.fixedParent | Attribute.sensitiveDataOrigin | Attribute.noLockOut
                        | Attribute.sign | restriction, policy: policy)
            }
        }
    }

    /// A secret for whoever fulfils the policy.
    func seal(
        _ secret: borrowing SecretKey, parent: UInt32, policy: [UInt8], value: AuthorisationValue
    ) throws(HardwareError) -> TPMObject {
        let secret = secret.copy()
        return try create(parent) { writer in
            writer.sized {
                $0.sized(value.key)
                $0.sized(secret)
            }
            writer.sized {
                $0.number(TPM.Algorithm.keyedHash)
                $0.number(TPM.Algorithm.sha256)
                $0.number(Attribute.fixedTPM | Attribute.fixedParent | Attribute.noLockOut)
                $0.sized(policy)
                $0.number(TPM.Algorithm.null)
                $0.sized([])
            }
        }
    }

    private func create(_ parent: UInt32, _ write: (inout TPMWriter) -> Void) throws(HardwareError) -> TPMObject {
        try channel.run(.create, [parent], [.open]) { writer in
            write(&writer)
            writer.sized([])
            writer.number(UInt32(0))
        } read: { (_, reader) throws(HardwareError) in
            let privatePart = Array(try reader.sized(max: TPMObject.partMax))
            let publicArea = Array(try reader.sized(max: TPMObject.partMax))
            for _ in 0..<2 { _ = try reader.sized(max: TPMObject.partMax) }
            try Self.skipTicket(&reader)
            return TPMObject(privatePart: privatePart, publicArea: publicArea)
        }
    }

    /// A TPM2B_SENSITIVE_CREATE of a key that the TPM makes: no data.
    private static func sensitive(_ writer: inout TPMWriter, _ value: AuthorisationValue? = nil) {
        writer.sized {
            if let value { $0.sized(value.key) } else { $0.sized([]) }
            $0.sized([])
        }
    }

    /// A TPMT_PUBLIC of a key on P-256: a storage key encrypts its children, any other signs.
    private static func curveKey(_ writer: inout TPMWriter, _ attributes: UInt32, policy: [UInt8]) {
        writer.number(TPM.Algorithm.ecc)
        writer.number(TPM.Algorithm.sha256)
        writer.number(attributes)
        writer.sized(policy)
        if attributes & Attribute.decrypt != 0 {
            writer.number(TPM.Algorithm.aes)
            writer.number(UInt16(128))
            writer.number(TPM.Algorithm.cfb)
            writer.number(TPM.Algorithm.null)
        } else {
            writer.number(TPM.Algorithm.null)
            writer.number(TPM.Algorithm.ecdsa)
            writer.number(TPM.Algorithm.sha256)
        }
        writer.number(TPM.Algorithm.p256)
        writer.number(TPM.Algorithm.null)
        for _ in 0..<2 { writer.sized([]) }
    }

    private static func skipTicket(_ reader: inout TPMReader) throws(HardwareError) {
        _ = try reader.number(UInt16.self)
        _ = try reader.number(UInt32.self)
        _ = try reader.sized(max: 64)
    }

    // MARK: - Using

    /// Loads an object, lends its handle, and leaves nothing behind.
    func withLoaded<R: ~Copyable>(
        _ object: TPMObject, parent: UInt32, _ body: (UInt32) throws(HardwareError) -> R
    ) throws(HardwareError) -> R {
        let handle = try channel.run(.load, [parent], [.open], answersHandle: true) {
            $0.sized(object.privatePart)
            $0.sized(object.publicArea)
        } read: { (handle, reader) throws(HardwareError) in
            _ = try reader.sized(max: TPMObject.partMax)
            return handle
        }
        defer { attempt { () throws(HardwareError) in try flush(handle) } }
        return try body(handle)
    }

    func unseal(_ object: UInt32, _ use: TPMChannel.Authorisation) throws(HardwareError) -> SecretKey {
        let lengths = SecureHardwareLimits.keyLengths
        return try channel.run(.unseal, [object], [use]) { (_, reader) throws(HardwareError) in
            let bytes = try reader.sized(max: lengths.upperBound)
            guard lengths.contains(bytes.count) else { throw .malformedAnswer }
            return SecretKey(count: bytes.count) { $0.copyMemory(from: bytes) }
        }
    }

    /// - Returns: r and s, 64 bytes.
    func sign(
        _ digest: [UInt8], _ key: UInt32, _ use: TPMChannel.Authorisation
    ) throws(HardwareError) -> [UInt8] {
        try channel.run(.sign, [key], [use]) {
            $0.sized(digest)
            $0.number(TPM.Algorithm.ecdsa)
            $0.number(TPM.Algorithm.sha256)
            // No ticket: what is signed was not made by the TPM.
            $0.number(TPM.Tag.hashCheck)
            $0.number(TPM.Handle.null)
            $0.sized([])
        } read: { (_, reader) throws(HardwareError) in
            try Self.signature(&reader)
        }
    }

    /// - Returns: what is attested (TPMS_ATTEST), and r and s over its SHA-256.
    func quote(
        _ nonce: [UInt8], _ registers: [Int], _ key: UInt32, _ use: TPMChannel.Authorisation
    ) throws(HardwareError) -> (attested: [UInt8], signature: [UInt8]) {
        try channel.run(.quote, [key], [use]) {
            $0.sized(nonce)
            $0.number(TPM.Algorithm.null)
            $0.registers(registers)
        } read: { (_, reader) throws(HardwareError) in
            let attested = Array(try reader.sized(max: TPMObject.partMax))
            return (attested, try Self.signature(&reader))
        }
    }

    /// A TPMT_SIGNATURE by ECDSA with SHA-256.
    private static func signature(_ reader: inout TPMReader) throws(HardwareError) -> [UInt8] {
        guard try reader.number(UInt16.self) == TPM.Algorithm.ecdsa,
            try reader.number(UInt16.self) == TPM.Algorithm.sha256
        else { throw .malformedAnswer }
        return try number(&reader) + number(&reader)
    }

    /// A number of P-256; a TPM may leave leading zeros out.
    private static func number(_ reader: inout TPMReader) throws(HardwareError) -> [UInt8] {
        let bytes = try reader.sized(max: digestCount)
        guard !bytes.isEmpty else { throw .malformedAnswer }
        return [UInt8](repeating: 0, count: digestCount - bytes.count) + bytes
    }

    /// The point of a public area that `createSigningKey` has made: 65 bytes.
    static func point(of publicArea: [UInt8]) throws(HardwareError) -> [UInt8] {
        try publicArea.withUnsafeBytes { bytes in
            Result { () throws(HardwareError) in
                var reader = TPMReader(bytes)
                guard try reader.number(UInt16.self) == TPM.Algorithm.ecc else { throw .malformedAnswer }
                _ = try reader.number(UInt16.self)
                _ = try reader.number(UInt32.self)
                _ = try reader.sized(max: digestCount)
                // Symmetric algorithm, scheme and its hash, curve, key derivation.
                let fixed: [UInt16] = [
                    TPM.Algorithm.null, TPM.Algorithm.ecdsa, TPM.Algorithm.sha256, TPM.Algorithm.p256,
                    TPM.Algorithm.null,
                ]
                for expected in fixed {
                    guard try reader.number(UInt16.self) == expected else { throw .malformedAnswer }
                }
                let point = try [0x04] + number(&reader) + number(&reader)
                try reader.end()
                return point
            }
        }.get()
    }
}
