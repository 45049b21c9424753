// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("Snapshots of the windows")
struct WindowSnapshotTests {
    private static let rules = """
        velocity n = count(attempts) by card over 48h before
        velocity ok = count(approved) by card over 48h before
        velocity wrong_pins = count(attempts where pin == wrong) by card over 48h before
        velocity food = count(attempts where mcc == 5411) by card over 48h before
        velocity codes = distinct(mcc) by card over 48h before
        velocity shops = distinct(merchant) by card over 48h before
        velocity total = sum(amount) by card over 48h before
        velocity undone = count(reversed) by card over 48h before
        """

    /// A snapshot as the first version wrote it: two terminals, one merchant, two pairs of them, a card with three events.
    private static func firstVersion() -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(1)
        writer.list([terminal(1), terminal(2)]) { $0.word($1.packed) }
        writer.list([UInt64(77)]) { $0.unsigned($1) }
        writer.list([(UInt32(0), UInt32(1)), (1, 0)]) { writer, pair in
            writer.unsigned(pair.0)
            writer.unsigned(pair.1)
        }
        writer.count(1)
        writer.card(card)
        for time in [morning.milliseconds, Int64.min, Int64.min] { writer.signed(time) }
        // From the lowest bit: MCC 14, currency 10, PIN 3, kind 2, outcome 2, reversed 1.
        let wrong = UInt32(5_411) | 978 << 14 | 3 << 24 | 2 << 29
        let right = UInt32(5_999) | 978 << 14 | 2 << 24 | 1 << 29
        let voided = UInt32(0x3FFF) | 978 << 14 | 2 << 24 | 1 << 29 | 1 << 31
        writer.list([(UInt32(7_200_000), UInt32(0), wrong), (60_000, 1, right), (0, 0, voided)]) { writer, event in
            writer.unsigned(event.0)
            writer.unsigned(UInt32(1_500))
            writer.unsigned(event.1)
            writer.unsigned(event.2)
        }
        return writer.bytes
    }

    @Test("a snapshot of the first version is read: each event keeps its terminal, merchant, MCC, PIN and outcome")
    func readsTheFirstVersion() throws {
        var reader = ByteReader(Self.firstVersion())
        var triggers = try Triggers(snapshot: &reader, rules: try ruleSet(Self.rules))
        #expect(reader.isAtEnd)
        #expect(triggers.checkInvariants() == [])
        let facts = purchase(at: morning + .minutes(1))
        let wanted: [(String, FigureValue)] = [
            ("n", FigureValue(3)), ("ok", FigureValue(1)), ("wrong_pins", FigureValue(1)),
            ("food", FigureValue(low: 1, high: 2)), ("codes", FigureValue(low: 2, high: 3)),
            ("shops", FigureValue(low: 1, high: 2)), ("total", FigureValue(euros(4_500))), ("undone", FigureValue(1)),
        ]
        for (name, value) in wanted { #expect(triggers.figure(name, facts) == value, "\(name)") }
        let bytes = triggers.snapshotBytes
        #expect(bytes.first == 2)
        var again = ByteReader(bytes)
        #expect(try Triggers(snapshot: &again, rules: triggers.rules).snapshotBytes == bytes)
        let isMarked = triggers.markReversed(
            card: card, at: morning, terminal: terminal(1), amount: euros(1_500), isReversed: false)
        #expect(isMarked)
        #expect(triggers.figure("undone", facts) == FigureValue(0))
    }

    @Test("tiles are kept through a reading without rules, and a snapshot without them is not one of rules that ask")
    func tilesOutliveRules() throws {
        let rules = try ruleSet("velocity t = count(attempts) by terminal over 1h")
        var triggers = Triggers(rules)
        triggers.apply(WindowEvent(facts: purchase(at: morning), outcome: .approved))
        let bytes = triggers.snapshotBytes
        var reader = ByteReader(bytes)
        var read = try Triggers(snapshot: &reader, rules: try ruleSet(""))
        #expect(read.snapshotBytes == bytes)
        read.replaceRules(rules)
        #expect(read.snapshotBytes == bytes)
        var plain = ByteReader(Triggers(try ruleSet("")).snapshotBytes)
        #expect(throws: CodecError.self) { try Triggers(snapshot: &plain, rules: rules) }
    }

    @Test("damaged snapshots are refused or read, and never trap", arguments: [1, 2, 3] as [UInt64])
    func damaged(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let rules = try ruleSet(Self.rules + "\nvelocity t = count(attempts) by terminal over 1h")
        var triggers = Triggers(rules)
        for step in Int64(0)..<40 {
            triggers.apply(
                WindowEvent(
                    facts: purchase(at: morning + .minutes(step * 30)) {
                        $0.card = CardKey(high: 2, low: UInt64(step % 3))
                        $0.place = Position(latitude: 52_000_000, longitude: 13_000_000)
                        $0.terminal = terminal(Int(step % 4))
                    }, outcome: .approved))
        }
        for bytes in [triggers.snapshotBytes, Self.firstVersion()] {
            for _ in 0..<300 {
                var damaged = bytes
                if random.chance(perMille: 300) {
                    damaged.removeLast(random.below(damaged.count))
                } else {
                    damaged[random.below(damaged.count)] ^= UInt8(1 << random.below(8))
                }
                var reader = ByteReader(damaged)
                guard let read = try? Triggers(snapshot: &reader, rules: rules) else { continue }
                #expect(read.checkInvariants() == [], "seed \(seed)")
                _ = read.evaluate(purchase())
            }
        }
    }
}
