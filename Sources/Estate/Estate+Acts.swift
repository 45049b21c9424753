// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension Estate {
    /// What one person may do alone.
    public func decideAct(_ act: EstateAct, by staff: StaffID) throws(EstateRefusal) -> EstateRecord {
        if let id = act.terminal {
            guard let terminal = terminals[id] else { throw .unknownTerminal }
            guard isAllowed(act, terminal) else { throw .notAllowed(terminal.lifecycle) }
        } else {
            try check(act)
        }
        return .acted(act, by: staff)
    }

    private func isAllowed(_ act: EstateAct, _ terminal: EstateTerminal) -> Bool {
        switch act {
        case .endMaintenance: terminal.lifecycle == .maintenance && !terminal.dossier.isMaintenanceOver
        case .reportLost: ![.lost, .decommissioned].contains(terminal.lifecycle)
        case .inspect: terminal.lifecycle != .decommissioned
        default: act.event.map { Lifecycle.allows(terminal.lifecycle, $0) != nil } ?? false
        }
    }

    private func check(_ act: EstateAct) throws(EstateRefusal) {
        switch act {
        case .setReleases(let model, let policy):
            guard policy.minimum <= policy.recommended else { throw .emptyRange }
            guard self.policy.releases[model] != nil || self.policy.releases.count < Self.namedMax else {
                throw .outOfBounds
            }
        case .setDigests(let digests):
            guard digests.count <= EstatePolicy.digestsMax, digests.allSatisfy({ $0.count == SHA256.digestCount })
            else { throw .outOfBounds }
        case .setKeySetEnd(let keySet, _):
            guard policy.keySets[keySet] != nil || policy.keySets.count < Self.namedMax else { throw .outOfBounds }
        case .setTerms(let merchant, let terms):
            guard merchants[merchant] != nil else { throw .unknownMerchant }
            guard terms.radius > 0, MerchantTerms.offsets.contains(terms.offset) else { throw .outOfBounds }
        case .importMatrix(let matrix): try check(matrix)
        default: break
        }
    }

    /// Models and key sets that something is laid down for.
    static let namedMax = 256

    private func check(_ matrix: CompatibilityMatrix) throws(EstateRefusal) {
        guard matrix.version > policy.matrix?.version ?? 0 else { throw .alreadyExists }
        guard !matrix.rows.isEmpty else { throw .emptyRange }
        guard let key = try? P256PublicKey(policy.supplierKey),
            key.verifies(matrix.signature, of: matrix.signedBytes)
        else { throw .notTrusted }
    }

    mutating func apply(_ act: EstateAct, by staff: StaffID, at: Instant) {
        switch act {
        case .setReleases(let model, let releases): policy.releases.update(model, default: releases) { $0 = releases }
        case .setDigests(let digests): policy.digests = digests
        case .setKeySetEnd(let keySet, let until): policy.keySets.update(keySet, default: until) { $0 = until }
        case .setTerms(let merchant, let terms): policy.terms.update(merchant, default: terms) { $0 = terms }
        case .importMatrix(let matrix): policy.matrix = matrix
        default:
            guard let id = act.terminal else { return }
            if let event = act.event { move(id, event) }
            change(id) { terminal in
                switch act {
                case .ship(_, let seal):
                    terminal.dossier.shipment = TerminalDossier.Shipment(seal: seal, by: staff, at: at)
                case .enterMaintenance: terminal.dossier.isMaintenanceOver = false
                case .endMaintenance: terminal.dossier.isMaintenanceOver = true
                case .reportLost: terminal.lease = nil
                case .inspect(_, let findings, let photo):
                    terminal.dossier.inspection = Inspection(at: at, by: staff, findings: findings, photo: photo)
                default: break
                }
            }
            raise(act.raised, on: id, at: at)
        }
    }
}

extension EstateAct {
    /// How it moves its terminal. Maintenance ends with accepted evidence, not with the word of a person.
    public var event: LifecycleEvent? {
        switch self {
        case .personalise: .personalise
        case .ship: .ship
        case .enterMaintenance: .enterMaintenance
        case .reportLost: .reportLost
        default: nil
        }
    }

    /// What it opens at its terminal.
    public var raised: [RaisedWarning] {
        if case .inspect(_, let findings, _) = self, !findings.isEmpty { [RaisedWarning(.t06)] } else { [] }
    }
}
