// SPDX-License-Identifier: Apache-2.0
import Estate
import Host
import ModuleProtocol
import SecurityModule
import SecurityTriggers
import Storage
import Vocabulary

/// The audit logs of one terminal's modules as its host has collected them, out of the journal.
struct CollectedAudit {
    /// A stretch as it came, with what the host's module was asked about it and said.
    struct Taken {
        var at: Instant
        /// Nil where the identity of the module was not known; nothing can be verified then.
        var question: LogQuestion?
        var log: LogTaken
    }

    var taken: [Taken] = []
    /// The public key of the identity that attested last, compressed; empty where none has.
    var identityKey: [UInt8] = []
    /// The head that the module attested last.
    var attested: AuditHead?

    /// Goes through a journal, which a running server may be writing.
    ///
    /// - Returns: nil for a terminal that the estate does not have.
    /// - Throws: what `JournalReader` throws; `CodecError` for a record of a later version.
    init?(of terminal: TerminalID, inJournalOf directory: String) throws {
        // What the module was asked depends on what the estate knew then: so the estate is made again, record by record.
        var host = Host(rules: try RuleSet(parsing: RuleFiles.shipped))
        var records: [HostRecord] = []
        try JournalReader(path: directory).readRecords { _, bytes in records.append(try HostRecord(decoding: bytes)) }
        for record in records {
            if let log = Self.log(in: record), log.terminal == terminal {
                let question = host.estate.logQuestion(terminal, segment: log.segment)
                taken.append(Taken(at: record.at, question: question, log: log))
            }
            host.apply(record)
        }
        guard let known = host.estate.terminals[terminal] else { return nil }
        identityKey = known.dossier.identityKey
        attested = known.dossier.logHead.map { AuditHead(index: $0.index, digest: $0.digest) }
    }

    private static func log(in record: HostRecord) -> LogTaken? {
        switch record.body {
        case .estate(.logTaken(let taken)), .report(.logTaken(let taken), _): taken
        default: nil
        }
    }

    /// A file for each module and epoch, in the order in which they came, of the stretches that were accepted.
    func files() throws(CodecError) -> [AuditFile] {
        var files: [AuditFile] = []
        for part in taken {
            guard case .accepted = part.log.outcome else { continue }
            let segment = try LogSegment(decoding: part.log.segment)
            if let place = files.firstIndex(where: { $0.identity == segment.identity }) {
                files[place].segments.append(segment)
            } else {
                var file = AuditFile(segment.identity, origin: segment.start)
                file.segments = [segment]
                files.append(file)
            }
        }
        return files
    }

    /// Stretches of which the host's module says now something else than it did when they came.
    ///
    /// - Throws: `ModuleUnavailable`.
    func contradictions(_ module: any HostModulePort) throws(ModuleUnavailable) -> [Taken] {
        var found: [Taken] = []
        for part in taken {
            guard let question = part.question else { continue }
            let verdict = try module.verifyLog(question)
            switch (verdict, part.log.outcome) {
            case (.accepted(let now), .accepted(let then)) where now == then: break
            case (.broken(let now, let place), .broken(let then, let index)) where now == then && place == index: break
            default: found.append(part)
            }
        }
        return found
    }
}
