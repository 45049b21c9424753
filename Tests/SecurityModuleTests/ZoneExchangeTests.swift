// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@Suite("The exchange of zone keys")
struct ZoneExchangeTests {
    private static let zone = ZoneID("NORTH")
    private static let message = [UInt8](repeating: 0x31, count: 40)

    private static func key(_ factor: UInt8, _ count: UInt8 = 16) -> SecretKey {
        SecretKey(count: Int(count)) { $0.copyBytes(from: (0..<count).map { $0 &* factor &+ 1 }) }
    }

    private func module(_ seed: UInt64, protection: UInt8? = 11) throws -> SoftHostModule {
        let module = try require(SoftHostModule.simulated(seed: seed))
        #expect(try module.installZone(Self.zone, pinKey: Self.key(7), macKey: Self.key(3)))
        if let protection { #expect(try module.installZoneProtection(Self.zone, key: Self.key(protection, 32))) }
        return module
    }

    private func sealed(_ module: SoftHostModule) -> [UInt8]? {
        module.seal(Self.message, covered: 0..<32, mac: 32..<40, zone: Self.zone)
    }

    private func number(_ module: SoftHostModule, _ message: [UInt8]?) -> UInt32? {
        message.flatMap { module.keyNumber($0, covered: 0..<32, mac: 32..<40, zone: Self.zone) }
    }

    private func set(_ offer: ZoneKeyOffer, _ number: UInt32 = 1) -> ZoneKeySet {
        ZoneKeySet(number: number, sealed: offer.sealed, checkValues: offer.checkValues)
    }

    @Test(
        "what one side makes the other reads, with the same check values; both prove themselves under it when they use it"
    )
    func exchanged() throws {
        let (here, there) = (try module(1), try module(2))
        let offer = try require(here.makeKeys(Self.zone))
        let read = try there.readKeys(offer.blocks, zone: Self.zone)
        #expect(read.checkValues == offer.checkValues && offer.checkValues.count == 16)
        #expect(number(there, sealed(here)) == 0, "nothing is used before it is said")
        #expect(here.useKeys([.installed, set(offer)], sending: 0, zone: Self.zone))
        #expect(there.useKeys([set(read), .installed], sending: 1, zone: Self.zone))
        #expect(number(here, sealed(there)) == 1 && number(there, sealed(here)) == 0)
        #expect(here.useKeys([set(offer)], sending: 1, zone: Self.zone))
        #expect(number(there, sealed(here)) == 1)
        #expect(there.useKeys([set(read)], sending: 1, zone: Self.zone))
        let old = try module(3)
        #expect(number(there, sealed(old)) == nil, "the old keys are accepted no more")
    }

    @Test("keys come back from what the module sealed, in another process of the same module and in no other")
    func restored() throws {
        let here = try module(1)
        let offer = try require(here.makeKeys(Self.zone))
        #expect(here.useKeys([set(offer)], sending: 1, zone: Self.zone))
        let again = try module(1, protection: nil)
        #expect(again.useKeys([set(offer)], sending: 1, zone: Self.zone))
        #expect(number(again, sealed(here)) == 1)
        let stranger = try module(2)
        #expect(!stranger.useKeys([set(offer), .installed], sending: 1, zone: Self.zone))
        #expect(sealed(stranger) == nil, "without its keys a zone has no traffic")
        #expect(!stranger.useKeys([.installed], sending: 1, zone: ZoneID("SOUTH")))
    }

    @Test("a block that is damaged anywhere, of another protection key or of none is refused, and changes nothing")
    func damaged() throws {
        let (here, there) = (try module(1), try module(2))
        let offer = try require(here.makeKeys(Self.zone))
        let characters = Array(offer.blocks.utf8)
        for index in characters.indices {
            var text = characters
            text[index] = text[index] == 0x41 ? 0x42 : 0x41
            #expect(throws: ZoneKeyError.damaged, "character \(index)") {
                try there.readKeys(String(decoding: text, as: UTF8.self), zone: Self.zone)
            }
        }
        let texts = [
            "", "D", "D0000", "D0008", "D99999999999", "密钥", offer.blocks + "D", offer.blocks + offer.blocks,
            String(offer.blocks.dropLast()), String(offer.blocks.dropFirst()),
        ]
        for text in texts {
            #expect(throws: ZoneKeyError.damaged) { try there.readKeys(text, zone: Self.zone) }
        }
        let other = try module(4, protection: 13)
        #expect(throws: ZoneKeyError.damaged) { try other.readKeys(offer.blocks, zone: Self.zone) }
        let none = try module(5, protection: nil)
        #expect(throws: ZoneKeyError.noProtectionKey) { try none.readKeys(offer.blocks, zone: Self.zone) }
        #expect(none.makeKeys(Self.zone) == nil)
        #expect(number(there, sealed(here)) == 0)
    }

    @Test("blocks of other usages, in another order, or without a check value are refused")
    func attributes() throws {
        let there = try module(2)
        let protection = Self.key(11, 32)
        func block(
            _ key: borrowing SecretKey, _ usage: KeyUsage, _ algorithm: KeyAlgorithm, _ mode: ModeOfUse,
            checked: Bool = true
        ) throws -> String {
            try KeyBlock.wrap(
                key, header: KeyBlockHeader(version: .d, usage: usage, algorithm: algorithm, modeOfUse: mode),
                under: protection, writing: KeyBlockWriting(checkValues: checked ? [.key] : []))
        }
        let pin = try block(Self.key(7, 24), .pinEncryption, .tdes, .both)
        let mac = try block(Self.key(3), .cmac, .aes, .generateAndVerify)
        _ = try there.readKeys(pin + mac, zone: Self.zone)
        let wrong = [
            mac + pin, pin + pin, mac + mac, pin,
            try pin + block(Self.key(3), .cmac, .aes, .generateAndVerify, checked: false),
            try block(Self.key(7, 24), .pinEncryption, .tdes, .both, checked: false) + mac,
            try block(Self.key(7, 24), .pinEncryption, .tdes, .decrypt) + mac,
            try block(Self.key(7), .pinEncryption, .aes, .both) + mac,
            try pin + block(Self.key(3), .dataEncryption, .aes, .both),
        ]
        for (index, text) in wrong.enumerated() {
            #expect(throws: ZoneKeyError.damaged, "\(index)") { try there.readKeys(text, zone: Self.zone) }
        }
    }

    @Test("installing keys by hand ends all that was exchanged; a weak protection key is refused")
    func installed() throws {
        let here = try module(1)
        let offer = try require(here.makeKeys(Self.zone))
        #expect(here.useKeys([set(offer)], sending: 1, zone: Self.zone))
        _ = try here.installZone(Self.zone, pinKey: Self.key(9), macKey: Self.key(5))
        #expect(number(here, sealed(here)) == 0)
        #expect(here.makeKeys(Self.zone) != nil, "the protection key stays")
        #expect(throws: KeyStrengthError.self) {
            try here.installZoneProtection(
                Self.zone, key: SecretKey(count: 16) { $0.copyBytes(from: [UInt8](repeating: 0x11, count: 16)) })
        }
    }
}
