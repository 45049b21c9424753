// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import PaymentCryptography
import SecurityModule
import Vocabulary

/// Audit logs as they come from a terminal, two ways, chosen by the first byte:
/// 1. any bytes as a segment and as a file: what is decoded is encoded alike, and never verified;
/// 2. a log of the input's choice, with one change in its encoded segment: verified as it was, never when it is another.
@main
enum AuditFuzzer {
    static func main() {
        fuzz { start, count in
            var input = FuzzInput(start, count)
            if input.byte() % 2 == 0 { AuditFuzzer.anyBytes(&input) } else { AuditFuzzer.changed(&input) }
            return 0
        }
    }

    private final class Held: Sendable {
        let identityKey: P256PrivateKey
        let firstKey = SecretKey.random(count: ForwardMAC.keyCount)
        init() {
            guard let key = try? P256PrivateKey.generate() else { stop("no key") }
            identityKey = key
        }
    }

    private static let held = Held()
    private static let identity = AuditIdentity(serial: 7, epoch: 1)

    private static func verifier() -> AuditVerifier {
        AuditVerifier(identity, firstKey: held.firstKey, publicKey: held.identityKey.publicKey)
    }

    private static func verifies(_ segment: LogSegment) -> Bool {
        var verifier = verifier()
        return (try? verifier.verify(segment)) != nil
    }

    private static func anyBytes(_ input: inout FuzzInput) {
        let bytes = input.rest()
        if let segment = try? LogSegment(decoding: bytes) {
            hold(segment.encoded() == bytes, "a segment has two forms")
            hold(segment.entries.isEmpty || !verifies(segment), "an unauthentic segment is taken")
        }
        guard let file = try? AuditFile(decoding: bytes) else { return }
        hold(file.encoded() == bytes, "a file has two forms")
        let report = try? file.verify(firstKey: held.firstKey, publicKey: held.identityKey.publicKey)
        hold(report.map { $0.records == 0 } ?? true, "an unauthentic file is taken")
    }

    private static func changed(_ input: inout FuzzInput) {
        var log = AuditLog()
        var chain: ForwardMAC? = ForwardMAC(firstKey: held.firstKey)
        log.begin(identity, eventCounter: 0, at: .epoch, with: &chain)
        for _ in 0..<input.number(below: 12) {
            let event = input.element(AuditEvent.allCases.filter { $0 != .tamperLatched })
            log.append(event, eventCounter: 1, detail: UInt32(input.byte()), at: .epoch, with: &chain)
        }
        if input.byte() % 2 == 0, let signature = try? held.identityKey.signature(ofDigest: log.checkpointDigest) {
            log.addCheckpoint(signature: signature)
        }
        let segment = log.collect(from: 1, bytesMax: 4_096)
        hold(verifies(segment), "a sound log is refused")
        var bytes = segment.encoded()
        let place = input.number(below: bytes.count)
        bytes[place] ^= 1 << (input.byte() % 8)
        guard let other = try? LogSegment(decoding: bytes) else { return }
        hold(!verifies(other), "a changed log is taken")
    }
}
