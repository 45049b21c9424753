// SPDX-License-Identifier: Apache-2.0
import Host
import Journal
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// The host's process and its disk: commits land late, and a crash loses whatever had not landed.
final class SimulatedHost {
    private let rules: RuleSet
    private let module: any HostModulePort
    private(set) var engine: HostEngine?
    private(set) var journal: [Commit] = []
    private var inFlight: Commit?
    private var snapshot: SnapshotEnvelope?
    /// Rises with every crash: what was under way before belongs to nobody.
    private(set) var epoch: UInt32 = 0
    private let answersEarly: Bool

    init(rules: RuleSet, module: any HostModulePort, answersEarly: Bool) {
        self.rules = rules
        self.module = module
        self.answersEarly = answersEarly
        engine = HostEngine(host: Host(rules: rules), head: .genesis, module: module)
    }

    /// Hands the next commit to the disk.
    /// - Returns: whether one is on its way now, and what an impatient host lets out before it has landed.
    func beginCommit() -> (began: Bool, early: HostEngine.Released?) {
        guard inFlight == nil, let commit = engine?.nextCommit() else { return (false, nil) }
        inFlight = commit
        guard answersEarly else { return (true, nil) }
        return (true, try? engine?.committed(upTo: commit.last))
    }

    /// The commit has landed.
    func land() -> (commit: Commit, released: HostEngine.Released?)? {
        guard let commit = inFlight else { return nil }
        inFlight = nil
        journal.append(commit)
        guard !answersEarly else { return (commit, nil) }
        return (commit, try? engine?.committed(upTo: commit.last))
    }

    /// Saves a snapshot if the journal holds everything that was decided.
    func saveSnapshot() {
        guard inFlight == nil, let engine, engine.isIdle, let last = journal.last else { return }
        snapshot = SnapshotEnvelope(
            version: UInt64(HostState.version), sequence: engine.host.sequence, chain: last.chain,
            state: engine.host.snapshot())
    }

    /// The process dies. The commit on its way may or may not have reached the disk.
    /// - Returns: the commit, if it did.
    func crash(keepInFlight: Bool) -> Commit? {
        epoch += 1
        engine = nil
        defer { inFlight = nil }
        guard keepInFlight, let commit = inFlight else { return nil }
        journal.append(commit)
        return commit
    }

    /// The process starts again from its disk, by the snapshot if there is one, and from the beginning to compare.
    /// - Returns: nil if the journal does not give one and the same state both ways (invariant I14).
    func restart() -> Bool {
        guard let head = try? Chain.verify(journal), let whole = replay(from: Host(rules: rules)) else { return false }
        let digest = whole.digest()
        if let snapshot, let bytes = try? SnapshotEnvelope.decode(snapshot.encode()),
            let saved = try? Host(snapshot: bytes.state)
        {
            guard let rest = replay(from: saved), rest.digest() == digest else { return false }
        }
        engine = HostEngine(host: whole, head: head, module: module)
        return true
    }

    /// The digest of the state that the journal gives.
    func recoveredDigest() -> [UInt8]? { replay(from: Host(rules: rules))?.digest() }

    private func replay(from start: consuming Host) -> Host? {
        var host = start
        for commit in journal where commit.last > host.sequence {
            guard let records = try? RecordFrame.decode(commit.bytes) else { return nil }
            for (offset, bytes) in records.enumerated() where commit.first + UInt64(offset) > host.sequence {
                guard let record = try? HostRecord(decoding: bytes) else { return nil }
                host.apply(record)
            }
        }
        return host
    }
}
