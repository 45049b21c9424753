// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography

extension SoftHostModule {
    public func verifyLog(_ question: LogQuestion) -> LogVerdict {
        guard let segment = try? LogSegment(decoding: question.segment),
            let key = try? P256PublicKey(question.identityKey)
        else { return .unreadable }
        guard segment.identity.serial == question.serial else { return .broken(.foreign, at: 0) }
        let known = question.position
        // Records of an epoch that has ended, or that people have given up, come late and say nothing new.
        if segment.identity.epoch < known.epoch || (question.awaitsEpoch && segment.identity.epoch == known.epoch) {
            return .accepted(known)
        }
        let isNew = segment.identity.epoch > known.epoch
        guard !isNew || known.epoch == 0 || question.awaitsEpoch,
            segment.identity.epoch - known.epoch <= LogQuestion.epochsMax,
            let firstKey = AuditLog.firstKey(of: segment.identity.epoch, root: masters.auditRoot(question.keys))
        else { return .broken(.foreign, at: 0) }
        do throws(AuditFinding) {
            let verifier = try AuditVerifier.taking(segment, after: isNew ? nil : known, firstKey, key)
            if let attested = question.attested {
                try verifier.check(passed: AuditHead(index: attested.index, digest: attested.digest))
            }
            return .accepted(verifier.logPosition)
        } catch {
            return .broken(error.kind, at: error.index ?? 0)
        }
    }
}

extension AuditVerifier {
    /// A verifier that has taken a segment, the first one of its epoch or one behind what was known.
    fileprivate static func taking(
        _ segment: LogSegment, after known: LogPosition?, _ firstKey: borrowing SecretKey, _ publicKey: P256PublicKey
    ) throws(AuditFinding) -> AuditVerifier {
        guard let known else { return try beginning(with: segment, firstKey: firstKey, publicKey: publicKey) }
        var verifier = AuditVerifier(
            segment.identity, origin: AuditHead(index: known.origin, digest: known.digest), firstKey: firstKey,
            publicKey: publicKey)
        guard verifier.resume(at: known) else { throw .foreign }
        try verifier.verify(segment)
        return verifier
    }
}

extension AuditFinding {
    fileprivate var kind: LogFinding {
        switch self {
        case .foreign: .foreign
        case .edited: .edited
        case .missing: .missing
        case .reordered: .reordered
        case .rolledBack: .rolledBack
        case .forked: .forked
        case .unsigned: .unsigned
        }
    }
}
