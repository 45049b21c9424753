// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Journal

struct GateTests {
    /// One record a commit and few of everything, so that limits are near.
    static let small = GateLimits(
        commitRecordsMax: 3, commitBytesMax: 64, queuedRecordsMax: 6, queuedBytesMax: 4_096, queuedReleasesMax: 5)

    @Test func `a release waits for its record's commit`() throws {
        let gate = GateBox<String>()
        #expect(try gate.submit([1], releasing: "answer") == 1)
        let commit = try #require(gate.nextCommit())
        #expect(commit.first == 1 && commit.count == 1)
        #expect(try RecordFrame.decode(commit.bytes) == [[1]])
        #expect(gate.durableThrough == 0)
        #expect(try gate.committed(upTo: commit.last) == ["answer"])
        #expect(gate.durableThrough == 1)
        #expect(gate.nextCommit() == nil)
    }

    @Test func `what queues during a commit is the next commit`() throws {
        let gate = GateBox<Int>()
        try gate.submit([0], releasing: 0)
        let first = try #require(gate.nextCommit())
        for number in 1...5 { try gate.submit([UInt8(number)], releasing: [number]) }
        #expect(gate.nextCommit() == nil)
        #expect(gate.isCommitting)
        #expect(try gate.committed(upTo: first.last) == [0])
        let second = try #require(gate.nextCommit())
        #expect(second.first == 2 && second.count == 5)
        #expect(try gate.committed(upTo: second.last) == [1, 2, 3, 4, 5])
        #expect(try Chain.verify([first, second]).next == 7)
    }

    @Test func `a release without a record leaves at once if nothing is on its way`() throws {
        let gate = GateBox<Int>()
        #expect(try gate.submit(releasing: [1, 2]) == [1, 2])
        #expect(gate.queuedReleases == 0)
    }

    @Test func `a release without a record waits behind the records before it`() throws {
        let gate = GateBox<Int>()
        try gate.submit([0], releasing: 1)
        #expect(try gate.submit(releasing: [2]) == [])
        let first = try #require(gate.nextCommit())
        #expect(try gate.submit(releasing: [3]) == [])
        try gate.submit([0], releasing: 4)
        #expect(try gate.submit(releasing: [5]) == [])
        #expect(try gate.committed(upTo: first.last) == [1, 2, 3])
        let second = try #require(gate.nextCommit())
        #expect(try gate.committed(upTo: second.last) == [4, 5])
        #expect(try gate.submit(releasing: [6]) == [6])
    }

    @Test func `a record without a release is committed all the same`() throws {
        let gate = GateBox<Int>()
        try gate.submit([[1], [2]], releasing: [])
        let commit = try #require(gate.nextCommit())
        #expect(commit.count == 2)
        #expect(try gate.committed(upTo: commit.last) == [])
        #expect(try gate.submit(releasing: [1]) == [1])
    }

    @Test func `a failed commit closes the gate for ever`() throws {
        let gate = GateBox<Int>()
        try gate.submit([1], releasing: 1)
        let commit = try #require(gate.nextCommit())
        try gate.submit([2], releasing: 2)
        gate.failed()
        #expect(gate.isClosed && gate.queuedReleases == 0 && gate.queuedRecords == 0)
        #expect(gate.nextCommit() == nil)
        #expect(throws: GateError.closed) { try gate.committed(upTo: commit.last) }
        #expect(throws: GateError.closed) { try gate.submit([3], releasing: 3) }
        #expect(throws: GateError.closed) { try gate.submit([[3]], releasing: [3]) }
        #expect(throws: GateError.closed) { try gate.submit(releasing: [3]) }
        #expect(gate.durableThrough == 0)
    }

    @Test func `a report of another commit releases nothing`() throws {
        let gate = GateBox<Int>()
        #expect(throws: GateError.notInFlight(expected: nil, reported: 0)) { try gate.committed(upTo: 0) }
        try gate.submit([[1], [2]], releasing: [1])
        #expect(throws: GateError.notInFlight(expected: nil, reported: 2)) { try gate.committed(upTo: 2) }
        _ = gate.nextCommit()
        #expect(throws: GateError.notInFlight(expected: 2, reported: 1)) { try gate.committed(upTo: 1) }
        #expect(try gate.committed(upTo: 2) == [1])
        #expect(throws: GateError.notInFlight(expected: nil, reported: 2)) { try gate.committed(upTo: 2) }
    }

