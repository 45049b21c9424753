// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleWire
import Vocabulary

/// How a module's answer is shown: as JSON, or a member a line.
enum ModuleReport {
    static func show(_ answer: JSON, asJSON: Bool) {
        guard !asJSON else { return print(answer.text) }
        for member in answer.members ?? [] {
            let text: String =
                switch member.value {
                case .string(let text): text
                case .array(let values): values.map { $0.string ?? $0.text }.joined(separator: " ")
                case .null: "—"
                default: member.value.text
                }
            print("\(member.name.padding(toLength: 15, withPad: " ", startingAt: 0)) \(text)")
        }
    }

    static func answer(_ status: ModuleServiceStatus) -> JSON {
        let counters = status.counters
        let refusals = WireRefusal.allCases.reduce(0) { $0 + counters[$1] }
        return [
            "process": .integer(Int64(status.processID)), "lockedMemory": .string("\(status.lockedMemory)"),
            "dumpable": .bool(status.isDumpable), "cores": .bool(status.writesCores),
            "newPrivileges": .bool(!status.hasNoNewPrivileges), "filtered": .bool(status.isFiltered),
            "clients": .integer(Int64(clamping: counters.clients)),
            "turnedAway": .integer(Int64(clamping: counters.turnedAway)),
            "thrownOut": .integer(Int64(clamping: counters.thrownOut)),
            "messages": .integer(Int64(clamping: counters.messages)), "refusals": .integer(Int64(clamping: refusals)),
        ]
    }
}
