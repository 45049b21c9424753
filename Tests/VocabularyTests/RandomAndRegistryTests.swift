// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@Suite("Seeded randomness")
struct SeededRandomTests {
    /// SplitMix64: seed 0 as in the reference implementation's tests, seed 1234567 as published at Rosetta Code.
    @Test(
        "the generator gives SplitMix64's known answers",
        arguments: [
            (0, [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F, 0xF88B_B8A8_724C_81EC]),
            (
                1_234_567,
                [
                    6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                    4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
                ]
            ),
        ] as [(UInt64, [UInt64])])
    func knownAnswers(seed: UInt64, words: [UInt64]) {
        var random = SeededRandom(seed: seed)
        let drawn = words.map { _ in random.next() }
        #expect(drawn == words)
    }

    @Test("bytes are the words, least significant first, cut to length")
    func bytes() {
        var random = SeededRandom(seed: 0)
        let ten = random.bytes(10)
        #expect(Hex.text(ten) == "AFCD1D7B39A820E2F465")
        var again = SeededRandom(seed: 0)
        for count in 0..<40 {
            let bytes = again.bytes(count)
            #expect(bytes.count == count)
        }
    }

    /// Hands out fixed words.
    struct Script: RandomSource {
        var words: [UInt64]
        mutating func next() -> UInt64 { words.removeFirst() }

        /// The number drawn, and how many words it took.
        static func drawing(from words: [UInt64], below bound: Int) -> [Int] {
            var script = Script(words: words)
            let drawn = script.below(bound)
            return [drawn, words.count - script.words.count]
        }
    }

    @Test("words that would favour some numbers are rejected")
    func rejection() {
        // 2^64 mod 3 = 1: exactly one product, the one whose low half is 0, must be drawn again.
        #expect(Script.drawing(from: [0, 1 << 63], below: 3) == [1, 2])
        #expect(Script.drawing(from: [1], below: 3) == [0, 1])
        #expect(Script.drawing(from: [.max], below: 3) == [2, 1])
        // A power of two divides 2^64, so nothing is rejected.
        #expect(Script.drawing(from: [0], below: 4) == [0, 1])
    }

    @Test("numbers below a bound stay below it and are evenly spread", arguments: [1, 2, 3, 6, 7, 10, 100, 1_000])
    func even(bound: Int) {
        var random = SeededRandom(seed: UInt64(bound))
        let draws = 200 * bound
        var counts = [Int](repeating: 0, count: bound)
        for _ in 0..<draws { counts[random.below(bound)] += 1 }
        // Chi squared with bound-1 degrees of freedom: mean bound-1, variance twice that; six deviations allowed.
        let chiSquared = counts.reduce(0.0) { $0 + Double(($1 - 200) * ($1 - 200)) / 200 }
        #expect(chiSquared <= Double(bound - 1) + 6 * (2 * Double(bound - 1)).squareRoot())
    }

    @Test("a very large bound is used whole")
    func largeBound() {
        var random = SeededRandom(seed: 9)
        var high = 0
        for _ in 0..<1_000 where random.below(.max) > .max / 2 { high += 1 }
        #expect((400...600).contains(high))
    }

    @Test("chances of 0 and 1000 per mille are never and always")
    func chance() {
        var random = SeededRandom(seed: 2)
        let never = (0..<1_000).contains { _ in random.chance(perMille: 0) }
        let always = (0..<1_000).allSatisfy { _ in random.chance(perMille: 1_000) }
        #expect(!never && always)
        let hits = (0..<10_000).filter { _ in random.chance(perMille: 250) }.count
        #expect((2_300...2_700).contains(hits))
    }
}

@Suite("Registry")
struct RegistryTests {
    @Test("values keep the order they came in and are found by key")
    func order() {
        var registry = Registry<String, Int>()
        #expect(registry.isEmpty)
        let keys = (0..<500).map { "k\(($0 * 7_919) % 500)" }
        let positions = keys.enumerated().map { registry.insert($1, $0) }
        #expect(positions == Array(0..<500))
        #expect(registry.keys == keys)
        #expect(registry.values == Array(0..<500))
        #expect(registry.count == 500 && !registry.isEmpty)
        for (index, key) in keys.enumerated() {
            #expect(registry.find(key) == index)
            #expect(registry[key] == index)
        }
        #expect(registry.find("none") == nil && registry["none"] == nil)
    }

    @Test("update inserts once, then changes in place")
    func update() {
        var registry = Registry<Int, [Int]>()
        let count = registry.update(5, default: [0]) { value in
            value.append(1)
            return value.count
        }
        #expect(count == 2)
        var made = false
        func make() -> [Int] {
            made = true
            return []
        }
        registry.update(5, default: make()) { $0.append(2) }
        #expect(!made)
        #expect(registry[5] == [0, 1, 2])
        #expect(registry.keys == [5])
    }

    @Test("positions stay when more is added, and a copy is independent")
    func stable() {
        var registry = Registry<Int, Int>()
        let position = registry.insert(1, 10)
        let copy = registry
        registry.insert(2, 20)
        registry.values[position] = 11
        #expect(registry.find(1) == position && registry[1] == 11)
        #expect(copy[1] == 10 && copy.count == 1)
    }
}
