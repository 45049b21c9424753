// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `A replay window` {
    @Test(arguments: [UInt32(64), 100, 1 << 20, .max])
    func `takes an unseen counter up to 63 values back, and none from 64 on`(highest: UInt32) {
        var window = KSNWindow()
        window.insert(highest, digest: 1)
        for distance in [UInt32(1), 62, 63] {
            #expect(window.classify(highest - distance, digest: 2) == .fresh, "\(distance)")
        }
        for distance in [UInt32(64), 65, 100] where distance <= highest {
            #expect(window.classify(highest - distance, digest: 2) == .tooOld, "\(distance)")
        }
        if highest == 64 { #expect(window.classify(0, digest: 2) == .tooOld) }
    }

    @Test func `forgets a counter when the highest is 64 values on, not at 63`() {
        for (advance, verdict) in [(UInt32(63), KSNWindow.Verdict.sameBytes), (64, .tooOld), (65, .tooOld)] {
            var window = KSNWindow()
            window.insert(1_000, digest: 7)
            window.insert(1_000 + advance, digest: 8)
            #expect(window.classify(1_000, digest: 7) == verdict, "\(advance)")
        }
    }

    @Test func `accepts a KSN once, and then says whether the message is the same`() throws {
        var window = KSNWindow()
        for ksn in [KSN.aes(AESKeySerialNumber(initialKeyID: 1, counter: 70)), try tdes(71), try tdes(8)] {
            #expect(try window.accept(ksn, digest: 5) == .fresh)
            let before = window
            #expect(try window.accept(ksn, digest: 5) == .sameBytes)
            #expect(try window.accept(ksn, digest: 6) == .otherBytes)
            #expect(window == before)
        }
        #expect(try window.accept(try tdes(7), digest: 5) == .tooOld)
        #expect(window.highest == 71)
    }

    @Test func `takes no counter that no transaction may use`() throws {
        var window = KSNWindow()
        for counter: UInt32 in [0, 0x0001_FFFF, .max] {
            #expect(throws: DUKPTError.illegalCounter(counter)) {
                try window.accept(.aes(AESKeySerialNumber(initialKeyID: 1, counter: counter)), digest: 1)
            }
        }
        #expect(throws: DUKPTError.illegalCounter(0x7FF)) { try window.accept(try tdes(0x7FF), digest: 1) }
        #expect(window == KSNWindow())
    }

    @Test func `counts values: a gap of illegal counters closes it, however few transactions it took`() throws {
        // From 1FE000 (eight ones) on: the last counter before a gap of 2^11 and the first behind it.
        let before = try #require(TDESKeySerialNumber(initialKeyID: 0x20, counter: 0x1F_E800 | 0x400))
        let behind = try #require(before.next?.next)
        #expect(behind.counter - before.counter >= CounterWindow.width)
        var window = KSNWindow()
        #expect(try window.accept(.tdes(behind), digest: 1) == .fresh)
        #expect(try window.accept(.tdes(before), digest: 2) == .tooOld)
    }

    @Test func `says what a memory of everything would say, over legal KSNs in any order`() {
        forAll(30) { draw in
            var window = KSNWindow()
            var seen: [UInt32: UInt64] = [:]
            var recent: [AESKeySerialNumber] = []
            var last = AESKeySerialNumber(initialKeyID: 1, counter: UInt32(draw.below(1 << 20)))
            var highest: UInt32 = 0
            for _ in 0..<500 {
                if recent.isEmpty || draw.below(2) == 0 {
                    for _ in 0...draw.below(4) { last = try #require(last.next) }
                    recent.append(last)
                    if recent.count > 80 { recent.removeFirst() }
                }
                let ksn = draw.below(3) == 0 ? draw.element(recent) : last
                let digest = UInt64(draw.below(2))
                let expected: KSNWindow.Verdict =
                    if UInt64(ksn.counter) + 64 <= UInt64(highest) {
                        .tooOld
                    } else if let before = seen[ksn.counter] {
                        before == digest ? .sameBytes : .otherBytes
                    } else {
                        .fresh
                    }
                let verdict = try window.accept(.aes(ksn), digest: digest)
                try hold(verdict == expected, "\(ksn.counter) of \(highest): \(verdict), not \(expected)")
                if expected == .fresh { seen[ksn.counter] = digest }
                highest = max(highest, expected == .fresh ? ksn.counter : 0)
                let stored = KSNWindow(window: window.window, digests: window.digests)
                try hold(stored == window, "another window from what was stored")
            }
            try hold(KSNWindow(window: CounterWindow(), digests: [1, 2]) == nil, "a window of two digests")
        }
    }

    private func tdes(_ counter: UInt32) throws -> KSN {
        .tdes(try #require(TDESKeySerialNumber(initialKeyID: 0x20, counter: counter)))
    }
}
