// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `Key components` {
    @Test(arguments: Vector.load("kcv", "form_key_from_components"))
    func `form the vector's key`(vector: Vector) throws {
        let texts = try #require(vector.json["inputs"]?["components"]?.array).compactMap(\.string)
        var components = try KeyComponents(algorithm: .tdes, keyCount: 16)
        for text in texts {
            let component = try require(SecretKey(hex: text))
            try components.enter(component, checkValue: KCV.tdes(component))
        }
        #expect(holds(components.entered == texts.count))
        let checkValue = try #require(Hex.bytes(try vector.expected("kcv")))
        let key = try components.form(checkValue: checkValue)
        #expect(try hex(key) == vector.expected("key_xor"))
        #expect(try hex(key.withOddParity()) == vector.expected("key_odd_parity"))
    }

    @Test(arguments: ComponentAlgorithm.allCases, 2...9)
    func `of a split key form it again, all of them`(algorithm: ComponentAlgorithm, count: Int) throws {
        for length in algorithm.lengths {
            let key = SecretKey.random(count: length)
            var texts: [(text: String, checkValue: [UInt8])] = []
            try KeyComponents.split(key, algorithm: algorithm, into: count) { texts.append((hex($1), $2)) }
            #expect(texts.count == count)
            var components = try KeyComponents(algorithm: algorithm, keyCount: length)
            for (text, checkValue) in texts.reversed() {
                try components.enter(try require(SecretKey(hex: text)), checkValue: checkValue)
            }
            let formed = try components.form(checkValue: algorithm.checkValue(key))
            #expect(holds(formed.equals(key)))
        }
    }

    @Test func `are refused one by one when they are wrong`() throws {
        var components = try KeyComponents(algorithm: .aes, keyCount: 16)
        let first = SecretKey.random(count: 16)
        #expect(throws: KeyComponentError.wrongLength(24)) {
            try components.enter(.random(count: 24), checkValue: nil)
        }
        var wrong = KCV.aes(first)
        wrong[0] ^= 1
        #expect(throws: KeyComponentError.checkValue) { try components.enter(first, checkValue: wrong) }
        #expect(throws: KeyComponentError.checkValue) { try components.enter(first, checkValue: []) }
        #expect(throws: KeyComponentError.checkValue) {
            try components.enter(first, checkValue: Array(KCV.aes(first).prefix(1)))
        }
        #expect(holds(components.entered == 0))
        try components.enter(first, checkValue: Array(KCV.aes(first).prefix(2)))
        #expect(throws: KeyComponentError.enteredTwice) { try components.enter(first, checkValue: nil) }
        #expect(throws: KeyComponentError.notEnough(1)) { _ = try components.form(checkValue: nil) }
    }

    @Test func `form no key with another check value, and no weak key`() throws {
        var components = try KeyComponents(algorithm: .aes, keyCount: 16)
        try components.enter(.random(count: 16), checkValue: nil)
        try components.enter(.random(count: 16), checkValue: nil)
        #expect(throws: KeyComponentError.wrongKey) { _ = try components.form(checkValue: [0, 0, 0, 0, 0]) }

        var others = try KeyComponents(algorithm: .tdes, keyCount: 16)
        try others.enter(try require(SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210")), checkValue: nil)
        try others.enter(try require(SecretKey(hex: "1032547698BADCFEEFCDAB8967452301")), checkValue: nil)
        #expect(throws: KeyComponentError.weakKey(.repeatedByte)) { _ = try others.form(checkValue: nil) }
    }

    @Test func `are of lengths and numbers that there are`() {
        #expect(throws: KeyComponentError.wrongLength(32)) { _ = try KeyComponents(algorithm: .tdes, keyCount: 32) }
        for count in [1, 10] {
            #expect(throws: KeyComponentError.custodians) {
                try KeyComponents.split(.random(count: 16), algorithm: .aes, into: count) { _, _, _ in }
            }
        }
    }
}

@Suite struct `Key shares` {
    struct Kept { let number: UInt8, text: String, checkValue: [UInt8] }

    private func split(
        _ key: borrowing SecretKey, _ algorithm: ComponentAlgorithm, _ threshold: UInt8, _ count: UInt8
    ) throws -> [Kept] {
        var kept: [Kept] = []
        try KeyShares.split(key, algorithm: algorithm, threshold: threshold, count: count) { share, checkValue in
            kept.append(Kept(number: share.number, text: hex(share.value), checkValue: checkValue))
        }
        return kept
    }

    private func share(_ kept: Kept, _ threshold: UInt8) throws -> KeyShare {
        try KeyShare(number: kept.number, threshold: threshold, value: try require(SecretKey(hex: kept.text)))
    }

