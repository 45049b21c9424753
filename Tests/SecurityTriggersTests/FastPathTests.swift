// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

/// What is done faster gives what is done plainly.
@Suite("Fast paths beside plain ones") struct FastPathTests {
    private static let declarations = """
        velocity n = count(attempts) by card over 10m
        velocity total = sum(amount) by card over 24h

        """

    private static func condition(_ random: inout SeededRandom, depth: Int) -> String {
        guard depth > 0, random.below(5) > 0 else { return question(&random) }
        let (left, right) = (condition(&random, depth: depth - 1), condition(&random, depth: depth - 1))
        switch random.below(6) {
        case 0: return "not (\(left))"
        case 1: return "(\(left) ? \(right) : \(question(&random)))"
        case 2, 3: return "(\(left) and \(right))"
        default: return "(\(left) or \(right))"
        }
    }

    private static func question(_ random: inout SeededRandom) -> String {
        let sign = ["==", "!=", "<", "<=", ">", ">="][random.below(6)]
        return [
            "n \(sign) \(random.below(4))", "total \(sign) \(random.below(40)).00 EUR",
            "hour \(sign) \(8 + random.below(3))",
            "amount \(sign) \(9 + random.below(3)).00 EUR", "amount * 2 \(sign) total",
            "mcc == \(5_410 + random.below(3))",
            "merchant == \(76 + random.below(2))", "has(merchant)", "mcc in [5411]", "true", "false", "overflow",
            "amount \(sign) 10.00 USD", "n + 1 \(sign) \(random.below(4))",
        ][random.below(14)]
    }

    @Test("a condition as a graph holds where its flat program holds", arguments: UInt64(1)...8)
    func graphs(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var (graphs, truths) = (0, [Truth: Int]())
        for _ in 0..<60 {
            let text = Self.condition(&random, depth: 4)
            var triggers = Triggers(try rule(when: text, Self.declarations))
            for _ in 0..<4 {
                var facts = purchase(at: morning + .minutes(Int64(random.below(9))))
                if random.below(3) == 0 { facts.merchant = nil }
                if random.below(3) == 0 { facts.mcc = nil }
                if random.below(4) == 0 { facts.amount = Money(minorUnits: 1_000, .usd) }
                triggers.scan(facts, triggers.rules.program) { scan in
                    let head = scan.program.heads[0]
                    if head.entry != nil { graphs += 1 }
                    let truth = withUnsafePointer(to: head) { scan.truth(of: $0) }
                    truths[truth, default: 0] += 1
                    #expect(truth == scan.truth(of: head.code), "\(text)")
                }
                triggers.apply(WindowEvent(facts: facts, outcome: .approved))
            }
        }
        #expect(graphs > 200 && truths.values.allSatisfy { $0 > 10 } && truths.count == 3, "\(graphs) \(truths)")
    }

    @Test("a condition beyond what a graph may hold runs by its flat program")
    func largeCondition() throws {
        let text = (0..<100).map { "(n == \($0) or amount == \($0).00 EUR)" }.joined(separator: " and ")
        #expect(throws: RuleFileError.self) { try rule(when: text, Self.declarations) }
        let most = (0..<30).map { "(n == 7\($0) or amount == 10.00 EUR)" }.joined(separator: " and ")
        #expect(outcome(try rule(when: most, Self.declarations)) == .hit)
    }

    @Test("loops over lines find what a look at each event finds, and nothing behind the last", arguments: 0..<70)
    func loops(count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        // Some are later than the transaction in hand, and where no event is lies what would pass if it were one.
        let (now, reach) = (UInt32(10_000 + random.below(1 << 31)), UInt32(5_000))
        let lines = (count + 3) / EventLines.width
        let places = 0..<lines * EventLines.width
        let times = places.map { _ in now &+ 500 &- UInt32(random.below(7_000)) }
        let amounts = places.map { _ in random.below(9) == 0 ? UInt32.max : UInt32(random.below(1_000)) }
        let kinds = places.map { place in
            UInt32(random.below(8)) << 10 | UInt32(978 + random.below(2)) | (place < count ? PackedEvent.eventBit : 0)
        }
        let base = UnsafeMutablePointer<UInt32>.allocate(capacity: lines * EventLines.words)
        defer { base.deallocate() }
        let written = MutableEventLines(base: base, capacity: places.count)
        for place in places {
            written[place] = PackedEvent(time: times[place], amount: amounts[place], site: 7, kinds: kinds[place])
        }
        let events = EventLoops(base: base, count: lines, now: now, reach: reach)
        func isIn(_ place: Int) -> Bool { (0..<Int64(reach)).contains(Int64(now) - Int64(times[place])) }
        for (bits, pattern) in [(UInt32(0), UInt32(0)), (1 << 10, 1 << 10), (3 << 10, 2 << 10)] {
            let test = EventBits(bits: bits | PackedEvent.eventBit, pattern: pattern | PackedEvent.eventBit)
            let passing = (0..<count).filter { isIn($0) && kinds[$0] & bits == pattern }
            #expect(events.count(test) == passing.count)
            let known = passing.filter { kinds[$0] & 0x3FF == 978 }.map { amounts[$0] }
            let sum = events.sum(test, currency: 978)
            #expect(sum.sum == known.reduce(0) { $0 + UInt64($1) })
            #expect(sum.passed == known.count && sum.others == passing.count - known.count)
            let found = events.extremes(test, currency: 978)
            #expect(found.least == known.min() ?? .max && found.most == known.max() ?? 0)
            #expect(found.passed == known.count && found.others == passing.count - known.count)
        }
        let test = Self.test(of: Self.comparisons[count % 6], 500)
        #expect(test.form == .amount && test.hasPattern)
        for start in stride(from: 0, to: lines, by: EventLoops.linesOfBits) {
            let bits = events.passing(test.match, from: start)
            for place in start * 4..<min(start * 4 + 32, count) {
                let isSure = kinds[place] & 0x3FF == 978
                let passes = isIn(place) && kinds[place] >> 10 & 7 < 4 && (!isSure || test.passes(amounts[place]))
                #expect(bits >> UInt32(place - start * 4) & 1 == (passes ? 1 : 0))
                #expect(test.match.isSure(kinds[place]) == isSure)
            }
        }
    }

