// SPDX-License-Identifier: Apache-2.0
import Catalogue
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Audit verification")
struct AuditVerifierTests {
    @Test("a sound log is taken in pieces of any size, and again", arguments: [LogSegment.roomMin, 400, 1 << 20])
    func sound(room: Int) throws {
        let device = try AuditDevice()
        device.write(150)
        device.sign()
        var verifier = device.verifier()
        var taken = 0
        while true {
            let segment = device.log.collect(from: verifier.position.index + 1, bytesMax: room)
            guard !segment.entries.isEmpty else { break }
            taken += try verifier.verify(segment)
            #expect(try verifier.verify(segment) == 0)
        }
        #expect(taken == 151 && verifier.position == device.log.position)
        #expect(try verifier.check(attested: device.log.position) == 0)
        #expect(try verifier.verify(device.collect(from: 77)) == 0)
        device.write(3)
        #expect(try verifier.check(attested: device.log.position) == 3)
        #expect(try verifier.verify(device.collect(from: 100)) == 3)
    }

    @Test("it goes on behind a head that was verified before, and behind the records of before the epoch")
    func resuming() throws {
        let device = try AuditDevice(before: 70)
        let origin = device.log.anchor
        device.write(60)
        let whole = device.collect()
        var verifier = device.verifier(origin: origin)
        try verifier.verify(whole)
        var later = device.verifier(origin: origin)
        let resumed = later.resume(at: verifier.position)
        #expect(resumed && later.position == device.log.position)
        device.write(5)
        #expect(try later.verify(device.collect(from: 120)) == 5)
        let back = later.resume(at: origin)
        #expect(!back)
        var stranger = device.verifier()
        #expect(throws: AuditFinding.missing(1)) { try stranger.verify(whole) }
        stranger = device.verifier(origin: AuditHead(index: 75, digest: origin.digest))
        #expect(throws: AuditFinding.foreign) { try stranger.verify(whole) }
    }

