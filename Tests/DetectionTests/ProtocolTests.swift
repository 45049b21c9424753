// SPDX-License-Identifier: Apache-2.0
import RiskModels
import RiskTraining
import Testing
import Vocabulary

@testable import Detection

@Suite("The detection protocol")
struct ProtocolTests {
    private static let recording = Recording(
        GeneratedRecording(seed: 2, days: 29, customers: 60, terminals: 40).rows)
    private static let start = "2026-03-09"

    private func precision(_ policy: LabelPolicy) throws -> Double {
        let week = try DetectionWeek(start: Self.start, of: Self.recording)
        let result = try Detector(Self.recording, week).run(policy, .scorecard)
        let rows = DetectionReport(result.scored[0], Self.recording, week).rows
        return try #require(DetectionMetrics.averagePrecision(rows))
    }

    @Test("a scorecard of one week finds the frauds of the week after next, and more of them with fast answers")
    func scorecardDetects() throws {
        var fast = LabelPolicy()
        fast.latest = .minutes(10)
        let (slow, quick) = (try precision(LabelPolicy()), try precision(fast))
        let tested = try DetectionWeek(start: Self.start, of: Self.recording).tested
        let share = Double(tested.count { Self.recording.isFraud[$0] }) / Double(tested.count)
        // A constant score reaches the share of frauds.
        #expect(slow > 2 * share)
        #expect(quick > slow)
    }

    @Test("training, scored and tested days lie as the protocol says, and known cards are left out")
    func days() throws {
        let (recording, week) = (Self.recording, try DetectionWeek(start: Self.start, of: Self.recording))
        #expect(week.historyDays == 7)
        #expect(Set(week.training.map { recording.day($0) - week.first }) == Set(0..<7))
        #expect(Set(week.scored.map { recording.day($0) - week.first }) == Set(14..<21))
        let tested = Set(week.tested)
        let frauds = (0..<recording.count).filter { recording.isFraud[$0] && recording.day($0) >= week.first }
        for row in week.scored {
            let known = frauds.contains {
                let day = recording.day($0) - week.first
                return recording.cards[$0] == recording.cards[row]
                    && (day < 7 || day <= recording.day(row) - week.first - 8)
            }
            #expect(tested.contains(row) != known)
        }
        #expect(tested.count < week.scored.count)
    }

    @Test("a model that is given scores as it did where it was trained, and one of other features is refused")
    func givenModel() throws {
        let detector = Detector(Self.recording, try DetectionWeek(start: Self.start, of: Self.recording))
        let trained = try detector.run(LabelPolicy(), .scorecard)
        let given = try detector.run(LabelPolicy(), .trees, given: trained.scored[0].text)
        #expect(given.scored.map(\.scores) == trained.scored.map(\.scores))
        let other = String(decoding: trained.scored[0].text, as: UTF8.self).replacing("terminalRun", with: "wind")
        #expect(throws: DetectionError.self) {
            try detector.run(LabelPolicy(), .trees, given: Array(other.utf8))
        }
    }

    @Test("every scored row has one line, and its score comes back to the bit")
    func output() throws {
        let week = try DetectionWeek(start: Self.start, of: Self.recording)
        let scores = week.scored.indices.map { 1 / Double($0 + 3) }
        let scored = Detector.Scored(name: "", text: [], scores: scores)
        let lines = String(decoding: scored.csv(Self.recording, week), as: UTF8.self).split(separator: "\n")
        #expect(lines[0] == "tx_id,score")
        #expect(lines.count == week.scored.count + 1)
        for (index, line) in lines.dropFirst().enumerated() {
            let fields = line.split(separator: ",")
            #expect(fields[0] == Self.recording.ids[week.scored[index]])
            #expect(Double(fields[1]) == scores[index])
        }
    }

    @Test("too little history, no date and no fraud to learn from are said")
    func refusals() {
        func message(_ recording: Recording, _ start: String) -> String {
            do {
                _ = try DetectionWeek(start: start, of: recording)
                return ""
            } catch { return error.description }
        }
        #expect(message(Self.recording, "2026-03-11").hasPrefix("too little history: 21 days from 2026-03-11"))
        #expect(message(Self.recording, "2026-03-01").hasPrefix("too little history"))
        #expect(message(Self.recording, "tomorrow").contains("no date"))
        let honest = GeneratedRecording(seed: 2, days: 29, customers: 20, terminals: 60).rows.map { row in
            var row = row
            row.isFraud = false
            return row
        }
        #expect(message(Recording(honest), Self.start).hasPrefix("no fraud in the 7 training days"))
    }
}
