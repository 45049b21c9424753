// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ModuleProtocol
import SecurityModule
import Terminal
import Testing
import Vocabulary

/// The other severities of a warning, and what comes back too soon.
extension WarningCourse {
    static let graver: [WarningCourse] = [
        // The same algorithm fails again within a week.
        WarningCourse(.h01, at: [.module, .terminal, .estate]) { scene in
            scene.till.change { $0.apply(.selfTest) }
            try scene.settle()
            scene.till.change { $0.repair(.selfTest) }
            try scene.settle()
            #expect(scene.till.sell(scene.card, 1_00)?.isApproved == true)
            scene.till.change { $0.apply(.selfTest) }
        }.with {
            $0.otherwise = .sc
            $0.cure = { $0.till.change { $0.repair(.selfTest) } }
        },
        // Nobody has changed the battery.
        WarningCourse(.h05, .s3, at: [.module, .terminal, .estate]) { scene in
            scene.till.change { $0.apply(.battery) }
            try scene.pass(.days(30) + .hours(1))
        }.with {
            $0.heartbeat = .minutes(10)
            $0.cure = { $0.till.change { $0.repair(.battery) } }
        },
        WarningCourse(.s04, .s2, at: [.module, .terminal, .estate]) { scene in
            for _ in 0..<20 { _ = scene.till.ask(.attest(nonce: [], application: SoftwareVersion(1, 0, 0))) }
        },
        uncollected(.s2, to: 1_008),
        // A copy of the module, behind counters that it has left out, tells another story than the module did.
        WarningCourse(.s06, at: [.terminal, .estate]) { scene in
            let copy = scene.till.copy
            scene.signOn()
            try scene.pass(.seconds(10))
            try scene.till.insert(copy)
            try scene.till.burn(60)
            scene.signOn()
            scene.signOn()
        },
        // The keys of its records have not come back from the store.
        WarningCourse(.s06, at: [.module, .terminal, .estate]) { scene in
            try scene.till.restartModule(inOrder: false, from: scene.till.copy.damaged(part: 5))
        },
        WarningCourse(.k03, .s2, at: [.terminal, .estate]) { scene in
            let end = scene.bank.now + .hours(1)
            try scene.bank.submit(.act(.setKeySetEnd(1, until: end)), by: Bank.alice)
            try scene.pass(.hours(2))
            scene.signOn()
        }.with { $0.cure = { try $0.issueKeys() } },
        // Three lock-outs in a day.
        WarningCourse(.k07, .s2, at: [.module, .terminal, .estate]) { scene in
            for _ in 0..<3 {
                for _ in 0..<5 { try scene.till.supervisor(1, "13579", .enter) }
                try scene.pass(.minutes(31))
            }
        }.with {
            $0.heartbeat = .minutes(5)
            $0.prepare = { try $0.till.supervisor(1, "24680", .enrol) }
        },
        // Two people have ordered that all goes.
        WarningCourse(.t03, .s1, at: [.module, .terminal, .estate]) { scene in
            scene.till.change { $0.apply(.debugger) }
            scene.signOn()
            try scene.bank.order(.erase(scene.id, .t03), by: Bank.alice, and: Bank.bob)
            try scene.settle()
        }.with { $0.otherwise = .sc },
        WarningCourse(.t04, .s2, at: [.terminal, .estate]) { scene in
            scene.till.change { $0.apply(.moved) }
            scene.signOn()
            try scene.pass(.hours(25))
        }.with {
            $0.heartbeat = .minutes(5)
            $0.cure = { $0.till.change { $0.repair(.moved) } }
        },
        // A loose contact.
        WarningCourse(.l01, at: [.module, .terminal, .estate]) { scene in
            for _ in 0..<4 {
                scene.till.change { $0.apply(.loose) }
                try scene.pass(.seconds(20))
                scene.till.change { $0.repair(.loose) }
                try scene.pass(.seconds(20))
            }
        }.with { $0.otherwise = .r1 },
        outdated(.s3) { _ in nil },
        outdated(.s2) { $0 + .hours(1) },
        WarningCourse(.p04, .s2, at: [.terminal, .estate]) { scene in
            scene.till.losesAnswers = true
            scene.till.sell(scene.card, 1_00)
            try scene.pass(.hours(25))
        }.with {
            $0.heartbeat = .minutes(5)
            $0.cure = { $0.till.losesAnswers = false }
        },
        // Three crashes of the POS application.
        WarningCourse(.p02, at: [.terminal, .estate]) { scene in
            for _ in 0..<3 { try scene.till.restartTerminal(inOrder: false) }
        }.with { $0.otherwise = .r1 },
    ]

    /// Below the minimum, or past the deadline.
    private static func outdated(
        _ severity: Severity, until deadline: @escaping @Sendable (Instant) -> Instant?
    ) -> WarningCourse {
        WarningCourse(.a03, severity, at: [.terminal, .estate]) { scene in
            let releases = ReleasePolicy(
                recommended: SoftwareVersion(1, 3, 0), minimum: SoftwareVersion(1, 3, 0),
                deadline: deadline(scene.bank.now))
            try scene.bank.submit(.act(.setReleases(model: 1, releases)), by: Bank.alice)
            try scene.pass(.hours(2))
            scene.signOn()
        }.with {
            $0.heartbeat = .minutes(5)
            $0.cure = { $0.till.change { $0.installedFirmware = SoftwareVersion(1, 3, 0) } }
        }
    }
}
