// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Journal

/// Random interleavings against a model that knows, for every release, which record it must wait for.
struct GatePropertyTests {
    /// Releases are numbered in the order of submission; `after[n]` is the last record submitted before release n.
    struct Model {
        var after: [UInt64] = []
        var submitted: [[UInt8]] = []
        var released = 0
        var commits: [Commit] = []
        var inFlight: Commit?
    }

    static func limits(_ random: inout SeededRandom) -> GateLimits {
        GateLimits(
            commitRecordsMax: 4 + random.below(20), commitBytesMax: 30 + random.below(400),
            queuedRecordsMax: 10 + random.below(60), queuedBytesMax: 500 + random.below(3_000),
            queuedReleasesMax: 10 + random.below(80))
    }

    @Test(arguments: UInt64(0)..<1_000)
    func `nothing leaves early, out of order, twice or never`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let gate = GateBox<Int>(limits: Self.limits(&random))
        var model = Model()
        // Uneven weights a seed, so that both long queues and idle gates are met.
        let submitWeight = 1 + random.below(8)
        let failAfter = random.chance(perMille: 200) ? random.below(300) : Int.max
        for step in 0..<300 {
            if step >= failAfter { break }
            switch random.below(submitWeight + 3) {
            case 0: take(gate, &model)
            case 1: try land(gate, &model)
            case 2: try wait(gate, &model, &random)
            default: try submit(gate, &model, &random)
            }
        }
        if failAfter < 300 {
            try failAndCheck(gate, model)
        } else {
            while true {
                take(gate, &model)
                guard model.inFlight != nil else { break }
                try land(gate, &model)
            }
            #expect(model.released == model.after.count, "every release left")
            #expect(gate.queuedRecords == 0 && gate.queuedReleases == 0)
        }
        let head = try Chain.verify(model.commits)
        let kept = try model.commits.flatMap { try RecordFrame.decode($0.bytes) }
        #expect(kept == Array(model.submitted.prefix(kept.count)), "the journal is a prefix of what was submitted")
        #expect(head.next == UInt64(kept.count) + 1)
    }

    private func submit(
        _ gate: GateBox<Int>, _ model: inout Model, _ random: inout SeededRandom
    ) throws {
        let records = someRecords(1 + random.below(3), &random)
        let releases = (0..<random.below(3)).map { model.after.count + $0 }
        let expected = UInt64(model.submitted.count) + 1
        do {
            let first =
                if records.count == 1, releases.count == 1 {
                    try gate.submit(records[0], releasing: releases[0])
                } else if records.count == 1 {
                    try gate.submit(records[0], releasing: releases)
                } else {
                    try gate.submit(records, releasing: releases)
                }
            #expect(first == expected)
            model.submitted += records
            for _ in releases { model.after.append(UInt64(model.submitted.count)) }
        } catch {
            #expect(error == .full)
            #expect(gate.nextSequence == expected)
        }
    }

    private func wait(
        _ gate: GateBox<Int>, _ model: inout Model, _ random: inout SeededRandom
    ) throws {
        let releases = (0..<1 + random.below(3)).map { model.after.count + $0 }
        let out: [Int]
        do {
            out = try gate.submit(releasing: releases)
        } catch {
            #expect(error == .full)
            return
        }
        for _ in releases { model.after.append(UInt64(model.submitted.count)) }
        try check(out, gate.durableThrough, &model)
    }

    private func take(_ gate: GateBox<Int>, _ model: inout Model) {
        guard let commit = gate.nextCommit() else { return }
        #expect(model.inFlight == nil, "one commit at a time")
        model.inFlight = commit
    }

    private func land(_ gate: GateBox<Int>, _ model: inout Model) throws {
        guard let commit = model.inFlight else { return }
        model.inFlight = nil
        model.commits.append(commit)
        try check(try gate.committed(upTo: commit.last), commit.last, &model)
    }

    /// What comes out is the next releases in order, all those that rest on durable records and no other.
    private func check(_ out: [Int], _ durable: UInt64, _ model: inout Model) throws {
        var expected: [Int] = []
        while model.released < model.after.count, model.after[model.released] <= durable {
            expected.append(model.released)
            model.released += 1
        }
        try #require(out == expected)
    }

    private func failAndCheck(_ gate: GateBox<Int>, _ model: Model) throws {
        gate.failed()
        #expect(gate.nextCommit() == nil)
        #expect(throws: GateError.closed) { try gate.submit([1], releasing: 1) }
        #expect(throws: GateError.closed) { try gate.submit(releasing: [1]) }
        #expect(throws: GateError.closed) { try gate.committed(upTo: model.inFlight?.last ?? 1) }
    }
}
