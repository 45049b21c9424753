// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

/// What a host knows of one module's log, as the estate keeps it.
struct LogKeeper {
    var position = LogPosition.none
    var awaitsEpoch = false
    var attested: (index: UInt32, digest: [UInt8])?

    func question(_ bench: Bench, _ segment: [UInt8], key: [UInt8]? = nil) throws -> LogQuestion {
        let identityKey = try require(bench.module.identityKey).compressed
        return LogQuestion(
            keys: bench.keys, serial: 77, identityKey: key ?? identityKey, position: position, attested: attested,
            awaitsEpoch: awaitsEpoch, segment: segment)
    }

    /// Verifies a segment, and goes on behind it where it is sound.
    mutating func take(_ bench: Bench, _ segment: [UInt8]) throws -> LogVerdict {
        let verdict = bench.host.verifyLog(try question(bench, segment))
        if case .accepted(let position) = verdict {
            if position.epoch > self.position.epoch { awaitsEpoch = false }
            self.position = position
        }
        return verdict
    }

    /// Collects and verifies everything.
    mutating func collect(_ bench: Bench, bytesMax: Int = 476) throws {
        var next: UInt32 = 1
        while true {
            guard case .log(let segment, let last, let isLast) = bench.collect(from: next, bytesMax: bytesMax) else {
                throw Missing()
            }
            #expect(segment.count <= bytesMax)
            if !segment.isEmpty {
                let verdict = try take(bench, segment)
                guard case .accepted(let position) = verdict else {
                    Issue.record("\(verdict)")
                    return
                }
                #expect(position.index >= last)
            }
            next = last + 1
            if isLast { return }
        }
    }
}

extension Bench {
    func collect(from index: UInt32 = 1, bytesMax: Int = 999) -> TerminalModuleReply {
        handle(.collectLog(from: index, bytesMax: bytesMax))
    }

    func segment(from index: UInt32 = 1, bytesMax: Int = 1 << 20) throws -> LogSegment {
        guard case .log(let bytes, _, _) = collect(from: index, bytesMax: bytesMax) else { throw Missing() }
        return try LogSegment(decoding: bytes)
    }

    /// One record more: a self-test that is asked for.
    func write(_ count: Int) { for _ in 0..<count { module.append(.memoryRenewed, at: now) } }
}

@Suite("The audit log in the module")
struct ModuleLogTests {
    @Test("from the first keys on every record has a code, and says who caused it", arguments: KeyProfile.allCases)
    func fromPersonalisation(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        _ = bench.handle(.acceptLease(ticket: [1]))
        let log = bench.module.auditLog
        #expect(log.identity == AuditIdentity(serial: 77, epoch: 1))
        #expect(log.entries.allSatisfy { $0.code.count == ForwardMAC.codeCount } && log.isIntact)
        #expect(log.records.prefix(2).map(\.event) == [.logBegun, .keysLoaded])
        let actors: [AuditEvent: AuditActor] = [
            .keysLoaded: .custodian, .poweredUp: .module, .identityMade: .module, .attested: .application,
            .activated: .host, .leaseAccepted: .host, .ticketRefused: .application,
        ]
        for event in AuditEvent.allCases {
            guard let actor = actors[event] else { continue }
            #expect(log.records.first { $0.event == event }?.actor == actor, "\(event)")
        }
        var keeper = LogKeeper()
        try keeper.collect(bench)
        #expect(keeper.position.index == log.position.index && keeper.position.digest == log.head)
        #expect(keeper.position.epoch == 1 && !keeper.position.isClosed)
    }

    @Test("each attestation and every 32 records are signed, and the evidence names the signed head")
    func checkpoints() throws {
        let bench = try Bench()
        let claims = try require(bench.attest())
        let log = bench.module.auditLog
        #expect(log.checkpoints.last?.head == log.position)
        #expect(claims.auditHead == log.head && claims.device?.logIndex == log.position.index)
        #expect(claims.identity?.logEpoch == 1)
        bench.write(100)
        let signed = bench.module.auditLog.checkpoints.map(\.head.index)
        #expect(zip(signed, signed.dropFirst()).allSatisfy { $1 - $0 <= AuditLog.checkpointInterval })
        let segment = try bench.segment()
        let stranger = try P256PrivateKey.generate().publicKey.compressed
        let question = try LogKeeper().question(bench, segment.encoded(), key: stranger)
        #expect(bench.host.verifyLog(question) == .broken(.unsigned, at: signed[0]))
    }

