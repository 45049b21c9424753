// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Terminal
import Testing
import Vocabulary

/// What the module finds in itself and its hardware.
extension WarningCourse {
    static let hardware: [WarningCourse] = [
        WarningCourse(.h01, fault: .selfTest),
        WarningCourse(.h02, fault: .random),
        // One bit of the stored image, in the lease key's blob.
        WarningCourse(.h03, at: [.module, .terminal, .estate]) { scene in
            try scene.till.restartModule(inOrder: false, from: scene.till.copy.damaged(part: 2))
        }.with {
            $0.lost = [3]
            $0.cure = { try $0.till.loadKeys() }
        },
        // An image of before, and the counter beside it that tells.
        WarningCourse(.h04, at: [.module, .terminal]) { scene in
            let image = scene.till.copy.image
            for _ in 0..<20 { scene.till.sell(scene.card, 1_00) }
            try scene.till.restartModule(inOrder: false, from: image)
        }.with { $0.cure = { try $0.issueKeys() } },
        WarningCourse(.h05, fault: .battery),
        WarningCourse(.h06, fault: .temperature),
        WarningCourse(.h07, fault: .stuckKey),
    ]

    static let software: [WarningCourse] = [
        WarningCourse(.s01, fault: .executable).with { $0.isPinned = true },
        WarningCourse(.s02, at: [.module, .terminal, .estate]) { scene in
            for _ in 0..<4 { try scene.till.restartModule(inOrder: false) }
        },
        // Its loader measures no more: no self-test is passed.
        WarningCourse(.s03, at: [.module, .terminal, .estate]) { try $0.pass(.hours(45)) }.with {
            ($0.isPinned, $0.heartbeat) = (true, .minutes(5))
            $0.cure = { try $0.till.restartModule(inOrder: true) }
        },
        WarningCourse(.s04, at: [.module, .terminal, .estate]) { scene in
            for _ in 0..<10 { _ = scene.till.ask(.attest(nonce: [], application: SoftwareVersion(1, 0, 0))) }
        },
        uncollected(to: 922),
        // The POS application keeps a record back.
        WarningCourse(.s06, at: [.terminal, .estate]) { scene in
            scene.till.falsifyLog { if $0.entries.count > 1 { $0.entries.removeFirst() } }
            scene.signOn()
            scene.signOn()
        }.with { $0.cure = { $0.till.forge = nil } },
    ]

    /// The POS application says that there is no log.
    static func uncollected(_ severity: Severity? = nil, to count: Int) -> WarningCourse {
        WarningCourse(.s05, severity, at: [.module, .terminal, .estate]) { scene in
            scene.till.forge = { reply in
                if case .log = reply { .log(segment: [], through: 0, isLast: true) } else { reply }
            }
            // What was collected before is freed, and makes no room later.
            scene.signOn()
            try scene.pass(.seconds(10))
            scene.till.fillLog(to: count)
        }.with { $0.cure = { $0.till.forge = nil } }
    }

    static let keys: [WarningCourse] = [
        WarningCourse(.k01, at: [.module, .terminal, .estate]) { scene in
            try scene.bank.order(.revokeKeySet(1, since: scene.bank.now), by: Bank.alice, and: Bank.bob)
            scene.signOn()
        }.with { $0.renew = { try $0.issueKeys() } },
        WarningCourse(.k02, fault: .missingKey).with {
            $0.lost = [1]
            $0.cure = { scene in
                scene.till.change { $0.repair(.missingKey) }
                try scene.till.loadKeys()
            }
        },
        WarningCourse(.k03, .s4, at: [.estate]) { scene in
            let end = scene.bank.now + .days(60)
            try scene.bank.submit(.act(.setKeySetEnd(1, until: end)), by: Bank.alice)
        }.with { $0.cure = { try $0.issueKeys() } },
        // A copy of the module as it was twenty sales ago says other things under the same key.
        WarningCourse(.k04, at: [.module, .terminal, .estate]) { scene in
            let copy = scene.till.copy
            for _ in 0..<20 { scene.till.sell(scene.card, 1_00) }
            scene.copy = scene.till.copy
            try scene.till.insert(copy)
            scene.signOn()
            try scene.pass(.seconds(10))
            try scene.bank.order(.erase(scene.id, .k04), by: Bank.alice, and: Bank.bob)
            scene.signOn()
        }.with {
            // Every copy is erased.
            $0.cure = { scene in
                try scene.till.insert(try require(scene.copy))
                try scene.settle()
                #expect(scene.till.status.state == .tampered)
            }
        },
        WarningCourse(.k05, at: [.module, .terminal, .estate]) { scene in
            let (bytes, holes) = try scene.till.message(pin: true)
            for _ in 0..<130 {
                guard case .status = scene.till.ask(.beginPINEntry) else { continue }
                for digit in scene.card.pin.utf8 {
                    scene.till.module.press(.digit(digit - 0x30), now: scene.bank.now)
                }
                scene.till.module.press(.enter, now: scene.bank.now)
                _ = scene.till.ask(
                    .protect(purpose: .authorisation, message: bytes, holes: holes, pan: scene.card.data.pan))
            }
        }.with { $0.cure = { try $0.pass(.hours(1)) } },
        // Three answers in a row are not the host's, and then there are none.
        WarningCourse(.k06, at: [.module, .terminal, .estate]) { scene in
            var count = 0
            scene.till.altersAnswers = { [till = scene.till] answer in
                count += 1
                till.losesAnswers = count >= 3
                return answer.dropLast() + [(answer.last ?? 0) ^ 1]
            }
            scene.till.sell(scene.card, 1_00)
        }.with {
            ($0.profile, $0.lost) = (.sessionTDESCBC, [5])
            $0.cure = {
                $0.till.altersAnswers = nil; $0.till.losesAnswers = false
            }
        },
        WarningCourse(.k07, at: [.module, .terminal, .estate]) { scene in
            for _ in 0..<5 { try scene.till.supervisor(1, "13579", .enter) }
        }.with { $0.prepare = { try $0.till.supervisor(1, "24680", .enrol) } },
    ]
}
