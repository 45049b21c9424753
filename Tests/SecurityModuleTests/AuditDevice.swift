// SPDX-License-Identifier: Apache-2.0
import Catalogue
import PaymentCryptography
import Vocabulary

@testable import SecurityModule

/// A module's audit log with the keys that belong to it, and the host's key beside.
final class AuditDevice {
    let identityKey: P256PrivateKey
    let hostKey: P256PrivateKey
    let firstKey: SecretKey
    let identity: AuditIdentity
    var log = AuditLog()
    var chain: ForwardMAC?
    var clock = Instant(seconds: 1_786_700_000)
    var eventCounter: UInt32 = 0

    init(serial: UInt64 = 77, epoch: UInt32 = 1, before: Int = 0) throws {
        identityKey = try P256PrivateKey.generate()
        hostKey = try P256PrivateKey.generate()
        firstKey = .random(count: ForwardMAC.keyCount)
        identity = AuditIdentity(serial: serial, epoch: epoch)
        chain = ForwardMAC(firstKey: firstKey, index: UInt64(before) + 1)
        for _ in 0..<before { log.append(.selfTestPassed, eventCounter: 0, at: clock) }
        log.begin(identity, eventCounter: 0, at: clock, with: &chain)
    }

    /// A device with all keys of another one, as a thief of its store has them.
    init(copying other: AuditDevice) throws {
        let wrapping = SecretKey.random(count: 32)
        identityKey = try require(
            P256PrivateKey(unwrapping: other.identityKey.wrapped(under: wrapping), under: wrapping))
        hostKey = try P256PrivateKey.generate()
        firstKey = other.firstKey.copy()
        identity = other.identity
        log = other.log
        chain = other.chain.copied
        (clock, eventCounter) = (other.clock, other.eventCounter)
    }

    @discardableResult
    func write(
        _ event: AuditEvent = .selfTestPassed, warning: WarningCode? = nil, detail: UInt32 = 0
    ) -> Bool {
        clock = clock + .seconds(1)
        let written = log.append(
            event, warning: warning, actor: .host, eventCounter: eventCounter, detail: detail, at: clock, with: &chain)
        if log.isCheckpointDue { sign() }
        return written
    }

    func write(_ count: Int) { for number in 0..<count { write(detail: UInt32(number)) } }

    func sign() {
        guard let signature = try? identityKey.signature(ofDigest: log.checkpointDigest) else { return }
        log.addCheckpoint(signature: signature)
    }

    /// Every record kept.
    func collect(from index: UInt32 = 1) -> LogSegment { log.collect(from: index, bytesMax: 1 << 20) }

    func acknowledgement(of head: AuditHead, epoch: UInt32? = nil) throws -> SignedAuditHead {
        let identity = AuditIdentity(serial: identity.serial, epoch: epoch ?? identity.epoch)
        let digest = SignedAuditHead.acknowledgementDigest(head, of: identity)
        return SignedAuditHead(head: head, signature: try hostKey.signature(ofDigest: digest))
    }

    func verifier(origin: AuditHead = .origin) -> AuditVerifier {
        AuditVerifier(identity, origin: origin, firstKey: firstKey, publicKey: identityKey.publicKey)
    }

    /// What a new verifier says of a segment; nil for nothing.
    func finding(_ segment: LogSegment) -> AuditFinding? {
        var verifier = verifier()
        do { try verifier.verify(segment) } catch { return error }
        return nil
    }

    /// The log as the store gives it back.
    func restart() throws {
        var writer = ByteWriter()
        log.write(to: &writer, version: AuditLog.codecVersion)
        var reader = ByteReader(writer.bytes)
        log = try AuditLog(from: &reader, version: AuditLog.codecVersion)
        log.countBoot()
    }
}

extension Optional where Wrapped == ForwardMAC {
    var copied: ForwardMAC? {
        switch self {
        case .some(let chain): chain.copy()
        case .none: nil
        }
    }
}
