// SPDX-License-Identifier: Apache-2.0
import Journal

/// A gate behind a reference: the test macros copy what they look at, and a gate cannot be copied.
final class GateBox<Release> {
    private var gate: Gate<Release>

    init(after head: JournalHead = .genesis, limits: GateLimits = .standard) {
        gate = Gate(after: head, limits: limits)
    }

    var isClosed: Bool { gate.isClosed }
    var isCommitting: Bool { gate.isCommitting }
    var nextSequence: UInt64 { gate.nextSequence }
    var durableThrough: UInt64 { gate.durableThrough }
    var queuedRecords: Int { gate.queuedRecords }
    var queuedReleases: Int { gate.queuedReleases }

    @discardableResult
    func submit(_ record: [UInt8], releasing release: Release) throws(GateError) -> UInt64 {
        try gate.submit(record, releasing: release)
    }
    @discardableResult
    func submit(_ record: [UInt8], releasing releases: [Release]) throws(GateError) -> UInt64 {
        try gate.submit(record, releasing: releases)
    }
    @discardableResult
    func submit(_ records: [[UInt8]], releasing releases: [Release]) throws(GateError) -> UInt64 {
        try gate.submit(records, releasing: releases)
    }
    func submit(releasing releases: [Release]) throws(GateError) -> [Release] {
        try gate.submit(releasing: releases)
    }
    func nextCommit() -> Commit? { gate.nextCommit() }
    func committed(upTo last: UInt64) throws(GateError) -> [Release] { try gate.committed(upTo: last) }
    func failed() { gate.failed() }
}
