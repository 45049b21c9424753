// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `ECDSA on P-256` {
    private static let order = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"
    private static let prime = "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"

    @Test func `verifies the published signatures, and refuses those that were changed`() throws {
        let vectors = Vector.load("ecdsa", "ecdsa_p256_sha256_verify")
        #expect(vectors.count == 17)
        for vector in vectors {
            let key = try? P256PublicKey([4] + vector.inputBytes("public_x") + vector.inputBytes("public_y"))
            let signature = try vector.inputBytes("r") + vector.inputBytes("s")
            let verified = try key?.verifies(signature, of: vector.message()) ?? false
            #expect(verified == vector.json["expected"]?["verified"]?.bool, "\(vector.id)")
        }
    }

    @Test func `verifies what it signed, and nothing else`() {
        forAll(25) { draw in
            let key = try P256PrivateKey.generate()
            let message = draw.bytes(draw.count(1...200))
            let signature = try key.signature(of: message)
            try hold(signature.count == P256PublicKey.signatureCount, "\(signature.count) bytes")
            try hold(key.publicKey.verifies(signature, of: message), "not verified")
            try hold(key.publicKey.verifies(signature, ofDigest: SHA256.hash(message)), "another digest")
            try hold(!key.publicKey.verifies(draw.flipped(signature), of: message), "a changed signature")
            try hold(!key.publicKey.verifies(signature, of: draw.flipped(message)), "a changed message")
            try hold(try !P256PrivateKey.generate().publicKey.verifies(signature, of: message), "another key")
            try hold(try key.signature(of: message) != signature, "the same random number twice")
        }
    }

    @Test func `refuses every changed bit, every other length, and numbers out of range`() throws {
        let key = try P256PrivateKey.generate()
        let digest = SHA256.hash([1, 2, 3])
        let signature = try key.signature(ofDigest: digest)
        let publicKey = key.publicKey
        for bit in 0..<512 {
            var changed = signature
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!publicKey.verifies(changed, ofDigest: digest), "bit \(bit)")
        }
        let (r, s) = (Array(signature[..<32]), Array(signature[32...]))
        let (zero, order) = ([UInt8](repeating: 0, count: 32), try #require(Hex.bytes(Self.order)))
        for wrong in [
            [], r, Array(signature.dropLast()), signature + [0], zero + s, r + zero, zero + zero, order + s, r + order,
            s + r,
        ] { #expect(!publicKey.verifies(wrong, ofDigest: digest)) }
        for count in [0, 31, 33] {
            let short = [UInt8](repeating: 1, count: count)
            #expect(!publicKey.verifies(signature, ofDigest: short))
            #expect(thrown(CurveError.self) { _ = try key.signature(ofDigest: short) } == .wrongLength(count))
        }
    }

    @Test func `reads a public key in both forms, and no point off the curve`() throws {
        for _ in 0..<20 {
            let key = try P256PrivateKey.generate().publicKey
            #expect(key.compressed.count == P256PublicKey.compressedCount)
            #expect(try P256PublicKey(key.compressed) == key)
            #expect(try P256PublicKey(key.bytes) == key)
            var other = key.compressed
            other[0] ^= 1
            #expect(try P256PublicKey(other).bytes.prefix(33) == key.bytes.prefix(33))
            #expect(try P256PublicKey(other) != key)
        }
        let good = try P256PrivateKey.generate().publicKey
        let prime = try #require(Hex.bytes(Self.prime))
        var wrong: [[UInt8]] = [[], [0], [4], Array(good.bytes.dropLast()), good.bytes + [0], good.compressed + [0]]
        // Hybrid forms, a coordinate that is not below the prime, and no point at all.
        for form in [0, 1, 2, 3, 5, 6, 7, 0xFF] as [UInt8] { wrong.append([form] + good.bytes.dropFirst()) }
        for form in [0, 1, 4, 5, 0xFF] as [UInt8] { wrong.append([form] + good.compressed.dropFirst()) }
        wrong += [[4] + prime + good.bytes[33...], [2] + prime, [UInt8](repeating: 0, count: 65)]
        for bit in 0..<512 {
            var changed = good.bytes
            changed[1 + bit / 8] ^= 1 << UInt8(bit % 8)
            wrong.append(changed)
        }
        for bytes in wrong { #expect(throws: CurveError.invalidPoint) { try P256PublicKey(bytes) } }
    }

    @Test func `takes a scalar between one and the order, of 32 bytes`() throws {
        let one = SecretKey(count: 32) { $0[31] = 1 }
        let key = try P256PrivateKey(scalar: one)
        #expect(holds(key.isConsistent))
        let vector = try #require(Vector.load("ecdsa", "ecdsa_p256_public").first)
        let published = try P256PrivateKey(scalar: vector.key("private_key")).publicKey
        let (x, y) = (Hex.bytes(try vector.expected("public_x")), Hex.bytes(try vector.expected("public_y")))
        #expect(published.bytes == [4] + (x ?? []) + (y ?? []))
        for hex in [Self.order, String(repeating: "00", count: 32), String(repeating: "FF", count: 32), "01"] {
            let scalar = try require(SecretKey(hex: hex))
            #expect(thrown(CurveError.self) { _ = try P256PrivateKey(scalar: scalar) } == .invalidScalar)
        }
    }

    @Test func `fails the pairwise test when the halves do not belong together`() throws {
        let scalar = EllipticCurve.p256.randomScalar()
        let other = try P256PrivateKey.generate().publicKey
        let mixed = try P256PrivateKey(scalar: scalar, publicKey: other)
        #expect(holds(!mixed.isConsistent))
        let whole = try P256PrivateKey(scalar: scalar)
        #expect(holds(whole.isConsistent))
    }

    @Test func `comes back from its wrapping under the same key only`() throws {
        let key = try P256PrivateKey.generate()
        let wrapping = SecretKey.random(count: 32)
        let wrapped = key.wrapped(under: wrapping)
        let back = try require(P256PrivateKey(unwrapping: wrapped, under: wrapping))
        #expect(back.publicKey == key.publicKey)
        #expect(key.publicKey.verifies(try back.signature(of: [7]), of: [7]))
        #expect(isRefused { P256PrivateKey(unwrapping: wrapped, under: SecretKey.random(count: 32)) })
        // Another kind of secret under the same key is none of this kind.
        #expect(
            isRefused {
                P256PrivateKey(unwrapping: SecretKey.random(count: 32).wrapped(under: wrapping), under: wrapping)
            })
        for place in wrapped.indices {
            var changed = wrapped
            changed[place] ^= 0x40
            #expect(isRefused { P256PrivateKey(unwrapping: changed, under: wrapping) })
        }
    }
}
