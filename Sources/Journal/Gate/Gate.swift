// SPDX-License-Identifier: Apache-2.0

/// The one gate: what must not be seen before its record is durable waits here.
///
/// Answers, webhooks and live pages are *releases*. A submission queues records together with the releases that rest
/// on them; a commit takes what queued during the last one; once the commit is durable its releases come out, in the
/// order of submission. A failed commit closes the gate for ever, because nobody can know what the disk kept.
///
/// The gate does no I/O. Its owner carries commits to the disk and results back, always in this order:
///
/// ```
/// submit(…)                        any number of times, at any time
/// nextCommit() → write it          whenever something was submitted or a commit landed
/// committed(upTo:) → send these    on success, then ask for the next commit
/// failed() → stop the process      on failure
/// ```
///
/// The work on bytes is not generic; the generic shell around it is inlinable, so that it is specialised for the
/// caller's type of release.
///
/// ## Topics
/// - Submitting: ``submit(_:releasing:)``, ``submit(releasing:)``
/// - Committing: ``nextCommit()``, ``committed(upTo:)``, ``failed()``
/// - Watching: ``isClosed``, ``isCommitting``, ``nextSequence``, ``durableThrough``, ``queuedRecords``,
///   ``queuedReleases``
public struct Gate<Release>: ~Copyable {
    @usableFromInline
    var commits: CommitQueue

    /// The releases of the commit in flight, if there is one, then of each frame that waits.
    @usableFromInline
    var waiting: [[Release]] = []

    /// The number of releases in `waiting`.
    @usableFromInline
    var releases = 0

    @usableFromInline
    let releasesMax: Int

    /// A gate for the journal that ends at `head`.
    @inlinable
    public init(after head: JournalHead = .genesis, limits: GateLimits = .standard) {
        commits = CommitQueue(after: head, limits: limits)
        releasesMax = limits.queuedReleasesMax
    }

    /// True after a failed commit: nothing is taken any more and nothing will come out.
    @inlinable
    public var isClosed: Bool { commits.closed }
    /// True while a commit is in flight.
    @inlinable
    public var isCommitting: Bool { commits.isInFlight }
    /// The sequence number that the next submitted record gets.
    @inlinable
    public var nextSequence: UInt64 { commits.nextSequence }
    /// The sequence number of the last record that is known to be durable; one less than the first, if none is.
    @inlinable
    public var durableThrough: UInt64 { commits.durableThrough }
    /// The number of records that wait, the commit in flight not counted.
    @inlinable
    public var queuedRecords: Int { commits.waitingRecords }
    /// The number of releases that wait, those of the commit in flight included.
    @inlinable
    public var queuedReleases: Int { releases }

    /// Queues a record and the one thing that may leave once it is durable, without an array for it.
    ///
    /// - Returns: the record's sequence number.
    /// - Throws: `GateError`; nothing of the submission was taken then.
    @inlinable
    @discardableResult
    public mutating func submit(_ record: [UInt8], releasing release: Release) throws(GateError) -> UInt64 {
        try commits.admit(record)
        try admit(1)
        let sequence = commits.nextSequence
        switch commits.append(record) {
        case .newFrame: waiting.append([release])
        case .lastFrame: waiting[waiting.count - 1].append(release)
        }
        releases += 1
        return sequence
    }

    /// Queues a record and what may leave once it is durable.
    ///
    /// - Returns: the record's sequence number.
    /// - Throws: `GateError`; nothing of the submission was taken then.
    @inlinable
    @discardableResult
    public mutating func submit(_ record: [UInt8], releasing releases: [Release]) throws(GateError) -> UInt64 {
        try commits.admit(record)
        try admit(releases.count)
        let sequence = commits.nextSequence
        queue(releases, commits.append(record))
        return sequence
    }

    /// Queues records that become durable in one commit, and what may leave once they are.
    ///
    /// - Precondition: at least one record.
    /// - Returns: the first record's sequence number.
    /// - Throws: `GateError`; nothing of the submission was taken then.
    @inlinable
    @discardableResult
    public mutating func submit(_ records: [[UInt8]], releasing releases: [Release]) throws(GateError) -> UInt64 {
        precondition(!records.isEmpty, "a submission without a record is submit(releasing:)")
        try commits.admit(records)
        try admit(releases.count)
        let sequence = commits.nextSequence
        queue(releases, commits.append(records))
        return sequence
    }

    /// Queues releases that rest on records submitted before: reads, repeated answers.
    ///
    /// - Returns: the releases themselves if no record is on its way, to be let out now; nothing otherwise.
    /// - Throws: `GateError.closed` or `.full`; nothing was taken then.
    @inlinable
    public mutating func submit(releasing releases: [Release]) throws(GateError) -> [Release] {
        guard !commits.closed else { throw .closed }
        guard let last = waiting.indices.last else { return releases }
        try admit(releases.count)
        waiting[last].append(contentsOf: releases)
        self.releases += releases.count
        return []
    }

    /// The next commit to write; nil while one is in flight, if nothing waits, and when closed.
    @inlinable
    public mutating func nextCommit() -> Commit? {
        commits.take()
    }

    /// Takes the report that the commit in flight is durable.
    ///
    /// - Parameter last: the sequence number of its last record (`Commit.last`).
    /// - Returns: what may leave now, in the order of submission.
    /// - Throws: `GateError.closed`, or `.notInFlight` for any other commit; nothing leaves then.
    @inlinable
    public mutating func committed(upTo last: UInt64) throws(GateError) -> [Release] {
        try commits.land(upTo: last)
        let released = waiting.removeFirst()
        releases -= released.count
        return released
    }

    /// Takes the report that the commit in flight failed, or may have: closes the gate and drops what waits.
    @inlinable
    public mutating func failed() {
        commits.close()
        waiting = []
        releases = 0
    }

    @inlinable
    func admit(_ more: Int) throws(GateError) {
        guard releases + more <= releasesMax else { throw .full }
    }

    @inlinable
    mutating func queue(_ releases: [Release], _ placement: CommitQueue.Placement) {
        switch placement {
        case .newFrame: waiting.append(releases)
        case .lastFrame: waiting[waiting.count - 1].append(contentsOf: releases)
        }
        self.releases += releases.count
    }
}
