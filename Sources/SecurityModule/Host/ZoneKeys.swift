// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The keys of one zone.
final class ZoneKeys: @unchecked Sendable {
    // Unchecked: after `init` nothing changes but the MAC's cipher context, under the one caller that the module has.
    let zone: ZoneID
    let pinKey: SecretKey
    let code: AESCMAC
    let permitsWeakerCipher: Bool

    init(_ zone: ZoneID, pinKey: consuming SecretKey, macKey: borrowing SecretKey, permitsWeakerCipher: Bool) {
        self.zone = zone
        self.pinKey = pinKey
        code = AESCMAC(key: macKey)
        self.permitsWeakerCipher = permitsWeakerCipher
    }
}

extension SoftHostModule: ZoneModulePort {
    /// How many zones a module takes.
    public static let zonesMax = 32

    /// Gives the module the keys of a zone, before traffic with it begins; a zone that it has gets these instead.
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
        zones.removeAll { $0.zone == zone }
        guard zones.count < Self.zonesMax else { return false }
        zones.append(ZoneKeys(zone, pinKey: pinKey, macKey: macKey, permitsWeakerCipher: permitsWeakerCipher))
        return true
    }

    private func keys(_ zone: ZoneID) -> ZoneKeys? { zones.first { $0.zone == zone } }

    public func seal(_ message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) -> [UInt8]? {
        guard let keys = keys(zone), Self.fits(message, covered, mac) else { return nil }
        var sealed = message
        sealed.replaceSubrange(mac, with: keys.code.code(Array(message[covered])).prefix(mac.count))
        return sealed
    }

    public func isAuthentic(_ message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) -> Bool {
        guard let keys = keys(zone), Self.fits(message, covered, mac) else { return false }
        return constantTimeEquals(Array(keys.code.code(Array(message[covered])).prefix(mac.count)), Array(message[mac]))
    }

    private static func fits(_ message: [UInt8], _ covered: Range<Int>, _ mac: Range<Int>) -> Bool {
        mac.count == MessageHoles.macLength && covered.lowerBound >= 0 && covered.upperBound <= mac.lowerBound
            && mac.upperBound <= message.count
    }

    /// The PIN under the zone's key, only if the health element meets the expectation. Clear, it exists in this call alone.
    func translatePIN(_ verdict: inout OpenVerdict, _ command: OpenCommand, _ transaction: borrowing TransactionKeys) {
        guard let expectation = command.expectation, let question = command.translation, let claims = verdict.health,
            expectation.isMet(by: claims), claims.identityEpoch == command.keys.identityEpoch
        else { return }
        let profile = command.keys.profile
        guard let keys = keys(question.zone), profile.pinBlockLength == 8 || keys.permitsWeakerCipher,
            question.block.count == profile.pinBlockLength, command.covers(question.block),
            let pan = question.pan.forPIN,
            let pin = try? transaction.decryptPINBlock(Array(command.message[question.block]), pan: pan)
        else {
            verdict.pin = .unusable
            return
        }
        verdict.translatedPIN = PINBlock.encrypt(pin, pan: pan, format: .format0, key: keys.pinKey)
    }
}
