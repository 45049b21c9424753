// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `A forward-secure MAC` {
    private static func chain(_ seed: UInt8 = 1, index: UInt64 = 1) -> ForwardMAC {
        ForwardMAC(firstKey: SecretKey(count: 32) { $0[0] = seed }, index: index)
    }

    @Test func `is what its parts say: HMAC-SHA-256 under keys that hash to each other`() {
        var chain = Self.chain()
        var key = SecretKey(count: 32) { $0[0] = 1 }
        for number in 1...5 as ClosedRange<UInt64> {
            #expect(holds(chain.index == number))
            let code = Array(HMACSHA256.code(key: key, message: [9]).prefix(16))
            let made = chain.code([9])
            #expect(made == code)
            key = X963KDF.derive(secret: key, sharedInfo: Array("forward MAC".utf8), digest: .sha256, count: 32)
        }
    }

    @Test func `verifies each code in its turn, once, and no other`() {
        forAll(30) { draw in
            let first = draw.key(32)
            var maker = ForwardMAC(firstKey: first)
            var reader = ForwardMAC(firstKey: first)
            var last: [UInt8] = []
            for _ in 0..<10 {
                let message = draw.bytes(draw.count(0...60))
                let code = maker.code(message)
                try hold(!reader.verify(draw.flipped(code), message: message), "a changed code")
                try hold(!reader.verify(code, message: message + [0]), "a changed message")
                try hold(!reader.verify(Array(code.prefix(15)), message: message), "a cut code")
                try hold(!reader.verify(last, message: message), "the code before it")
                try hold(reader.isNext(code, message: message), "not the next")
                try hold(reader.verify(code, message: message), "not verified")
                try hold(!reader.verify(code, message: message), "twice")
                last = code
            }
            try hold(!ForwardMAC(firstKey: draw.key(32)).isNext(last, message: []), "another chain")
        }
    }

    @Test func `goes on to a later number, never back, and not for ever`() {
        var maker = Self.chain()
        var reader = Self.chain()
        for _ in 1..<40 { _ = maker.code([]) }
        let code = maker.code([4])
        #expect(holds(reader.advance(to: 40)))
        #expect(holds(reader.isNext(code, message: [4])))
        #expect(holds(!reader.advance(to: 39)))
        #expect(holds(reader.advance(to: 40)))
        #expect(holds(!reader.advance(to: 40 + ForwardMAC.skipMax + 1)))
        #expect(holds(reader.verify(code, message: [4])))
    }

    @Test func `comes back from its wrapping where it was, under the same key only`() throws {
        let storage = SecretKey.random(count: 32)
        var chain = Self.chain(7, index: 900)
        _ = chain.code([])
        let wrapped = chain.wrapped(under: storage)
        var back = try require(ForwardMAC(unwrapping: wrapped, under: storage))
        #expect(holds(back.index == 901))
        let copy = chain.copy()
        let code = chain.code([1])
        let again = back.code([1])
        #expect(again == code)
        #expect(holds(copy.isNext(code, message: [1])))
        #expect(isRefused { ForwardMAC(unwrapping: wrapped, under: SecretKey.random(count: 32)) })
        for place in wrapped.indices {
            var changed = wrapped
            changed[place] ^= 1
            #expect(isRefused { ForwardMAC(unwrapping: changed, under: storage) })
        }
        #expect(
            isRefused { ForwardMAC(unwrapping: SecretKey.random(count: 40).wrapped(under: storage), under: storage) })
    }
}
