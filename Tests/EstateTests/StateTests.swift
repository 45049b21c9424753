// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Testing
import Vocabulary

@testable import Estate

@Suite("Estate as a value")
struct StateTests {
    /// A run of everything an estate can be told.
    private func run(seed: UInt64, steps: Int = 400) throws -> Desk {
        var desk = try Desk.active()
        try desk.add(TerminalID("TILL0002")!, serial: 78)
        var random = SeededRandom(seed: seed)
        for _ in 0..<steps {
            desk.now = desk.now + .minutes(Int64(random.below(90)))
            let staff = random.below(2) == 0 ? Desk.alice : Desk.bob
            let code = WarningCode.allCases[random.below(WarningCode.allCases.count)]
            switch random.below(12) {
            case 0: desk.signOn()
            case 1:
                // A tampered terminal would end the run.
                if code.zeroises != .all { desk.report([code], event: random.below(2) == 0) }
            case 2: if let record = try? desk.estate.decideClearance(Desk.id, code, by: staff) { desk.apply(record) }
            case 3:
                for warning in try desk.terminal.warnings {
                    for staff in [Desk.alice, Desk.bob] {
                        if let record = try? desk.estate.decideClearance(Desk.id, warning.code, by: staff) {
                            desk.apply(record)
                        }
                    }
                }
            case 4: if let record = try? desk.estate.decideSuspension(Desk.id, by: staff) { desk.apply(record) }
            case 5: if let record = try? desk.estate.decideResumption(Desk.id, by: staff) { desk.apply(record) }
            case 6:
                if let record = desk.estate.decideTokenReport(Desk.id, token: Desk.link, codes: []) {
                    desk.apply(record)
                }
            case 7: desk.tick()
            case 8: try? desk.order(order(&random, desk))
            case 9: try? desk.act(act(&random))
            case 10: follow(&desk)
            default:
                desk.evidence.selfTestNumber += 1
                desk.evidence.selfTestAgeSeconds = UInt32(random.below(90_000))
            }
            #expect(desk.estate.brokenInvariants() == [])
        }
        return desk
    }

    private func order(_ random: inout SeededRandom, _ desk: Desk) -> EstateOrder {
        let keySet = (desk.estate.terminals[Desk.id]?.keySet ?? 0) + UInt16(random.below(2))
        switch random.below(12) {
        case 0: return .receive(Desk.id, seal: "A")
        case 1: return .loadInitialKeys(Desk.id)
        case 2: return .issueKeys(Desk.id, keySet: keySet)
        case 3: return .permitSwap(Desk.id, serial: UInt64(100 + random.below(9)))
        case 4: return .erase(Desk.id, random.below(2) == 0 ? .k04 : .t03)
        case 5, 6: return .takeIntoServiceCentre(Desk.id)
        case 7, 8: return .reidentify(Desk.id, serial: UInt64(200 + random.below(9)), keySet: keySet)
        case 9: return .revokeKeySet(keySet + 5, since: desk.now)
        case 10: return .extendLeases(until: desk.now + .hours(Int64(random.below(90))))
        default: return .loadInitialKeys(Desk.id)
        }
    }

    private func act(_ random: inout SeededRandom) -> EstateAct {
        switch random.below(8) {
        case 0: return .ship(Desk.id, seal: "A")
        case 1: return .enterMaintenance(Desk.id)
        case 2: return .endMaintenance(Desk.id)
        case 3: return random.below(6) == 0 ? .reportLost(Desk.id) : .ship(Desk.id, seal: "A")
        case 4:
            return .inspect(Desk.id, findings: random.below(3) == 0 ? [.wiring] : [], photo: "\(random.below(100)).jpg")
        case 5: return .setKeySetEnd(UInt16(random.below(5)), until: Desk.start + .days(Int64(random.below(200))))
        case 6:
            return .setTerms(
                Desk.shop,
                MerchantTerms(acquirer: UInt64(random.below(3)), account: 1, radius: 1 + UInt32(random.below(9))))
        default: return .setDigests([])
        }
    }

    /// The module is what the estate takes it for.
    private func follow(_ desk: inout Desk) {
        guard let terminal = desk.estate.terminals[Desk.id] else { return }
        desk.evidence.serial = terminal.dossier.permit?.serial ?? terminal.serial
        desk.evidence.identityEpoch = terminal.identityEpoch
        desk.evidence.keySet = terminal.keySet
        desk.evidence.lifecycle = terminal.lifecycle == .commissioned ? .commissioned : .active
        if terminal.lifecycle == .commissioned { try? desk.activate() }
    }

