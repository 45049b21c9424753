// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Demo
import Vocabulary

/// One scenario with a terminal of its own: commissioned, broken, looked at, cleared, trading again.
final class Course {
    let scenario: Scenario
    let house: House
    let clock: DrillClock
    let till: Till
    private let number: Int
    let matrix: Drill.Matrix
    private(set) var keySet: Int
    private var seen = Observation()
    /// Another device that says it is this terminal.
    private var device: Till?

    init(_ scenario: Scenario, number: Int, house: House, clock: DrillClock, matrix: Drill.Matrix) throws {
        (self.scenario, self.number, self.house, self.clock) = (scenario, number, house, clock)
        self.matrix = matrix
        keySet = scenario.keySet
        till = try Till("DRILL\(scenario.code.rawValue)", socket: house.socket, number: number)
    }

    var people: People { house.people }
    var page: String { "/terminals/\(till.id)" }
    var merchant: String { "10000000000000\(scenario.shop)" }
    var serial: String { Hex.text(UInt64(0x5000 + number)) }
    var otherSerial: String { Hex.text(UInt64(0x6000 + number)) }

    /// The machine's time: rows that name one do it before the clock is moved.
    func now() -> Instant { Time.now() }

    /// Walks the scenario. What goes wrong on the way is part of what was seen.
    func run() -> DrillResult {
        do {
            try commission()
            try scenario.lead(self)
            let captured = try capture()
            try scenario.cause(self)
            try observe(captured)
            try scenario.cure(self)
            try clear()
            try scenario.renew(self)
            try trade()
        } catch { seen.failure = "\(error)" }
        return DrillResult(scenario.expectation, fault: scenario.fault, seen: seen)
    }

    // MARK: - Before

    /// From the maker to the shop: every step by those whose it is.
    private func commission() throws {
        try people["cust1"].does(
            "/estate/terminals",
            [
                "terminal": .string(till.id), "merchant": .string(merchant), "profile": .string(scenario.profile),
                "keySet": .integer(Int64(keySet)), "serial": .string(serial), "currency": "EUR",
            ])
        try people["serv1"].does("\(page)/acts/personalise")
        try ship()
        var fields: [JSON.Member] = [.init("pinned", .bool(scenario.isPinned))]
        if let model = scenario.model { fields.append(.init("model", .integer(model))) }
        try till.ask("place", fields)
        try scenario.prepare(self)
        try activate()
        try expectTrade()
        seen.slotsBefore = try till.slots
    }

    private func ship() throws {
        let seal: JSON = ["seal": .string("S\(number)")]
        try people["cust1"].does("\(page)/acts/ship", seal)
        try people.order("\(page)/orders/receive", seal, by: "cust1", and: "cust2")
        try people.order("\(page)/orders/loadInitialKeys", by: "cust1", and: "cust2")
    }

    private func activate() throws { try people.order("\(page)/activate", by: "oper1", and: "oper2") }

    /// The terminal signs on, sells, and is what a rogue application is made from.
    private func expectTrade() throws {
        try wait(for: "the new terminal to be ready", seconds: 40) {
            if try till.phase == "ready" { return true }
            try till.signOn()
            return false
        }
        try expectSale()
        try till.ask("keep")
        guard let control = try till.loot(6_66) else { throw Unmet(expected: "a protected sale", seen: "a refusal") }
        seen.control = try house.send(control)
    }

    /// An authentic sale that the module has protected while all was well, held back.
    private func capture() throws -> [UInt8]? { try till.loot(7_77) }

    func expectSale() throws {
        let outcome = try till.sell()
        guard outcome == "approved" else { throw Unmet(expected: "an approval at \(till.id)", seen: outcome) }
    }

    /// Key sets only rise.
    func advanceKeySet() { keySet += 1 }

    func placeClaimant(_ fields: [JSON.Member]) throws {
        let claimant = try Till(till.id, socket: house.socket, device: 2, number: number)
        try claimant.ask("place", fields)
        device = claimant
    }

    func claimant() throws -> Till {
        guard let device else { throw Unmet(expected: "a second device", seen: "none") }
        return device
    }

    // MARK: - While it is open

    private func observe(_ captured: [UInt8]?) throws {
        let begin = Time.seconds()
        let expected = scenario.expectation
        let found = try scenario.waitsAside ? clock.aside { try detect() } : detect()
        seen.seconds = Time.seconds() - begin
        guard found else { return }
        seen.severity = try desk().severity(of: scenario.code)
        seen.slotsAfter = try slots()
        if expected.stopsClaimant {
            try observeClaimant()
        } else if !expected.isCutOff {
            seen.till = try till.sell()
        }
        try strangers()
        // What tells of itself by a one-time token alone is another warning at the desk.
        if !expected.places.contains(.desk), expected.halts != .none {
            try wait(for: "the desk to hear of it") { try desk().state != "ableToTrade" }
        }
        // An authentic message tells the desk that the terminal lives, so it comes last.
        guard !expected.stopsClaimant, !expected.isCutOff else { return }
        seen.module = try till.loot(8_88).map { try house.send($0) ?? "no answer" } ?? "refused"
        // What was protected before an event says nothing of the module after it, whatever the event stops.
        seen.host = try expected.halts == .none ? seen.module : captured.flatMap { try house.send($0) }
    }

