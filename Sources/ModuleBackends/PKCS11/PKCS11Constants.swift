// SPDX-License-Identifier: Apache-2.0
import CPKCS11
import SecurityModule

/// The numbers of PKCS #11 2.40 that are used here.
enum PKCS11 {
    static let userTypeUser: CK_ULONG = 1
    /// CKF_RW_SESSION and CKF_SERIAL_SESSION.
    static let readWriteSession: CK_ULONG = 0x2 | 0x4
    /// CKF_OS_LOCKING_OK.
    static let systemLocks: CK_ULONG = 0x2

    enum Class {
        static let data: CK_ULONG = 0
        static let publicKey: CK_ULONG = 2
        static let privateKey: CK_ULONG = 3
        static let secretKey: CK_ULONG = 4
    }

    enum KeyType {
        static let ec: CK_ULONG = 0x03
        static let aes: CK_ULONG = 0x1F
    }

    enum Attribute {
        static let `class`: CK_ULONG = 0x000
        static let token: CK_ULONG = 0x001
        static let isPrivate: CK_ULONG = 0x002
        static let label: CK_ULONG = 0x003
        static let value: CK_ULONG = 0x011
        static let keyType: CK_ULONG = 0x100
        static let id: CK_ULONG = 0x102
        static let sensitive: CK_ULONG = 0x103
        static let encrypt: CK_ULONG = 0x104
        static let decrypt: CK_ULONG = 0x105
        static let sign: CK_ULONG = 0x108
        static let verify: CK_ULONG = 0x10A
        static let valueLength: CK_ULONG = 0x161
        static let extractable: CK_ULONG = 0x162
        static let modifiable: CK_ULONG = 0x170
        static let ecParameters: CK_ULONG = 0x180
        static let ecPoint: CK_ULONG = 0x181
    }

    enum Mechanism {
        static let ecKeyPair: CK_ULONG = 0x1040
        static let ecdsa: CK_ULONG = 0x1041
        static let aesKey: CK_ULONG = 0x1080
        static let aesGCM: CK_ULONG = 0x1087
    }

    enum Result {
        static let ok: CK_RV = 0
        static let pinIncorrect: CK_RV = 0xA0
        static let pinInvalid: CK_RV = 0xA1
        static let pinLength: CK_RV = 0xA2
        static let pinLocked: CK_RV = 0xA4
        static let alreadyLoggedIn: CK_RV = 0x100
        static let notLoggedIn: CK_RV = 0x101
        static let alreadyInitialised: CK_RV = 0x191
    }

    /// The object identifier of P-256 (prime256v1), in DER.
    static let p256: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]

    /// - Throws: what a result that is not CKR_OK says.
    static func check(_ result: CK_RV) throws(HardwareError) {
        switch result {
        case Result.ok: return
        // Device removed, session closed or invalid, token absent or not recognised, library not initialised.
        case 0x32, 0xB0, 0xB3, 0xE0, 0xE1, 0x190: throw .unavailable
        // Encrypted data invalid or of a wrong length.
        case 0x40, 0x41: throw .corrupt
        // Function not supported; mechanism or its parameter invalid.
        case 0x54, 0x70, 0x71: throw .unsupported
        case Result.pinLocked: throw .locked
        case Result.notLoggedIn: throw .notAuthorised
        default: throw .failed(code: UInt32(truncatingIfNeeded: result))
        }
    }
}

/// Attributes of an object. Only what is no secret passes here: keys are made inside the token.
struct PKCS11Template {
    private var entries: [(type: CK_ULONG, value: [UInt8])] = []

    init(class objectClass: CK_ULONG) { number(PKCS11.Attribute.class, objectClass) }

    mutating func number(_ type: CK_ULONG, _ value: CK_ULONG) {
        entries.append((type, withUnsafeBytes(of: value) { Array($0) }))
    }
    mutating func flag(_ type: CK_ULONG, _ value: Bool) { entries.append((type, [value ? 1 : 0])) }
    mutating func bytes(_ type: CK_ULONG, _ value: [UInt8]) { entries.append((type, value)) }

    /// Lends the attributes as C takes them.
    func lend<R>(
        _ body: (UnsafeMutablePointer<CK_ATTRIBUTE>, CK_ULONG) throws(HardwareError) -> R
    ) throws(HardwareError) -> R {
        let room = UnsafeMutablePointer<UInt8>.allocate(capacity: entries.reduce(1) { $0 + $1.value.count })
        let attributes = UnsafeMutablePointer<CK_ATTRIBUTE>.allocate(capacity: entries.count)
        defer {
            attributes.deallocate()
            room.deallocate()
        }
        var position = 0
        for (index, entry) in entries.enumerated() {
            for (offset, byte) in entry.value.enumerated() { room[position + offset] = byte }
            (attributes + index).initialize(
                to: CK_ATTRIBUTE(type: entry.type, pValue: room + position, ulValueLen: CK_ULONG(entry.value.count)))
            position += entry.value.count
        }
        return try body(attributes, CK_ULONG(entries.count))
    }
}
