// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// What a module in a process of its own answers.
public enum WireReply: Equatable, Sendable {
    case refused(WireRefusal)
    case hello(WireWelcome)
    case status(ModuleServiceStatus)
    /// One a command, in order.
    case open([OpenVerdict])
    case seal([[UInt8]])
    case cardKeys([CardKey])
    case nonce([UInt8])
    case sealPAN([UInt8])
    case openPAN(PAN?)
    case zoneSeal([UInt8]?)
    case zoneKeyNumber(UInt32?)
    case makeZoneKeys(ZoneKeyOffer?)
    case readZoneKeys(ReadZoneKeys)
    case useZoneKeys(Bool)
    case pinReference(PINReference)
    /// Under the line's transport key.
    case provision([UInt8])
    /// Under the line's transport key.
    case linkKey([UInt8])
    case verifyLog(LogVerdict)
    case openJournal(JournalDelivery)
    case certify(Result<WireCredential, KeyLoadingRefusal>)
    case sendKeys(Result<WireTransportedKeys, KeyLoadingRefusal>)
    case beginCeremony(Result<WireCeremony, KeyLoadingRefusal>)
    case takeSheet(Result<WireSheet, KeyLoadingRefusal>)

    /// What a reply's number has over that of its request.
    public static let bit = WireKind.replyBit

    /// The number that stands in a reply's frame.
    public var number: UInt8 {
        func reply(_ kind: WireKind) -> UInt8 { kind.rawValue | WireKind.replyBit }
        return switch self {
        case .refused: WireKind.refused
        case .hello: reply(.hello)
        case .status: reply(.status)
        case .open: reply(.open)
        case .seal: reply(.seal)
        case .cardKeys: reply(.cardKeys)
        case .nonce: reply(.nonce)
        case .sealPAN: reply(.sealPAN)
        case .openPAN: reply(.openPAN)
        case .zoneSeal: reply(.zoneSeal)
        case .zoneKeyNumber: reply(.zoneKeyNumber)
        case .makeZoneKeys: reply(.makeZoneKeys)
        case .readZoneKeys: reply(.readZoneKeys)
        case .useZoneKeys: reply(.useZoneKeys)
        case .pinReference: reply(.pinReference)
        case .provision: reply(.provision)
        case .linkKey: reply(.linkKey)
        case .verifyLog: reply(.verifyLog)
        case .openJournal: reply(.openJournal)
        case .certify: reply(.certify)
        case .sendKeys: reply(.sendKeys)
        case .beginCeremony: reply(.beginCeremony)
        case .takeSheet: reply(.takeSheet)
        }
    }
}

/// Who answers: which module it is, and the other half of the agreement.
public struct WireWelcome: Equatable, Sendable {
    public var version: UInt8
    /// Follows from the master keys: another value is another module.
    public var identity: [UInt8]
    public var publicKey: [UInt8]

    public init(version: UInt8 = WireLimits.version, identity: [UInt8], publicKey: [UInt8]) {
        (self.version, self.identity, self.publicKey) = (version, identity, publicKey)
    }
}

/// What has become of another host's key blocks.
public enum ReadZoneKeys: Equatable, Sendable {
    case offer(ZoneKeyOffer)
    case refused(ZoneKeyError)
}
