// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// Why the estate desk refused a command.
public enum EstateRefusal: Error, Equatable, Sendable {
    case unknownTerminal
    case unknownMerchant
    case alreadyExists
    /// The lifecycle or the warnings of the terminal do not allow it.
    case notAllowed(Lifecycle)
    /// The same person may not do both halves.
    case secondPersonRequired
    case warningNotOpen
    /// Only a service centre, or the module's own proof, clears it.
    case clearanceNotHere(Clearance)
    /// The lowest firmware is above the highest, or a matrix has no row: no terminal could ever trade.
    case emptyRange
    /// Another seal's number than the one it was sent with.
    case sealMismatch
    /// Revoked, or not above the one the terminal has had: old keys are never given again.
    case keySetNotFresh
    /// No key of this kind, or not the signature of the supplier who is trusted.
    case notTrusted
    /// More, longer or later than is allowed.
    case outOfBounds
    /// The clock has changed nothing.
    case nothingDue
}

// MARK: - Health (rules R1, R2; invariant I2)

extension Estate {
    /// Whether the terminal's module has proved itself healthy.
    /// - Returns: nil when it has; otherwise what to answer.
    public func refusal(of terminal: EstateTerminal, claims: HealthClaims?, now: Instant) -> Intent? {
        switch terminal.lifecycle {
        case .active: break
        case .tampered: return .moduleTampered
        case .halted: return .moduleHalted
        default: return .terminalNotActive
        }
        guard let claims, claims.identityEpoch == terminal.identityEpoch else { return .healthNotProved }
        switch claims.state {
        case .ready: break
        case .tampered: return .moduleTampered
        case .halted: return .moduleHalted
        case .unprovisioned: return .terminalNotActive
        }
        guard terminal.haltingWarning == nil else { return .moduleHalted }
        guard let lease = terminal.lease, lease.id == claims.leaseID, now < end(of: lease) else { return .leaseExpired }
        // An event that was not reported, a counter seen before, or a self-test over a day old: no proof.
        guard claims.eventCounter == terminal.eventCounter, terminal.health.classify(claims.counter) == .fresh else {
            return .healthNotProved
        }
        guard claims.selfTestNumber > terminal.selfTestNumber || now - terminal.selfTestAt < Self.selfTestAgeMax else {
            return .healthNotProved
        }
        return nil
    }

    /// What the module must see in the health element before it tries a PIN.
    public func expectation(for terminal: EstateTerminal, now: Instant) -> HealthExpectation? {
        guard terminal.lifecycle == .active, terminal.haltingWarning == nil, let lease = terminal.lease,
            now < end(of: lease)
        else { return nil }
        return HealthExpectation(
            leaseID: lease.id, eventCounter: terminal.eventCounter, counterAbove: terminal.health.floor)
    }
}

// MARK: - Warning reports (0620)

extension Estate {
    /// A report whose MAC and health element are authentic; its age is told by the module's event counter, which every
    /// warning of the module's raises.
    /// - Parameters:
    ///   - codes: what the POS application says; it is believed of what it finds by itself.
    ///   - statement: what the module says.
    public func decideReport(
        _ id: TerminalID, usage: TerminalUsage, codes: [WarningCode], statement: WarningStatement?,
        claims: HealthClaims
    ) -> EstateRecord {
        let terminal = terminals[id]
        // Since the last accepted sign-on the module has raised nothing: the evidence told of all that this report is about,
        // and the warnings it names were judged then. It is late and opens none of them again.
        let isLate = terminal?.attestedEvent.map { claims.eventCounter <= $0 } ?? false
        let own = codes.filter { WarningCode.foundByApplication.contains($0) }.map { RaisedWarning($0) }
        let stated = isLate || statement?.identityEpoch != terminal?.identityEpoch ? [] : statement?.openWarnings ?? []
        return .reported(
            id, usage, raised: Self.news((stated + own), to: terminal), eventCounter: claims.eventCounter)
    }

    /// What is not open yet, or is open less gravely; each code once, at its gravest.
    static func news(_ warnings: [RaisedWarning], to terminal: EstateTerminal?) -> [RaisedWarning] {
        var news: [RaisedWarning] = []
        for warning in warnings {
            if let open = terminal?.warnings.first(where: { $0.code == warning.code }),
                !warning.severity.isGraver(than: open.severity)
            {
                continue
            }
            guard let index = news.firstIndex(where: { $0.code == warning.code }) else {
                news.append(warning)
                continue
            }
            if warning.severity.isGraver(than: news[index].severity) { news[index] = warning }
        }
        return news
    }

    /// A validly authenticated message that contradicts another one under the same KSN: evidence for K04 (rules R4, R9).
    /// - Returns: what it opens; nothing where it is open already, since more evidence only counts.
    public func decideContradiction(_ id: TerminalID) -> [WarningCode] {
        guard let terminal = terminals[id], !terminal.warnings.contains(where: { $0.code == .k04 }) else { return [] }
        return [.k04]
    }

