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
    /// Bytes of a key's check value in the evidence.
    private static var checkValueLength: Int { 3 }

    /// Evidence over the host's nonce. The link token is new each time; the death token is made once for the identity,
    /// so that a lost answer never leaves the host with the hash of a token that the module no longer has.
    mutating func attest(
        _ nonce: [UInt8], _ application: SoftwareVersion, _ now: Instant, _ random: inout some RandomSource
    ) -> TerminalModuleReply {
        guard Self.nonceLengths.contains(nonce.count) else { return refused(.badRequest, now) }
        guard isUsable(.health), !isIdentityLost, let linkToken = draw(Self.tokenLength, now, &random) else {
            return refused(.halted, now)
        }
        if keys.deathToken == nil {
            guard let token = draw(Self.tokenLength, now, &random) else { return refused(.halted, now) }
            record.deathTokenHash = SHA256.hash(token)
            keys.deathToken = SecretKey(count: token.count) { $0.copyBytes(from: token) }
            isDirty = true
        }
        let over = provedOver(now)
        append(.attested, actor: .application, at: now)
        signCheckpoint()
        let claims = EvidenceClaims(
            nonce: nonce, serial: record.serial, firmware: hardware.installedFirmware, application: application,
            profile: record.keys.profile, keySet: record.keys.keySet, lifecycle: record.lifecycle,
            identityEpoch: record.keys.identityEpoch, healthCounter: record.healthCounter,
            eventCounter: record.eventCounter, selfTestNumber: record.selfTestNumber,
            selfTestAgeSeconds: selfTestAge(now).map { UInt32(clamping: $0.microseconds / 1_000_000) } ?? .max,
            openWarnings: record.openWarnings.map(\.raised).filter { !over.contains($0.code) },
            deathTokenHash: record.deathTokenHash,
            linkTokenHash: SHA256.hash(linkToken), auditHead: record.audit.head, device: deviceClaims,
            identity: record.identityKey.map {
                IdentityClaims(key: $0.compressed, logEpoch: record.audit.identity.epoch)
            })
        let bytes = SignedEvidence(claims, signature: signature(of: claims)).encoded()
        guard let code = keys.health.borrowed({ AESCMAC(key: $0).code(bytes) }) else { return refused(.halted, now) }
        attestation = Attestation(nonce: nonce, eventCounter: record.eventCounter, at: now)
        return .evidence(bytes: bytes + code, linkToken: linkToken)
    }

    private var deviceClaims: DeviceClaims {
        DeviceClaims(
            model: hardware.model, revision: hardware.revision, bootCount: record.boots.count,
            firmwareDigest: claimedDigest(.module), applicationDigest: claimedDigest(.application),
            isDebuggable: hardware.isDebugged, position: hardware.position, binding: record.binding,
            logIndex: record.audit.position.index,
            journalIndex: UInt32(clamping: journalAtRest.settled), inventory: inventory)
    }

    /// The keys that are there, in ascending order of slots.
    private var inventory: [DeviceClaims.KeyEntry] {
        KeySlot.allCases.filter { isUsable($0) }.map { slot in
            DeviceClaims.KeyEntry(
                slot: slot.rawValue, checkValue: Array((keys.checkValue(slot) ?? []).prefix(Self.checkValueLength)))
        }
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
}
