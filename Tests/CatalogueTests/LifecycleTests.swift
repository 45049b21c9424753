// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Testing

@Suite("The lifecycle")
struct LifecycleTests {
    /// Every transition there is, written out: a state, an event, the next state. Whatever is absent is refused.
    static let table = """
        MANUFACTURED personalise PERSONALISED
        MANUFACTURED tamper TAMPERED
        MANUFACTURED reportLost LOST
        MANUFACTURED retire DECOMMISSIONED
        PERSONALISED ship IN_TRANSIT
        PERSONALISED tamper TAMPERED
        PERSONALISED reportLost LOST
        PERSONALISED retire DECOMMISSIONED
        IN_TRANSIT receive STOCKED
        IN_TRANSIT tamper TAMPERED
        IN_TRANSIT reportLost LOST
        IN_TRANSIT retire DECOMMISSIONED
        STOCKED loadInitialKeys COMMISSIONED
        STOCKED tamper TAMPERED
        STOCKED reportLost LOST
        STOCKED retire DECOMMISSIONED
        COMMISSIONED activate ACTIVE
        COMMISSIONED tamper TAMPERED
        COMMISSIONED reportLost LOST
        COMMISSIONED retire DECOMMISSIONED
        ACTIVE enterMaintenance MAINTENANCE
        ACTIVE halt HALTED
        ACTIVE suspend SUSPENDED
        ACTIVE tamper TAMPERED
        ACTIVE reportLost LOST
        ACTIVE retire DECOMMISSIONED
        MAINTENANCE leaveMaintenance ACTIVE
        MAINTENANCE tamper TAMPERED
        MAINTENANCE reportLost LOST
        MAINTENANCE retire DECOMMISSIONED
        HALTED clear ACTIVE
        HALTED suspend SUSPENDED
        HALTED tamper TAMPERED
        HALTED reportLost LOST
        HALTED retire DECOMMISSIONED
        SUSPENDED resume ACTIVE
        SUSPENDED tamper TAMPERED
        SUSPENDED reportLost LOST
        SUSPENDED retire DECOMMISSIONED
        TAMPERED takeIntoServiceCentre IN_SERVICE_CENTRE
        TAMPERED tamper TAMPERED
        TAMPERED reportLost LOST
        TAMPERED retire DECOMMISSIONED
        IN_SERVICE_CENTRE reidentify PERSONALISED
        IN_SERVICE_CENTRE tamper TAMPERED
        IN_SERVICE_CENTRE reportLost LOST
        IN_SERVICE_CENTRE retire DECOMMISSIONED
        LOST takeIntoServiceCentre IN_SERVICE_CENTRE
        LOST tamper TAMPERED
        LOST reportLost LOST
        LOST retire DECOMMISSIONED
        """

    @Test("every state and event does what the table says, and nothing else", arguments: Lifecycle.allCases)
    func transitions(state: Lifecycle) {
        let rows = Self.table.split(separator: "\n").map { $0.split(separator: " ") }
        for event in LifecycleEvent.allCases {
            let row = rows.first { $0[0] == state.name && $0[1] == "\(event)" }
            #expect(Lifecycle.allows(state, event)?.name == row.map { String($0[2]) }, "\(state) \(event)")
        }
    }

    @Test("the table names only states and events that exist, each pair once")
    func tableIsSound() {
        let rows = Self.table.split(separator: "\n").map { $0.split(separator: " ") }
        for row in rows {
            #expect(row.count == 3)
            #expect(Lifecycle.allCases.contains { $0.name == row[0] })
            #expect(LifecycleEvent.allCases.contains { "\($0)" == row[1] })
        }
        #expect(Set(rows.map { "\($0[0]) \($0[1])" }).count == rows.count)
    }

    @Test("a tampered terminal trades again only through service centre, new identity, keys and activation")
    func tamperedPath() {
        var paths: [[Lifecycle]] = [[.tampered]]
        var found: [[Lifecycle]] = []
        while let path = paths.popLast() {
            guard let state = path.last else { continue }
            if state.mayTrade {
                found.append(path)
                continue
            }
            for event in LifecycleEvent.allCases {
                guard let next = Lifecycle.allows(state, event), !path.contains(next) else { continue }
                paths.append(path + [next])
            }
        }
        #expect(!found.isEmpty)
        for path in found {
            #expect(path.contains(.inServiceCentre) && path.contains(.personalised) && path.contains(.commissioned))
        }
    }

    @Test("only ACTIVE trades, and the final state has no way out")
    func facts() {
        #expect(Lifecycle.allCases.filter(\.mayTrade) == [.active])
        #expect(
            Lifecycle.allCases.filter(\.mayUpdate) == [
                .commissioned, .active, .maintenance, .halted, .suspended, .inServiceCentre,
            ])
        #expect(LifecycleEvent.allCases.allSatisfy { Lifecycle.allows(.decommissioned, $0) == nil })
    }

    @Test("raw values that records rely on never change")
    func rawValues() {
        #expect(Lifecycle.allCases.map(\.rawValue) == Array(1...13))
        #expect(
            Lifecycle(rawValue: 6) == .active && Lifecycle(rawValue: 10) == .tampered && Lifecycle(rawValue: 0) == nil)
        #expect(LifecycleEvent.allCases.map(\.rawValue) == Array(1...16))
        #expect(LifecycleEvent(rawValue: 8) == .halt && LifecycleEvent(rawValue: 12) == .tamper)
    }
}
