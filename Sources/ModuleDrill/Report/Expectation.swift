// SPDX-License-Identifier: Apache-2.0
import Catalogue

/// What the catalogue asks of one warning at one severity, and what a course says beyond it.
struct Expectation: Equatable, Sendable {
    var code: WarningCode
    var severity: Severity
    var places: [Place]
    /// Key slots that go with the cause, whatever the warning erases.
    var lost: [String] = []
    /// The keys that go are out of reach, in a module that is somewhere else: new ones take them out of use.
    var isOutOfReach = false
    /// There is no line: no sale can show whether the warning stops it.
    var isCutOff = false
    /// It stops another device than the terminal that is known (T05): what it stops was seen there.
    var stopsClaimant = false

    var halts: Halt { code.level(at: severity).halts }
    var zeroises: Zeroisation { code.level(at: severity).zeroises }
    var clearance: Clearance { code.clearance(at: severity) }

    /// Whether an operator who tries to clear it must be refused. Of P02 the application says with each sign-on whether it
    /// takes a person.
    var mayNobodyAtDesk: Bool { (clearance == .auto || clearance == .sc) && code != .p02 }

    /// What the host answers to an authentic sale of a terminal whose module is in doubt: module halted or tampered, terminal
    /// not active, lease ended.
    static let refusals = ["TH", "TA", "TL"]
    static let strangers = ["shop1", "desk1", "tech1", "cust1", "serv1"]
    private static let financial = ["dukpt", "master", "session"]

    /// The slots that must be empty afterwards.
    func gone(from before: [String]) -> [String] {
        let erased: [String] =
            switch zeroises {
            case .all: before
            case .financial: isOutOfReach ? [] : Self.financial
            case .one, .none: []
            }
        return before.filter { erased.contains($0) || lost.contains($0) }
    }

    /// Everything in which what was seen is not what must be; empty: nothing.
    func faults(in seen: Observation) -> [String] {
        if let failure = seen.failure { return [failure] }
        return detection(seen) + stop(seen) + erasure(seen) + people(seen) + end(seen)
    }

    private func detection(_ seen: Observation) -> [String] {
        let missing = places.filter { !seen.places.contains($0) }.map { "not seen: \($0.rawValue)" }
        guard let graded = seen.severity, graded != severity.name else { return missing }
        return missing + ["graded \(graded), not \(severity.name)"]
    }

    private func stop(_ seen: Observation) -> [String] {
        guard !isCutOff else { return [] }
        var faults: [String] = []
        if !stopsClaimant, seen.control != "00" {
            faults.append("the host does not approve what it should: \(seen.control ?? "no answer")")
        }
        if halts == .none {
            if seen.till != "approved" { faults.append("the till stopped: \(seen.till ?? "nothing seen")") }
            if seen.host != "00" { faults.append("the host stopped: \(seen.host ?? "no answer")") }
        } else {
            if seen.till != "refused" { faults.append("the till did not refuse: \(seen.till ?? "nothing seen")") }
            if !Self.isRefusal(seen.host) { faults.append("the host did not refuse: \(seen.host ?? "no answer")") }
            if !stopsClaimant, seen.module != "refused", !Self.isRefusal(seen.module) {
                faults.append("a rogue application got through: \(seen.module ?? "nothing seen")")
            }
        }
        return faults
    }

    /// Refused for the module's sake, or a sign-on refused (T05).
    static func isRefusal(_ code: String?) -> Bool {
        code.map { refusals.contains($0) || $0 == "swapRefused" } ?? false
    }

    private func erasure(_ seen: Observation) -> [String] {
        let gone = gone(from: seen.slotsBefore)
        let must = seen.slotsBefore.filter { !gone.contains($0) }
        guard seen.slotsAfter != must else { return seen.slotsBefore.isEmpty ? ["no key was seen before"] : [] }
        return ["keys left: \(Self.list(seen.slotsAfter)), not \(Self.list(must))"]
    }

    private func people(_ seen: Observation) -> [String] {
        var faults = Self.strangers.filter { name in
            !seen.refused.contains { $0.user == name && $0.status == 403 }
        }.map { "\($0) was not refused the clearance" }
        if mayNobodyAtDesk || clearance == .d2,
            !seen.refused.contains(where: { $0.user == "oper1" && $0.status == 409 })
        {
            faults.append(
                mayNobodyAtDesk ? "an operator was not refused" : "one person was not refused the second half")
        }
        if Set(seen.people).count != clearance.peopleNeeded || seen.people.count != clearance.peopleNeeded {
            faults.append("cleared by \(Self.list(seen.people)), where \(clearance.name) is asked for")
        }
        if halts != .none, clearance != .auto, seen.stoodFirm != true {
            faults.append("it did not last until the last person had spoken")
        }
        return faults
    }

    private func end(_ seen: Observation) -> [String] {
        var faults: [String] = []
        if seen.after != "approved" { faults.append("does not trade again: \(seen.after ?? "nothing seen")") }
        if !seen.left.isEmpty { faults.append("still open: \(Self.list(seen.left))") }
        return faults
    }

    private static func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: " ") }
}
