// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension TerminalSecurityModule {
    /// Takes a ticket: it must be authentic, for this identity, and answer the attestation made last, once.
    mutating func acceptLease(_ bytes: [UInt8], _ now: Instant) -> TerminalModuleReply {
        guard let (ticket, attested) = authentic(bytes) else { return ticketRefused(now) }
        return accept(ticket, attested, now)
    }

    mutating func ticketRefused(_ now: Instant) -> TerminalModuleReply {
        append(.ticketRefused, actor: .application, at: now)
        return refused(.ticketRefused, now)
    }

    /// What an authentic ticket does, in this order: it sets the range of firmware and the binding, frees what the host has
    /// of the audit log, tells the time, gives its orders, grants its lease, and ends warnings. Where an order erases everything, nothing behind it happens.
    mutating func accept(_ ticket: LeaseTicket, _ attested: Attestation, _ now: Instant) -> TerminalModuleReply {
        attestation = nil
        isDirty = true
        record.firmwareRange = ticket.firmwareMinimum...ticket.firmwareMaximum
        if ticket.binding != 0 { record.binding = ticket.binding }
        acknowledgeLog(through: ticket.acknowledgedLog, now)
        compareClock(ticket.hostTime, attested, now)
        for order in ticket.orders { carryOut(order, now) }
        guard record.latch == nil else { return refused(.tampered, now) }
        if ticket.grantsLease {
            take(ticket, attested, now)
            confirmSoftware(now)
        }
        let proved = runSelfTests(now)
        clear(by: ticket, attested: attested, proved: proved, now)
        detect(now, testing: false)
        return .leaseAccepted(status(now: now))
    }

    /// The lease of a granted sign-on; the ticket of a refused one has none, and the lease stays what it is.
    private mutating func take(_ ticket: LeaseTicket, _ attested: Attestation, _ now: Instant) {
        activate(ticket, now)
        guard record.activation == .active else { return record.lease = nil }
        record.lease = Lease(
            number: ticket.leaseID, expires: attested.at + .seconds(Int64(ticket.validForSeconds)))
        append(.leaseAccepted, actor: .host, detail: ticket.leaseID, at: now)
    }

    /// - Parameter download: what the ticket's CMAC covers behind the ticket.
    func authentic(_ bytes: [UInt8], with download: [UInt8] = []) -> (LeaseTicket, Attestation)? {
        guard let attestation, isUsable(.lease), bytes.count > LeaseTicket.macLength else { return nil }
        let body = Array(bytes.dropLast(LeaseTicket.macLength))
        let code = Array(bytes.suffix(LeaseTicket.macLength))
        guard keys.lease.borrowed({ AESCMAC(key: $0).verify(code, message: body + download) }) == true,
            let ticket = try? LeaseTicket(decoding: body), ticket.identityEpoch == record.keys.identityEpoch,
            constantTimeEquals(ticket.nonce, attestation.nonce), ticket.firmwareMinimum <= ticket.firmwareMaximum
        else { return nil }
        return (ticket, attestation)
    }

    /// An erased activation record comes back only when A01 is cleared by name; a suspension ends with any ticket that
    /// says so.
    private mutating func activate(_ ticket: LeaseTicket, _ now: Instant) {
        guard ticket.activated else {
            if record.activation == .active {
                record.activation = .suspended
                append(.suspended, actor: .host, at: now)
            }
            return
        }
        guard record.activation != .active, !hardware.activationErased,
            record.activation != .lost || ticket.cleared.contains(.a01)
        else { return }
        record.activation = .active
        append(.activated, actor: .host, at: now)
    }

    /// Clears what the attestation told the host of and
    ///
    /// 1. whose cause is gone, and
    /// 2. which the ticket names, or which the catalogue clears by proof (a passed self-test and evidence that the host
    ///    has accepted, which a ticket without a lease does not say); A01 is also cleared by being activated.
    ///
    /// What erased every key is never cleared here.
    private mutating func clear(by ticket: LeaseTicket, attested: Attestation, proved: Bool, _ now: Instant) {
        let open = record.openWarnings
        for warning in open where warning.event <= attested.eventCounter && warning.effect.zeroises != .all {
            let byProof =
                proved && ticket.grantsLease && warning.code.clearance == .auto && !warning.needsOrder
            let byActivation = warning.code == .a01 && record.activation == .active
            guard ticket.cleared.contains(warning.code) || byProof || byActivation,
                !isCausePresent(warning.code, now)
            else { continue }
            clear(warning.code, actor: .host, now)
        }
    }

    mutating func clear(_ code: WarningCode, actor: AuditActor = .module, _ now: Instant) {
        record.openWarnings.removeAll { $0.code == code }
        if code == .h01 { record.algorithmFailureCleared = now }
        if code == .k06 { record.answerFailureCleared = now }
        append(.warningCleared, warning: code, actor: actor, at: now)
    }
}
