// SPDX-License-Identifier: Apache-2.0
import CPKCS11
import SecurityModule

/// What lies on the token, and how it is found again.
extension PKCS11Hardware {
    /// Which token and which generation of keys: the file that says that provisioning has come to its end.
    struct Marker {
        var serial: [UInt8]
        var generation: [UInt8]
        var publicKey: [UInt8]

        var encoded: [UInt8] { [PKCS11Hardware.version] + serial + generation + publicKey }
    }

    /// The last byte of a key's CKA_ID.
    enum Role: UInt8 {
        case wrap = 1
        case tearOff = 2
        case identity = 3
    }

    private var counterTemplate: PKCS11Template {
        var template = PKCS11Template(class: PKCS11.Class.data)
        template.flag(PKCS11.Attribute.token, true)
        template.bytes(PKCS11.Attribute.label, Array("\(name) counter".utf8))
        return template
    }

    func counters() throws(HardwareError) -> [(handle: CK_OBJECT_HANDLE, value: UInt64?)] {
        var found: [(handle: CK_OBJECT_HANDLE, value: UInt64?)] = []
        for handle in try session.find(counterTemplate) {
            // An object that a cut has left unfinished has no value, and an older one beside it.
            let bytes = try session.attributeIfAny(PKCS11.Attribute.value, of: handle, room: 8)
            found.append((handle, bytes.count == 8 ? bytes.reduce(0) { $0 << 8 | UInt64($1) } : nil))
        }
        return found
    }

    func storeCounter(_ value: UInt64) throws(HardwareError) {
        var template = counterTemplate
        template.flag(PKCS11.Attribute.isPrivate, false)
        template.bytes(PKCS11.Attribute.value, (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) })
        try session.create(template)
    }

    // MARK: - Keys

    func find(key marker: Marker, _ role: Role) throws(HardwareError) -> CK_OBJECT_HANDLE {
        guard let found = try session.one(key(marker, role, PKCS11.Class.secretKey)) else { throw .corrupt }
        return found
    }

    func key(_ marker: Marker, _ role: Role, _ objectClass: CK_ULONG) -> PKCS11Template {
        var template = PKCS11Template(class: objectClass)
        template.flag(PKCS11.Attribute.token, true)
        template.bytes(PKCS11.Attribute.id, marker.generation + [role.rawValue])
        return template
    }

    private func label(_ role: Role) -> [UInt8] {
        let suffix =
            switch role {
            case .wrap: "wrap key"
            case .tearOff: "tear-off key"
            case .identity: "identity"
            }
        return Array("\(name) \(suffix)".utf8)
    }

    func secret(_ marker: Marker, _ role: Role, isPrivate: Bool) -> PKCS11Template {
        var template = key(marker, role, PKCS11.Class.secretKey)
        template.number(PKCS11.Attribute.keyType, PKCS11.KeyType.aes)
        template.number(PKCS11.Attribute.valueLength, 32)
        template.bytes(PKCS11.Attribute.label, label(role))
        template.flag(PKCS11.Attribute.isPrivate, isPrivate)
        guarded(&template)
        template.flag(PKCS11.Attribute.encrypt, true)
        template.flag(PKCS11.Attribute.decrypt, true)
        return template
    }

    private func guarded(_ template: inout PKCS11Template) {
        template.flag(PKCS11.Attribute.sensitive, true)
        template.flag(PKCS11.Attribute.extractable, false)
    }

    func makeIdentity(_ marker: Marker) throws(HardwareError) -> [UInt8] {
        var open = key(marker, .identity, PKCS11.Class.publicKey)
        open.bytes(PKCS11.Attribute.label, label(.identity))
        open.bytes(PKCS11.Attribute.ecParameters, PKCS11.p256)
        open.flag(PKCS11.Attribute.isPrivate, false)
        open.flag(PKCS11.Attribute.verify, true)
        var secret = key(marker, .identity, PKCS11.Class.privateKey)
        secret.bytes(PKCS11.Attribute.label, label(.identity))
        secret.flag(PKCS11.Attribute.isPrivate, true)
        guarded(&secret)
        secret.flag(PKCS11.Attribute.sign, true)
        let made = try session.makePair(public: open, private: secret)
        let point = try session.attribute(PKCS11.Attribute.ecPoint, of: made, room: 128)
        let count = SecureHardwareLimits.publicKeyLength
        // An OCTET STRING around the point, as the standard says; some tokens give the point alone.
        let bare =
            point.starts(with: [0x04, UInt8(count)]) && point.count == count + 2 ? Array(point.dropFirst(2)) : point
        guard bare.count == count, bare[0] == 0x04 else { throw .malformedAnswer }
        return bare
    }

    func destroyKeys() throws(HardwareError) {
        for suffix in ["tear-off key", "wrap key", "identity"] { try destroy(label: suffix) }
    }

    /// Whatever has this label and is a key, of any generation.
    func destroy(label suffix: String) throws(HardwareError) {
        for objectClass in [PKCS11.Class.secretKey, PKCS11.Class.privateKey, PKCS11.Class.publicKey] {
            var template = PKCS11Template(class: objectClass)
            template.flag(PKCS11.Attribute.token, true)
            template.bytes(PKCS11.Attribute.label, Array("\(name) \(suffix)".utf8))
            for object in try session.find(template) { try session.destroy(object) }
        }
    }
}
