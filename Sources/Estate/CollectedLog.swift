// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// What the estate knows of the audit log of a terminal's module. The records themselves stand in the journal, where an
/// auditor finds them (`EstateRecord.logTaken`).
public struct CollectedLog: Equatable, Sendable {
    /// How far it was collected and verified.
    public var position = LogPosition.none
    /// Two people have investigated a broken log (S06): what is known of it is given up, and a new epoch awaited.
    public var awaitsEpoch = false
    /// The epoch that evidence told of last; 0: none.
    public var attestedEpoch: UInt32 = 0

    public init() {}

    /// Whether evidence contradicts what was collected: fewer records, or as many with another end.
    func isContradicted(by head: TerminalDossier.LogHead) -> Bool {
        guard position.epoch > 0, !awaitsEpoch else { return false }
        return TerminalDossier.LogHead(index: position.index, digest: position.digest).isContradicted(by: head)
    }

    /// What a module that attests so may let go of; 0: nothing.
    func acknowledged(_ evidence: EvidenceClaims) -> UInt32 {
        guard let identity = evidence.identity, position.epoch > 0, identity.logEpoch == position.epoch, !awaitsEpoch
        else { return 0 }
        return position.index
    }

    /// How many records a module that attests so has and the host has not; nil where nobody can tell.
    func uncollected(_ evidence: EvidenceClaims) -> UInt32? {
        guard let identity = evidence.identity, let device = evidence.device, identity.logEpoch > 0 else { return nil }
        let known = identity.logEpoch == position.epoch && !awaitsEpoch ? position.index : 0
        return device.logIndex >= known ? device.logIndex - known : nil
    }

    func snapshot(to writer: inout ByteWriter) {
        position.write(to: &writer)
        writer.flag(awaitsEpoch)
        writer.unsigned(attestedEpoch)
    }

    init(snapshot reader: inout ByteReader) throws(CodecError) {
        position = try LogPosition(from: &reader)
        awaitsEpoch = try reader.flag()
        attestedEpoch = try reader.unsigned()
    }
}