    /// A report by one-time token: it can only stop the terminal whose token it is (rule R7).
    /// - Returns: nil when the token is not this terminal's.
    public func decideTokenReport(_ id: TerminalID, token: [UInt8], codes: [WarningCode]) -> EstateRecord? {
        guard let terminal = terminals[id] else { return nil }
        let hash = SHA256.hash(token)
        if hash == terminal.deathTokenHash {
            let named = codes.map { RaisedWarning($0) }.filter { Self.erases($0) }
            let raised = named.isEmpty ? [RaisedWarning(.t01)] : named
            return .reported(id, nil, raised: Self.news(raised, to: terminal), eventCounter: nil)
        }
        if hash == terminal.linkTokenHash {
            // A module that has lost the keys to speak for itself (K02) is reported this way too. The token's holder may
            // name what stops this terminal and can be cleared again, and nothing that erases keys.
            let named = codes.filter { code in
                code == .l03
                    || (code.halts == .all && code.zeroises == .none
                        && (code.clearance == .auto || code.clearance == .r1))
            }
            let raised = (named.isEmpty ? [WarningCode.l01] : named).map { RaisedWarning($0) }
            return .reported(id, nil, raised: Self.news(raised, to: terminal), eventCounter: nil)
        }
        return nil
    }

    /// Whether sealed records under a one-time token are a dead terminal's (rule R8): whoever has the token can stop that
    /// terminal, and records that its module has not written say nothing.
    public func admitsJournal(_ id: TerminalID, token: [UInt8]) -> Bool {
        guard let terminal = terminals[id], terminal.lifecycle != .active else { return false }
        let hash = SHA256.hash(token)
        return hash == terminal.deathTokenHash || hash == terminal.linkTokenHash
    }
}

// MARK: - Commands of the desk

extension Estate {
    public func decideActivation(
        _ id: TerminalID, by staff: StaffID
    ) throws(EstateRefusal) -> EstateRecord {
        guard let terminal = terminals[id] else { throw .unknownTerminal }
        guard terminal.lifecycle == .commissioned, terminal.activationApprovedBy == nil else {
            throw .notAllowed(terminal.lifecycle)
        }
        guard let maker = terminal.activationAskedBy else { return .activationAsked(id, by: staff) }
        guard maker != staff else { throw .secondPersonRequired }
        return .activationApproved(id, by: staff)
    }

    /// One person's clearance of an open warning, as the catalogue allows; the merchant never comes this far.
    public func decideClearance(
        _ id: TerminalID, _ code: WarningCode, by staff: StaffID
    ) throws(EstateRefusal) -> EstateRecord {
        guard let terminal = terminals[id] else { throw .unknownTerminal }
        guard let warning = terminal.warnings.first(where: { $0.code == code }) else { throw .warningNotOpen }
        guard terminal.lifecycle != .tampered else { throw .clearanceNotHere(.sc) }
        switch warning.deskClearance {
        case nil, .auto, .sc: throw .clearanceNotHere(warning.clearance)
        case .r1, .d2:
            guard !warning.clearedBy.contains(staff) else { throw .secondPersonRequired }
            return .warningCleared(id, code, by: staff)
        }
    }

    public func decideSuspension(_ id: TerminalID, by staff: StaffID) throws(EstateRefusal) -> EstateRecord {
        guard let terminal = terminals[id] else { throw .unknownTerminal }
        guard Lifecycle.allows(terminal.lifecycle, .suspend) != nil else { throw .notAllowed(terminal.lifecycle) }
        return .suspended(id, by: staff)
    }

    public func decideResumption(_ id: TerminalID, by staff: StaffID) throws(EstateRefusal) -> EstateRecord {
        guard let terminal = terminals[id] else { throw .unknownTerminal }
        guard terminal.lifecycle == .suspended else { throw .notAllowed(terminal.lifecycle) }
        return .resumed(id, by: staff)
    }

    /// Which firmware may trade; a range that holds none would stop the whole estate at its next sign-on.
    public func decideCompatibility(_ range: FirmwareRange, by staff: StaffID) throws(EstateRefusal) -> EstateRecord {
        guard range.minimum <= range.maximum else { throw .emptyRange }
        return .compatibilitySet(range, by: staff)
    }

    public func decideMerchant(_ id: MerchantID, _ merchant: Merchant) throws(EstateRefusal) -> EstateRecord {
        guard merchants[id] == nil else { throw .alreadyExists }
        return .merchantAdded(id, merchant)
    }

    /// - Parameter isNew: it comes from the maker, and enters as MANUFACTURED; else with its keys, as COMMISSIONED.
    public func decideTerminal(
        _ id: TerminalID, _ terminal: EstateTerminal, isNew: Bool = false
    ) throws(EstateRefusal) -> EstateRecord {
        guard terminals[id] == nil else { throw .alreadyExists }
        guard merchants[terminal.merchant] != nil else { throw .unknownMerchant }
        // Its identity is all the record keeps.
        let identity = EstateTerminal(
            merchant: terminal.merchant, profile: terminal.profile, keySet: terminal.keySet,
            identityEpoch: terminal.identityEpoch, serial: terminal.serial, currency: terminal.currency)
        return isNew ? .terminalRegistered(id, identity) : .terminalAdded(id, identity)
    }
}
