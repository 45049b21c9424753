// SPDX-License-Identifier: Apache-2.0
import CPKCS11
import PaymentCryptography
import SecurityModule

/// A session with a token. Whatever length or number comes back is held against the room that was given.
final class PKCS11Session {
    /// More objects under one label are not looked at.
    static let objectsMax = 64
    static let nonceCount = 12
    static let tagCount = 16

    private let library: PKCS11Library
    private let handle: CK_SESSION_HANDLE

    init(_ library: PKCS11Library, slot: CK_SLOT_ID) throws(HardwareError) {
        self.library = library
        var opened: CK_SESSION_HANDLE = 0
        try library.call { $0.C_OpenSession?(slot, PKCS11.readWriteSession, nil, nil, &opened) }
        handle = opened
    }

    deinit {
        // Nothing is left to tell of a session that does not close.
        do throws(HardwareError) { try library.call { $0.C_CloseSession?(handle) } } catch {}
    }

    /// - Returns: false for a wrong PIN.
    /// - Throws: `.locked`, and what else fails.
    func login(_ pin: borrowing SecretKey) throws(HardwareError) -> Bool {
        var result = try tryLogin(pin)
        if result == PKCS11.Result.alreadyLoggedIn {
            // Another value of this process is in; whether this PIN is right nobody has looked at.
            try logout()
            result = try tryLogin(pin)
        }
        guard ![PKCS11.Result.pinIncorrect, PKCS11.Result.pinInvalid, PKCS11.Result.pinLength].contains(result) else {
            return false
        }
        try PKCS11.check(result)
        return true
    }

