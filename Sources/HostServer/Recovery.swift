// SPDX-License-Identifier: Apache-2.0
import Host
import Journal
import Logging
import SecurityTriggers
import Storage
import Vocabulary

/// A data directory opened, its journal verified and its host brought back to where it was.
public struct RecoveredHost: ~Copyable {
    public var host: Host
    public let directory: DataDirectory
    public let journal: JournalStore
    public let snapshots: SnapshotStore
    /// Records that were applied again on top of the snapshot.
    public let replayed: Int

    /// Opens a data directory: the newest snapshot the journal confirms, then every record after it.
    ///
    /// Recovery never decides again; it applies what the journal says was decided.
    ///
    /// - Parameter rules: what a new journal starts with.
    /// - Throws: `StorageError` for a directory in use or a damaged journal; `CodecError` for a record this version cannot
    ///   read, since a host that skips one is another host; `RecoveryError` for rules in force that it cannot read, and for
    ///   a list in force without its file.
    public static func open(at path: String, rules: RuleSet, logger: Logger) throws -> RecoveredHost {
        let directory = try DataDirectory(path)
        let snapshots = try SnapshotStore(in: directory, logger: logger)
        let found = try snapshots.latest()
        // A journal that ends before its own snapshot has been cut, or an older one put back.
        let journal = try JournalStore(in: directory, known: found.snapshot?.head, logger: logger)
        let head = journal.head()
        // So that nobody can choose names that collide in a table; it has no influence on any result.
        let seed = UInt64.random(in: 0...UInt64.max)
        var host = Host(rules: rules, seed: seed)
        for skipped in found.skipped {
            logger.warning(
                "a snapshot was skipped", metadata: ["name": "\(skipped.name)", "reason": "\(skipped.reason)"])
        }
        if let snapshot = found.snapshot {
            host = try Host(snapshot: snapshot.state, seed: seed)
            if !host.isWarm {
                // Of before every terminal and merchant was counted: the journal fills their windows, once.
                logger.notice(
                    "the windows are filled from the whole journal", metadata: ["records": "\(head.next - 1)"])
                host = Host(rules: rules, seed: seed)
            }
        }
        let start = host.sequence
        // The closure may not capture a noncopyable variable, so records are gathered a commit at a time.
        var pending: [HostRecord] = []
        try journal.readRecords(from: start + 1) { _, bytes in pending.append(try HostRecord(decoding: bytes)) }
        for record in pending { host.apply(record) }
        precondition(host.sequence + 1 == head.next, "recovery applies every record once")
        // By other rules in their place nothing may be authorised.
        if let unreadable = host.unreadableRules { throw RecoveryError.rulesUnreadable(unreadable) }
        try supplyLists(&host, from: ListFiles(data: path))
        return RecoveredHost(
            host: host, directory: directory, journal: journal, snapshots: snapshots, replayed: pending.count)
    }

    /// Hands in the files of the lists in force. Without one the conditions over it would be unknown, and their rules
    /// silent.
    private static func supplyLists(_ host: inout Host, from files: ListFiles) throws {
        for held in host.lists.missing {
            guard let file = held.file else { continue }
            do {
                guard host.supply(try files.read(file.digest)) else {
                    throw ListFileError.damaged(path: files.path(of: file.digest))
                }
            } catch {
                throw RecoveryError.listUnreadable(name: held.name, reason: "\(error)")
            }
        }
    }

    private init(
        host: consuming Host, directory: DataDirectory, journal: JournalStore, snapshots: SnapshotStore, replayed: Int
    ) {
        self.host = host
        self.directory = directory
        self.journal = journal
        self.snapshots = snapshots
        self.replayed = replayed
    }
}

/// Why a host that its journal gives may not serve.
public enum RecoveryError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The rules in force are of a later version of the rule language, or damaged.
    case rulesUnreadable(UnreadableRules)
    /// A list in force whose file beside the journal is missing, damaged or another one.
    case listUnreadable(name: String, reason: String)

    public var description: String {
        switch self {
        case .rulesUnreadable(let rules):
            "the rules in force, version \(rules.version), cannot be read by this version of Tillguard: "
                + "\(rules.error). Nothing is authorised by other rules in their place; start the version that they "
                + "were written for."
        case .listUnreadable(let name, let reason):
            "the list \(name) is in force, and \(reason). Without it rules over the list would be silent; put the file "
                + "back from a copy, or make it again with `tillguard rules lists import` out of the same lines."
        }
    }
}
