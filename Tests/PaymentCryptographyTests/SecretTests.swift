// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `A secret` {
    @Test func `is wiped when its owner lets go`() {
        var address: UnsafeRawPointer?
        do {
            let key = SecretKey(count: 64) { for index in 0..<$0.count { $0[index] = 0xA5 } }
            key.withBytes { address = $0.baseAddress }
            #expect(holds(key.withBytes { $0.allSatisfy { $0 == 0xA5 } }))
        }
        // Safe: the arena stays mapped; libcrypto's free list may have written its links, never the pattern.
        guard SecretHeap.status != 0, let address else { return }
        let left = UnsafeRawBufferPointer(start: address, count: 64)
        #expect(!left.contains(0xA5))
    }

    struct Refused: Error, Equatable {}

    @Test func `whose filling fails is wiped and passes the error on`() {
        var address: UnsafeMutableRawPointer?
        #expect(throws: Refused()) {
            _ = try SecretKey(count: 32) { block throws(Refused) in
                for index in 0..<block.count { block[index] = 0xA5 }
                address = block.baseAddress
                throw Refused()
            }
        }
        guard SecretHeap.status != 0, let address else { return }
        #expect(!UnsafeRawBufferPointer(start: address, count: 32).contains(0xA5))
    }

    @Test func `reads test keys in either case and nothing that is not hexadecimal`() throws {
        #expect(hex(try require(SecretKey(hex: "00ffAbCd"))) == "00FFABCD")
        for text in ["", "0", "0G", "0g", "+1", "00 1", "ÄÄ", "@0", "`0", "/0", ":0"] {
            #expect(holds(isNil(SecretKey(hex: text))), "\(text)")
        }
    }

    @Test func `is compared in full`() throws {
        let key = SecretKey.random(count: 24)
        #expect(holds(key.equals(key.copy())))
        #expect(holds(!key.equals(.random(count: 24))))
        #expect(holds(!key.equals(.random(count: 16))))
        #expect(constantTimeEquals([1, 2], [1, 2]))
        #expect(!constantTimeEquals([1, 2], [1, 3]))
        #expect(!constantTimeEquals([1, 2], [1]))
        #expect(!constantTimeEquals([UInt8](), []))
    }

    @Test(arguments: [16, 24, 32])
    func `is wrapped and unwrapped, and any change is refused`(count: Int) throws {
        let wrapping = SecretKey.random(count: count)
        let key = SecretKey.random(count: 40)
        let wrapped = key.wrapped(under: wrapping)
        #expect(wrapped.count == 69)
        #expect(wrapped != key.wrapped(under: wrapping))
        #expect(try holds(require(SecretKey(unwrapping: wrapped, under: wrapping)).equals(key)))
        #expect(holds(isNil(SecretKey(unwrapping: wrapped, under: .random(count: count)))))
        for bit in 0..<wrapped.count * 8 {
            var changed = wrapped
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            if SecretKey(unwrapping: changed, under: wrapping) != nil { Issue.record("bit \(bit)") }
        }
        for length in 0..<wrapped.count {
            if SecretKey(unwrapping: Array(wrapped.prefix(length)), under: wrapping) != nil {
                Issue.record("length \(length)")
            }
        }
    }

    @Test func `gets random bytes that differ`() {
        #expect(RandomBytes.bytes(32) != RandomBytes.bytes(32))
        #expect(RandomBytes.bytes(0).isEmpty)
        #expect(RandomBytes.word() != RandomBytes.word())
    }
}

@Suite struct `Authenticated encryption` {
    @Test func `gives the published answer (NIST GCM test case 16)`() throws {
        let key = try require(SecretKey(hex: "FEFFE9928665731C6D6A8F9467308308FEFFE9928665731C6D6A8F9467308308"))
        let plaintext = try #require(
            Hex.bytes(
                "D9313225F88406E5A55909C5AFF5269A86A7A9531534F7DA2E4C303D8A318A72"
                    + "1C3C0C95956809532FCF0E2449A6B525B16AEDF5AA0DE657BA637B39"))
        let data = try #require(Hex.bytes("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"))
        let nonce = try #require(Hex.bytes("CAFEBABEFACEDBADDECAF888"))
        let cipher = AuthenticatedCipher(key: key)
        let sealed = cipher.seal(plaintext: plaintext, nonce: nonce, associatedData: data)
        #expect(
            Hex.text(sealed)
                == "522DC1F099567D07F47F37A32A84427D643A8CDCBFE5C0C97598A2BD2555D1AA"
                + "8CB08E48590DBB3DA7B08B1056828838C5F61E6393BA7A0ABCC9F662" + "76FC6ECE0F4E1768CDDF8853BB2D551B")
        #expect(cipher.open(sealed, nonce: nonce, associatedData: data) == plaintext)
        #expect(cipher.open(sealed, nonce: nonce, associatedData: []) == nil)
        #expect(cipher.open(sealed, nonce: [UInt8](repeating: 0, count: 12), associatedData: data) == nil)
        #expect(cipher.open(sealed, nonce: [], associatedData: data) == nil)
        #expect(cipher.open(Array(sealed.dropLast()), nonce: nonce, associatedData: data) == nil)
        #expect(cipher.open([], nonce: nonce, associatedData: data) == nil)
        let empty = cipher.seal(plaintext: [], nonce: nonce)
        #expect(empty.count == 16 && cipher.open(empty, nonce: nonce) == [])
    }
}

