// SPDX-License-Identifier: Apache-2.0
import Catalogue
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Audit log")
struct AuditLogTests {
    @Test("before the first epoch it keeps the newest 64 records, in the form of old images")
    func beforeEpochs() throws {
        var log = AuditLog()
        // The old form, written out: zeros, head, records of 24 bytes.
        var (head, records): ([UInt8], [[UInt8]]) = ([UInt8](repeating: 0, count: 32), [])
        for number in 1...3 as ClosedRange<UInt8> {
            log.append(.warningRaised, warning: .h02, eventCounter: 5, detail: 2, at: Instant(microseconds: 0x0102))
            let record: [UInt8] =
                [0, 0, 0, number, 0, 0, 0, 0, 0, 0, 1, 2, 4, 0x12, 0, 0, 0, 0, 0, 5, 0, 0, 0, 2]
            head = SHA256.hash(head + record)
            records.append(record)
        }
        let old = [UInt8](repeating: 0, count: 32) + head + [3] + records.flatMap { $0 }
        var writer = ByteWriter()
        log.write(to: &writer)
        #expect(writer.bytes == old)
        var reader = ByteReader(old)
        #expect(try AuditLog(from: &reader) == log)
        #expect(log.head == head && log.isIntact && log.fill == .roomy)
        for _ in 0..<200 { log.append(.attested, eventCounter: 5, at: .epoch) }
        #expect(log.records.count == AuditLog.recordsMaxBeforeEpochs && log.isIntact)
        #expect(log.records.last?.index == 203)
        var again = ByteWriter()
        log.write(to: &again)
        var second = ByteReader(again.bytes)
        #expect(try AuditLog(from: &second) == log)
        for count in 0..<old.count {
            var cut = ByteReader(Array(old.prefix(count)))
            #expect(throws: CodecError.self) { try AuditLog(from: &cut) }
        }
        for bit in stride(from: 0, to: old.count * 8, by: 3) {
            var changed = old
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            var reader = ByteReader(changed)
            #expect(throws: CodecError.self, "bit \(bit)") { try AuditLog(from: &reader) }
        }
    }

    @Test("an epoch goes on with the numbers and the chain, and only a later one begins")
    func epochs() throws {
        let device = try AuditDevice(before: 70)
        #expect(device.log.records.map(\.index) == [71])
        #expect(device.log.records[0].event == .logBegun && device.log.records[0].detail == 1)
        #expect(device.log.entries[0].code.count == ForwardMAC.codeCount)
        let head = device.log.position
        for epoch in [0, 1] as [UInt32] {
            var chain: ForwardMAC? = ForwardMAC(firstKey: device.firstKey, index: UInt64(head.index) + 1)
            let begun = device.log.begin(
                AuditIdentity(serial: 77, epoch: epoch), eventCounter: 0, at: device.clock, with: &chain)
            #expect(!begun)
        }
        let next = AuditIdentity(serial: 77, epoch: 2)
        for index in [head.index, head.index + 2] {
            var chain: ForwardMAC? = ForwardMAC(firstKey: device.firstKey, index: UInt64(index))
            #expect(!device.log.begin(next, eventCounter: 0, at: device.clock, with: &chain))
        }
        var none: ForwardMAC?
        #expect(!device.log.begin(next, eventCounter: 0, at: device.clock, with: &none))
        #expect(device.log.position == head)
        var chain: ForwardMAC? = ForwardMAC(firstKey: device.firstKey, index: UInt64(head.index) + 1)
        #expect(device.log.begin(next, eventCounter: 0, at: device.clock, with: &chain))
        #expect(device.log.anchor == head && device.log.records.map(\.index) == [72])
    }

    @Test("the last sixteen slots are for the gravest, and what finds no room is counted in the next record")
    func reserve() throws {
        let device = try AuditDevice()
        let ordinary = AuditLog.recordsMax - AuditLog.reservedSlots
        var filling: Int?
        while device.write() {
            if device.log.fill == .filling, filling == nil { filling = device.log.records.count }
        }
        #expect(filling == 922)
        #expect(device.log.records.count == ordinary && device.log.fill == .full)
        let head = device.log.head
        #expect(!device.write(.poweredUp))
        #expect(device.log.unlogged == 2 && device.log.head == head)
        #expect(device.write(.warningRaised, warning: .s05, detail: UInt32(Severity.s2.rawValue)))
        #expect(device.log.records.last?.unlogged == 2)
        #expect(!device.write(.warningRaised, warning: .h02, detail: UInt32(Severity.s2.rawValue)))
        for _ in 1..<AuditLog.reservedSlots {
            #expect(device.write(.warningRaised, warning: .t01, detail: UInt32(Severity.s1.rawValue)))
        }
        #expect(device.log.records.count == AuditLog.recordsMax)
        #expect(!device.write(.tamperLatched))
        #expect(device.log.records.count == AuditLog.recordsMax && device.log.isIntact)
        #expect(device.log.checkpoints.count == 32)
        try device.log.acknowledge(device.acknowledgement(of: device.log.position), by: device.hostKey.publicKey)
        #expect(device.log.fill == .roomy && device.write())
        #expect(device.log.records.map(\.unlogged) == [1])
    }

