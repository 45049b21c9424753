// SPDX-License-Identifier: Apache-2.0
import RiskTraining
import SecurityTriggers
import Testing
import Vocabulary

@testable import Detection

@Suite("Features of a recording")
struct FeatureWalkTests {
    private static let rows = GeneratedRecording(seed: 1, days: 20, customers: 30, terminals: 20).rows

    private func features(_ rows: [RecordingRow], _ policy: LabelPolicy = LabelPolicy()) -> [String: [Double]] {
        let recording = Recording(rows)
        var walk = FeatureWalk(recording, policy)
        var features: [String: [Double]] = [:]
        walk.run(until: recording.count) { row, vector in
            features[recording.ids[row]] = RiskFeature.allCases.map { vector[$0] }
        }
        return features
    }

    @Test("labels that become known after a time change no feature up to it")
    func noLookAhead() {
        let now = GeneratedRecording.first + 15 * 86_400 + 40_000
        var changed = Self.rows
        for index in changed.indices where changed[index].time + 7 * 86_400 > now { changed[index].isFraud.toggle() }
        let (before, after) = (features(Self.rows), features(changed))
        for row in Self.rows where row.time <= now { #expect(before[row.id] == after[row.id]) }
        #expect(before != after)
    }

    @Test("rows in any order give the same features, those of equal times included")
    func orderOfTheFileMeansNothing() {
        var random = SeededRandom(seed: 3)
        var shuffled = Self.rows
        for index in shuffled.indices.dropFirst().reversed() { shuffled.swapAt(index, random.below(index + 1)) }
        #expect(Set(Self.rows.map(\.time)).count < Self.rows.count)
        #expect(features(shuffled) == features(Self.rows))
    }

    @Test("what is known after ten minutes tells more of a terminal than what is known after seven days")
    func fastLabels() {
        var fast = LabelPolicy()
        fast.latest = .minutes(10)
        func share(_ features: [String: [Double]]) -> Double {
            Self.rows.filter { $0.scenario == "2" }
                .reduce(0) { $0 + (features[$1.id]?[RiskFeature.terminalShare28.rawValue] ?? 0) }
        }
        #expect(share(features(Self.rows, fast)) > 2 * share(features(Self.rows)))
    }

    @Test("a third of the cardholders never looks at a statement, and whoever looks does so after the transaction")
    func statements() {
        var policy = LabelPolicy()
        policy.kind = .statements
        let time = GeneratedRecording.first + 50_000
        let looks = (0..<300).map { policy.reported(card: $0, at: time) }
        #expect((70...130).contains(looks.count { $0 == nil }))
        for look in looks.compactMap({ $0?.seconds }) {
            #expect(look > time && look <= time + 8 * 86_400)
            #expect((look - 600) % 86_400 == 20 * 3_600)
        }
    }
}
