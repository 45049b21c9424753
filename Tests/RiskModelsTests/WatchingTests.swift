// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Testing
import Vocabulary

/// A scorecard whose margin is weight · x + bias of its first feature.
private func line(_ names: [String], weight: Double, bias: Double = 0) throws -> RiskModel {
    RiskModel(
        try Scorecard(
            name: "line", featureNames: names, bias: bias,
            terms: [.init(feature: 0, transform: .identity, mean: 0, scale: 1, weight: weight)]))
}

extension BoundModel {
    fileprivate func score(_ features: [Double]) -> Double { margin(features.span) }
}

extension ModelComparison {
    fileprivate mutating func add(_ value: Double) -> Double {
        let features = [value]
        return score(features.span)
    }
}

@Suite("Watching models")
struct WatchingTests {
    // MARK: Drift

    private func reference(_ rows: [[Double]]) -> DriftReference {
        DriftReference(
            names: ["a", "b"], rows: rows.count, value: { rows[$0][$1] }, scores: rows.map { $0[0] })
    }

    private func monitor(_ reference: DriftReference, _ rows: [[Double]]) -> DriftMonitor {
        var monitor = DriftMonitor(reference)
        for row in rows { monitor.add(row.span, score: row[0]) }
        return monitor
    }

    /// `a` is uniform in 0..<1 and moved by `shift`; `b` is 1 in a tenth of the rows, missing in another tenth.
    private func rows(_ count: Int, seed: UInt64, shift: Double = 0) -> [[Double]] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { index in
            [Double(random.below(1_000_000)) / 1e6 + shift, index % 10 == 0 ? 1 : index % 10 == 1 ? .nan : 0]
        }
    }

    @Test("traffic like that of the training has no index worth a look; moved traffic raises both alarms")
    func alarms() {
        let reference = reference(rows(20_000, seed: 1))
        let same = monitor(reference, rows(20_000, seed: 2))
        #expect(same.alarm == .none && same.drifts.allSatisfy { $0.index < 0.01 })
        #expect(same.drifts.map(\.name) == ["a", "b", "score"])
        let moved = monitor(reference, rows(20_000, seed: 3, shift: 0.1))
        #expect(moved.drifts[0].alarm == .drifted && moved.drifts[1].alarm == .none && moved.alarm == .drifted)
        #expect(monitor(reference, rows(20_000, seed: 3, shift: 0.07)).drifts[0].alarm == .moved)
    }

    @Test("the index is the sum that its definition says")
    func definition() {
        let reference = reference((0..<1_000).map { [Double($0), 0] })
        // Half of the rows in the first tenth, the rest as before.
        let monitor = monitor(
            reference, (0..<1_000).map { [$0 % 2 == 0 ? 0 : Double($0), 0] })
        var expected = 0.0
        for bin in 0..<10 {
            let now = bin == 0 ? 0.55 : 0.05
            expected += (now - 0.1) * Real.log(now / 0.1)
        }
        #expect(abs(monitor.drifts[0].index - expected) < 0.02)
        // A column that never varied has one bin, and nothing to say.
        #expect(reference.columns[1].edges.isEmpty && monitor.drifts[1].index == 0)
    }

    @Test("values that begin to be missing are drift too, and few rows are none")
    func missing() {
        let rows = rows(2_000, seed: 4)
        let reference = reference(rows)
        #expect(monitor(reference, rows.map { [$0[0], .nan] }).drifts[1].alarm == .drifted)
        #expect(monitor(reference, Array(rows.prefix(DriftMonitor.countMin - 1))).drifts.isEmpty)
        var monitor = monitor(reference, Array(rows.prefix(DriftMonitor.countMin)))
        #expect(monitor.drifts.count == 3)
        monitor.reset()
        #expect(monitor.count == 0 && monitor.drifts.isEmpty)
    }

    @Test("a reference comes back from its text to the bit, and texts that are none are refused")
    func text() throws {
        let reference = reference(rows(999, seed: 5))
        let text = reference.json.text
        #expect(try DriftReference(reading: Array(text.utf8)) == reference)
        for (old, new) in [
            ("\"tillguard-drift\":1", "\"tillguard-drift\":2"), ("\"edges\":[0.", "\"edges\":[7."),
            ("\"shares\":[", "\"shares\":[0.5,"),
            ("\"columns\":[", "\"columns\":[1,"), ("\"name\":\"a\"", "\"nome\":\"a\""),
        ] {
            let changed = text.replacing(old, with: new, maxReplacements: 1)
            #expect(changed != text)
            #expect(throws: RiskModelError.self, "\(new)") { try DriftReference(reading: Array(changed.utf8)) }
        }
    }

    // MARK: Bound and compared

    @Test("a model finds its features among those declared, in any order; one that is not there is named")
    func binding() throws {
        let model = try line(["b", "a"], weight: 2)
        let bound = try BoundModel(model, to: ["a", "x", "b"])
        let features = [1.0, 5, 7]
        #expect(bound.score(features) == 14)
        #expect(bound.top(3, features).map(\.name) == ["b"] && bound.top(3, features).map(\.value) == [14])
        #expect(try BoundModel(model, to: ["b", "a"]).score([7, 1]) == 14)
        do {
            _ = try BoundModel(model, to: ["a"])
            Issue.record("bound without its feature")
        } catch { #expect(error.code == .missing && error.field == "b") }
    }

    @Test("a model of more features than are gathered is refused", arguments: [128, 129])
    func bindingLimit(count: Int) throws {
        let names = (0..<count).map { "f\($0)" }
        let model = try line(names, weight: 1)
        if count > BoundModel.featuresMax {
            #expect(throws: RiskModelError.self) { try BoundModel(model, to: names) }
        } else {
            let reversed = try BoundModel(model, to: names.reversed())
            #expect(reversed.score((0..<count).map { Double($0) }) == Double(count - 1))
        }
    }

    @Test("a watching model is counted beside the one in force and changes no score")
    func comparison() throws {
        let live = try BoundModel(try line(["a"], weight: 1), to: ["a"])
        let shadow = try BoundModel(try line(["a"], weight: 1, bias: -2), to: ["a"])
        var comparison = ModelComparison(live: live, shadow: shadow, liveThreshold: 0, shadowThreshold: 0)
        #expect(comparison.agreement == nil && comparison.overlap == nil && comparison.correlation == nil)
        for value in [-3.0, -1, 1, 3] {
            let score = comparison.add(value)
            #expect(score == value)
        }
        #expect(comparison.both == 1 && comparison.liveAlone == 1 && comparison.shadowAlone == 0)
        #expect(comparison.neither == 2 && comparison.count == 4)
        #expect(comparison.agreement == 0.75 && comparison.overlap == 0.5)
        let correlation = try #require(comparison.correlation)
        #expect(correlation > 0.8 && correlation < 1)
        var same = ModelComparison(live: live, shadow: live, liveThreshold: 0, shadowThreshold: 0)
        for value in [-3.0, -1, 1, 3] { _ = same.add(value) }
        #expect(abs((same.correlation ?? 0) - 1) < 1e-12 && same.agreement == 1)
    }
}