    @Test("a log that fills up says so, a full one stops the module, and only an authentic ticket ends that")
    func forceAudit() throws {
        let bench = try Bench()
        bench.signOn()
        func severity() -> Severity? { bench.status.openWarnings.first { $0.code == .s05 }?.severity }
        let first = AuditLog.fillingFrom
        bench.write(first - 1 - bench.module.auditLog.entries.count)
        #expect(severity() == nil)
        bench.write(1)
        #expect(severity() == .s4 && bench.status.state == .ready)
        #expect(isProtected(bench.protect(.authorisation)))
        bench.write(AuditLog.recordsMax - AuditLog.reservedSlots - bench.module.auditLog.entries.count - 1)
        #expect(severity() == .s4)
        bench.write(1)
        #expect(severity() == .s2 && bench.status.state == .halted)
        #expect(refusal(bench.protect(.authorisation)) == .halted && isProtected(bench.protect(.report)))
        // What finds no room now is counted, and the next record says how many.
        bench.write(5)
        #expect(bench.module.auditLog.unlogged == 5)

        var keeper = LogKeeper()
        try keeper.collect(bench)
        let through = keeper.position.index
        _ = bench.attest()
        var ticket = bench.ticket(grants: false)
        ticket.acknowledgedLog = through
        var forged = bench.sealed(ticket, ksn: bench.anyKSN)
        forged[forged.count - 1] ^= 1
        _ = bench.handle(.acceptLease(ticket: forged))
        #expect(severity() == .s2 && bench.module.auditLog.entries.count >= 1_008)
        bench.accept(ticket)
        #expect(severity() == nil && bench.status.state == .ready)
        let log = bench.module.auditLog
        #expect(log.anchor.index == through && log.entries.count < 20)
        #expect(log.records.contains { $0.unlogged >= 5 })
        // An older word, and one of records that are not there, free nothing.
        for index in [1, .max] as [UInt32] {
            _ = bench.attest()
            ticket.acknowledgedLog = index
            bench.accept(ticket)
            #expect(bench.module.auditLog.anchor.index == through)
        }
        try keeper.collect(bench)
        #expect(keeper.position.index == bench.module.auditLog.position.index)
    }

    @Test("sixteen slots are left for the gravest when the log is full, and tampering has its code there")
    func reserved() throws {
        let bench = try Bench()
        bench.signOn()
        bench.write(1_100)
        let full = bench.module.auditLog.entries.count
        #expect(full <= AuditLog.recordsMax - AuditLog.reservedSlots + 1)
        bench.make(.tamper)
        let log = bench.module.auditLog
        let added = log.entries[full...]
        #expect(added.map(\.record.event) == [.warningRaised, .tamperLatched, .zeroised])
        #expect(added.map { $0.code.isEmpty } == [false, false, true])
        var keeper = LogKeeper()
        try keeper.collect(bench)
        #expect(keeper.position.isClosed && keeper.position.index == log.position.index)
    }

    @Test("a log that was collected and not acknowledged is collected again after a cut, and does no harm")
    func cut() throws {
        let bench = try Bench()
        bench.signOn()
        var keeper = LogKeeper()
        try keeper.collect(bench)
        let before = keeper.position
        let first = try bench.segment()
        try bench.restart()
        #expect(bench.module.auditLog.boot == 3)
        let again = try bench.segment()
        #expect(again.entries.prefix(first.entries.count) == first.entries[...])
        #expect(try keeper.take(bench, first.encoded()) == .accepted(before))
        #expect(try keeper.take(bench, again.encoded()) != .accepted(before))
        #expect(keeper.position.index == bench.module.auditLog.position.index)
    }

    @Test("a segment in which a record is changed, left out, moved or of another module is found with its number")
    func findings() throws {
        let bench = try Bench()
        bench.signOn()
        let sound = try bench.segment()
        let keeper = LogKeeper()
        func verdict(_ change: (inout LogSegment) -> Void) throws -> LogVerdict {
            var segment = sound
            change(&segment)
            return bench.host.verifyLog(try keeper.question(bench, segment.encoded()))
        }
        #expect(try verdict { $0.entries[3].record.detail ^= 1 } == .broken(.edited, at: 4))
        #expect(try verdict { $0.entries.remove(at: 3) } == .broken(.missing, at: 4))
        #expect(try verdict { $0.entries.swapAt(3, 4) } == .broken(.reordered, at: 4))
        #expect(try verdict { $0.identity.serial = 78 } == .broken(.foreign, at: 0))
        #expect(try verdict { $0.identity.epoch = 2 } != .accepted(keeper.position))
        #expect(try verdict { $0.identity.epoch = .max } == .broken(.foreign, at: 0))
        #expect(bench.host.verifyLog(try keeper.question(bench, [1, 2, 3])) == .unreadable)
        // The end was cut off together with what it signed: the head that was attested tells.
        var cut = sound
        cut.entries.removeLast(2)
        cut.checkpoints.removeAll()
        var known = keeper
        guard case .accepted(let position) = try known.take(bench, cut.encoded()) else { throw Missing() }
        #expect(position.index == sound.end.index - 2)
        known.attested = (sound.end.index, [UInt8](repeating: 1, count: 32))
        #expect(try known.take(bench, sound.encoded()) == .broken(.forked, at: sound.end.index))
    }