    @Test func `form the key, whichever custodians come and in whatever order`() throws {
        let key = SecretKey.random(count: 32)
        let kept = try split(key, .aes, 3, 5)
        #expect(kept.map(\.number) == [1, 2, 3, 4, 5])
        for first in kept {
            for second in kept where second.number != first.number {
                for third in kept where third.number != first.number && third.number != second.number {
                    var shares = try KeyShares(algorithm: .aes, keyCount: 32, threshold: 3)
                    for one in [first, second, third] {
                        try shares.enter(try share(one, 3), checkValue: one.checkValue)
                    }
                    #expect(holds(shares.isComplete))
                    let formed = try shares.form(checkValue: KCV.aes(key))
                    #expect(holds(formed.equals(key)))
                }
            }
        }
    }

    @Test(arguments: [(2, 2), (2, 255), (7, 9), (255, 255)])
    func `form the key at the bounds of their numbers`(threshold: Int, count: Int) throws {
        let (threshold, count) = (UInt8(threshold), UInt8(count))
        let key = SecretKey.random(count: 16)
        let kept = try split(key, .tdes, threshold, count)
        var shares = try KeyShares(algorithm: .tdes, keyCount: 16, threshold: threshold)
        for one in kept.suffix(Int(threshold)) { try shares.enter(try share(one, threshold), checkValue: nil) }
        let formed = try shares.form(checkValue: KCV.tdes(key))
        #expect(holds(formed.equals(key)))
    }

    @Test func `are those of the scheme computed by hand`() throws {
        // f(x) = 2A + 53·x in each byte: f(1) = 79, f(2) = 8C, f(3) = DF in the field of AES.
        #expect(0x2A ^ GF256.product(0x53, 2) == 0x8C)
        var shares = try KeyShares(algorithm: .aes, keyCount: 16, threshold: 2)
        let first = [UInt8](repeating: 0x79, count: 15) + [0x53]
        let third = [UInt8](repeating: 0x2A ^ GF256.product(0x53, 3), count: 15) + [GF256.product(0x53, 3)]
        try shares.enter(
            try KeyShare(number: 1, threshold: 2, value: try require(SecretKey(hex: Hex.text(first)))),
            checkValue: nil)
        try shares.enter(
            try KeyShare(number: 3, threshold: 2, value: try require(SecretKey(hex: Hex.text(third)))),
            checkValue: nil)
        #expect(hex(try shares.form(checkValue: nil)) == String(repeating: "2A", count: 15) + "00")
    }

    @Test func `are refused when they are not of this key`() throws {
        let key = SecretKey.random(count: 16)
        let kept = try split(key, .aes, 3, 4)
        var shares = try KeyShares(algorithm: .aes, keyCount: 16, threshold: 3)
        let first = try share(kept[0], 3)
        try shares.enter(first, checkValue: kept[0].checkValue)
        #expect(throws: KeyComponentError.enteredTwice) { try shares.enter(first, checkValue: nil) }
        let ofTwo = try share(kept[1], 2)
        #expect(throws: KeyComponentError.foreignShare) { try shares.enter(ofTwo, checkValue: nil) }
        let second = try share(kept[1], 3)
        #expect(throws: KeyComponentError.checkValue) {
            try shares.enter(second, checkValue: kept[2].checkValue)
        }
        let long = try KeyShare(number: 9, threshold: 3, value: .random(count: 32))
        #expect(throws: KeyComponentError.wrongLength(32)) { try shares.enter(long, checkValue: nil) }
        #expect(throws: KeyComponentError.notEnough(1)) { _ = try shares.form(checkValue: nil) }
    }

    @Test func `of which one is false form no key with the check value`() throws {
        let key = SecretKey.random(count: 16)
        let kept = try split(key, .aes, 2, 3)
        var shares = try KeyShares(algorithm: .aes, keyCount: 16, threshold: 2)
        try shares.enter(try share(kept[0], 2), checkValue: nil)
        try shares.enter(try KeyShare(number: 2, threshold: 2, value: .random(count: 16)), checkValue: nil)
        #expect(throws: KeyComponentError.wrongKey) { _ = try shares.form(checkValue: KCV.aes(key)) }
    }

    @Test func `have numbers from one, and a threshold within the count`() throws {
        #expect(throws: KeyComponentError.foreignShare) {
            _ = try KeyShare(number: 0, threshold: 2, value: .random(count: 16))
        }
        for (threshold, count) in [(UInt8(1), UInt8(3)), (4, 3), (0, 0)] {
            #expect(throws: KeyComponentError.custodians) {
                try KeyShares.split(.random(count: 16), algorithm: .aes, threshold: threshold, count: count) { _, _ in }
            }
        }
    }

    @Test func `lie in a field where every element but zero has its inverse`() {
        #expect(GF256.product(0x57, 0x83) == 0xC1)  // FIPS 197 4.2
        #expect(GF256.inverse(0) == 0)
        for value in UInt8(1)...255 { #expect(GF256.product(value, GF256.inverse(value)) == 1) }
    }
}
