// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `A sealed box` {
    @Test(arguments: [0, 1, 15, 16, 17, 300, SealedBox.plaintextCountMax])
    func `is opened by the recipient's key, and twice the same is never the same box`(count: Int) throws {
        let key = try P256PrivateKey.generate()
        let plaintext = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let box = try SealedBox.seal(plaintext, for: key.publicKey, associatedData: [9])
        #expect(box.count == count + SealedBox.overhead)
        #expect(try SealedBox.open(box, with: key, associatedData: [9]) == plaintext)
        #expect(try SealedBox.seal(plaintext, for: key.publicKey, associatedData: [9]) != box)
    }

    @Test func `takes so much plaintext and no more`() throws {
        let key = try P256PrivateKey.generate().publicKey
        let long = [UInt8](repeating: 0, count: SealedBox.plaintextCountMax + 1)
        #expect(throws: SealedBoxError.tooLong(long.count)) { try SealedBox.seal(long, for: key) }
    }

    @Test(arguments: [true, false])
    func `is refused when any bit is changed, or it is cut or grown`(isSession: Bool) throws {
        let key = try P256PrivateKey.generate()
        var session = try SealSession(for: key.publicKey)
        let box =
            isSession
            ? try session.seal([1, 2, 3], associatedData: [5])
            : try SealedBox.seal([1, 2, 3], for: key.publicKey, associatedData: [5])
        func problem(_ box: [UInt8], _ data: [UInt8] = [5]) -> SealedBoxError? {
            thrown(SealedBoxError.self) { _ = try SealedBox.open(box, with: key, associatedData: data) }
        }
        #expect(problem(box) == nil)
        for bit in 0..<box.count * 8 {
            var changed = box
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            // A version that does not exist is seen as that; everything else is one and the same refusal.
            let version = changed[0] == 1 || changed[0] == 2
            #expect(problem(changed) == (version ? .notAuthentic : .malformed), "bit \(bit)")
        }
        for count in 0..<box.count { #expect(problem(Array(box.prefix(count))) != nil, "\(count) bytes") }
        #expect(problem(box + [0]) == .notAuthentic)
        #expect(problem(Array(box.reversed())) != nil)
        for data in [[], [4], [5, 0]] as [[UInt8]] { #expect(problem(box, data) == .notAuthentic) }
    }

    @Test func `is not opened by another recipient`() throws {
        let key = try P256PrivateKey.generate()
        let other = try P256PrivateKey.generate()
        var session = try SealSession(for: key.publicKey)
        for box in [try SealedBox.seal([1], for: key.publicKey), try session.seal([1])] {
            #expect(thrown(SealedBoxError.self) { _ = try SealedBox.open(box, with: other) } == .notAuthentic)
        }
    }
}

@Suite struct `A sealing session` {
    @Test func `seals records that are opened alone and in any order, and that differ`() throws {
        let key = try P256PrivateKey.generate()
        let recipient = key.publicKey
        var opener = SealOpener(key: key)
        var first = try SealSession(for: recipient)
        var second = try SealSession(for: recipient)
        var boxes: [[UInt8]] = []
        for _ in 0..<20 {
            boxes.append(try first.seal([42], associatedData: [1]))
            boxes.append(try second.seal([42], associatedData: [1]))
        }
        #expect(first.count == 20)
        #expect(Set(boxes).count == boxes.count)
        #expect(boxes.allSatisfy { $0.count == 1 + SealSession.overhead })
        for box in boxes + boxes.reversed() { #expect(try opener.open(box, associatedData: [1]) == [42]) }
        #expect(try opener.open(SealedBox.seal([7], for: recipient)) == [7])
    }

    @Test func `does not open one record under another's number`() throws {
        let key = try P256PrivateKey.generate()
        var session = try SealSession(for: key.publicKey)
        var opener = SealOpener(key: key)
        let one = try session.seal([1])
        let two = try session.seal([2])
        let start = 1 + P256PublicKey.compressedCount
        var swapped = two
        swapped.replaceSubrange(start..<start + 4, with: one[start..<start + 4])
        #expect(thrown(SealedBoxError.self) { _ = try opener.open(swapped) } == .notAuthentic)
        // After a refusal the opener still opens what is sound.
        #expect(try opener.open(two) == [2])
        let off = [2, 2] + [UInt8](repeating: 0xFF, count: two.count - 2)
        #expect(thrown(SealedBoxError.self) { _ = try opener.open(off) } == .notAuthentic)
        #expect(try opener.open(one) == [1])
    }

    @Test func `ends when its numbers are used up`() throws {
        let key = try P256PrivateKey.generate()
        var session = try SealSession(for: key.publicKey, version: .session, count: SealSession.recordsMax - 1)
        let last = try session.seal([1])
        #expect(last[34..<38].allSatisfy { $0 == 0xFF })
        #expect(try SealedBox.open(last, with: key) == [1])
        #expect(thrown(SealedBoxError.self) { _ = try session.seal([1]) } == .spent)
    }
}
