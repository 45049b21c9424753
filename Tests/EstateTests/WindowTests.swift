// SPDX-License-Identifier: Apache-2.0
import Estate
import PaymentCryptography
import Testing
import Vocabulary

/// Rule R4: which values of a counter have been seen, against a set that remembers all of them.
@Suite("Counter windows")
struct WindowTests {
    @Test("the window says what a set of everything seen would say, for 64 values back", arguments: UInt64(1)...20)
    func model(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var window = KSNWindow()
        var seen: [UInt32: UInt64] = [:]
        var highest: UInt32 = 0
        for _ in 0..<3_000 {
            let jump = [1, 3, 70, 200][random.below(4)]
            let counter = highest &+ UInt32(random.below(jump)) &+ 1 &- UInt32(random.below(80))
            guard counter > 0, counter < 1 << 30 else { continue }
            let digest = UInt64(random.below(3))
            let expected: KSNWindow.Verdict
            if highest >= 64, counter <= highest - 64 {
                expected = .tooOld
            } else if let before = seen[counter] {
                expected = before == digest ? .sameBytes : .otherBytes
            } else {
                expected = .fresh
            }
            #expect(window.classify(counter, digest: digest) == expected, "seed \(seed), \(counter) of \(highest)")
            guard expected == .fresh, random.below(4) > 0 else { continue }
            window.insert(counter, digest: digest)
            seen[counter] = digest
            highest = max(highest, counter)
            var writer = ByteWriter()
            window.snapshot(to: &writer)
            var reader = ByteReader(writer.bytes)
            #expect(try KSNWindow(snapshot: &reader) == window && reader.isAtEnd)
        }
    }

    @Test("the ends of the range trap nothing")
    func extremes() {
        var window = CounterWindow()
        for counter in [0, 1, .max - 1, .max, 0, .max - 63, .max - 64] as [UInt32] {
            if window.classify(counter) == .fresh { window.insert(counter) }
        }
        #expect(window.highest == .max && window.floor == .max - 64)
        #expect(window.classify(.max) == .seen && window.classify(.max - 63) == .seen)
        #expect(window.classify(.max - 64) == .tooOld && window.classify(.max - 2) == .fresh)
    }

    @Test("a counter in the window is above the floor, and one below it is not")
    func floor() {
        var window = CounterWindow()
        for counter in stride(from: UInt32(1), through: 500, by: 7) {
            window.insert(counter)
            for other in counter &- min(counter, 80)...counter + 5 where window.classify(other) == .fresh {
                #expect(other > window.floor || other == 0)
            }
        }
    }

    @Test("raising a window makes everything up to it seen")
    func raise() {
        var window = CounterWindow()
        window.insert(5)
        window.raise(to: 90)
        #expect((27...90).allSatisfy { window.classify($0) == .seen })
        #expect(window.classify(91) == .fresh && window.classify(26) == .tooOld)
        window.raise(to: 10)
        #expect(window.highest == 90)
    }
}
