// SPDX-License-Identifier: Apache-2.0
import SecurityModule

/// The numbers of the TPM 2.0 library specification, part 2, that are used here.
enum TPM {
    enum Tag {
        static let noSessions: UInt16 = 0x8001
        static let sessions: UInt16 = 0x8002
        static let hashCheck: UInt16 = 0x8024
    }

    enum Command: UInt32 {
        case evictControl = 0x120
        case undefineSpace = 0x122
        case defineSpace = 0x12A
        case createPrimary = 0x131
        case increment = 0x134
        case writeNV = 0x137
        case selfTest = 0x143
        case startup = 0x144
        case policyNV = 0x149
        case readNV = 0x14E
        case policySecret = 0x151
        case create = 0x153
        case load = 0x157
        case quote = 0x158
        case sign = 0x15D
        case unseal = 0x15E
        case flushContext = 0x165
        case readPublicNV = 0x169
        case policyCommandCode = 0x16C
        case policyPassword = 0x18C
        case extend = 0x182
        case startAuthSession = 0x176
        case getCapability = 0x17A
        case getRandom = 0x17B
        case policyPCR = 0x17F
        case policyGetDigest = 0x189
    }

    enum Handle {
        static let owner: UInt32 = 0x4000_0001
        static let null: UInt32 = 0x4000_0007
        static let password: UInt32 = 0x4000_0009
        /// Where transient objects begin, and sessions of authorisation and of policy.
        static let transient: UInt32 = 0x8000_0000
        static let loadedSession: UInt32 = 0x0200_0000
    }

    enum Algorithm {
        static let aes: UInt16 = 0x0006
        static let keyedHash: UInt16 = 0x0008
        static let sha256: UInt16 = 0x000B
        static let null: UInt16 = 0x0010
        static let ecdsa: UInt16 = 0x0018
        static let ecc: UInt16 = 0x0023
        static let cfb: UInt16 = 0x0043
        static let p256: UInt16 = 0x0003
    }

    /// TPMA_OBJECT.
    enum ObjectAttribute {
        static let fixedTPM: UInt32 = 1 << 1
        static let fixedParent: UInt32 = 1 << 4
        static let sensitiveDataOrigin: UInt32 = 1 << 5
        static let userWithAuth: UInt32 = 1 << 6
        static let noLockOut: UInt32 = 1 << 10
        static let restricted: UInt32 = 1 << 16
        static let decrypt: UInt32 = 1 << 17
        static let sign: UInt32 = 1 << 18
    }

    /// TPMA_NV; the type of an index stands in bits 4 to 7.
    enum NVAttribute {
        static let ownerWrite: UInt32 = 1 << 1
        static let authWrite: UInt32 = 1 << 2
        static let counter: UInt32 = 1 << 4
        static let pinFail: UInt32 = 8 << 4
        static let authRead: UInt32 = 1 << 18
        static let policyRead: UInt32 = 1 << 19
        static let noLockOut: UInt32 = 1 << 25
    }

    enum Session: UInt8 {
        case policy = 1
        case trial = 3
    }

    enum Capability {
        static let handles: UInt32 = 1
        static let properties: UInt32 = 6
        static let manufacturer: UInt32 = 0x105
        static let vendorFirst: UInt32 = 0x106
    }

    /// A TPM_RC, without the number of the handle, session or parameter it is about.
    struct Code: Equatable {
        var value: UInt32

        init(_ raw: UInt32) {
            // Format one (bit 7) has the number in bits 8 to 11, and bit 6 says what it counts (part 2, 6.6).
            value = raw & 0x80 != 0 ? raw & 0xBF : raw
        }

        static let initialised = Code(0x100)
        static let authUnavailable = Code(0x12F)
        static let policy = Code(0x126)
        static let valueChanged = Code(0x128)
        static let handle = Code(0x08B)
        static let authFail = Code(0x08E)
        static let badAuth = Code(0x0A2)
        static let policyFail = Code(0x09D)
        static let integrity = Code(0x09F)
        static let locked = Code(0x921)
        /// TPM_RC_RETRY, _YIELDED, _TESTING and _NV_RATE: the same command again.
        var isTransient: Bool { [0x922, 0x908, 0x90A, 0x920].contains(value) }

        var error: HardwareError {
            switch self {
            case .policyFail, .valueChanged: .stateChanged
            case .integrity: .corrupt
            case .authFail, .badAuth: .notAuthorised
            // Command code unknown; value, attributes, curve, scheme, type or hash not supported.
            case Code(0x143), Code(0x083), Code(0x082), Code(0x0A6), Code(0x092), Code(0x08A): .unsupported
            case .authUnavailable, .locked: .locked
            default: .failed(code: value)
            }
        }
    }
}