    @Test func `a commit takes as many records as its limit`() throws {
        let gate = GateBox<Int>(limits: Self.small)
        for number in 1...4 { try gate.submit([UInt8(number)], releasing: number) }
        let first = try #require(gate.nextCommit())
        #expect(first.count == 3)
        #expect(try gate.committed(upTo: 3) == [1, 2, 3])
        #expect(gate.nextCommit()?.count == 1)
    }

    @Test func `the records of one submission are never split`() throws {
        let gate = GateBox<Int>(limits: Self.small)
        try gate.submit([[1], [2]], releasing: [1])
        try gate.submit([[3], [4]], releasing: [2])
        #expect(gate.nextCommit()?.count == 2)
        #expect(throws: GateError.tooManyRecords(4)) {
            try gate.submit([[1], [2], [3], [4]], releasing: [])
        }
    }

    @Test(arguments: [(53, 1), (54, 2)])
    func `a commit takes as many bytes as its limit`(length: Int, commits: Int) throws {
        // Of 64 bytes the count is allowed 3, the first record takes 3, the second is allowed 5 besides its own.
        let gate = GateBox<Int>(limits: Self.small)
        try gate.submit([1], releasing: 1)
        try gate.submit([UInt8](repeating: 2, count: length), releasing: 2)
        var taken = 0
        while let commit = gate.nextCommit() {
            taken += 1
            #expect(commit.bytes.count <= 64)
            _ = try gate.committed(upTo: commit.last)
        }
        #expect(taken == commits)
    }

    @Test func `a record longer than a commit's limit goes alone`() throws {
        let gate = GateBox<Int>(limits: Self.small)
        try gate.submit([1], releasing: 1)
        try gate.submit([UInt8](repeating: 2, count: 1_000), releasing: 2)
        try gate.submit([3], releasing: 3)
        var counts: [Int] = []
        while let commit = gate.nextCommit() {
            counts.append(commit.count)
            _ = try gate.committed(upTo: commit.last)
        }
        #expect(counts == [1, 1, 1])
    }

    @Test func `a record too long for any frame is refused and leaves no trace`() throws {
        let gate = GateBox<Int>()
        let longest = RecordFrame.bytesMax - RecordFrame.countBytesMax - RecordFrame.recordOverheadMax
        #expect(throws: GateError.recordTooLarge(bytes: longest + 1)) {
            try gate.submit([UInt8](repeating: 0, count: longest + 1), releasing: 1)
        }
        #expect(gate.nextCommit() == nil && gate.nextSequence == 1 && gate.queuedReleases == 0)
        try gate.submit([UInt8](repeating: 0, count: longest), releasing: 1)
        let commit = try #require(gate.nextCommit())
        #expect(try Chain.verify([commit]).next == 2)
    }

    @Test func `a full queue refuses records, bytes and releases, and takes them again after a commit`() throws {
        let records = GateBox<Int>(limits: Self.small)
        for _ in 1...6 { try records.submit([1], releasing: []) }
        #expect(throws: GateError.full) { try records.submit([1], releasing: []) }
        #expect(records.nextSequence == 7)
        _ = records.nextCommit()
        try records.submit([1], releasing: [])

        let bytes = GateBox<Int>(limits: Self.small)
        try bytes.submit([UInt8](repeating: 0, count: 3_000), releasing: [])
        #expect(throws: GateError.full) { try bytes.submit([UInt8](repeating: 0, count: 1_100), releasing: []) }
        _ = bytes.nextCommit()
        try bytes.submit([UInt8](repeating: 0, count: 1_100), releasing: [])

        let releases = GateBox<Int>(limits: Self.small)
        try releases.submit([1], releasing: [1, 2, 3, 4])
        #expect(throws: GateError.full) { try releases.submit(releasing: [5, 6]) }
        #expect(throws: GateError.full) { try releases.submit([1], releasing: [5, 6]) }
        #expect(releases.nextSequence == 2)
        #expect(try releases.submit(releasing: [5]) == [])
        #expect(throws: GateError.full) { try releases.submit([1], releasing: 6) }
        let commit = try #require(releases.nextCommit())
        #expect(try releases.committed(upTo: commit.last) == [1, 2, 3, 4, 5])
        try releases.submit([1], releasing: 6)
    }

    @Test func `a gate goes on where a journal ended`() throws {
        let first = GateBox<Int>()
        try first.submit([[1], [2]], releasing: [])
        let one = try #require(first.nextCommit())
        let second = GateBox<Int>(after: JournalHead(after: one))
        #expect(second.durableThrough == 2)
        #expect(try second.submit([3], releasing: []) == 3)
        let two = try #require(second.nextCommit())
        #expect(try Chain.verify([one, two]).next == 4)
    }
}
