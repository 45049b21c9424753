// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// What a client asks of a module in a process of its own.
public enum WireRequest: Equatable, Sendable {
    /// The first of every line, and once.
    case hello(WireHello)
    case status
    case open([OpenCommand])
    case seal([SealCommand])
    case cardKeys([PAN])
    case nonce([UInt8])
    case sealPAN(PAN)
    case openPAN([UInt8])
    case zoneSeal(ZoneMessage)
    case zoneKeyNumber(ZoneMessage)
    case makeZoneKeys(ZoneID)
    case readZoneKeys(String, ZoneID)
    case useZoneKeys([ZoneKeySet], sending: UInt32, ZoneID)
    /// The PIN comes in a block of ISO 9564-1 format 4 under the line's PIN key.
    case pinReference(PAN, block: [UInt8], kind: WirePINReferenceKind)
    case provision(ProvisioningOrder)
    case linkKey
    case verifyLog(LogQuestion)
    case openJournal(OpenJournalCommand)
    case certify(CertifyOrder)
    case sendKeys(SendKeysOrder)
    case beginCeremony(WireCeremonyOrder)
    case takeSheet(UInt8, ceremony: UInt32)

    public var kind: WireKind {
        switch self {
        case .hello: .hello
        case .status: .status
        case .open: .open
        case .seal: .seal
        case .cardKeys: .cardKeys
        case .nonce: .nonce
        case .sealPAN: .sealPAN
        case .openPAN: .openPAN
        case .zoneSeal: .zoneSeal
        case .zoneKeyNumber: .zoneKeyNumber
        case .makeZoneKeys: .makeZoneKeys
        case .readZoneKeys: .readZoneKeys
        case .useZoneKeys: .useZoneKeys
        case .pinReference: .pinReference
        case .provision: .provision
        case .linkKey: .linkKey
        case .verifyLog: .verifyLog
        case .openJournal: .openJournal
        case .certify: .certify
        case .sendKeys: .sendKeys
        case .beginCeremony: .beginCeremony
        case .takeSheet: .takeSheet
        }
    }
}

/// Who speaks: its version, what the line is for, and half of an agreement on the line's keys.
public struct WireHello: Equatable, Sendable {
    public var version: UInt8
    public var role: WireRole
    /// `04 ‖ x ‖ y` on P-256, of a key made for this line.
    public var publicKey: [UInt8]

    public init(version: UInt8 = WireLimits.version, role: WireRole, publicKey: [UInt8]) {
        (self.version, self.role, self.publicKey) = (version, role, publicKey)
    }
}

/// A message between hosts, and where its MAC stands.
public struct ZoneMessage: Equatable, Sendable {
    public var message: [UInt8]
    public var covered: Range<Int>
    public var mac: Range<Int>
    public var zone: ZoneID

    public init(message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) {
        (self.message, self.covered, self.mac, self.zone) = (message, covered, mac, zone)
    }
}

/// How the issuer wants to verify a card's PIN.
public enum WirePINReferenceKind: Equatable, Sendable {
    case pvv(keyIndex: UInt8)
    case offset
}