    @Test("an index never repeats: at its end nothing is written")
    func indexEnd() throws {
        let device = try AuditDevice()
        device.log.anchor = AuditHead(index: .max - 2, digest: device.log.head)
        device.log.position = device.log.anchor
        device.log.entries = []
        // The chain of keys stands elsewhere, so that these have no code rather than one that nobody can verify.
        #expect(device.chain.borrowed { device.log.isContinued(by: $0) } == false)
        #expect(device.write() && device.write() && device.log.entries.allSatisfy { $0.code.isEmpty })
        #expect(!device.write() && device.log.position.index == .max && device.log.unlogged == 1)
        #expect(device.collect(from: .max).entries.count == 1)
        #expect(device.collect(from: 0).entries.count == 2)
        let end = try device.acknowledgement(of: device.log.position)
        try device.log.acknowledge(end, by: device.hostKey.publicKey)
        for index in [0, 1, .max] as [UInt32] { #expect(device.collect(from: index).start == end.head) }
    }

    @Test("a checkpoint is due every 32 records, and the newest of each 32 is kept")
    func checkpoints() throws {
        let device = try AuditDevice()
        for count in 2...200 {
            device.write()
            if count % 5 == 0 { device.sign() }
            #expect(!device.log.isCheckpointDue)
        }
        let indices = device.log.checkpoints.map(\.head.index)
        #expect(indices == indices.sorted() && Set(indices.map { ($0 - 1) / 32 }).count == indices.count)
        #expect(indices.count == 7 && indices.last == 200)
        let before = device.log.checkpoints
        device.log.addCheckpoint(signature: [1])
        #expect(device.log.checkpoints == before)
    }

    @Test("what is collected fits the room, and piece by piece is the whole log")
    func collecting() throws {
        let device = try AuditDevice()
        device.write(150)
        device.sign()
        for room in [LogSegment.roomMin, 333, 990, 4_000, 1 << 20] {
            var (next, entries, signed): (UInt32, [AuditEntry], Int) = (1, [], 0)
            while true {
                let segment = device.log.collect(from: next, bytesMax: room)
                #expect(segment.encoded().count <= room)
                #expect(segment.start.index == next - 1)
                guard !segment.entries.isEmpty else { break }
                entries += segment.entries
                signed += segment.checkpoints.count
                next = segment.end.index + 1
            }
            #expect(entries == device.log.entries && signed == device.log.checkpoints.count)
        }
        #expect(device.log.collect(from: 1, bytesMax: 60).entries.isEmpty)
        #expect(device.log.collect(from: 900, bytesMax: 1 << 20).start == device.log.position)
    }

    @Test("the host frees slots with its own signature over a head that the log had")
    func acknowledging() throws {
        let device = try AuditDevice()
        device.write(100)
        let heads = (0...50).map { device.log.collect(from: UInt32($0) + 1, bytesMax: 60).start }
        let hostKey = device.hostKey.publicKey
        func problem(_ signed: SignedAuditHead, _ key: P256PublicKey? = nil) -> AuditAcknowledgementError? {
            var log = device.log
            do { try log.acknowledge(signed, by: key ?? hostKey) } catch { return error }
            return nil
        }
        let good = try device.acknowledgement(of: heads[40])
        #expect(problem(good, device.identityKey.publicKey) == .notAuthentic)
        #expect(try problem(device.acknowledgement(of: heads[40], epoch: 2)) == .notAuthentic)
        var signed = good
        signed.head.index += 1
        #expect(problem(signed) == .notAuthentic)
        let checkpoint = try #require(device.log.checkpoints.first)
        #expect(problem(checkpoint, device.identityKey.publicKey) == .notAuthentic)
        for index in [40, 102] as [UInt32] {
            let other = AuditHead(index: index, digest: heads[39].digest)
            #expect(try problem(device.acknowledgement(of: other)) == .unknownHead)
        }
        let freed = try device.log.acknowledge(good, by: hostKey)
        #expect(freed == 40 && device.log.records.first?.index == 41 && device.log.isIntact)
        #expect(device.log.acknowledged == good && device.log.checkpoints.allSatisfy { $0.head.index > 40 })
        // Again, and an older one: nothing to free.
        #expect(try device.log.acknowledge(good, by: hostKey) == 0)
        #expect(try device.log.acknowledge(device.acknowledgement(of: heads[10]), by: hostKey) == 0)
        let other = AuditHead(index: 40, digest: heads[39].digest)
        #expect(try problem(device.acknowledgement(of: other)) == .unknownHead)
        let head = device.log.position
        device.write()
        #expect(device.log.records.last?.index == head.index + 1)
    }

    @Test("it comes back from the store as it was, and no cut or changed image of it does")
    func codec() throws {
        let device = try AuditDevice()
        device.write(40)
        try device.log.acknowledge(
            device.acknowledgement(of: device.log.collect(from: 6, bytesMax: 60).start), by: device.hostKey.publicKey)
        device.log.unlogged = 3
        var writer = ByteWriter()
        device.log.write(to: &writer, version: 2)
        let bytes = writer.bytes
        var reader = ByteReader(bytes)
        #expect(try AuditLog(from: &reader, version: 2) == device.log)
        #expect(reader.isAtEnd)
        for count in 0..<bytes.count {
            var cut = ByteReader(Array(bytes.prefix(count)))
            #expect(throws: CodecError.self, "\(count) bytes") { try AuditLog(from: &cut, version: 2) }
        }
        for bit in stride(from: 0, to: bytes.count * 8, by: 37) {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            var reader = ByteReader(changed)
            let other = try? AuditLog(from: &reader, version: 2)
            #expect(other != device.log, "bit \(bit)")
        }
        try device.restart()
        #expect(device.log.boot == 2 && device.chain.borrowed { device.log.isContinued(by: $0) } == true)
        device.write(.poweredUp)
        #expect(device.log.records.last?.boot == 2)
    }

    @Test("once the keys are erased a record has no code, and the chain goes on")
    func erased() throws {
        let device = try AuditDevice()
        device.write(.tamperLatched)
        device.chain = nil
        device.write(.zeroised)
        #expect(device.log.entries.map(\.code.count) == [16, 16, 0] && device.log.isIntact)
    }
}