    @Test("every changed bit is found, and the record is named")
    func bits() throws {
        let device = try AuditDevice()
        device.write(15)
        device.sign()
        let segment = device.collect()
        let bytes = segment.encoded()
        let records = 1 + AuditIdentity.length + AuditHead.length + 1
        let end = records + segment.entries.count * LogSegment.entryByteCount
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let other = try? LogSegment(decoding: changed) else { continue }
            let finding = device.finding(other)
            #expect(finding != nil, "bit \(bit)")
            guard (records..<end).contains(bit / 8) else { continue }
            let record = UInt32((bit / 8 - records) / LogSegment.entryByteCount) + 1
            #expect(finding?.index == record, "bit \(bit): \(String(describing: finding))")
        }
        #expect(device.finding(segment) == nil)
    }

    @Test("a cut is found wherever it is, and its first record named")
    func cuts() throws {
        let device = try AuditDevice()
        device.write(80)
        device.sign()
        let whole = device.collect()
        for first in whole.entries.indices {
            for count in [1, 2, 7] where first + count <= whole.entries.count {
                var cut = whole
                cut.entries.removeSubrange(first..<first + count)
                let finding = device.finding(cut)
                #expect(finding == .missing(UInt32(first) + 1), "\(first)+\(count): \(String(describing: finding))")
            }
        }
        // With its checkpoints the end is missed by whoever knows what was attested.
        var short = device.log.collect(from: 1, bytesMax: 1_500)
        short.checkpoints = []
        var verifier = device.verifier()
        try verifier.verify(short)
        #expect(try verifier.check(attested: device.log.position) == device.log.position.index - short.end.index)
        try verifier.verify(whole)
        #expect(throws: AuditFinding.rolledBack(short.end.index + 1)) { try verifier.check(attested: short.end) }
        var fresh = device.verifier()
        #expect(throws: AuditFinding.missing(1)) { try fresh.verify(device.collect(from: 40)) }
    }

    @Test("records in another order, or twice, are found")
    func order() throws {
        let device = try AuditDevice()
        device.write(40)
        let whole = device.collect()
        for (first, second) in [(0, 1), (3, 4), (3, 30), (0, 40), (39, 40)] {
            var swapped = whole
            swapped.entries.swapAt(first, second)
            #expect(device.finding(swapped)?.index == UInt32(first) + 1, "\(first) and \(second)")
            // As before, but with the right numbers on the wrong records.
            swapped.entries[first].record.index = UInt32(first) + 1
            swapped.entries[second].record.index = UInt32(second) + 1
            #expect(device.finding(swapped) == .edited(UInt32(first) + 1))
        }
        var repeated = whole
        repeated.entries.insert(whole.entries[10], at: 20)
        #expect(device.finding(repeated) == .reordered(21))
    }

    @Test("a copied module is found as a fork, at the first record of which there are two")
    func forks() throws {
        let device = try AuditDevice()
        device.write(50)
        let clone = try AuditDevice(copying: device)
        device.write(.attested)
        clone.write(.leaseAccepted)
        for module in [device, clone] {
            module.write(9)
            module.sign()
        }
        let (left, right) = (device.collect(), clone.collect(from: 30))
        var verifier = device.verifier()
        try verifier.verify(left)
        #expect(throws: AuditFinding.forked(52)) { try verifier.verify(right) }
        #expect(throws: AuditFinding.forked(61)) { try verifier.check(attested: clone.log.position) }
        #expect(verifier.position == device.log.position)
        var unsigned = right
        unsigned.entries = []
        unsigned.start = device.log.position
        #expect(throws: AuditFinding.forked(61)) { try verifier.verify(unsigned) }

        let key = device.identityKey.publicKey
        #expect(left.fork(from: right, signedBy: key) == 52 && right.fork(from: left, signedBy: key) == 52)
        #expect(left.fork(from: left, signedBy: key) == nil)
        #expect(left.fork(from: right, signedBy: clone.hostKey.publicKey) == nil)
        var early = right
        early.checkpoints.removeAll { $0.head.index >= 52 }
        #expect(left.fork(from: early, signedBy: key) == nil)
        // The two histories do not mix: a record of the one is no record of the other.
        var mixed = left
        mixed.entries[55] = clone.collect().entries[55]
        #expect(device.finding(mixed) == .edited(56))
    }

    @Test("a module that was set back is found, by what it attests and by what it writes then")
    func rollBack() throws {
        let device = try AuditDevice()
        device.write(20)
        let old = try AuditDevice(copying: device)
        device.write(20)
        var verifier = device.verifier()
        try verifier.verify(device.collect())
        #expect(throws: AuditFinding.rolledBack(22)) { try verifier.check(attested: old.log.position) }
        old.write(.poweredUp)
        #expect(throws: AuditFinding.forked(22)) { try verifier.verify(old.collect(from: 22)) }

        let falling = try AuditDevice()
        falling.log.boot = 5
        falling.write(3)
        falling.log.boot = 4
        falling.write(3)
        #expect(falling.finding(falling.collect()) == .rolledBack(5))
        let counter = try AuditDevice()
        counter.eventCounter = 9
        counter.write(3)
        counter.eventCounter = 8
        counter.write(3)
        #expect(counter.finding(counter.collect()) == .rolledBack(5))
    }

    @Test("whoever takes every key of now changes nothing of before")
    func pastIsSealed() throws {
        let device = try AuditDevice()
        device.write(40)
        let whole = device.collect()
        for place in whole.entries.indices {
            // The thief writes the log anew from there on, with the chain as the device holds it, and signs it.
            var forged = whole
            forged.checkpoints = []
            var chain = device.chain.copied
            var head = place == 0 ? whole.start : whole.upTo(place).end
            for index in place..<forged.entries.count {
                forged.entries[index].record.detail ^= 1
                head = head.followed(by: forged.entries[index].record)
                if var held = chain.take() {
                    forged.entries[index].code = held.code(head.digest)
                    chain = consume held
                }
            }
            let signature = try device.identityKey.signature(
                ofDigest: SignedAuditHead.checkpointDigest(head, of: device.identity))
            forged.checkpoints = [SignedAuditHead(head: head, signature: signature)]
            #expect(device.finding(forged) == .edited(UInt32(place) + 1))
        }
    }

    @Test("records without a code are taken behind tampering alone")
    func tampering() throws {
        let device = try AuditDevice()
        device.write(20)
        device.write(.tamperLatched)
        device.chain = nil
        device.write(.zeroised)
        device.write(.poweredUp)
        let whole = device.collect()
        var verifier = device.verifier()
        try verifier.verify(whole)
        #expect(verifier.isClosed && verifier.position == device.log.position)
        // Cut before the tampering, with records of the thief's own: the missing code gives it away.
        for count in [5, 21] {
            var short = whole.upTo(count)
            short.checkpoints = []
            let index = UInt32(count) + 1
            for event in [AuditEvent.tamperLatched, .zeroised] {
                var forged = whole.entries[22]
                forged.record.index = short.end.index + 1
                forged.record.event = event
                short.entries.append(forged)
            }
            #expect(device.finding(short) == .edited(index))
        }
        var stripped = whole
        stripped.entries[10].code = []
        #expect(device.finding(stripped) == .edited(11))
    }

    @Test("checkpoints are of the module's key and epoch")
    func checkpoints() throws {
        let device = try AuditDevice()
        device.write(40)
        let other = try P256PrivateKey.generate()
        var segment = device.collect()
        let head = segment.checkpoints[0].head
        let digest = SignedAuditHead.checkpointDigest(head, of: device.identity)
        segment.checkpoints[0].signature = try other.signature(ofDigest: digest)
        #expect(device.finding(segment) == .unsigned(head.index))
        let later = AuditIdentity(serial: 77, epoch: 2)
        segment.checkpoints[0].signature = try device.identityKey.signature(
            ofDigest: SignedAuditHead.checkpointDigest(head, of: later))
        #expect(device.finding(segment) == .unsigned(head.index))
        segment.identity = later
        #expect(device.finding(segment) == .foreign)
    }
}

extension LogSegment {
    /// The first records alone.
    func upTo(_ count: Int) -> LogSegment {
        var segment = self
        segment.entries.removeSubrange(count...)
        segment.checkpoints.removeAll { $0.head.index > UInt32(count) }
        return segment
    }
}
