// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `A key download of a UnionPay terminal` {
    static let samples: [Vector] = Vector.load(path: "iso8583/unionpay-keys")

    static func master() throws -> SecretKey { try require(SecretKey(hex: "CA5D92598DCA48CE8A4C76361A9269E9")) }

    static func field(_ sample: Vector) throws -> [UInt8] {
        try #require(Hex.bytes(sample.json["field62"]?.string ?? ""))
    }

    static func track(_ keys: borrowing WorkingKeys) -> String? {
        guard let track = keys.track() else { return nil }
        return hex(track)
    }

    static func error(
        _ body: () throws(WorkingKeyError) -> WorkingKeys
    ) -> WorkingKeyError? {
        do throws(WorkingKeyError) {
            _ = try body()
            return nil
        } catch { return error }
    }

    @Test(arguments: samples)
    func `gives the keys of a published sample`(sample: Vector) throws {
        func text(_ name: String) -> String? { sample.json[name]?.string }
        let field = try Self.field(sample)
        let master = try require(SecretKey(hex: text("tmk") ?? ""))
        let keys = try WorkingKeyDownload.openUnchecked(field, masterKey: master)
        #expect(hex(keys.pin) == text("pik"))
        #expect(hex(keys.mac) == text("mak"))
        #expect(Self.track(keys) == text("tdk"))
        #expect(Hex.text(WorkingKeyDownload.checkValue(keys.pin)) == text("pikCheckValue"))
        #expect(Hex.text(WorkingKeyDownload.checkValue(keys.mac)) == text("makCheckValue"))
    }

    @Test func `is made by the host as the published sample has it`() throws {
        let sample = try #require(Self.samples.first { $0.id == "key-code456" })
        let field = try Self.field(sample)
        let keys = try WorkingKeyDownload.open(field, masterKey: try Self.master())
        #expect(try WorkingKeyDownload.seal(keys, masterKey: try Self.master()) == field)
    }

    @Test(arguments: ["11111111111111111111111111111111", "44444444444444444444444444444444"])
    func `is refused under the master keys that sample terminals are sold with`(text: String) throws {
        let sample = try #require(Self.samples.first { $0.json["tmk"]?.string == text })
        let field = try Self.field(sample)
        let master = try require(SecretKey(hex: text))
        #expect(
            Self.error { () throws(WorkingKeyError) in try WorkingKeyDownload.open(field, masterKey: master) }
                == .masterKey(.repeatedByte))
    }

    @Test(arguments: [WorkingKeyDownload.Cipher.tdes, .sm4], [false, true])
    func `comes back as it was made`(cipher: WorkingKeyDownload.Cipher, hasTrackKey: Bool) throws {
        let keys = try WorkingKeys.random(cipher, hasTrackKey: hasTrackKey)
        let master = SecretKey.random(count: 16)
        let field = try WorkingKeyDownload.seal(keys, masterKey: master, cipher: cipher)
        #expect(field.count == (hasTrackKey ? 60 : 40))
        let back = try WorkingKeyDownload.open(field, masterKey: master, cipher: cipher)
        #expect(holds(back.pin.equals(keys.pin)))
        #expect(holds(back.mac.equals(keys.mac)))
        #expect(Self.track(back) == Self.track(keys))
    }

    @Test func `of single length has 24 bytes, and of a short MAK eight zeros`() throws {
        let master = try Self.master()
        let short = WorkingKeys(pin: SecretKey.random(count: 8), mac: SecretKey.random(count: 8))
        let field = try WorkingKeyDownload.seal(short, masterKey: master)
        #expect(field.count == 24)
        let back = try WorkingKeyDownload.open(field, masterKey: master)
        #expect(holds(back.pin.equals(short.pin) && back.mac.equals(short.mac)))

        let mixed = WorkingKeys(pin: SecretKey.random(count: 16), mac: SecretKey.random(count: 8))
        let mixedField = try WorkingKeyDownload.seal(mixed, masterKey: master)
        #expect(mixedField.count == 40)
        #expect(mixedField[28..<36].allSatisfy { $0 == 0 })
        let mixedBack = try WorkingKeyDownload.open(mixedField, masterKey: master)
        #expect(holds(mixedBack.mac.equals(mixed.mac)))
    }

    @Test func `by SM4 is what the openssl command line makes of the same keys`() throws {
        let master = try require(SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210"))
        let keys = WorkingKeys(
            pin: try require(SecretKey(hex: "00112233445566778899AABBCCDDEEFF")),
            mac: try require(SecretKey(hex: "102132435465768798A9BACBDCEDFE0F")))
        let field = try WorkingKeyDownload.seal(keys, masterKey: master, cipher: .sm4)
        #expect(
            Hex.text(field)
                == "09325C4853832DCB9337A5984F671B9A72EBA303"
                + "898E264E7E130BAC807F807DDF03560B1775638F")
    }

    @Test func `names the key whose bytes or check value changed, whichever byte it is`() throws {
        let keys = try WorkingKeys.random(.tdes, hasTrackKey: true)
        let master = try Self.master()
        let field = try WorkingKeyDownload.seal(keys, masterKey: master)
        for place in field.indices {
            var changed = field
            changed[place] ^= 0x10
            let name = WorkingKeys.Name.allCases[place / 20]
            #expect(
                Self.error { () throws(WorkingKeyError) in try WorkingKeyDownload.open(changed, masterKey: master) }
                    == .checkValue(name), "\(place)")
        }
        let other = SecretKey.random(count: 16)
        #expect(
            Self.error { () throws(WorkingKeyError) in try WorkingKeyDownload.open(field, masterKey: other) }
                == .checkValue(.pik))
    }

    @Test(arguments: [0, 1, 23, 25, 39, 41, 56, 59, 61, 84])
    func `of another length is refused`(count: Int) throws {
        let master = try Self.master()
        let field = [UInt8](repeating: 0, count: count)
        #expect(
            Self.error { () throws(WorkingKeyError) in try WorkingKeyDownload.open(field, masterKey: master) }
                == .length(count))
    }

    @Test func `refuses master keys and working keys of other lengths, and weak ones`() throws {
        let field = [UInt8](repeating: 0, count: 24)
        for count in [1, 8, 15, 17, 32] {
            let master = SecretKey.random(count: count)
            #expect(
                Self.error { () throws(WorkingKeyError) in try WorkingKeyDownload.open(field, masterKey: master) }
                    == .masterKeyLength(count))
        }
        let sm4 = SecretKey.random(count: 16)
        #expect(
            Self.error { () throws(WorkingKeyError) in
                try WorkingKeyDownload.open(field, masterKey: sm4, cipher: .sm4)
            } == .length(24))
        let master = try Self.master()
        func seal(_ pin: Int, _ mac: Int, _ track: Int?) -> WorkingKeyError? {
            do throws(WorkingKeyError) {
                let keys: WorkingKeys
                if let track {
                    keys = WorkingKeys(
                        pin: SecretKey.random(count: pin), mac: SecretKey.random(count: mac),
                        track: SecretKey.random(count: track))
                } else {
                    keys = WorkingKeys(pin: SecretKey.random(count: pin), mac: SecretKey.random(count: mac))
                }
                _ = try WorkingKeyDownload.seal(keys, masterKey: master)
                return nil
            } catch { return error }
        }
        #expect(seal(24, 16, nil) == .keyLength(.pik, 24))
        #expect(seal(8, 16, nil) == .keyLength(.mak, 16))
        #expect(seal(16, 24, nil) == .keyLength(.mak, 24))
        #expect(seal(16, 16, 8) == .keyLength(.tdk, 8))
        #expect(seal(8, 8, 16) == .keyLength(.tdk, 16))
        #expect(seal(16, 16, 16) == nil)

        let weak = WorkingKeys(
            pin: SecretKey.random(count: 16), mac: SecretKey(count: 16) { for index in 0..<16 { $0[index] = 0x22 } })
        let sealed = try WorkingKeyDownload.seal(weak, masterKey: master)
        #expect(
            Self.error { () throws(WorkingKeyError) in try WorkingKeyDownload.open(sealed, masterKey: master) }
                == .weakKey(.mak, .repeatedByte))
    }
}
