// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The audit logs of terminals' modules: asked for at sign-ons, verified by the host's module, kept in the journal, and
/// acknowledged by the next ticket (S05, S06).
extension Estate {
    /// A terminal that may not trade is asked for its log when so many records wait: it signs on again and again.
    static let logRecordsOfHalted: UInt32 = 32
    /// So few records left behind what was collected are room enough: S05 is over as soon as the module is told.
    static let logRecordsOfRoom: UInt32 = 512

    /// What the host's module is asked about a segment.
    ///
    /// - Returns: nil for a terminal whose module's identity key nobody knows: nothing can be verified by it.
    public func logQuestion(_ id: TerminalID, segment: [UInt8]) -> LogQuestion? {
        guard let terminal = terminals[id], !terminal.dossier.identityKey.isEmpty else { return nil }
        let (dossier, position) = (terminal.dossier, terminal.dossier.log.position)
        let attested = dossier.logHead.flatMap { head in
            head.index > position.index ? (index: head.index, digest: head.digest) : nil
        }
        return LogQuestion(
            keys: terminal.keys(id), serial: terminal.serial, identityKey: dossier.identityKey, position: position,
            attested: attested, awaitsEpoch: dossier.log.awaitsEpoch, segment: segment)
    }

    /// - Parameter usage: of the authentic message that the segment came in.
    /// - Returns: nil where the segment says nothing that is not known: the message alone is recorded then.
    public func decideLog(_ question: LogQuestion, verdict: LogVerdict, usage: TerminalUsage) -> EstateRecord? {
        let id = question.keys.terminal
        switch verdict {
        case .accepted(let position):
            guard position != question.position else { return nil }
            return .logTaken(
                LogTaken(terminal: id, usage: usage, segment: question.segment, outcome: .accepted(position)))
        case .broken(let finding, let index):
            guard let terminal = terminals[id], !terminal.warnings.contains(where: { $0.code == .s06 }) else {
                return nil
            }
            return .logTaken(
                LogTaken(terminal: id, usage: usage, segment: question.segment, outcome: .broken(finding, at: index)))
        case .unreadable: return nil
        }
    }

    /// The log of a module that was tampered with, by its death token: the codes of the records are all that proves it, so
    /// that what does not verify says nothing (rule R7).
    ///
    /// - Returns: nil when the token is not this terminal's death token, and where nothing new is proved.
    public func decideTokenLog(_ question: LogQuestion, verdict: LogVerdict, token: [UInt8]) -> EstateRecord? {
        let id = question.keys.terminal
        guard let terminal = terminals[id], terminal.deathTokenHash == SHA256.hash(token),
            case .accepted(let position) = verdict, position != question.position
        else { return nil }
        return .logTaken(LogTaken(terminal: id, usage: nil, segment: question.segment, outcome: .accepted(position)))
    }

    /// Whether the answer to a sign-on asks for the module's log. Reads what the sign-on's record has not changed yet.
    public func asksForLog(_ record: EstateRecord) -> Bool {
        let (id, evidence, least): (TerminalID, EvidenceClaims, UInt32)
        switch record {
        case .signedOn(let signedOn): (id, evidence, least) = (signedOn.usage.terminal, signedOn.evidence, 1)
        case .signOnRefused(let usage, _, let refused?):
            (id, evidence, least) = (usage.terminal, refused, Self.logRecordsOfHalted)
        default: return false
        }
        guard let terminal = terminals[id], evidence.serial == terminal.serial, let identity = evidence.identity else {
            return false
        }
        let log = terminal.dossier.log
        // Of a log that is broken nothing more is taken before its new epoch.
        let isBroken = log.awaitsEpoch || terminal.warnings.contains { $0.code == .s06 }
        guard !isBroken || identity.logEpoch > log.position.epoch else { return false }
        return log.uncollected(evidence).map { $0 >= least } ?? false
    }

    mutating func apply(_ taken: LogTaken, at: Instant) {
        if let usage = taken.usage { apply(usage, at: at) }
        if case .accepted(let position) = taken.outcome {
            change(taken.terminal) { terminal in
                if position.epoch > terminal.dossier.log.position.epoch { terminal.dossier.log.awaitsEpoch = false }
                terminal.dossier.log.position = position
            }
        }
        raise(taken.raised, on: taken.terminal, at: at)
    }
}
