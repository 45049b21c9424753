// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `TR-34 and the strength of keys` {
    private let world = TR34World.shared
    private let now = TR34World.now

    @Test func `A key is not carried by anything weaker, unless the case is named`() throws {
        let host = try world.makeHost()
        let aes = SecretKey.random(count: 16)
        let strong = try world.makeStrongHost()
        func token(
            _ host: borrowing KeyDistributionHost, _ key: borrowing SecretKey, _ device: Certificate,
            _ strength: KeyTransportRule, _ cipher: ContentCipher? = nil
        ) -> TR34Error? {
            do {
                _ = try host.keyToken(
                    key, header: TR34World.aesHeader, for: device, freshness: .signingTime(now), revocationList: nil,
                    cipher: cipher, strength: strength)
                return nil
            } catch { return error }
        }
        #expect(token(host, aes, world.device, .strict) == .weakerThanKey)
        #expect(token(host, aes, world.device, .waivingAES128UnderRSA2048) == nil)
        #expect(token(strong, aes, world.strongDevice, .strict) == nil)
        #expect(token(strong, aes, world.device, .strict) == .weakerThanKey)
        #expect(token(host, aes, world.strongDevice, .strict) == .weakerThanKey)
        let long = SecretKey.random(count: 32)
        #expect(token(strong, long, world.strongDevice, .strict) == .weakerThanKey)
        #expect(token(strong, long, world.strongDevice, .waivingAnyKeyUnderRSA3072) == nil)
        #expect(token(host, long, world.device, .waivingAnyKeyUnderRSA3072) == .weakerThanKey)
        // The cipher of the inside is part of the transport; no waiver is for it.
        #expect(token(strong, aes, world.strongDevice, .waivingAnyKeyUnderRSA3072, .tdes) == .weakerThanKey)
        #expect(token(strong, long, world.strongDevice, .waivingAnyKeyUnderRSA3072, .aes128) == .weakerThanKey)
    }

    @Test func `A device applies the strength rule to what it receives`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let key = SecretKey.random(count: 16)
        let token = try world.makeHost().keyToken(
            key, header: TR34World.aesHeader, for: world.device, freshness: .randomNumber(number),
            revocationList: world.list, strength: .waivingAES128UnderRSA2048)
        #expect(thrown { _ = try device.receive(keyToken: token, at: now) } == .weakerThanKey)
        device.policy.strength = .waivingAES128UnderRSA2048
        let received = try device.receive(keyToken: token, at: now)
        #expect(holds(received.key.equals(key)))
        #expect(received.header.optionalBlocks.first == .init(id: "LB", text: "terminal master key"))
        #expect(received.header.version == .d)
        #expect(received.header.keyVersion == "12")
    }

    @Test func `Keys of one byte and with equal halves are neither sent nor taken`() throws {
        let host = try world.makeHost()
        let zeros = SecretKey(count: 16) { _ in }
        #expect(
            thrown {
                _ = try host.keyToken(
                    zeros, header: TR34World.header, for: world.device, freshness: .signingTime(now),
                    revocationList: nil)
            } == .unusableKey(.repeatedByte))
        #expect(
            thrown {
                _ = try host.keyToken(
                    SecretKey.random(count: 8), header: TR34World.header, for: world.device,
                    freshness: .signingTime(now),
                    revocationList: nil)
            } == .unusableKey(.wrongLength(8)))
    }
}
