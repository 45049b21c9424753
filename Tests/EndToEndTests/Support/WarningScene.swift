// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Terminal
import Testing
import Vocabulary

/// A shop with one till, its bank, and whoever has to do with a warning.
final class WarningScene {
    let course: WarningCourse
    let bank: Bank
    let card: Plastic
    let till: LiveTill
    /// The till that the warning stops, where it is not the one that is there (T05).
    var claimant: LiveTill?
    /// A device that is put aside.
    var copy: LiveTill.Copy?
    /// A sale from before the cause.
    private var captured: [UInt8]?

    init(_ course: WarningCourse) throws {
        self.course = course
        bank = try Bank()
        card = try bank.card()
        till = try LiveTill(
            bank, course.profile, heartbeat: course.heartbeat, retryMax: max(.minutes(1), course.heartbeat),
            loader: course.isPinned ? try Loader() : nil)
        try course.prepare(self)
        try till.activate()
        till.start()
        #expect(till.sell(card, 1_00)?.isApproved == true)
        captured = capture()
    }

    /// A sale that the module protected while all was well, and that the POS application kept back: it has forgotten it.
    private func capture() -> [UInt8]? {
        let before = till.terminal
        till.losesMessages = true
        till.sell(card, 7_77)
        (till.losesMessages, till.terminal) = (false, before)
        // Trace numbers come again, and the second tells them from these.
        bank.now = bank.now + .seconds(1)
        return till.messages.last
    }

    var id: TerminalID { till.id }
    var record: EstateTerminal { get throws { try bank.terminal(id) } }

    // MARK: - Time

    /// Lets time pass at both sides.
    func pass(_ interval: Interval) throws {
        let end = bank.now + interval
        while bank.now < end {
            till.wait(min(.minutes(10), end - bank.now))
            try bank.tick()
        }
    }

    /// Time for a report or a sign-on.
    func settle() throws {
        try pass(max(.minutes(3), course.heartbeat + .minutes(1)))
    }

    func signOn() { till.fire(.signOn) }

    // MARK: - Looking

    /// What is open, for whoever reads a failure.
    var summary: Comment {
        let estate = (try? record.warnings.map { "\($0.code.rawValue) \($0.severity.name)" }) ?? []
        let module = till.status.openWarnings.map { "\($0.code.rawValue) \($0.severity.name)" }
        let terminal = till.terminal.openWarnings.map(\.rawValue)
        return "estate \(estate), module \(module), terminal \(terminal)"
    }

    func isOpen(_ place: WarningCourse.Place) throws -> Bool {
        let raised = RaisedWarning(course.code, course.severity)
        switch place {
        case .module: return till.status.openWarnings.contains { $0 == raised }
        case .terminal: return (claimant ?? till).terminal.openWarnings.contains(course.code)
        case .estate: return try record.warnings.contains { $0.raised == raised }
        }
    }

    /// What the host would say to a module that claims to be sound, whatever its own module says.
    func hostRefusal() throws -> Intent? {
        let record = try record
        let claims = HealthClaims(
            state: .ready, counter: record.health.highest + 1, leaseID: record.lease?.id ?? 0,
            identityEpoch: record.identityEpoch, eventCounter: record.eventCounter,
            selfTestNumber: record.selfTestNumber + 1)
        return bank.engine.host.estate.refusal(of: record, claims: claims, now: bank.now)
    }

    /// Terminal and host each stop what the catalogue says, and nothing else.
    func checkSales(_ when: Comment, _ location: SourceLocation = #_sourceLocation) throws {
        let halts = course.halts
        let record = try record
        if let claimant {
            let leases = record.leaseCount
            claimant.fire(.signOn)
            #expect(try bank.terminal(id).leaseCount == leases, when, sourceLocation: location)
            try expectRefusal(of: claimant, when, location)
            #expect(till.sell(card, 1_00)?.isApproved == true, when, sourceLocation: location)
            return
        }
        guard halts != .none else {
            #expect(try hostRefusal() == nil, when, sourceLocation: location)
            let outcome = till.sell(card, 1_00)
            #expect(outcome?.isApproved == true || course.isCutOff, when, sourceLocation: location)
            return
        }
        try expectRefusal(of: till, when, location)
        #expect(try hostRefusal() != nil, when, sourceLocation: location)
        #expect(record.haltingWarning != nil || record.lifecycle == .tampered, when, sourceLocation: location)
        let isStopped = [.halted, .tampered].contains(record.lifecycle)
        #expect(isStopped == (halts == .all), summary, sourceLocation: location)
        guard let sale = captured.take() else { return }
        let money = try bank.available(card)
        #expect(!bank.receive(sale).isEmpty, when, sourceLocation: location)
        #expect(try bank.available(card) == money, when, sourceLocation: location)
    }