    @Test("the records give the state again, and its snapshot reads back to the same bytes", arguments: UInt64(1)...8)
    func replayed(seed: UInt64) throws {
        let desk = try run(seed: seed)
        var again = Estate()
        for (record, at) in desk.records {
            var writer = ByteWriter()
            record.encode(to: &writer)
            var reader = ByteReader(writer.bytes)
            again.apply(try EstateRecord(from: &reader), at: at)
            #expect(reader.isAtEnd)
        }
        var writer = ByteWriter()
        again.snapshot(to: &writer)
        #expect(writer.bytes == desk.snapshot)
        var reader = ByteReader(writer.bytes)
        let decoded = try Estate(snapshot: &reader)
        #expect(reader.isAtEnd)
        var copy = ByteWriter()
        decoded.snapshot(to: &copy)
        #expect(copy.bytes == writer.bytes)
        for end in 0..<writer.bytes.count {
            var cut = ByteReader(Array(writer.bytes[..<end]))
            #expect(throws: CodecError.self) { try Estate(snapshot: &cut) }
        }
    }

    @Test("the lifecycle moves only as its table says", arguments: UInt64(20)...24)
    func lifecycle(seed: UInt64) throws {
        let desk = try run(seed: seed)
        var estate = Estate()
        var before: Lifecycle?
        for (record, at) in desk.records {
            estate.apply(record, at: at)
            guard let after = estate.terminals[Desk.id]?.lifecycle else { continue }
            if let before, before != after {
                let direct = LifecycleEvent.allCases.contains { Lifecycle.allows(before, $0) == after }
                // A resumption under an open warning is two moves in one step, and so is the way to the service centre
                // of a device that is opened there.
                let isTwo = (before == .suspended && after == .halted) || after == .inServiceCentre
                #expect(direct || isTwo, "\(before) → \(after)")
            }
            before = after
        }
    }

    @Test("each broken invariant is named")
    func broken() throws {
        let desk = try Desk.active()
        func sentences(_ change: (inout EstateTerminal) -> Void) throws -> [String] {
            // The state that no record makes comes in by a snapshot.
            var terminal = try desk.terminal
            change(&terminal)
            var estate = Estate()
            estate.apply(
                .merchantAdded(Desk.shop, Merchant(name: "", mcc: MCC(1), place: Position(latitude: 0, longitude: 0))),
                at: desk.now)
            estate.apply(.terminalAdded(Desk.id, terminal), at: desk.now)
            return estate.brokenInvariants()
        }
        #expect(try sentences { _ in } == [])
        #expect(try sentences { $0.merchant = MerchantID(number: 9) }.count == 1)
        #expect(try sentences { $0.activationApprovedBy = nil }.count == 1)
        #expect(try sentences { $0.activationApprovedBy = $0.activationAskedBy }.count == 1)
        #expect(try sentences { $0.warnings = [OpenWarning(RaisedWarning(.k02), since: .epoch)] }.count == 1)
        #expect(
            try sentences {
                $0.warnings = [
                    OpenWarning(RaisedWarning(.h05), since: .epoch), OpenWarning(RaisedWarning(.h05), since: .epoch),
                ]
            }.count == 1)
        #expect(try sentences { $0.warnings = [OpenWarning(RaisedWarning(.t01), since: .epoch)] }.count == 2)
    }

    @Test("a merchant whose place is off the globe's numbers is damaged")
    func place() {
        var writer = ByteWriter()
        writer.byte(1)
        writer.unsigned(UInt64(5))
        writer.text("x")
        writer.unsigned(UInt16(1))
        writer.signed(Int64(Int32.max) + 1)
        writer.signed(0)
        var reader = ByteReader(writer.bytes)
        #expect(throws: CodecError.self) { try EstateRecord(from: &reader) }
    }

    @Test("what is added is commissioned and nothing more")
    func added() throws {
        var desk = try Desk()
        var terminal = try desk.terminal
        terminal.lifecycle = .active
        terminal.activationApprovedBy = Desk.bob
        terminal.ksnConflicts = 4
        let id = TerminalID("TILL0009")!
        desk.apply(try desk.estate.decideTerminal(id, terminal))
        #expect(desk.estate.terminals[id]?.lifecycle == .commissioned)
        #expect(desk.estate.terminals[id]?.activationApprovedBy == nil)
        #expect(desk.estate.terminals[id]?.ksnConflicts == 0)
    }
}
