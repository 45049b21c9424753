// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// Session profiles.
extension SoftHostModule {
    /// Bytes of field 62 with PIK and MAK, and with a TDK.
    public static let downloadLengths = 40...60

    /// Field 62 of a sign-on's answer: the keys of a session under the terminal's TMK, each with its check value. 40 bytes,
    /// or 60 with a TDK. Every process of the host gives the same for the same number.
    ///
    /// - Parameter session: the number that the estate has given the session, from 1.
    /// - Returns: nil for a DUKPT profile, and for session 0.
    public func issueWorkingKeys(_ keys: TerminalKeys, session: UInt32, hasTrackKey: Bool = false) -> [UInt8]? {
        guard session > 0, let master = TerminalMasterKey(masters.terminalMasterKey(keys), profile: keys.profile) else {
            return nil
        }
        return master.download(masters.sessionKeys(keys, session), hasTrackKey: hasTrackKey)
    }

    /// As for DUKPT, but a message is authentic only with its health element: nothing else tells it from a replay. What is
    /// wrong (no session, no match, the health element) makes one and the same verdict.
    func openSession(_ command: OpenCommand) -> OpenVerdict {
        var verdict = Self.unauthentic(command)
        guard let candidates = command.sessions, command.isWhole else { return verdict }
        let code = healthCode(context(command.keys))
        let match = matchingSession(command, candidates)
        guard let claims = Self.health(command, code), claims.identityEpoch == command.keys.identityEpoch else {
            return verdict
        }
        switch match {
        case .keys(let keys, let session):
            verdict.session = session
            admit(claims, &verdict)
            Self.readEvidence(command, code, into: &verdict)
            let transaction = HostTransaction.session(keys)
            tryCryptogram(&verdict, command)
            tryPIN(&verdict, command, transaction)
            translatePIN(&verdict, command, transaction)
        case .noMAC where candidates.admitsNoMAC:
            admit(claims, &verdict)
            Self.readEvidence(command, code, into: &verdict)
        case .noMAC, .none: break
        }
        return verdict
    }

    private func admit(_ claims: HealthClaims, _ verdict: inout OpenVerdict) {
        verdict.macAuthentic = true
        verdict.health = claims
        verdict.ksnCounter = claims.counter
    }

    private enum Match {
        case keys(SessionKeys, UInt32)
        case noMAC
        case none
    }

    private func matchingSession(_ command: OpenCommand, _ candidates: SessionCandidates) -> Match {
        guard !command.mac.isEmpty else { return .noMAC }
        guard command.mac.count == MessageHoles.macLength else { return .none }
        let given = Array(command.message[command.mac])
        for case let session? in [candidates.current, candidates.previous] {
            let keys = sessionKeys(command.keys, session)
            let code = command.message.withUnsafeBytes {
                keys.code(UnsafeRawBufferPointer(rebasing: $0[command.covered]))
            }
            if constantTimeEquals(code, given) { return .keys(keys, session) }
        }
        return .none
    }
}
