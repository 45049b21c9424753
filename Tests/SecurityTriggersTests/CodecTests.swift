// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite struct CodecTests {
    private func bytes(_ evaluation: Evaluation) -> [UInt8] {
        var writer = ByteWriter()
        evaluation.encode(to: &writer)
        return writer.bytes
    }

    private func evaluation() throws -> Evaluation {
        let rules = try ruleSet(
            """
            velocity wrong_pins = count(attempts where pin == wrong) by card over 15m
            velocity total = sum(amount) by card over 1h
            rule a { when wrong_pins >= 1 and total > 1.00 EUR then refer hold 15m, case high, freeze card 24h, notify issuer, ask cardholder say en "{terminal} {amount}" }
            rule b shadow { when goods in [LUXURY] or mcc == 1 then retain }
            rule c { when mcc == 1 then require password }
            rule d { when amount > 1.00 USD unless notice covers tx then decline }
            rule e { when hour == 9 unless notice covers tx then decline }
            """)
        return Triggers(rules).evaluate(
            purchase {
                $0.pin = .wrong
                $0.mcc = nil
                $0.goods = ["LUXURY"].compactMap { GoodsCode($0) }
                $0.noticeCovers = true
            })
    }

    @Test func anEvaluationReadsBackAsItWas() throws {
        for evaluation in [Evaluation(), try evaluation()] {
            var reader = ByteReader(bytes(evaluation))
            #expect(try Evaluation(from: &reader) == evaluation)
            #expect(reader.isAtEnd)
        }
        #expect(bytes(Evaluation()) == [1, 0, 0, 0])
        #expect(Evaluation().engine == nil)
        // With the engine's version, and as it was written before it was told.
        let made = try evaluation()
        let version = EngineVersion.current
        #expect(made.engine == version)
        #expect(Array(bytes(made)[0..<4]) == [0x11, version.major, version.minor, version.patch])
        let told = Explanation.json(made, rules: try ruleSet("rule a { when hour == 9 then refer }")).text
        #expect(told.contains(#""engine":"\#(version)""#))
        let early = bytes(made.withoutEngine)
        #expect(early[0] == 1)
        var reader = ByteReader(early)
        #expect(try Evaluation(from: &reader) == made.withoutEngine)
    }

    @Test func theGoldenBytesOfAnEvaluationStayReadable() throws {
        let evaluation = Triggers(try rule(when: "amount >= 5.00 EUR")).evaluate(purchase())
        #expect(Hex.text(bytes(evaluation.withoutEngine)) == Self.golden)
    }

    /// Version 1: decline, winner 0, one hit with one figure 10.00 EUR against 5.00 EUR.
    private static let golden = "0103400001000001000605D00FD20705E807D207"

    @Test func cutOrDamagedBytesAreRefusedOrReadAsSomethingElse() throws {
        let whole = bytes(try evaluation())
        for length in 0..<whole.count {
            var reader = ByteReader(Array(whole.prefix(length)))
            #expect(throws: CodecError.self) { try Evaluation(from: &reader) }
        }
        for index in whole.indices {
            for bit in 0..<8 {
                var damaged = whole
                damaged[index] ^= 1 << UInt8(bit)
                var reader = ByteReader(damaged)
                _ = try? Evaluation(from: &reader)
            }
        }
    }

    @Test func aForeignVersionIsRefused() throws {
        var reader = ByteReader([4, 0, 0, 0])
        #expect(throws: CodecError.invalid(offset: 0, what: "evaluation version")) { try Evaluation(from: &reader) }
        var windows = ByteReader([9])
        let rules = try ruleSet("")
        #expect(throws: CodecError.invalid(offset: 0, what: "window version")) {
            try Triggers(snapshot: &windows, rules: rules)
        }
    }

    @Test func aDamagedSnapshotIsRefusedOrSound() throws {
        let rules = try rule(when: "n >= 3", "velocity n = count(attempts) by card over 48h")
        var triggers = Triggers(rules)
        for number in 0..<9 {
            triggers.apply(
                WindowEvent(
                    facts: purchase(at: morning + .minutes(Int64(number))) {
                        $0.card = CardKey(high: 1, low: UInt64(number % 2))
                        $0.terminal = terminal(number % 3)
                    }, outcome: .approved))
        }
        let whole = triggers.snapshotBytes
        for length in 0..<whole.count {
            var reader = ByteReader(Array(whole.prefix(length)))
            #expect(throws: CodecError.self) { try Triggers(snapshot: &reader, rules: rules) }
        }
        for index in whole.indices {
            for bit in 0..<8 {
                var damaged = whole
                damaged[index] ^= 1 << UInt8(bit)
                var reader = ByteReader(damaged)
                guard let read = try? Triggers(snapshot: &reader, rules: rules) else { continue }
                #expect(read.checkInvariants() == [])
                _ = read.evaluate(purchase())
            }
        }
    }
}