@Suite struct `A key that is loaded` {
    static let refused: [(String, KeyAlgorithm, KeyStrengthError)] = [
        ("0123456789ABCDEF", .tdes, .wrongLength(8)),
        ("0123456789ABCDEFFEDCBA987654321000", .tdes, .wrongLength(17)),
        ("0123456789ABCDEFFEDCBA9876543210", .hmac, .wrongLength(0)),
        ("00000000000000000000000000000000", .aes, .repeatedByte),
        ("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", .hmac, .repeatedByte),
        ("01000101000100010100010100010001", .tdes, .repeatedByte),
        ("11111111111111111111111111111111", .tdes, .repeatedByte),
        ("44444444444444444444444444444444", .tdes, .repeatedByte),
        ("45454545454545454545454545454545", .tdes, .repeatedByte),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", .aes, .repeatedByte),
        ("CCCCCCCCCCCCCCCC0123456789ABCDEF", .tdes, .repeatedByte),
        ("0123456789ABCDEF5858585858585858", .tdes, .repeatedByte),
        ("5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A", .aes, .repeatedByte),
        ("404040404040404041414141414141414040404040404040", .tdes, .repeatedByte),
        ("45454545454545454545454545454545", .aes, .repeatedByte),
        ("0123456789ABCDEF", .des, .wrongLength(8)),
        ("0123456789ABCDEF0123456789ABCDEF", .tdes, .equalParts),
        ("0123456789ABCDEF0022446688AACCEE", .tdes, .equalParts),
        ("0123456789ABCDEF0123456789ABCDEFFEDCBA9876543210", .tdes, .equalParts),
        ("0101010101010101FEDCBA9876543210", .tdes, .weakDESKey),
        ("0000000000000000FEDCBA9876543210", .tdes, .weakDESKey),
        ("FEDCBA987654321001FE01FE01FE01FE", .tdes, .weakDESKey),
        ("E0E0E0E0F1F1F1F10123456789ABCDEF", .tdes, .weakDESKey),
    ]

    @Test(arguments: refused)
    func `is refused when it is weak`(text: String, algorithm: KeyAlgorithm, error: KeyStrengthError) throws {
        if case .wrongLength(0) = error {
            #expect(throws: KeyStrengthError.wrongLength(8)) {
                try KeyGuard.check(.random(count: 8), for: .hmac)
            }
            return
        }
        #expect(throws: error) { try KeyGuard.check(try require(SecretKey(hex: text)), for: algorithm) }
    }

    @Test func `is taken when it is sound`() throws {
        try KeyGuard.check(try require(SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210")), for: .tdes)
        let writtenOut = try require(SecretKey(hex: "0123456789ABCDEFFEDCBA98765432100123456789ABCDEF"))
        #expect(throws: KeyStrengthError.equalParts) { try KeyGuard.check(writtenOut, for: .tdes) }
        try KeyGuard.check(writtenOut, for: .tdes, allowing: .doubleLengthInTriple)
        for count in [16, 24, 32] { try KeyGuard.check(.random(count: count), for: .aes) }
        for count in [16, 32, 64] { try KeyGuard.check(.random(count: count), for: .hmac) }
        #expect(throws: KeyStrengthError.wrongLength(20)) { try KeyGuard.check(.random(count: 20), for: .aes) }
    }

    @Test func `has no part among the weak keys, and those are libcrypto's`() throws {
        var random = SeededRandom(seed: 16)
        for _ in 0..<2_000 {
            // Of the bytes that weak keys consist of, so that some of them are drawn.
            let alphabet: [UInt8] = [0x01, 0xFE, 0x1F, 0xE0, 0x0E, 0xF1]
            let (left, right) = (alphabet[random.below(6)], alphabet[random.below(6)])
            let (third, fourth) = (alphabet[random.below(6)], alphabet[random.below(6)])
            var part = [left, right, left, right, third, fourth, third, fourth]
            // A part of one byte is refused for that, if it is not weak.
            let isRepeated = part.allSatisfy { $0 == left }
            let isWeak = part.withUnsafeMutableBytes {
                DES_is_weak_key($0.baseAddress!.assumingMemoryBound(to: DES_cblock.self)) != 0
            }
            let key = SecretKey(count: 16) {
                $0.copyBytes(from: part + [0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0x01])
            }
            var found: KeyStrengthError?
            do throws(KeyStrengthError) { try KeyGuard.check(key, for: .tdes) } catch { found = error }
            #expect(found == (isWeak ? .weakDESKey : isRepeated ? .repeatedByte : nil), "seed 16: \(part)")
        }
    }
}