    private func expectRefusal(of till: LiveTill, _ when: Comment, _ location: SourceLocation) throws {
        let sales = till.sent.count { $0 == .financialRequest }
        let outcome = till.sell(card, 1_00)
        if case .refused? = outcome {
        } else {
            Issue.record("\(when): \(outcome.debugDescription)", sourceLocation: location)
        }
        #expect(till.sent.count { $0 == .financialRequest } == sales, when, sourceLocation: location)
    }

    /// The slots that hold a key once the warning has acted.
    func expectedSlots(_ before: [UInt8]) -> [UInt8] {
        let gone: [UInt8] =
            switch course.code.level(at: course.severity).zeroises {
            case .all: before
            case .financial: course.isOutOfReach ? [] : [1, 4, 5]
            case .one, .none: []
            }
        return before.filter { !gone.contains($0) && !course.lost.contains($0) }
    }

    // MARK: - People

    static let strangers: [Role] = Role.allCases.filter { $0 != .operator && $0 != .system }

    /// Nobody clears it whom the catalogue does not name, nor fewer people than it asks for.
    func checkStrangers() throws {
        for role in Self.strangers {
            let stranger = Principal(staff: try require(StaffID("STRANGER")), role: role)
            #expect(throws: CommandRefusal.notYours(role)) {
                try bank.submit(.clearWarning(id, course.code), by: stranger)
            }
        }
        let clearance = course.clearance
        guard clearance == .auto || clearance == .sc, course.code != .p02, try isOpen(.estate) else { return }
        #expect(throws: CommandRefusal.estate(.clearanceNotHere(clearance))) {
            try bank.submit(.clearWarning(id, course.code), by: Bank.alice)
        }
    }

    /// The people of the catalogue, one after the other; before the last of them has spoken nothing has changed.
    func clear() throws {
        guard course.clearance != .auto else { return }
        try settle()
        let clearance = course.clearance
        // Of P02 the application says with each sign-on whether it needs a person.
        let isKnown = try record.warnings.contains { $0.code == course.code && $0.clearance == clearance }
        #expect(isKnown || course.code == .p02)
        for person in [Bank.alice, Bank.bob].prefix(clearance.peopleNeeded) {
            #expect(try isOpen(.estate))
            if course.halts != .none { try checkSales("before \(person.staff) has cleared it") }
            guard clearance != .sc else { continue }
            try bank.submit(.clearWarning(id, course.code), by: person)
            #expect(throws: CommandRefusal.estate(.secondPersonRequired)) {
                try bank.submit(.clearWarning(id, course.code), by: person)
            }
            if person != Bank.bob, clearance == .d2 { try settle() }
        }
        if clearance == .sc { try serviceCentre() }
    }

    /// New keys of the next set: two custodians, and a technician who loads them.
    func issueKeys() throws {
        try bank.order(.issueKeys(id, keySet: try record.keySet + 1), by: Bank.dora, and: Bank.erin)
        try till.loadKeys()
    }

    /// The device leaves the shop and comes back, or another does, with a new identity and new keys.
    func serviceCentre() throws {
        try bank.order(.takeIntoServiceCentre(id), by: Bank.fred, and: Bank.gina)
        try settle()
        #expect(till.sell(card, 1_00)?.isApproved != true)
        #expect(try hostRefusal() != nil)
        let epoch = try record.identityEpoch
        try bank.order(
            .reidentify(id, serial: 9_100, keySet: try record.keySet + 1), by: Bank.fred, and: Bank.gina)
        #expect(try record.identityEpoch == epoch + 1)
        try bank.submit(.act(.ship(id, seal: "B7")), by: Bank.dora)
        try bank.order(.receive(id, seal: "B7"), by: Bank.dora, and: Bank.erin)
        try bank.order(.loadInitialKeys(id), by: Bank.dora, and: Bank.erin)
        try till.insert(
            bank.module.provision(
                try record.keys(id), serial: 9_100, firmware: Bank.firmware,
                supplier: till.loader?.supplier.publicKey))
        if let loader = till.loader { try till.present(loader) }
        try settle()
        try expectRefusal(of: till, "not activated again", #_sourceLocation)
        try till.activate()
    }
}