    private func tryLogin(_ pin: borrowing SecretKey) throws(HardwareError) -> CK_RV {
        try pin.withBytes { (bytes) throws(HardwareError) in
            let start = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: CK_BYTE.self))
            return try library.result {
                $0.C_Login?(handle, PKCS11.userTypeUser, start, CK_ULONG(bytes.count))
            }
        }
    }

    func logout() throws(HardwareError) { try library.call { $0.C_Logout?(handle) } }

    // MARK: - Objects

    func find(_ template: PKCS11Template) throws(HardwareError) -> [CK_OBJECT_HANDLE] {
        try template.lend { (attributes, count) throws(HardwareError) in
            try library.call { $0.C_FindObjectsInit?(handle, attributes, count) }
        }
        var objects = [CK_OBJECT_HANDLE](repeating: 0, count: Self.objectsMax)
        var count: CK_ULONG = 0
        let found = try library.result { $0.C_FindObjects?(handle, &objects, CK_ULONG(Self.objectsMax), &count) }
        // The search is ended whatever it has found; the next could not begin otherwise.
        try library.call { $0.C_FindObjectsFinal?(handle) }
        try PKCS11.check(found)
        guard count <= CK_ULONG(Self.objectsMax) else { throw .malformedAnswer }
        return Array(objects[..<Int(count)])
    }

    /// The one object of this kind.
    ///
    /// - Returns: nil if there is none.
    func one(_ template: PKCS11Template) throws(HardwareError) -> CK_OBJECT_HANDLE? {
        let found = try find(template)
        guard found.count <= 1 else { throw .malformedAnswer }
        return found.first
    }

    /// - Parameter room: the longest value, in bytes; a longer one is malformed.
    func attribute(_ type: CK_ULONG, of object: CK_OBJECT_HANDLE, room: Int) throws(HardwareError) -> [UInt8] {
        var value = [UInt8](repeating: 0, count: room)
        var count: CK_ULONG = 0
        let result = try value.withUnsafeMutableBytes { value in
            Result { () throws(HardwareError) in
                var attribute = CK_ATTRIBUTE(type: type, pValue: value.baseAddress, ulValueLen: CK_ULONG(room))
                let result = try library.result { $0.C_GetAttributeValue?(handle, object, &attribute, 1) }
                count = attribute.ulValueLen
                return result
            }
        }.get()
        try PKCS11.check(result)
        guard count <= CK_ULONG(room) else { throw .malformedAnswer }
        return Array(value[..<Int(count)])
    }

    /// As `attribute(_:of:room:)`; empty where an object has none (CKR_ATTRIBUTE_TYPE_INVALID).
    func attributeIfAny(_ type: CK_ULONG, of object: CK_OBJECT_HANDLE, room: Int) throws(HardwareError) -> [UInt8] {
        do throws(HardwareError) { return try attribute(type, of: object, room: room) } catch .failed(0x12) {
            return []
        }
    }

    func create(_ template: PKCS11Template) throws(HardwareError) {
        var object: CK_OBJECT_HANDLE = 0
        try template.lend { (attributes, count) throws(HardwareError) in
            try library.call { $0.C_CreateObject?(handle, attributes, count, &object) }
        }
    }

    func destroy(_ object: CK_OBJECT_HANDLE) throws(HardwareError) {
        try library.call { $0.C_DestroyObject?(handle, object) }
    }

    // MARK: - Keys

    func makeKey(_ template: PKCS11Template) throws(HardwareError) {
        var mechanism = CK_MECHANISM(mechanism: PKCS11.Mechanism.aesKey, pParameter: nil, ulParameterLen: 0)
        var key: CK_OBJECT_HANDLE = 0
        try template.lend { (attributes, count) throws(HardwareError) in
            try library.call { $0.C_GenerateKey?(handle, &mechanism, attributes, count, &key) }
        }
    }

    /// - Returns: the public key.
    func makePair(
        public publicTemplate: PKCS11Template, private privateTemplate: PKCS11Template
    ) throws(HardwareError) -> CK_OBJECT_HANDLE {
        var mechanism = CK_MECHANISM(mechanism: PKCS11.Mechanism.ecKeyPair, pParameter: nil, ulParameterLen: 0)
        var keys: (open: CK_OBJECT_HANDLE, secret: CK_OBJECT_HANDLE) = (0, 0)
        try publicTemplate.lend { (publics, publicCount) throws(HardwareError) in
            try privateTemplate.lend { (privates, privateCount) throws(HardwareError) in
                try library.call {
                    $0.C_GenerateKeyPair?(
                        handle, &mechanism, publics, publicCount, privates, privateCount, &keys.open, &keys.secret)
                }
            }
        }
        return keys.open
    }

    /// AES-GCM with a tag of 16 bytes behind the ciphertext (NIST SP 800-38D).
    func encrypt(
        _ bytes: UnsafeRawBufferPointer, nonce: [UInt8], key: CK_OBJECT_HANDLE
    ) throws(HardwareError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: bytes.count + Self.tagCount)
        var count = CK_ULONG(output.count)
        try gcm(nonce) { (mechanism) throws(HardwareError) in
            try library.call { $0.C_EncryptInit?(handle, mechanism, key) }
        }
        let input = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: CK_BYTE.self))
        try library.call { $0.C_Encrypt?(handle, input, CK_ULONG(bytes.count), &output, &count) }
        guard count == CK_ULONG(output.count) else { throw .malformedAnswer }
        return output
    }

    /// - Throws: `.corrupt` when it is not what this key encrypted.
    func decrypt(_ bytes: [UInt8], nonce: [UInt8], key: CK_OBJECT_HANDLE) throws(HardwareError) -> SecretKey {
        guard bytes.count > Self.tagCount else { throw .corrupt }
        try gcm(nonce) { (mechanism) throws(HardwareError) in
            try library.call { $0.C_DecryptInit?(handle, mechanism, key) }
        }
        var input = bytes
        var count = CK_ULONG(bytes.count)
        // A token may ask for room for the tag as well.
        let room = try SecretKey(count: bytes.count) { (block) throws(HardwareError) in
            let output = block.baseAddress?.assumingMemoryBound(to: CK_BYTE.self)
            let result = try library.result { $0.C_Decrypt?(handle, &input, CK_ULONG(bytes.count), output, &count) }
            // CKR_GENERAL_ERROR and CKR_FUNCTION_FAILED are what some tokens say of a wrong tag.
            guard result != 0x05, result != 0x06 else { throw .corrupt }
            try PKCS11.check(result)
        }
        guard count == CK_ULONG(bytes.count - Self.tagCount) else { throw .malformedAnswer }
        return room.withBytes { room in
            SecretKey(count: Int(count)) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: room[..<Int(count)])) }
        }
    }

    private func gcm(
        _ nonce: [UInt8], _ body: (UnsafeMutablePointer<CK_MECHANISM>) throws(HardwareError) -> Void
    ) throws(HardwareError) {
        var nonce = nonce
        let result = nonce.withUnsafeMutableBufferPointer { nonce in
            var parameters = CK_GCM_PARAMS(
                pIv: nonce.baseAddress, ulIvLen: CK_ULONG(nonce.count), ulIvBits: CK_ULONG(8 * nonce.count), pAAD: nil,
                ulAADLen: 0, ulTagBits: CK_ULONG(8 * Self.tagCount))
            return withUnsafeMutablePointer(to: &parameters) { parameters in
                var mechanism = CK_MECHANISM(
                    mechanism: PKCS11.Mechanism.aesGCM, pParameter: parameters,
                    ulParameterLen: CK_ULONG(MemoryLayout<CK_GCM_PARAMS>.size))
                return Result { () throws(HardwareError) in try body(&mechanism) }
            }
        }
        try result.get()
    }

    /// ECDSA over a digest: r and s (current mechanisms 2.40, 2.3.1).
    func sign(_ digest: [UInt8], key: CK_OBJECT_HANDLE) throws(HardwareError) -> [UInt8] {
        var mechanism = CK_MECHANISM(mechanism: PKCS11.Mechanism.ecdsa, pParameter: nil, ulParameterLen: 0)
        try library.call { $0.C_SignInit?(handle, &mechanism, key) }
        var input = digest
        var output = [UInt8](repeating: 0, count: SecureHardwareLimits.signatureLength)
        var count = CK_ULONG(output.count)
        try library.call { $0.C_Sign?(handle, &input, CK_ULONG(digest.count), &output, &count) }
        guard count == CK_ULONG(output.count) else { throw .malformedAnswer }
        return output
    }

    func random(_ buffer: UnsafeMutableRawBufferPointer) throws(HardwareError) {
        guard let start = buffer.baseAddress?.assumingMemoryBound(to: CK_BYTE.self) else { return }
        try library.call { $0.C_GenerateRandom?(handle, start, CK_ULONG(buffer.count)) }
    }

    func random(_ count: Int) throws(HardwareError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(HardwareError) in try random(buffer) }
        }.get()
        return bytes
    }
}
