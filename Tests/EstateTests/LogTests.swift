// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ModuleProtocol
import Testing
import Vocabulary

@Suite("Audit logs at the estate")
struct EstateLogTests {
    private static let key = [UInt8](repeating: 3, count: IdentityClaims.keyLength)
    private static let digest = [UInt8](repeating: 0xD9, count: 32)

    /// An active terminal whose module has an identity key, and a log of so many records.
    private func desk(records: UInt32 = 20) throws -> Desk {
        var desk = try Desk()
        desk.evidence.device = Desk.device
        desk.evidence.device?.logIndex = records
        desk.evidence.identity = IdentityClaims(key: Self.key, logEpoch: 1)
        desk.evidence.auditHead = Self.digest
        try desk.bind()
        try desk.activate()
        #expect(isGranted(desk.signOn()))
        (desk.evidence.lifecycle, desk.evidence.openWarnings) = (.active, [])
        return desk
    }

    private func position(_ index: UInt32, epoch: UInt32 = 1) -> LogPosition {
        LogPosition(
            epoch: epoch, origin: 0, index: index, digest: Self.digest, isClosed: false, boot: 1, eventCounter: 1)
    }

    private func take(_ desk: inout Desk, _ verdict: LogVerdict) throws -> EstateRecord? {
        guard let question = desk.estate.logQuestion(Desk.id, segment: [1]) else { throw Missing() }
        let record = desk.estate.decideLog(question, verdict: verdict, usage: desk.usage())
        if let record { desk.apply(record) }
        return record
    }

    private func codes(_ desk: Desk) throws -> [WarningCode] { try desk.terminal.warnings.map(\.code) }

    @Test("the first key that evidence tells of stays, and what names another or none gets no lease")
    func identity() throws {
        var desk = try desk()
        #expect(try desk.terminal.dossier.identityKey == Self.key)
        #expect(isGranted(desk.signOn()))
        let sound = desk.evidence
        for (identity, code) in [
            (IdentityClaims(key: [2] + Self.key.dropFirst(), logEpoch: 1), WarningCode.l02), (nil, .t03),
        ] as [(IdentityClaims?, WarningCode)] {
            var other = desk
            other.evidence = sound
            other.evidence.identity = identity
            #expect(raised(other.signOn()) == [code])
            #expect(try other.terminal.dossier.identityKey == Self.key)
            #expect(other.estate.asksForLog(other.records.last!.0) == false)
        }
        // Another device that two people have permitted brings another key.
        try desk.order(.permitSwap(Desk.id, serial: 78))
        try desk.issueKeys(4)
        desk.evidence.serial = 78
        desk.evidence.identity?.key[32] = 9
        let binding = try desk.estate.binding(desk.terminal, serial: 78)
        desk.evidence.device?.binding = binding
        #expect(isGranted(desk.signOn()))
        #expect(try desk.terminal.dossier.identityKey == desk.evidence.identity?.key)
        #expect(try desk.terminal.dossier.log.position == .none)
    }

    @Test("a terminal whose module has told no key goes on without one, and is asked for no log")
    func unsigned() throws {
        var desk = try Desk.active()
        desk.evidence.device = Desk.device
        let record = desk.signOn()
        #expect(isGranted(record) && !desk.estate.asksForLog(record))
        #expect(desk.estate.logQuestion(Desk.id, segment: [1]) == nil)
        #expect(desk.ticket?.acknowledgedLog == 0)
        // Its first signed evidence is taken, and from then on none without.
        desk.evidence.identity = IdentityClaims(key: Self.key, logEpoch: 1)
        #expect(isGranted(desk.signOn()))
        desk.evidence.identity = nil
        #expect(raised(desk.signOn()) == [.t03])
    }

    @Test("what was verified is acknowledged by the next ticket, and asked for while there is more")
    func acknowledged() throws {
        var desk = try desk()
        #expect(desk.estate.asksForLog(desk.records.last!.0))
        let taken = try take(&desk, .accepted(position(20)))
        #expect(taken?.usageOfReport != nil)
        #expect(try take(&desk, .accepted(position(20))) == nil)
        #expect(try take(&desk, .unreadable) == nil)
        let record = desk.signOn()
        #expect(desk.ticket?.acknowledgedLog == 20 && !desk.estate.asksForLog(record))
        desk.evidence.device?.logIndex = 21
        #expect(desk.estate.asksForLog(desk.signOn()))
        // An epoch that the host has not seen is acknowledged by nobody.
        desk.evidence.identity?.logEpoch = 2
        desk.signOn()
        #expect(desk.ticket?.acknowledgedLog == 0)
    }

