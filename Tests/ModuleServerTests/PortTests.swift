// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import ModuleServer
import ModuleServerFixture
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

/// The same module in this process, in a thread of its own behind a socket, and in a process of its own: one behaviour.
@Suite("Host's module wherever it is")
struct PortTests {
    @Test(
        "more commands than a frame takes, of every outcome, get the verdicts that the module in the process gives, in order",
        arguments: Place.allCases)
    func open(place: Place) throws {
        let housed = try Housed(place)
        let module = try Place.module()
        let fleet = try Fleet(module, terminals: 45)
        let verdicts = try housed.port.open(fleet.commands)
        #expect(verdicts == module.open(fleet.commands))
        #expect(verdicts.count == 270)
        for (turn, pin) in [PINVerdict.right, .wrong, .untried, .untried, .untried, .untried].enumerated() {
            #expect(verdicts[turn].pin == pin)
        }
        #expect(verdicts.prefix(6).map(\.macAuthentic) == [true, true, true, false, true, true])
        #expect(verdicts[5].translatedPIN?.count == 8)
        #expect(try housed.port.open([]) == [])
    }

    @Test(
        "answers are sealed byte for byte alike, and one that makes no sense gets what it gets in the process",
        arguments: Place.allCases)
    func seal(place: Place) throws {
        let housed = try Housed(place)
        let module = try Place.module()
        var seals = try Fleet(module, terminals: 4).seals
        seals[7].ksn = []
        seals[9].mac = 0..<8
        #expect(try housed.port.seal(seals) == module.seal(seals))
    }

    @Test(
        "cards are known by the same hash, alone and in a batch, and nonces follow from the same context",
        arguments: Place.allCases)
    func cards(place: Place) throws {
        let housed = try Housed(place)
        let module = try Place.module()
        let pans = (1...600).compactMap { PAN(accountDigits: String(400_000_000_000_000 + $0)) }
        #expect(try housed.port.cardKeys(pans) == pans.map { module.cardKey($0) })
        #expect(try housed.port.cardKey(pans[5]) == module.cardKey(pans[5]))
        #expect(try housed.issuer.cardKey(pans[5]) == module.cardKey(pans[5]))
        #expect(try housed.port.nonce([1, 2, 3]) == module.nonce([1, 2, 3]))
    }

    @Test("a PAN that one sealed the other opens, and nothing else", arguments: Place.allCases)
    func sealedPAN(place: Place) throws {
        let housed = try Housed(place)
        let module = try Place.module()
        let pan = try require(PAN("5555555555554444"))
        #expect(module.openPAN(try housed.issuer.sealPAN(pan)) == pan)
        var sealed = try housed.port.sealPAN(pan)
        #expect(try housed.port.openPAN(sealed) == pan)
        sealed[20] ^= 1
        #expect(try housed.port.openPAN(sealed) == nil)
    }

    @Test(
        "keys of terminals and references of PINs are those of the module, whatever the PIN's length",
        arguments: Place.allCases)
    func issuing(place: Place) throws {
        let housed = try Housed(place)
        let module = try Place.module()
        let pan = try require(PAN("4111111111111111"))
        for (digits, kind) in [
            ("1234", PINReferenceKind.pvv(keyIndex: 3)), ("1234", .offset), ("246810", .pvv(keyIndex: 3)),
            ("1234", .pvv(keyIndex: 200)),
        ] as [(StaticString, PINReferenceKind)] {
            let one = try housed.issuer.pinReference(pan: pan, pin: try require(ClearPIN(digits: digits)), kind: kind)
            let other = module.pinReference(pan: pan, pin: try require(ClearPIN(digits: digits)), kind: kind)
            #expect(one == other)
        }
        // What the one provisions the other authenticates.
        let fleet = try Fleet(housed.issuer, terminals: 2)
        #expect(module.open(fleet.commands).prefix(2).map(\.pin) == [.right, .wrong])
        let supplier = try P256PrivateKey.generate().publicKey
        let keys = fleet.commands[0].keys
        let pinned = try housed.issuer.provision(
            keys, serial: 9, firmware: Fleet.firmware, firstCounter: 513, supplier: supplier)
        #expect(pinned.supplier == supplier && pinned.keys == keys && pinned.serial == 9 && pinned.firstCounter == 513)
    }

    @Test(
        "zones seal, prove, make, read and use keys alike; an unknown zone gets nothing",
        arguments: [Place.inProcess, .thread])
    func zones(place: Place) throws {
        let housed = try Housed(place)
        let module = try Place.module()
        let message = [UInt8](0..<60)
        func sealed(_ port: any ZoneModulePort, _ zone: ZoneID = Place.zone) -> [UInt8]? {
            port.seal(message, covered: 0..<52, mac: 52..<60, zone: zone)
        }
        let whole = try require(sealed(housed.port))
        #expect(whole == sealed(module))
        #expect(housed.port.keyNumber(whole, covered: 0..<52, mac: 52..<60, zone: Place.zone) == 0)
        #expect(housed.port.keyNumber(message, covered: 0..<52, mac: 52..<60, zone: Place.zone) == nil)
        #expect(housed.port.keyNumber(whole, covered: 0..<90, mac: 52..<60, zone: Place.zone) == nil)
        #expect(sealed(housed.port, ZoneID("SOUTH")) == nil)
        let offer = try require(try housed.port.makeKeys(Place.zone))
        #expect(try housed.port.makeKeys(ZoneID("SOUTH")) == nil)
        #expect(try module.readKeys(offer.blocks, zone: Place.zone).checkValues == offer.checkValues)
        #expect(try housed.port.readKeys(offer.blocks, zone: Place.zone).checkValues == offer.checkValues)
        #expect(throws: ZoneKeyError.damaged) { try housed.port.readKeys("none", zone: Place.zone) }
        #expect(throws: ZoneKeyError.noProtectionKey) { try housed.port.readKeys("", zone: ZoneID("SOUTH")) }
        let set = ZoneKeySet(number: 1, sealed: offer.sealed, checkValues: offer.checkValues)
        #expect(housed.port.useKeys([.installed, set], sending: 1, zone: Place.zone))
        #expect(module.useKeys([.installed, set], sending: 1, zone: Place.zone))
        let other = try require(sealed(housed.port))
        #expect(other != whole && other == sealed(module))
        #expect(housed.port.keyNumber(other, covered: 0..<52, mac: 52..<60, zone: Place.zone) == 1)
        #expect(!housed.port.useKeys([set], sending: 9, zone: Place.zone))
    }

    @Test("the key of links is handed to who issues, under the line's own key")
    func linkKey() throws {
        let scratch = try Scratch()
        let server = try ServerThread(scratch.socket)
        defer { server.stop() }
        let key = try RemoteHostIssuer(at: scratch.socket).linkKey()
        let isRight = key.equals(SecretKey(count: 32) { $0.copyBytes(from: ModuleFixture.linkKey) })
        #expect(isRight)
    }
}
