// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@Suite("A PIN from a terminal's key to a zone's")
struct TranslationTests {
    static let zone = ZoneID("NORTH")
    let pan: PAN

    init() throws { pan = try require(PAN("4111111111111111")) }

    private static func key(_ factor: UInt8) -> SecretKey {
        SecretKey(count: 16) { $0.copyBytes(from: (0..<16).map { UInt8($0) &* factor &+ 1 }) }
    }

    private func command(_ bench: Bench, _ message: [UInt8], zone: ZoneID = Self.zone) throws -> OpenCommand {
        var command = bench.openCommand(message)
        let block = try require(bench.request(pin: true).holes.pinBlock)
        command.translation = TranslatePIN(block: block, pan: pan, zone: zone)
        return command
    }

    private func bench(_ profile: KeyProfile, permitsWeakerCipher: Bool = true) throws -> Bench {
        let bench = try Bench(profile)
        bench.signOn()
        #expect(
            try bench.host.installZone(
                Self.zone, pinKey: Self.key(7), macKey: Self.key(3), permitsWeakerCipher: permitsWeakerCipher))
        return bench
    }

    @Test("the PIN leaves in format 0 under the zone's key", arguments: KeyProfile.allCases)
    func translated(profile: KeyProfile) throws {
        let bench = try bench(profile)
        let verdict = bench.host.open([try command(bench, try bench.purchase("123456", pan))])[0]
        #expect(verdict.macAuthentic && verdict.pin == .untried)
        let block = try require(verdict.translatedPIN)
        let number = try require(PANDigits(ascii: pan.ascii))
        let pin = try PINBlock.decrypt(block, pan: number, format: .format0, key: Self.key(7))
        let expected = PINBlock.encrypt(try clearPIN("123456"), pan: number, format: .format0, key: Self.key(7))
        #expect(pin.count == 6 && block == expected)
    }

    @Test("a PIN under AES or SM4 leaves under TDES only where the zone permits it", arguments: KeyProfile.allCases)
    func weaker(profile: KeyProfile) throws {
        let bench = try bench(profile, permitsWeakerCipher: false)
        let verdict = bench.host.open([try command(bench, try bench.purchase("1234", pan))])[0]
        #expect((verdict.translatedPIN != nil) == (profile.pinBlockLength == 8))
    }

    @Test("nothing is translated without MAC, without health, for an unknown zone or out of a block of noise")
    func refused() throws {
        let bench = try bench(.tdes)
        let message = try bench.purchase("1234", pan)
        var broken = message
        broken[0] ^= 1
        #expect(bench.host.open([try command(bench, broken)])[0].translatedPIN == nil)
        var early = try command(bench, message)
        early.expectation?.counterAbove = .max
        let unmet = bench.host.open([early])[0]
        #expect(unmet.translatedPIN == nil && unmet.pin == .untried)
        let unknown = bench.host.open([try command(bench, message, zone: ZoneID("SOUTH"))])[0]
        #expect(unknown.translatedPIN == nil && unknown.pin == .unusable)
        var noise = try command(bench, message)
        noise.translation?.block = 0..<8
        let unusable = bench.host.open([noise])[0]
        #expect(unusable.translatedPIN == nil && unusable.pin == .unusable)
    }

    @Test("a zone's MAC is that zone's alone, and covers what it says")
    func code() throws {
        let bench = try bench(.tdes)
        _ = try bench.host.installZone(ZoneID("SOUTH"), pinKey: Self.key(9), macKey: Self.key(5))
        let message = [UInt8](repeating: 0x31, count: 40)
        let sealed = try require(bench.host.seal(message, covered: 0..<32, mac: 32..<40, zone: Self.zone))
        #expect(bench.host.isAuthentic(sealed, covered: 0..<32, mac: 32..<40, zone: Self.zone))
        #expect(!bench.host.isAuthentic(sealed, covered: 0..<32, mac: 32..<40, zone: ZoneID("SOUTH")))
        var changed = sealed
        changed[3] ^= 1
        #expect(!bench.host.isAuthentic(changed, covered: 0..<32, mac: 32..<40, zone: Self.zone))
        #expect(bench.host.seal(message, covered: 0..<36, mac: 32..<40, zone: Self.zone) == nil)
        #expect(bench.host.seal(message, covered: 0..<32, mac: 33..<41, zone: Self.zone) == nil)
        #expect(bench.host.seal(message, covered: 0..<32, mac: 32..<40, zone: ZoneID("EAST")) == nil)
    }
}
