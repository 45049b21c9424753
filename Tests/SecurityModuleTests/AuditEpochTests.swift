// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Epochs of an audit log")
final class AuditEpochTests {
    private let root = SecretKey.random(count: ForwardMAC.keyCount)
    private let now = Instant(seconds: 1_786_700_000)

    private func write(_ count: Int, _ log: inout AuditLog, _ chain: inout ForwardMAC?) {
        for _ in 0..<count { log.append(.selfTestPassed, eventCounter: 1, at: now, with: &chain) }
    }

    @Test("each epoch has a first key of its own, which the host makes too, and goes on where the last one ended")
    func epochs() throws {
        let key = try P256PrivateKey.generate().publicKey
        var log = AuditLog()
        var chain: ForwardMAC?
        var epochs: ForwardMAC? = ForwardMAC(firstKey: root)
        write(3, &log, &chain)
        for epoch in 1...4 as ClosedRange<UInt32> {
            let end = log.position
            let isBegun = log.beginNextEpoch(serial: 7, eventCounter: 1, at: now, epochs: &epochs, chain: &chain)
            #expect(isBegun)
            write(5, &log, &chain)
            #expect(log.identity == AuditIdentity(serial: 7, epoch: epoch))
            let segment = log.collect(from: 1, bytesMax: 1 << 16)
            let firstKey = try require(AuditLog.firstKey(of: epoch, root: root))
            let verifier = try AuditVerifier.beginning(with: segment, firstKey: firstKey, publicKey: key)
            let position = verifier.position
            #expect(segment.start == end && position == log.position)
            // No other epoch's key, no other head before, and no later record in the first one's place.
            let other = try require(AuditLog.firstKey(of: epoch + 1, root: root))
            func finding(_ segment: LogSegment, _ key: borrowing SecretKey, _ point: P256PublicKey) -> AuditFinding? {
                do throws(AuditFinding) {
                    _ = try AuditVerifier.beginning(with: segment, firstKey: key, publicKey: point)
                } catch { return error }
                return nil
            }
            let first = end.index + 1
            #expect(finding(segment, other, key) == .edited(first))
            var changed = segment
            changed.start.digest[0] ^= 1
            #expect(finding(changed, firstKey, key) == .edited(first))
            let late = log.collect(from: first + 1, bytesMax: 1 << 16)
            #expect(finding(late, firstKey, key) == .missing(first + 1))
        }
    }

    @Test("an epoch is not begun without a key for it, nor a second time")
    func refusals() throws {
        var log = AuditLog()
        var chain: ForwardMAC?
        var epochs: ForwardMAC?
        func begin(_ epochs: inout ForwardMAC?) -> Bool {
            log.beginNextEpoch(serial: 7, eventCounter: 1, at: now, epochs: &epochs, chain: &chain)
        }
        var isBegun = begin(&epochs)
        #expect(!isBegun)
        epochs = ForwardMAC(firstKey: root)
        isBegun = begin(&epochs)
        #expect(isBegun)
        let head = log.position
        var old: ForwardMAC? = ForwardMAC(firstKey: root)
        isBegun = begin(&old)
        #expect(!isBegun && old.borrowed { $0.index } == 1 && log.position == head)
        #expect(chain.borrowed { log.isContinued(by: $0) } == true)
        let none = AuditLog.firstKey(of: 0, root: root)
        let isRefused = none == nil
        #expect(isRefused)
    }
}
