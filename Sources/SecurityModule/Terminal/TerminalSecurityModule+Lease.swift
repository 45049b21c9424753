// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension TerminalSecurityModule {
    /// Bytes of a host's nonce.
    static var nonceLengths: ClosedRange<Int> { 8...64 }
    /// Bytes of a one-time token.
    static var tokenLength: Int { 16 }

    /// Evidence over the host's nonce. The link token is new each time; the death token is made once for the identity,
    /// so that a lost answer never leaves the host with the hash of a token that the module no longer has.
    mutating func attest(
        _ nonce: [UInt8], _ application: SoftwareVersion, _ now: Instant, _ random: inout some RandomSource
    ) -> TerminalModuleReply {
        guard Self.nonceLengths.contains(nonce.count) else { return badRequest(now) }
        guard isUsable(.health), let linkToken = draw(Self.tokenLength, now, &random) else {
            return refused(.halted, now)
        }
        if keys.deathToken == nil {
            guard let token = draw(Self.tokenLength, now, &random) else { return refused(.halted, now) }
            record.deathTokenHash = SHA256.hash(token)
            keys.deathToken = SecretKey(count: token.count) { $0.copyBytes(from: token) }
            isDirty = true
        }
        let over = provedOver(now)
        let claims = EvidenceClaims(
            nonce: nonce, serial: record.serial, firmware: hardware.installedFirmware, application: application,
            profile: record.keys.profile, keySet: record.keys.keySet, lifecycle: record.lifecycle,
            identityEpoch: record.keys.identityEpoch, healthCounter: record.healthCounter,
            eventCounter: record.eventCounter, selfTestNumber: record.selfTestNumber,
            selfTestAgeSeconds: selfTestAge(now).map { UInt32(clamping: $0.microseconds / 1_000_000) } ?? .max,
            openWarnings: record.openWarnings.map(\.raised).filter { !over.contains($0.code) },
            deathTokenHash: record.deathTokenHash,
            linkTokenHash: SHA256.hash(linkToken), auditHead: record.audit.head)
        let bytes = claims.encoded()
        guard let code = keys.health.borrowed({ AESCMAC(key: $0).code(bytes) }) else { return refused(.halted, now) }
        attestation = Attestation(nonce: nonce, eventCounter: record.eventCounter, at: now)
        append(.attested, at: now)
        return .evidence(bytes: bytes + code, linkToken: linkToken)
    }

    /// What is open, under the health key, so that a report says what the module found and not what the application likes.
    func describe(_ now: Instant) -> TerminalModuleReply {
        guard hardware.holds(.health) else { return refused(.halted, now) }
        let statement = WarningStatement(
            identityEpoch: record.keys.identityEpoch, eventCounter: record.eventCounter,
            openWarnings: record.openWarnings.map(\.raised))
        let bytes = statement.encoded()
        guard let code = keys.health.borrowed({ AESCMAC(key: $0).code(bytes) }) else { return refused(.halted, now) }
        return .statement(bytes + code)
    }

    /// Warnings whose cause the host cannot see, which are open, and which a self-test passed just now shows to be over.
    /// The evidence does not claim them any more, so that the host's ticket can end them; a host that took the attestation
    /// itself for the proof would call a terminal sound whose fault is still there.
    private mutating func provedOver(_ now: Instant) -> [WarningCode] {
        let candidates = record.openWarnings.filter {
            WarningCode.endedByModuleProof.contains($0.code) && !$0.needsOrder && $0.effect.zeroises != .all
        }
        guard !candidates.isEmpty, runSelfTests(now) else { return [] }
        return candidates.map(\.code).filter { !isCausePresent($0, now) }
    }

    /// Takes a ticket: it must be authentic, for this identity, and answer the attestation made last, once.
    mutating func acceptLease(_ bytes: [UInt8], _ now: Instant) -> TerminalModuleReply {
        guard let (ticket, attested) = authentic(bytes) else { return ticketRefused(now) }
        return accept(ticket, attested, now)
    }

    mutating func ticketRefused(_ now: Instant) -> TerminalModuleReply {
        append(.ticketRefused, at: now)
        if misuse.add(at: now) { raise(.s04, severity: record.isOpen(.s04) ? .s2 : .s3, now) }
        return refused(.ticketRefused, now)
    }

    mutating func accept(_ ticket: LeaseTicket, _ attested: Attestation, _ now: Instant) -> TerminalModuleReply {
        attestation = nil
        isDirty = true
        record.firmwareRange = ticket.firmwareMinimum...ticket.firmwareMaximum
        if ticket.grantsLease { take(ticket, attested, now) }
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
        append(.leaseAccepted, detail: ticket.leaseID, at: now)
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
                append(.suspended, at: now)
            }
            return
        }
        guard record.activation != .active, !hardware.activationErased,
            record.activation != .lost || ticket.cleared.contains(.a01)
        else { return }
        record.activation = .active
        append(.activated, at: now)
    }

    /// Clears what the attestation told the host of and
    ///
    /// 1. whose cause is gone, and
    /// 2. which the ticket names, or which the catalogue clears by proof (a passed self-test and this ticket); A01 is
    ///    also cleared by being activated.
    ///
    /// What erased every key is never cleared here.
    private mutating func clear(by ticket: LeaseTicket, attested: Attestation, proved: Bool, _ now: Instant) {
        let open = record.openWarnings
        for warning in open where warning.event <= attested.eventCounter && warning.effect.zeroises != .all {
            let byProof = proved && warning.code.clearance == .auto && !warning.needsOrder
            let byActivation = warning.code == .a01 && record.activation == .active
            guard ticket.cleared.contains(warning.code) || byProof || byActivation,
                !isCausePresent(warning.code, now)
            else { continue }
            record.openWarnings.removeAll { $0.code == warning.code }
            if warning.code == .h01 { record.algorithmFailureCleared = now }
            append(.warningCleared, warning: warning.code, at: now)
        }
    }
}