    @Test("a module that has lived twice is found by the first record that is not the same")
    func fork() throws {
        let bench = try Bench()
        bench.signOn()
        let (image, hardware) = (bench.image, bench.hardware)
        _ = bench.handle(.selfTest)
        var keeper = LogKeeper()
        try keeper.collect(bench)
        bench.hardware = hardware
        bench.image = image
        bench.wait(.seconds(5))
        try bench.restart()
        bench.write(3)
        let verdict = try keeper.take(bench, bench.segment().encoded())
        guard case .broken(.forked, let index) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(index <= keeper.position.index)
    }

    @Test("keys of the log that do not come back are S06; two people order a new epoch, whose keys are there")
    func brokenChain() throws {
        let bench = try Bench()
        bench.signOn()
        var keeper = LogKeeper()
        try keeper.collect(bench)
        // The fourth blob from the end: epochs, records, journal, identity, each with its length before it.
        var parts = try StoredBlobs(bench.image)
        parts.damage(fromEnd: 2)
        bench.image = parts.image
        try bench.restart()
        #expect(bench.status.openWarnings.codes == [.s06] && bench.status.state == .halted)
        #expect(bench.module.auditLog.entries.last?.code.isEmpty == true)
        let verdict = try keeper.take(bench, bench.segment().encoded())
        guard case .broken(.edited, _) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        // By name alone it does not end: the cause is there.
        _ = bench.attest()
        bench.accept(bench.ticket(lease: 2, cleared: [.s06]))
        #expect(bench.status.openWarnings.codes == [.s06])
        #expect(try require(bench.attest()).identity?.logEpoch == 1)
        bench.accept(bench.ticket(lease: 3, cleared: [.s06], orders: [.beginLogEpoch]))
        #expect(bench.status.openWarnings.isEmpty && bench.status.state == .ready)
        #expect(bench.module.auditLog.identity.epoch == 2)
        #expect(try keeper.take(bench, bench.segment().encoded()) == .broken(.foreign, at: 0))
        keeper.awaitsEpoch = true
        try keeper.collect(bench)
        #expect(keeper.position.epoch == 2 && keeper.position.index == bench.module.auditLog.position.index)
        #expect(try require(bench.attest()).identity?.logEpoch == 2)
    }

    @Test("a chain of epochs that was lost comes back with the keys, behind the epochs that were")
    func lostEpochs() throws {
        let bench = try Bench()
        bench.signOn()
        var parts = try StoredBlobs(bench.image)
        parts.damage(fromEnd: 3)
        parts.damage(fromEnd: 2)
        bench.image = parts.image
        try bench.restart()
        _ = bench.attest()
        bench.accept(bench.ticket(lease: 2, cleared: [.s06], orders: [.beginLogEpoch]))
        #expect(bench.status.openWarnings.codes == [.s06] && bench.module.auditLog.identity.epoch == 1)
        #expect(bench.load(first: 1_000))
        _ = bench.attest()
        bench.accept(bench.ticket(lease: 3, cleared: [.s06], orders: [.beginLogEpoch]))
        #expect(bench.status.openWarnings.isEmpty && bench.module.auditLog.identity.epoch == 2)
        var keeper = LogKeeper()
        try keeper.collect(bench)
        #expect(keeper.position.epoch == 2)
    }

    @Test("room for less than a record is refused, and a module of before epochs has nothing to tell")
    func limits() throws {
        let bench = try Bench()
        #expect(refusal(bench.collect(bytesMax: LogSegment.roomMin - 1)) == .badRequest)
        guard case .log(let segment, let last, false) = bench.collect(bytesMax: LogSegment.roomMin) else {
            throw Missing()
        }
        #expect(segment.count <= LogSegment.roomMin && last > 0)
        guard case .log([], _, true) = bench.collect(from: .max) else { throw Missing() }
    }
}

/// An image's sealed parts, to be damaged one by one.
struct StoredBlobs {
    private let head: [UInt8]
    private var blobs: [[UInt8]] = []

    init(_ image: [UInt8]) throws {
        var reader = ByteReader(image)
        _ = try reader.raw(5)
        _ = try reader.sized()
        _ = try reader.raw(16)
        head = Array(image[..<reader.offset])
        while !reader.isAtEnd { blobs.append(try reader.sized()) }
        #expect(blobs.count == 8)
    }

    func count(of part: Int) -> Int { blobs[part].count }

    mutating func damage(fromEnd index: Int) {
        let place = blobs.count - 1 - index
        blobs[place][blobs[place].count / 2] ^= 1
    }

    var image: [UInt8] {
        var writer = ByteWriter()
        writer.raw(head)
        for blob in blobs { writer.sized(blob) }
        return writer.bytes
    }
}
