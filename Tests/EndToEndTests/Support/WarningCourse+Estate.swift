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

/// What terminal and estate find.
extension WarningCourse {
    static let tampering: [WarningCourse] = [
        WarningCourse(.t01, fault: .tamper),
        WarningCourse(.t02, fault: .overheat),
        attested(.t03, fault: .debugger),
        attested(.t04, fault: .moved),
        // Another device with the terminal's keys, behind counters that the terminal has left out.
        WarningCourse(.t05, at: [.estate]) { scene in
            try scene.till.burn(40)
            scene.till.sell(scene.card, 1_00)
            let claimant = try LiveTill(scene.bank, scene.course.profile, claimant: 9_001)
            try claimant.burn(Int(try scene.record.ksn.highest) - 30)
            scene.claimant = claimant
            claimant.start()
        },
        WarningCourse(.t06, at: [.terminal, .estate]) { scene in
            try scene.inspect([.overlay])
            scene.signOn()
        }.with { $0.renew = { try $0.inspect([]) } },
    ]

    /// Found in the evidence of the next sign-on.
    private static func attested(_ code: WarningCode, fault: HardwareFault) -> WarningCourse {
        WarningCourse(code, at: [.terminal, .estate]) { scene in
            scene.till.change { $0.apply(fault) }
            scene.signOn()
        }.with { $0.cure = { $0.till.change { $0.repair(fault) } } }
    }

    static let links: [WarningCourse] = [
        WarningCourse(.l01, fault: .loose, at: [.terminal, .estate]),
        // The swap was permitted, and the new module came with the old keys.
        WarningCourse(.l02, at: [.terminal, .estate]) { scene in
            try scene.bank.order(.permitSwap(scene.id, serial: 9_002), by: Bank.alice, and: Bank.bob)
            let record = try scene.record
            try scene.till.insert(
                scene.bank.module.provision(
                    record.keys(scene.id), serial: 9_002, firmware: Bank.firmware,
                    firstCounter: record.ksn.highest + 1))
            try scene.till.burn(Int(record.health.highest))
        }.with {
            $0.isOutOfReach = true
            $0.renew = { try $0.issueKeys() }
        },
        WarningCourse(.l03, at: [.terminal, .estate]) { scene in
            scene.till.change { $0.apply(.loose) }
            try scene.pass(.minutes(4))
        },
    ]

    static let lifecycle: [WarningCourse] = [
        WarningCourse(.a01, fault: .notActivated),
        // A day without an answer.
        WarningCourse(.a02, at: [.module, .terminal, .estate]) { scene in
            scene.till.losesMessages = true
            try scene.pass(.hours(25))
        }.with {
            $0.heartbeat = .minutes(5)
            $0.cure = { $0.till.losesMessages = false }
        },
        WarningCourse(.a03, at: [.estate]) { scene in
            let releases = ReleasePolicy(
                recommended: SoftwareVersion(1, 3, 0), minimum: SoftwareVersion(1, 0, 0), deadline: nil)
            try scene.bank.submit(.act(.setReleases(model: 1, releases)), by: Bank.alice)
        }.with { $0.cure = { $0.till.change { $0.installedFirmware = SoftwareVersion(1, 3, 0) } } },
        // A staged version is tried three times and never attests.
        WarningCourse(.a04, at: [.module, .terminal, .estate]) { scene in
            let loader = try require(scene.till.loader)
            let (old, new) = (loader.executable, SHA256.hash(Array("module 2".utf8)))
            try scene.till.module.stageUpdate(loader.manifest(.module, new, security: 2), now: scene.bank.now)
            try scene.till.module.tryUpdate(now: scene.bank.now)
            scene.till.perform()
            for _ in 0..<4 {
                loader.executable = scene.till.module.bootSlot == .a ? old : new
                try scene.till.restartModule(inOrder: true)
            }
            // No ticket says that the old version has attested.
            scene.till.losesAnswers = true
        }.with {
            $0.isPinned = true
            $0.cure = { $0.till.losesAnswers = false }
        },
        WarningCourse(.a05, at: [.terminal, .estate]) { scene in
            let terms = MerchantTerms(acquirer: 5, account: 6, radius: 1_000)
            try scene.bank.submit(.act(.setTerms(Bank.shop, terms)), by: Bank.alice)
            scene.signOn()
        },
    ]

    static let application: [WarningCourse] = [
        attested(.c01, fault: .otherRevision).with { $0.prepare = { try $0.importMatrix() } },
        WarningCourse(.c02, fault: .incompatible),
        WarningCourse(.p01, fault: .application).with { $0.isPinned = true },
        // The journal's disk is full.
        WarningCourse(.p02, at: [.terminal, .estate]) { scene in
            scene.till.isDiskFull = true
            scene.till.sell(scene.card, 1_00)
        }.with { $0.cure = { $0.till.isDiskFull = false } },
        // Leases are extended, so that the missing terminal's runs on.
        WarningCourse(.p03, at: [.estate]) { scene in
            let end = scene.bank.now + .hours(48)
            try scene.bank.order(.extendLeases(until: end), by: Bank.alice, and: Bank.bob)
            scene.signOn()
            scene.till.fire(.disconnected)
            try scene.pass(.hours(25))
        }.with {
            ($0.heartbeat, $0.isCutOff) = (.minutes(5), true)
            $0.cure = { $0.till.fire(.connected) }
        },
        WarningCourse(.p04, at: [.terminal, .estate]) { scene in
            scene.till.losesAnswers = true
            scene.till.sell(scene.card, 1_00)
            try scene.pass(.minutes(6))
        }.with { $0.cure = { $0.till.losesAnswers = false } },
    ]
}

extension WarningScene {
    func inspect(_ findings: [Inspection.Finding]) throws {
        try bank.submit(.act(.inspect(id, findings: findings, photo: "photo.jpg")), by: Bank.hugo)
    }

    /// The supplier's word on which boards are supported.
    func importMatrix() throws {
        let supplier = try P256PrivateKey.generate()
        let every = FirmwareRange(minimum: SoftwareVersion(0, 0, 0), maximum: SoftwareVersion(9, 0, 0))
        var matrix = CompatibilityMatrix(
            version: 1,
            rows: [
                CompatibilityMatrix.Row(
                    model: 1, revisions: 1...1, profiles: KeyProfile.allCases, firmware: every, application: every)
            ])
        matrix.signature = try supplier.signature(of: matrix.signedBytes)
        try bank.order(.trustSupplier(key: supplier.publicKey.compressed), by: Bank.alice, and: Bank.bob)
        try bank.submit(.act(.importMatrix(matrix)), by: Bank.alice)
    }
}
