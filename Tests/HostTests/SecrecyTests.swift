// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Issuer
import Journal
import ModuleProtocol
import Testing
import Vocabulary

/// Rule R6: what the journal never holds.
@Suite("What is not in the journal")
struct SecrecyTests {
    @Test(
        "no record and no snapshot of a whole run holds a PAN, a PIN, a PIN block or a track",
        arguments: KeyProfile.allCases)
    func nothingSecret(profile: KeyProfile) throws {
        let bench = try Bench()
        let till = try bench.till("TILL0001", profile)
        let cards = [
            try bench.card(1, pin: "907263", password: "518204"), try bench.card(2, pin: "48151623"),
        ]
        var secrets: [(String, [UInt8])] = []
        var blocks: [[UInt8]] = []
        for card in cards {
            let digits = card.pan.ascii
            secrets.append(("PAN", digits))
            secrets.append(("PAN in BCD", Self.packed(digits)))
            secrets.append(("PAN shifted by a digit", Self.packed([0x30] + digits + [0x30])))
            secrets.append(("account number", Array(digits[3..<15])))
            secrets.append(("track 2", digits + [0x3D]))
            secrets.append(("PIN", Array(card.pin.utf8)))
            secrets.append(("PIN in BCD", Self.packed(Array(card.pin.utf8))))
            secrets.append(("PIN digits", card.pin.utf8.map { $0 - 0x30 }))
        }
        secrets.append(("password", Array("518204".utf8)))
        let track = Array("4000000000000017=30121010000000000000".utf8)
        secrets.append(("track", Array(track.suffix(20))))

        func sell(_ sale: SaleSpec) throws -> Reply {
            let bytes = try till.message(sale)
            if let block = try MessageView(bytes, spec: .iso8583_1987).bytes(profile.pinBlockField) {
                blocks.append(Array(block))
            }
            return try bench.send(bytes)
        }
        for card in cards {
            _ = try sell(SaleSpec(card, 20_00, pin: card.pin))
            _ = try sell(SaleSpec(card, 20_00, pin: "000001"))
            _ = try sell(SaleSpec(card, 900_00_00, pin: card.pin))
            let challenge = try sell(SaleSpec(card, 250_00, pin: card.pin, goods: "LUXURY"))
            #expect(challenge.code == "1A")
            _ = try sell(
                SaleSpec(card, 250_00, pin: "518204", goods: "LUXURY", challenge: challenge.reference, proof: "PW"))
        }
        var swiped = till.builder(.financialRequest)
        swiped.set(2, bytes: cards[0].pan.ascii)
        swiped.set(3, number: 0)
        swiped.set(4, number: 1_00)
        swiped.set(22, number: 21)
        swiped.set(25, number: 0)
        swiped.set(35, bytes: track)
        swiped.set(49, number: 978)
        #expect(try bench.send(try till.protect(swiped)).code == "00")
        let (stan, at) = (till.stan, bench.now)
        _ = try sell(SaleSpec(cards[0], 20_00, pin: cards[0].pin))
        _ = try bench.send(try till.reversal(of: stan, at: at, amount: 20_00, card: cards[0]))
        _ = try bench.send(try till.tokenReport(till.token, "T01"))

        #expect(blocks.count >= 10)
        let written = bench.commits.map(\.bytes) + [bench.engine.host.snapshot()]
        for bytes in written {
            for (name, secret) in secrets { #expect(!Self.contains(bytes, secret), "\(name)") }
            for block in blocks { #expect(!Self.contains(bytes, block), "PIN block") }
            #expect(!Self.contains(bytes, till.token), "one-time token")
        }
        // The search would find them: the sealed PAN is there, and so is the masked number.
        #expect(written.contains { Self.contains($0, Array(cards[0].pan.description.utf8)) })
        #expect(written.contains { Self.contains($0, (try? bench.card(cards[0]).sealedPAN) ?? [0]) })
    }

    static func packed(_ digits: [UInt8]) -> [UInt8] {
        stride(from: 0, to: digits.count - 1, by: 2).map { (digits[$0] - 0x30) << 4 | (digits[$0 + 1] - 0x30) }
    }

    static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard part.count <= bytes.count, let first = part.first else { return false }
        for start in 0...(bytes.count - part.count) where bytes[start] == first {
            if bytes[start..<start + part.count].elementsEqual(part) { return true }
        }
        return false
    }
}
