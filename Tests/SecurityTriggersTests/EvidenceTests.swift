// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite struct EvidenceTests {
    private func engine(_ body: String, _ times: [(minute: Int64, terminal: Int, pin: PINFact)]) throws -> Triggers {
        var triggers = Triggers(try ruleSet(body))
        for (minute, place, pin) in times {
            let facts = purchase(at: morning + .minutes(minute)) { ($0.terminal, $0.pin) = (terminal(place), pin) }
            triggers.apply(WindowEvent(facts: facts, outcome: .approved))
        }
        return triggers
    }

    private func evidence(_ triggers: Triggers, _ minute: Int64) -> [Evidence]? {
        triggers.evaluate(purchase(at: morning + .minutes(minute)) { $0.pin = .wrong }).results.first?.figures.first?
            .evidence
    }

    private static let wrong: [(minute: Int64, terminal: Int, pin: PINFact)] = [
        (1, 1, .wrong), (2, 2, .right), (3, 3, .wrong), (4, 4, .wrong), (5, 5, .right), (6, 6, .wrong), (7, 7, .wrong),
        (8, 8, .wrong),
    ]

    @Test("behind a count stand the newest transactions that it counts, four at most, with time and terminal")
    func newest() throws {
        let triggers = try engine(
            "velocity w = count(attempts where pin == wrong) by card over 1h\nrule r { when w >= 3 then decline }",
            Self.wrong)
        #expect(
            evidence(triggers, 9)
                == [8, 7, 6, 4].map { Evidence(at: morning + .minutes(Int64($0)), terminal: terminal($0)) })
        let text = Explanation.json(
            triggers.evaluate(purchase(at: morning + .minutes(9)) { $0.pin = .wrong }), rules: triggers.rules,
            context: .init(reference: { $0.terminal == terminal(7) ? "000000000042" : nil })
        ).text
        #expect(
            text.contains(
                #""exact":true,"evidence":[{"at":"2026-08-14T09:38:00Z","terminal":"T0000008"},"#
                    + #"{"at":"2026-08-14T09:37:00Z","terminal":"T0000007","rrn":"000000000042"},"#))
    }

    @Test("nothing of before a reset, outside the window, or within its delay stands behind a figure")
    func bounded() throws {
        let reset = try engine(
            "velocity w = count(attempts where pin == wrong) by card over 1h reset on pin == right\n"
                + "rule r { when w >= 1 then decline }", Self.wrong)
        #expect(evidence(reset, 9)?.map(\.terminal) == [8, 7, 6].map(terminal))
        let short = try engine(
            "velocity w = count(attempts) by card over 3m\nrule r { when w >= 1 then decline }", Self.wrong)
        #expect(evidence(short, 9)?.map(\.terminal) == [8, 7].map(terminal))
        let delayed = try engine(
            "velocity w = count(attempts) by card over 3m delayed 4m\nrule r { when w >= 1 then decline }", Self.wrong)
        #expect(evidence(delayed, 9)?.map(\.terminal) == [5, 4, 3].map(terminal))
    }

    @Test("facts and sums of days have none, and with none the record is what it was")
    func none() throws {
        let triggers = try engine(
            """
            velocity days = count(attempts) by card over 7d
            rule r { when days >= 3 and hour >= 0 then decline }
            """, Self.wrong)
        let evaluation = triggers.evaluate(purchase(at: morning + .minutes(9)))
        #expect(evaluation.results.first?.figures.allSatisfy { $0.evidence.isEmpty } == true)
        var writer = ByteWriter()
        evaluation.withoutEngine.encode(to: &writer)
        #expect(writer.bytes.first == 1)
        var quiet = ByteWriter()
        Evaluation().encode(to: &quiet)
        #expect(quiet.bytes.count == 4)
    }

    @Test("evidence comes back out of the record, in one form, and no part of it is a whole")
    func codec() throws {
        let triggers = try engine(
            "velocity w = count(attempts where pin == wrong) by card over 1h\nrule r { when w >= 3 then decline }",
            Self.wrong)
        let evaluation = triggers.evaluate(purchase(at: morning + .minutes(9)) { $0.pin = .wrong })
        var writer = ByteWriter()
        evaluation.encode(to: &writer)
        #expect(writer.bytes.first == 0x13)
        var reader = ByteReader(writer.bytes)
        #expect(try Evaluation(from: &reader) == evaluation && reader.isAtEnd)
        for end in 0..<writer.bytes.count {
            var reader = ByteReader(Array(writer.bytes[..<end]))
            #expect(throws: CodecError.self) { try Evaluation(from: &reader) }
        }
        for index in writer.bytes.indices {
            var damaged = writer.bytes
            damaged[index] ^= 0x10
            var reader = ByteReader(damaged)
            guard let other = try? Evaluation(from: &reader), reader.isAtEnd else { continue }
            var again = ByteWriter()
            other.encode(to: &again)
            #expect(again.bytes == damaged, "byte \(index)")
        }
    }
}