    @Test("a broken log is S06, once; two people have a new epoch ordered, until evidence tells of it")
    func broken() throws {
        var desk = try desk()
        _ = try take(&desk, .accepted(position(20)))
        #expect(try take(&desk, .broken(.forked, at: 9)) != nil)
        #expect(try codes(desk) == [.s06] && desk.terminal.lifecycle == .halted)
        #expect(try take(&desk, .broken(.forked, at: 9)) == nil)
        desk.evidence.device?.logIndex = 30
        #expect(raised(desk.signOn()) == [])
        try desk.clear(.s06)
        #expect(try desk.terminal.dossier.log.awaitsEpoch)
        // The answer that orders it may be lost: it is ordered again.
        for _ in 0..<2 {
            #expect(isGranted(desk.signOn()))
            #expect(desk.ticket?.orders == [.beginLogEpoch] && desk.ticket?.acknowledgedLog == 0)
            #expect(desk.estate.pendingOrders(of: Desk.id) == [.beginLogEpoch])
        }
        desk.evidence.identity?.logEpoch = 2
        desk.evidence.device?.logIndex = 33
        let record = desk.signOn()
        #expect(isGranted(record) && desk.ticket?.orders == [] && desk.estate.asksForLog(record))
        #expect(try take(&desk, .accepted(position(33, epoch: 2))) != nil)
        #expect(try !desk.terminal.dossier.log.awaitsEpoch && codes(desk).isEmpty)
    }

    @Test("evidence of fewer records than were collected, or of as many with another end, is S06")
    func contradicted() throws {
        for (index, digest) in [(19, Self.digest), (20, [UInt8](repeating: 1, count: 32))] as [(UInt32, [UInt8])] {
            var desk = try desk(records: 10)
            _ = try take(&desk, .accepted(position(20)))
            desk.evidence.device?.logIndex = index
            desk.evidence.auditHead = digest
            #expect(raised(desk.signOn()) == [.s06])
        }
    }

    @Test("a full log is no reason to refuse once the host has it, and else is")
    func full() throws {
        for isCollected in [false, true] {
            var desk = try desk(records: 1_000)
            if isCollected { _ = try take(&desk, .accepted(position(990))) }
            desk.evidence.openWarnings = [RaisedWarning(.s05, .s2)]
            let record = desk.signOn()
            #expect(isGranted(record) == isCollected)
            #expect(desk.estate.asksForLog(record))
            #expect(desk.ticket?.acknowledgedLog == (isCollected ? 990 : nil))
            #expect(desk.ticket.map { $0.cleared == [.s05] } ?? !isCollected)
        }
        // Some of it is there: what is freed may be enough.
        var desk = try desk(records: 1_000)
        _ = try take(&desk, .accepted(position(400)))
        desk.evidence.openWarnings = [RaisedWarning(.s05, .s2)]
        #expect(!isGranted(desk.signOn()))
        #expect(desk.ticket?.acknowledgedLog == 400 && desk.ticket?.grantsLease == false)
    }

    @Test("the records come back from their bytes, and the state from its snapshot")
    func codec() throws {
        var desk = try desk()
        _ = try take(&desk, .accepted(position(20)))
        _ = try take(&desk, .broken(.rolledBack, at: .max))
        let token = EstateRecord.logTaken(
            LogTaken(terminal: Desk.id, usage: nil, segment: [1, 2], outcome: .accepted(position(21))))
        #expect(token.usageOfReport == nil)
        desk.apply(token)
        for (record, _) in desk.records {
            var writer = ByteWriter()
            record.encode(to: &writer)
            var reader = ByteReader(writer.bytes)
            #expect(try EstateRecord(from: &reader) == record && reader.isAtEnd)
        }
        var reader = ByteReader(desk.snapshot)
        let again = try Estate(snapshot: &reader)
        let terminal = try desk.terminal
        #expect(reader.isAtEnd && again.terminals[Desk.id] == terminal)
    }
}
