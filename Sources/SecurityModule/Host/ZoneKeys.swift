// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// A PIN key and a MAC key that came together.
final class ZoneKeyPair: @unchecked Sendable {
    // Unchecked: after `init` nothing changes but the MAC's cipher context, under the one caller that the module has.
    let number: UInt32
    /// Empty for what was installed.
    let sealed: [UInt8]
    let pinKey: SecretKey
    let code: AESCMAC

    init(number: UInt32, sealed: [UInt8], pinKey: consuming SecretKey, macKey: borrowing SecretKey) {
        (self.number, self.sealed) = (number, sealed)
        self.pinKey = pinKey
        code = AESCMAC(key: macKey)
    }
}

/// The key that protects a zone's key blocks on their way.
final class ZoneProtectionKey: Sendable {
    let key: SecretKey
    init(_ key: consuming SecretKey) { self.key = key }
}

/// The keys of one zone.
final class ZoneKeys: @unchecked Sendable {
    // Unchecked: they change under the one caller that the module has.
    let zone: ZoneID
    var permitsWeakerCipher = false
    /// Given by hand, before any exchange; nil once the other host no longer uses it.
    var installed: ZoneKeyPair?
    /// What MACs may be under, the one that is sent under among them.
    var accepted: [ZoneKeyPair] = []
    var sending: ZoneKeyPair?
    var protection: ZoneProtectionKey?

    init(_ zone: ZoneID) { self.zone = zone }
}

extension SoftHostModule: ZoneModulePort {
    /// How many zones a module takes.
    public static let zonesMax = 32

    /// Gives the module the first keys of a zone, before traffic with it begins; a zone that it has gets these instead of
    /// all it had. Later ones come by exchange.
    ///
    /// - Parameters:
    ///   - pinKey: two or three key TDES; PIN blocks leave in ISO 9564 format 0.
    ///   - macKey: AES, 16, 24 or 32 bytes.
    ///   - permitsWeakerCipher: whether a PIN that came under AES or SM4 may leave under TDES.
    /// - Throws: `KeyStrengthError` for a key that `KeyGuard` refuses.
    /// - Returns: false when there are `zonesMax` already.
    public func installZone(
        _ zone: ZoneID, pinKey: consuming SecretKey, macKey: borrowing SecretKey, permitsWeakerCipher: Bool = false
    ) throws(KeyStrengthError) -> Bool {
        try KeyGuard.check(pinKey, for: .tdes)
        try KeyGuard.check(macKey, for: .aes)
        guard let keys = keys(zone, makes: true) else { return false }
        let pair = ZoneKeyPair(number: ZoneKeySet.installed.number, sealed: [], pinKey: pinKey, macKey: macKey)
        keys.permitsWeakerCipher = permitsWeakerCipher
        (keys.installed, keys.accepted, keys.sending) = (pair, [pair], pair)
        return true
    }

    /// Gives the module the key under which a zone's key blocks travel.
    ///
    /// - Parameter key: AES, 16, 24 or 32 bytes; at least as strong as what it is to protect.
    /// - Throws: `KeyStrengthError` for a key that `KeyGuard` refuses.
    /// - Returns: false when there are `zonesMax` zones already.
    public func installZoneProtection(_ zone: ZoneID, key: consuming SecretKey) throws(KeyStrengthError) -> Bool {
        try KeyGuard.check(key, for: .aes)
        guard let keys = keys(zone, makes: true) else { return false }
        keys.protection = ZoneProtectionKey(key)
        return true
    }

    func keys(_ zone: ZoneID, makes: Bool = false) -> ZoneKeys? {
        if let keys = zones.first(where: { $0.zone == zone }) { return keys }
        guard makes, zones.count < Self.zonesMax else { return nil }
        let keys = ZoneKeys(zone)
        zones.append(keys)
        return keys
    }

    public func seal(_ message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) -> [UInt8]? {
        guard let pair = keys(zone)?.sending, Self.fits(message, covered, mac) else { return nil }
        var sealed = message
        sealed.replaceSubrange(mac, with: pair.code.code(Array(message[covered])).prefix(mac.count))
        return sealed
    }

    public func keyNumber(_ message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) -> UInt32? {
        guard let keys = keys(zone), Self.fits(message, covered, mac) else { return nil }
        let bytes = Array(message[covered])
        return keys.accepted.first { pair in
            constantTimeEquals(Array(pair.code.code(bytes).prefix(mac.count)), Array(message[mac]))
        }?.number
    }

    private static func fits(_ message: [UInt8], _ covered: Range<Int>, _ mac: Range<Int>) -> Bool {
        mac.count == MessageHoles.macLength && covered.lowerBound >= 0 && covered.upperBound <= mac.lowerBound
            && mac.upperBound <= message.count
    }

    /// The PIN under the zone's key, only if the health element meets the expectation. Clear, it exists in this call alone.
    func translatePIN(_ verdict: inout OpenVerdict, _ command: OpenCommand, _ transaction: HostTransaction) {
        guard let expectation = command.expectation, let question = command.translation, let claims = verdict.health,
            expectation.isMet(by: claims), claims.identityEpoch == command.keys.identityEpoch
        else { return }
        let profile = command.keys.profile
        guard let keys = keys(question.zone), let pair = keys.sending,
            profile.pinBlockLength == 8 || keys.permitsWeakerCipher,
            let pan = question.pan.forPIN, readPIN(question.block, pan, command, transaction)
        else {
            verdict.pin = .unusable
            return
        }
        defer { forgetPIN() }
        verdict.translatedPIN = PINBlock.encrypt(scratch.pin, pan: pan, format: .format0, key: pair.pinKey)
    }
}
