// SPDX-License-Identifier: Apache-2.0
import Estate
import Vocabulary

extension EstateOrder {
    /// Who may give one half of it.
    public var roles: [Role] { kind.roles }

    func malformedField() -> CommandField? {
        if let terminal, !terminal.isWellFormed { return .terminal }
        if case .receive(_, let seal) = self { return seal.isShort ? nil : .name }
        if case .trustSupplier(let key) = self { return key.count <= Command.textBytesMax ? nil : .name }
        return nil
    }
}

extension EstateOrder.Kind {
    /// Keys and devices on their way are the custodians', devices in the service centre that one's; what stops or lets go
    /// terminals the operators'.
    public var roles: [Role] {
        switch self {
        case .receive, .loadInitialKeys, .issueKeys: [.custodian]
        case .takeIntoServiceCentre, .reidentify: [.serviceCentre]
        case .permitSwap, .erase, .retire, .extendLeases, .trustSupplier: [.operator]
        case .revokeKeySet: [.operator, .custodian]
        }
    }
}

extension EstateAct {
    /// Who may do it.
    public var roles: [Role] { kind.roles }

    func malformedField() -> CommandField? {
        if let terminal, !terminal.isWellFormed { return .terminal }
        switch self {
        case .ship(_, let seal): return seal.isShort ? nil : .name
        case .inspect(_, let findings, let photo):
            return findings.count > Inspection.Finding.allCases.count ? .list : photo.isShort ? nil : .name
        case .setDigests(let digests): return digests.count > Command.listMax ? .list : nil
        case .importMatrix(let matrix):
            let isShort = matrix.rows.count <= CompatibilityMatrix.rowsMax
            return isShort && matrix.rows.allSatisfy { $0.profiles.count <= Command.listMax } ? nil : .list
        default: return nil
        }
    }
}

extension EstateAct.Kind {
    public var roles: [Role] {
        switch self {
        case .personalise: [.serviceCentre, .system]
        case .ship: [.custodian, .serviceCentre]
        case .enterMaintenance, .endMaintenance, .inspect: [.technician, .operator]
        case .reportLost: [.technician, .custodian, .operator]
        case .setReleases, .setDigests, .setKeySetEnd, .setTerms, .importMatrix: [.operator, .system]
        }
    }
}

extension Host {
    /// Whether the clock changes anything now: what it does not change is not journalled.
    public func isTickDue(at now: Instant) -> Bool {
        estate.decideTick(now: now) != nil || journalTick(now: now) != nil
    }
}

extension String {
    fileprivate var isShort: Bool { !isEmpty && utf8.count <= Command.textBytesMax }
}
