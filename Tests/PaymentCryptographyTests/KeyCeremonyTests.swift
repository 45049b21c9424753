// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `A key ceremony` {
    /// A divided key: what each custodian holds.
    struct Division {
        let key: String
        let checkValue: [UInt8]
        let parts: [(text: String, checkValue: [UInt8])]

        func part(_ index: Int) throws -> SecretKey { try require(SecretKey(hex: parts[index].text)) }
        func share(_ index: Int, threshold: UInt8) throws -> KeyShare {
            try KeyShare(number: UInt8(index + 1), threshold: threshold, value: try part(index))
        }
    }

    static let names = ["Ana", "Bo", "Cem", "Dee", "Eli"]

    private static func components(_ count: Int) throws -> Division {
        let key = SecretKey.random(count: 16)
        var parts: [(String, [UInt8])] = []
        try KeyComponents.split(key, algorithm: .aes, into: count) { parts.append((hex($1), $2)) }
        return Division(key: hex(key), checkValue: KCV.aes(key), parts: parts)
    }

    private static func shares(_ threshold: UInt8, _ count: UInt8) throws -> Division {
        let key = SecretKey.random(count: 16)
        var parts: [(String, [UInt8])] = []
        try KeyShares.split(key, algorithm: .aes, threshold: threshold, count: count) {
            parts.append((hex($0.value), $1))
        }
        return Division(key: hex(key), checkValue: KCV.aes(key), parts: parts)
    }

    private static func plan(
        _ division: KeyCeremonyPlan.Division, _ checkValue: [UInt8], _ count: Int = 3, refusedMax: Int = 3
    ) throws -> KeyCeremonyPlan {
        try KeyCeremonyPlan(
            purpose: "TMK of the first floor", algorithm: .aes, keyCount: 16, division: division,
            checkValue: checkValue, custodians: Array(names.prefix(count)), refusedMax: refusedMax, deadline: 1_000)
    }

    // MARK: What must work

    @Test func `yields the key of all components once, whoever comes first`() throws {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let divided = try Self.components(3)
            var ceremony = try KeyCeremony(try Self.plan(.components, divided.checkValue), at: 0)
            for (turn, index) in order.enumerated() {
                #expect(throws: KeyCeremonyError.notEnough(entered: turn, needed: 3)) {
                    _ = try ceremony.form(at: Int64(turn))
                }
                try ceremony.enter(
                    component: try divided.part(index), checkValue: divided.parts[index].checkValue,
                    by: Self.names[index], at: Int64(turn))
            }
            #expect(holds(ceremony.isComplete))
            let key = try ceremony.form(at: 1_000)
            #expect(hex(key) == divided.key)
            #expect(holds(ceremony.end == .formed))
            #expect(throws: KeyCeremonyError.over(.formed)) { _ = try ceremony.form(at: 1_000) }
            #expect(
                holds(
                    ceremony.events == [KeyCeremonyEvent(at: 0, kind: .opened(checkValue: divided.checkValue))]
                        + order.enumerated().map { turn, index in
                            KeyCeremonyEvent(
                                at: Int64(turn),
                                kind: .entered(
                                    custodian: Self.names[index], checkValue: divided.parts[index].checkValue))
                        } + [KeyCeremonyEvent(at: 1_000, kind: .ended(.formed))]))
        }
    }

    @Test func `yields the key of any two of four who hold shares, and takes no third`() throws {
        let divided = try Self.shares(2, 4)
        for first in 0..<4 {
            for second in 0..<4 where second != first {
                var ceremony = try KeyCeremony(
                    try Self.plan(.shares(threshold: 2), divided.checkValue, 4), at: 0)
                for index in [first, second] {
                    try ceremony.enter(
                        share: try divided.share(index, threshold: 2), checkValue: divided.parts[index].checkValue,
                        by: Self.names[index], at: 1)
                }
                let third = try #require((0..<4).first { $0 != first && $0 != second })
                #expect(throws: KeyCeremonyError.complete) {
                    try ceremony.enter(
                        share: try divided.share(third, threshold: 2), checkValue: divided.parts[third].checkValue,
                        by: Self.names[third], at: 1)
                }
                #expect(holds(ceremony.refused == 0))
                let key = try ceremony.form(at: 2)
                #expect(hex(key) == divided.key)
            }
        }
    }

    // MARK: What must be refused

    @Test func `refuses strangers, second entries and wrong components, and goes on`() throws {
        let divided = try Self.components(3)
        var ceremony = try KeyCeremony(try Self.plan(.components, divided.checkValue, refusedMax: 20), at: 0)
        let first = try divided.part(0)
        let value = divided.parts[0].checkValue
        try ceremony.enter(component: first, checkValue: value, by: "Ana", at: 1)
        var wrongValue = divided.parts[1].checkValue
        wrongValue[4] ^= 1
        let second = try divided.part(1)
        let wrong: [(name: String, checkValue: [UInt8], expected: KeyCeremonyError)] = [
            ("Zoe", divided.parts[1].checkValue, .stranger), ("ana", divided.parts[1].checkValue, .stranger),
            ("Ana", divided.parts[1].checkValue, .enteredBefore), ("Bo", wrongValue, .refused(.checkValue)),
            ("Bo", [], .refused(.checkValue)), ("Bo", [divided.parts[1].checkValue[0]], .refused(.checkValue)),
            ("Bo", divided.parts[2].checkValue, .refused(.checkValue)),
        ]
        for (index, case_) in wrong.enumerated() {
            #expect(throws: case_.expected) {
                try ceremony.enter(component: second, checkValue: case_.checkValue, by: case_.name, at: 2)
            }
            #expect(holds(ceremony.refused == index + 1))
        }
        #expect(throws: KeyCeremonyError.refused(.enteredTwice)) {
            try ceremony.enter(component: first, checkValue: value, by: "Bo", at: 3)
        }
        #expect(throws: KeyCeremonyError.refused(.wrongLength(24))) {
            try ceremony.enter(component: .random(count: 24), checkValue: value, by: "Bo", at: 3)
        }
        #expect(throws: KeyCeremonyError.otherDivision) {
            let share = try KeyShare(number: 1, threshold: 2, value: second.copy())
            try ceremony.enter(share: share, checkValue: divided.parts[1].checkValue, by: "Bo", at: 3)
        }
        #expect(holds(ceremony.entered == ["Ana"] && ceremony.end == nil && ceremony.refused == 10))
        // What a stranger typed may be a component: it is in no line of the log.
        let named = ceremony.events.compactMap { event in
            if case .refused(let custodian, _) = event.kind { custodian ?? "-" } else { nil }
        }
        #expect(named == ["-", "-", "Ana"] + [String](repeating: "Bo", count: 7))
        for index in [1, 2] {
            try ceremony.enter(
                component: try divided.part(index), checkValue: divided.parts[index].checkValue,
                by: Self.names[index], at: 4)
        }
        #expect(hex(try ceremony.form(at: 4)) == divided.key)
    }

    @Test func `refuses shares of another threshold, with a number that was there, and components`() throws {
        let divided = try Self.shares(2, 3)
        var ceremony = try KeyCeremony(try Self.plan(.shares(threshold: 2), divided.checkValue), at: 0)
        let value = divided.parts[0].checkValue
        try ceremony.enter(share: try divided.share(0, threshold: 2), checkValue: value, by: "Ana", at: 0)
        #expect(throws: KeyCeremonyError.refused(.foreignShare)) {
            try ceremony.enter(
                share: try divided.share(1, threshold: 3), checkValue: divided.parts[1].checkValue, by: "Bo", at: 0)
        }
        #expect(throws: KeyCeremonyError.refused(.enteredTwice)) {
            try ceremony.enter(share: try divided.share(0, threshold: 2), checkValue: value, by: "Bo", at: 0)
        }
        #expect(throws: KeyCeremonyError.otherDivision) {
            try ceremony.enter(
                component: try divided.part(1), checkValue: divided.parts[1].checkValue, by: "Bo", at: 0)
        }
    }

    @Test(arguments: [0, 1, 3, 99])
    func `ends at one wrong entry more than there may be`(refusedMax: Int) throws {
        let divided = try Self.components(3)
        var ceremony = try KeyCeremony(
            try Self.plan(.components, divided.checkValue, refusedMax: refusedMax), at: 0)
        let part = try divided.part(0)
        for count in 0...refusedMax {
            #expect(holds(ceremony.end == nil && ceremony.refused == count))
            #expect(throws: KeyCeremonyError.refused(.checkValue)) {
                try ceremony.enter(component: part, checkValue: [0, 0, 0], by: "Ana", at: 5)
            }
        }
        #expect(holds(ceremony.end == .tooManyRefused))
        let count = ceremony.events.count
        #expect(throws: KeyCeremonyError.over(.tooManyRefused)) {
            try ceremony.enter(component: part, checkValue: divided.parts[0].checkValue, by: "Ana", at: 5)
        }
        ceremony.abandon(at: 6)
        #expect(holds(ceremony.end == .tooManyRefused && ceremony.events.count == count))
    }

    @Test func `ends when its time has run out, and counts a clock that goes back as standing still`() throws {
        let divided = try Self.components(3)
        #expect(throws: KeyCeremonyError.deadline) {
            _ = try KeyCeremony(try Self.plan(.components, divided.checkValue), at: 1_001)
        }
        for lateStep in 0..<3 {
            var ceremony = try KeyCeremony(try Self.plan(.components, divided.checkValue), at: 0)
            for index in 0..<2 {
                try ceremony.enter(
                    component: try divided.part(index), checkValue: divided.parts[index].checkValue,
                    by: Self.names[index], at: 1_000)
            }
            let last = try divided.part(2)
            switch lateStep {
            case 0: ceremony.advance(to: 1_001)
            case 1:
                #expect(throws: KeyCeremonyError.over(.expired)) {
                    try ceremony.enter(
                        component: last, checkValue: divided.parts[2].checkValue, by: "Cem", at: 1_001)
                }
            default: #expect(throws: KeyCeremonyError.over(.expired)) { _ = try ceremony.form(at: .max) }
            }
            #expect(holds(ceremony.end == .expired))
            #expect(throws: KeyCeremonyError.over(.expired)) { _ = try ceremony.form(at: 0) }
        }
        var ceremony = try KeyCeremony(try Self.plan(.components, divided.checkValue), at: 500)
        ceremony.advance(to: 900)
        try ceremony.enter(
            component: try divided.part(0), checkValue: divided.parts[0].checkValue, by: "Ana", at: -5)
        #expect(holds(ceremony.events.map(\.at) == [500, 900]))
    }

    @Test func `ends without a key that is another than expected, or weak`() throws {
        let divided = try Self.components(2)
        var other = divided.checkValue
        other[0] ^= 1
        var ceremony = try KeyCeremony(try Self.plan(.components, other, 2), at: 0)
        for index in 0..<2 {
            try ceremony.enter(
                component: try divided.part(index), checkValue: divided.parts[index].checkValue,
                by: Self.names[index], at: 0)
        }
        #expect(throws: KeyCeremonyError.over(.wrongKey(.wrongKey))) { _ = try ceremony.form(at: 0) }
        #expect(holds(ceremony.end == .wrongKey(.wrongKey)))

        let left = SecretKey(count: 16) { $0[3] = 7 }
        let same = SecretKey(count: 16) { for index in 0..<16 { $0[index] = index == 3 ? 0xAA ^ 7 : 0xAA } }
        let repeated = try require(left.combined(with: same))
        var second = try KeyCeremony(try Self.plan(.components, KCV.aes(repeated), 2), at: 0)
        try second.enter(component: left, checkValue: KCV.aes(left), by: "Ana", at: 0)
        try second.enter(component: same, checkValue: KCV.aes(same), by: "Bo", at: 0)
        #expect(throws: KeyCeremonyError.over(.wrongKey(.weakKey(.repeatedByte)))) { _ = try second.form(at: 0) }
    }

    @Test func `that was abandoned is over`() throws {
        let divided = try Self.components(2)
        var ceremony = try KeyCeremony(try Self.plan(.components, divided.checkValue, 2), at: 0)
        ceremony.abandon(at: 3)
        #expect(holds(ceremony.end == .abandoned && ceremony.events.last?.at == 3))
        #expect(throws: KeyCeremonyError.over(.abandoned)) { _ = try ceremony.form(at: 3) }
    }

    // MARK: Plans

    @Test func `is opened only for a plan whose parts fit together`() throws {
        func refusal(
            purpose: String = "a key", keyCount: Int = 16, _ division: KeyCeremonyPlan.Division = .components,
            checkValue: [UInt8] = [1, 2, 3], custodians: [String] = ["Ana", "Bo"], refusedMax: Int = 3
        ) -> KeyCeremonyError? {
            do throws(KeyCeremonyError) {
                _ = try KeyCeremonyPlan(
                    purpose: purpose, algorithm: .aes, keyCount: keyCount, division: division,
                    checkValue: checkValue, custodians: custodians, refusedMax: refusedMax, deadline: 0)
            } catch { return error }
            return nil
        }
        let many = (0..<256).map { "custodian \($0)" }
        let long = String(repeating: "x", count: 64)
        #expect(refusal() == nil)
        for purpose in ["", " x", "x ", "x\ny", long + "x"] { #expect(refusal(purpose: purpose) == .purpose) }
        #expect(refusal(purpose: long, custodians: [long, "Bo"]) == nil)
        for count in [0, 8, 17, 33] { #expect(refusal(keyCount: count) == .refused(.wrongLength(count))) }
        for count in [0, 2, 6] {
            #expect(refusal(checkValue: [UInt8](repeating: 1, count: count)) == .checkValueLength)
        }
        #expect(refusal(checkValue: [1, 2, 3, 4, 5]) == nil)
        for names in [[], ["Ana"], ["Ana", "Ana"], ["Ana", "aNA"], ["Ana", ""], ["Ana", long + "x"]] {
            #expect(refusal(custodians: names) == .custodians)
        }
        #expect(refusal(custodians: Array(many.prefix(9))) == nil)
        #expect(refusal(custodians: Array(many.prefix(10))) == .custodians)
        #expect(refusal(.shares(threshold: 255), custodians: Array(many.prefix(255))) == nil)
        #expect(refusal(.shares(threshold: 2), custodians: many) == .custodians)
        for threshold in [UInt8(0), 1, 3] { #expect(refusal(.shares(threshold: threshold)) == .threshold) }
        for count in [-1, 100] { #expect(refusal(refusedMax: count) == .refusedMax) }
    }

    // MARK: On random inputs

    @Test func `keeps its invariants whatever is asked of it, and yields no other key`() {
        forAll(150) { draw in
            let count = draw.count(2...5)
            let threshold = UInt8(draw.count(2...count))
            let isShares = draw.below(2) == 0
            let divided = try isShares ? Self.shares(threshold, UInt8(count)) : Self.components(count)
            let division: KeyCeremonyPlan.Division = isShares ? .shares(threshold: threshold) : .components
            let plan = try Self.plan(division, divided.checkValue, count, refusedMax: draw.below(6))
            var ceremony = try KeyCeremony(plan, at: 0)
            var (now, keys, before) = (Int64(0), 0, 1)
            for _ in 0..<40 {
                now += Int64(draw.below(60)) - 10
                let (person, index) = (draw.below(6), draw.below(count))
                let name = person < 5 ? Self.names[person] : "Zoe"
                let value = draw.below(4) == 0 ? draw.bytes(5) : divided.parts[index].checkValue
                let wasOver = ceremony.end
                switch draw.below(12) {
                case 0:
                    guard let key = try? ceremony.form(at: now) else { break }
                    keys += 1
                    try hold(hex(key) == divided.key, "another key")
                case 1 where draw.below(6) == 0: ceremony.abandon(at: now)
                case 2: ceremony.advance(to: now)
                default:
                    if isShares {
                        try? ceremony.enter(
                            share: try divided.share(index, threshold: threshold), checkValue: value, by: name, at: now)
                    } else {
                        try? ceremony.enter(
                            component: try divided.part(index), checkValue: value, by: name, at: now)
                    }
                }
                try hold(wasOver == nil || wasOver == ceremony.end, "a ceremony that was over goes on")
                try hold(wasOver == nil || before == ceremony.events.count, "a log grows behind its end")
                before = ceremony.events.count
            }
            let names = ceremony.entered
            try hold(Set(names).count == names.count && Set(names).isSubset(of: plan.custodians), "who entered")
            try hold(names.count <= plan.needed, "more than are needed")
            try hold(keys == (ceremony.end == .formed ? 1 : 0), "\(keys) keys")
            let logged = ceremony.events.compactMap { event in
                if case .entered(let name, _) = event.kind { name } else { nil }
            }
            try hold(logged == names, "the log names others")
            try hold(zip(ceremony.events, ceremony.events.dropFirst()).allSatisfy { $0.at <= $1.at }, "time goes back")
            try hold(ceremony.refused <= plan.refusedMax + 1, "too many wrong entries")
            try hold(ceremony.events.count <= count + plan.refusedMax + 3, "a log too long")
        }
    }
}