    private func detect() throws -> Bool {
        let found: Bool? = try Wait.until(seconds: scenario.secondsMax, every: 250) {
            for place in Place.allCases where !seen.places.contains(place) {
                if try isOpen(place) { seen.places.append(place) }
            }
            return scenario.expectation.places.allSatisfy(seen.places.contains) ? true : nil
        }
        return found != nil
    }

    private func isOpen(_ place: Place) throws -> Bool {
        let code = scenario.code.rawValue
        switch place {
        case .module: return try till.moduleWarnings.contains(code)
        case .terminal: return try till.warnings.contains(code)
        case .desk: return try desk().open.contains(code)
        }
    }

    /// Keys go in the step that raises the warning, or with the order that the next sign-on brings.
    private func slots() throws -> [String] {
        let gone = scenario.expectation.gone(from: seen.slotsBefore)
        var slots = try till.slots
        _ = try Wait.until(seconds: 10, every: 250) { () -> Bool? in
            slots = try till.slots
            return gone.contains(where: slots.contains) ? nil : true
        }
        return slots
    }

    /// The device that claims the number sells nothing and has no lease; the terminal that is known sells on.
    private func observeClaimant() throws {
        let device = try claimant()
        let own = try till.sell()
        guard own == "approved" else { throw Unmet(expected: "the known terminal to sell on", seen: own) }
        seen.till = try device.sell()
        let isLeased = try device.ask("status")["leaseExpires"]?.string != nil
        let isRefused =
            try people["oper1"].json("/api\(page)")["timeline"]?.array?
            .contains { $0["kind"]?.string == "swapRefused" } ?? false
        seen.host = isRefused && !isLeased ? "swapRefused" : "a lease"
    }

    /// Nobody clears it whom the catalogue does not name.
    private func strangers() throws {
        let clear = "\(page)/warnings/\(scenario.code.rawValue)/clear"
        for name in Expectation.strangers { try attempt(clear, by: name) }
        if scenario.expectation.mayNobodyAtDesk { try attempt(clear, by: "oper1") }
    }

    private func attempt(_ path: String, by name: String) throws {
        let (status, _) = try people[name].tries(path)
        if status != 200 { seen.refused.append(Observation.Attempt(user: name, status: status)) }
    }

    // MARK: - Its end

    private func clear() throws {
        let names: [String] =
            switch scenario.expectation.clearance {
            case .auto: []
            case .r1: ["oper1"]
            case .d2: ["oper1", "oper2"]
            case .sc: ["serv1", "serv2"]
            }
        guard let last = names.last else { return }
        if scenario.expectation.clearance == .sc { return try serviceCentre() }
        let path = "\(page)/warnings/\(scenario.code.rawValue)/clear"
        // A module without keys tells of it once it has new ones.
        try wait(for: "\(scenario.code.rawValue) at the desk") { try desk().open.contains(scenario.code.rawValue) }
        for name in names {
            // It stands although its cause is over.
            if name == last { try checkFirmness() }
            try people[name].does(path)
            if name != last { try attempt(path, by: name) }
        }
        // Pages follow what was done by a moment.
        try wait(for: "\(names.joined(separator: ", ")) to be named") {
            seen.people = try desk().clearedBy(scenario.code)
            return seen.people.count >= names.count
        }
    }

    private func checkFirmness() throws {
        guard scenario.expectation.halts != .none, !scenario.expectation.stopsClaimant else {
            seen.stoodFirm = try desk().open.contains(scenario.code.rawValue)
            return
        }
        try till.signOn()
        Pause.milliseconds(500)
        let outcome = try till.sell()
        seen.stoodFirm = try outcome == "refused" && desk().open.contains(scenario.code.rawValue)
    }

    /// The device leaves the shop; it or another comes back with a new identity and new keys.
    private func serviceCentre() throws {
        try people["serv1"].does("\(page)/orders/takeIntoServiceCentre")
        try attempt("\(page)/orders/takeIntoServiceCentre", by: "serv1")
        seen.stoodFirm = try scenario.expectation.halts == .none || till.sell() == "refused"
        try people["serv2"].does("\(page)/orders/takeIntoServiceCentre")
        let fields: JSON = ["serial": .string(otherSerial), "keySet": .integer(Int64(keySet + 1))]
        try people.order("\(page)/orders/reidentify", fields, by: "serv1", and: "serv2")
        advanceKeySet()
        seen.people = ["serv1", "serv2"]
        try ship()
        try till.ask("exchange")
        try activate()
    }

    /// Both sides agree that all is well, and a sale goes through.
    private func trade() throws {
        var last = ""
        let isTrading: Bool? = try Wait.until(seconds: 40, every: 500) {
            let view = try desk()
            last = "\(view.state), open \(view.open.joined(separator: " ")), phase \(try till.phase)"
            if view.open.isEmpty, view.state == "ableToTrade", try till.phase == "ready" { return true }
            try till.signOn()
            return nil
        }
        seen.left = try desk().open
        guard isTrading != nil else {
            seen.after = last
            return
        }
        seen.after = try till.sell()
    }
}