    private static let comparisons = [
        Comparison.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
    ]

    /// Of the PINs below four, an amount in euros.
    private static func test(of comparison: Comparison, _ limit: Int64) -> ScanTest {
        ScanTest(
            .program(0..<3),
            [
                FilterInstruction(operation: .field, shift: 10, width: 3, mask: 0x0F),
                FilterInstruction(
                    operation: .amount, comparison: comparison,
                    constant: FigureValue(low: limit, high: limit, currency: 978)),
                FilterInstruction(operation: .and),
            ])
    }

    @Test("a range of amounts is what its comparison says, and what no range says is left to the comparison")
    func ranges() {
        let most = Int64(UInt32.max)
        for comparison in Self.comparisons {
            for limit: Int64 in [-1, 0, 1, 2, 500, most - 1, most, most + 1, .max - 1] {
                let test = Self.test(of: comparison, limit)
                let constant = FigureValue(low: limit, high: limit, currency: 978)
                for amount: UInt32 in [0, 1, 2, 3, 499, 500, 501, .max - 2, .max - 1, .max] {
                    let event = PackedEvent(time: 0, amount: amount, site: 0, kinds: 978)
                    let truth = FigureValue.compare(comparison, event.money, constant)
                    if test.form == .amount {
                        #expect(truth == Truth(test.passes(amount)), "\(amount) \(comparison) \(limit)")
                    } else {
                        #expect(limit >= most || truth == .no, "\(amount) \(comparison) \(limit)")
                    }
                }
            }
        }
    }

    @Test("tests of events that one comparison of bits answers are found out, and others are not")
    func patterns() {
        func test(_ mask: UInt8) -> ScanTest { ScanTest(.field(shift: 10, width: 3, mask: mask), []) }
        for mask in UInt8.min...UInt8.max {
            for value in UInt32(0)..<8 {
                #expect(test(mask).passes(bits: value << 10) == (mask >> value & 1 == 1), "\(mask) \(value)")
            }
        }
        #expect(test(0xFF).bits == 0 && test(0x0F).bits == 4 << 10 && test(1 << 3).bits == 7 << 10)
        #expect(test(0b1010_1010).pattern == 1 << 10)
        #expect(!test(0b0000_0111).hasPattern && !test(0).hasPattern)
    }

    @Test("what was judged last says where to look and never what is taken in", arguments: UInt64(1)...4)
    func whereabouts(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let rules = try rule(when: "n > 3", Self.declarations)
        var (judging, silent) = (Triggers(rules: rules, cardsMax: 6), Triggers(rules: rules, cardsMax: 6))
        func some(_ at: Int) -> TransactionFacts {
            // Now and then the card is one that left after 40 days, or that has no room.
            var facts = purchase(at: morning + .hours(Int64(at) * 30))
            facts.card = CardKey(high: 1, low: UInt64(random.below(8)))
            facts.merchant = MerchantID(number: UInt64(random.below(3)))
            facts.offset = Int8(random.below(2))
            return facts
        }
        for at in 0..<400 {
            let facts = some(at)
            let evaluation = judging.evaluate(random.below(2) == 0 ? facts : some(at))
            judging.apply(WindowEvent(facts: facts, outcome: .approved), after: evaluation)
            silent.apply(WindowEvent(facts: facts, outcome: .approved))
        }
        #expect(judging.checkInvariants() == [])
        #expect(judging.snapshotBytes == silent.snapshotBytes)
    }
}
