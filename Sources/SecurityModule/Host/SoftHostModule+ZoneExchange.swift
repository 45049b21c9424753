// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The exchange of zone keys. A key is made, read and kept inside; outside it exists as a key block (X9.143:2021) under the
/// zone's protection key or under this module's own.
extension SoftHostModule {
    private static let pinKeyBytes = 24
    private static let macKeyBytes = 16

    private static let pinAttributes = KeyAttributes(usage: .pinEncryption, algorithm: .tdes, modeOfUse: .both)
    private static let macAttributes = KeyAttributes(usage: .cmac, algorithm: .aes, modeOfUse: .generateAndVerify)

    public func makeKeys(_ zone: ZoneID) -> ZoneKeyOffer? {
        guard let protection = keys(zone)?.protection else { return nil }
        let pinKey = Self.random(Self.pinKeyBytes, .tdes)
        let macKey = Self.random(Self.macKeyBytes, .aes)
        return Self.blocks(pinKey, macKey, under: protection.key).flatMap { offer(pinKey, macKey, blocks: $0) }
    }

    public func readKeys(_ blocks: String, zone: ZoneID) throws(ZoneKeyError) -> ZoneKeyOffer {
        guard let protection = keys(zone)?.protection else { throw .noProtectionKey }
        let texts = Self.split(blocks)
        guard texts.count == 2, let pinText = texts.first, let macText = texts.last else { throw .damaged }
        let pinKey = try Self.key(pinText, Self.pinAttributes, under: protection)
        let macKey = try Self.key(macText, Self.macAttributes, under: protection)
        guard let offer = offer(pinKey, macKey, blocks: blocks) else { throw .damaged }
        return offer
    }

    public func useKeys(_ accepted: [ZoneKeySet], sending: UInt32, zone: ZoneID) -> Bool {
        guard let keys = keys(zone) else { return false }
        var pairs: [ZoneKeyPair] = []
        for set in accepted {
            let known = (keys.accepted + [keys.installed].compactMap(\.self)).first {
                $0.number == set.number && $0.sealed == set.sealed
            }
            // What was installed may be gone by now: the other host was to use it no longer than it has been.
            if let pair = known ?? unsealed(set) { pairs.append(pair) }
        }
        let names = accepted.filter { $0 != .installed }.map(\.number)
        guard let current = pairs.first(where: { $0.number == sending }),
            names.allSatisfy({ number in pairs.contains { $0.number == number } })
        else {
            (keys.accepted, keys.sending) = ([], nil)
            return false
        }
        if !accepted.contains(.installed) { keys.installed = nil }
        (keys.accepted, keys.sending) = (pairs, current)
        return true
    }

    private func offer(
        _ pinKey: borrowing SecretKey, _ macKey: borrowing SecretKey, blocks: String
    ) -> ZoneKeyOffer? {
        let storage = storageKey
        guard let sealed = Self.blocks(pinKey, macKey, under: storage) else { return nil }
        return ZoneKeyOffer(
            sealed: Array(sealed.utf8), checkValues: Hex.text(KCV.tdes(pinKey) + KCV.aes(macKey)), blocks: blocks)
    }

    private func unsealed(_ set: ZoneKeySet) -> ZoneKeyPair? {
        let texts = Self.split(String(decoding: set.sealed, as: UTF8.self))
        let storage = ZoneProtectionKey(storageKey)
        guard texts.count == 2, let pinText = texts.first, let macText = texts.last,
            let pinKey = try? Self.key(pinText, Self.pinAttributes, under: storage),
            let macKey = try? Self.key(macText, Self.macAttributes, under: storage)
        else { return nil }
        return ZoneKeyPair(number: set.number, sealed: set.sealed, pinKey: pinKey, macKey: macKey)
    }

    /// This module's own, for what the journal keeps.
    private var storageKey: SecretKey {
        KDF.derive(master: masters.key(.panSeal), label: "zone key storage", count: 32)
    }

    private static func random(_ count: Int, _ algorithm: KeyAlgorithm) -> SecretKey {
        while true {
            let key = SecretKey.random(count: count)
            // One in 2^50 or so is weak.
            if (try? KeyGuard.check(key, for: algorithm)) != nil { return key }
        }
    }

    /// The PIN key's block and behind it the MAC key's, each with its check value.
    private static func blocks(
        _ pinKey: borrowing SecretKey, _ macKey: borrowing SecretKey, under protection: borrowing SecretKey
    ) -> String? {
        guard let pin = try? block(pinKey, pinAttributes, under: protection),
            let mac = try? block(macKey, macAttributes, under: protection)
        else { return nil }
        return pin + mac
    }

    private static func block(
        _ key: borrowing SecretKey, _ attributes: KeyAttributes, under protection: borrowing SecretKey
    ) throws(KeyBlockError) -> String {
        let header = KeyBlockHeader(
            version: .d, usage: attributes.usage, algorithm: attributes.algorithm, modeOfUse: attributes.modeOfUse,
            exportability: attributes.exportability)
        return try KeyBlock.wrap(key, header: header, under: protection, writing: KeyBlockWriting(checkValues: [.key]))
    }

    /// The key of a block that is what it must be: authentic, of these attributes, with its check value.
    private static func key(
        _ text: Substring, _ attributes: KeyAttributes, under protection: ZoneProtectionKey
    ) throws(ZoneKeyError) -> SecretKey {
        do throws(KeyBlockError) {
            // Strict: a check value that is not the key's refuses the block.
            let unwrapped = try KeyBlock.unwrap(text, under: protection.key, policy: .strict)
            let header = unwrapped.header
            // Whether the key may go on from here is nothing to a module that gives none away.
            var found = header.attributes
            found.exportability = attributes.exportability
            guard found == attributes, header.optionalBlocks.contains(where: { $0.id == "KC" }) else {
                throw KeyBlockError.attribute("zone key")
            }
            return unwrapped.takeKey()
        } catch { throw .damaged }
    }

    /// Two blocks one after the other; each begins with its version and its length (X9.143:2021 6.2).
    private static func split(_ text: String) -> [Substring] {
        var blocks: [Substring] = []
        var rest = text[...]
        while !rest.isEmpty, blocks.count < 3 {
            let digits = rest.dropFirst().prefix(4)
            guard digits.utf8.allSatisfy({ $0 &- 0x30 <= 9 }), let length = Int(digits), length >= 16,
                length <= rest.utf8.count
            else { return [] }
            blocks.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return blocks
    }
}
