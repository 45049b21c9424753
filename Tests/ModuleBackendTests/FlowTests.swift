// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleBackends
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@Suite("A module's life on every back end")
struct FlowTests {
    @Test(
        "provision, attest, lease, sale, restart, sale, tamper, zeroise, restart: tampered for good",
        arguments: BackEnd.available)
    func life(backEnd: BackEnd) throws { try backEnd.run(Life()) }

    private struct Life: Check {
        let now = Counterpart.start

        func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
            let counterpart = try Counterpart()
            let store = try DirectoryModuleStore(subject.directory)
            let identity = try firstDay(subject, counterpart, store)
            try subject.cut()
            try secondDay(subject, counterpart, store, identity)
            try subject.cut()
            for _ in 0..<2 {
                // At a restart nobody needs the PIN to find that it has been tampered with.
                var module = try HardwareModule.resume(
                    store, firmware: Counterpart.firmware, hardware: try subject.open(), now: now)
                #expect(module.status(now: now).state == .tampered && module.status(now: now).deathToken != nil)
                for purpose in ProtectionPurpose.allCases {
                    guard case .refused(.tampered, _) = try module.handle(counterpart.request(purpose), now: now) else {
                        Issue.record("a tampered module protects")
                        return
                    }
                }
                #expect(try module.condition() == .erased)
            }
            // The service centre makes a new module of it, with a new identity and a counter above the old one's.
            var hardware = try subject.provisioned()
            try subject.repair(&hardware)
            #expect(try hardware.identityPublicKey() != identity)
            let old = try hardware.counter()
            var module = try HardwareModule.personalise(
                counterpart.provisioning, firmware: Counterpart.firmware, hardware: hardware, store: store, now: now)
            #expect(module.status(now: now).state == .unprovisioned)
            let new = try module.withHardware { (hardware) throws(HardwareError) in try hardware.counter() }
            #expect(new > old)
        }

        /// - Returns: the identity key.
        private func firstDay<H: SecureHardware & ~Copyable>(
            _ subject: Subject<H>, _ counterpart: Counterpart, _ store: DirectoryModuleStore
        ) throws -> [UInt8] {
            var hardware = try subject.provisioned()
            let identity = try hardware.identityPublicKey()
            var module = try HardwareModule.personalise(
                counterpart.provisioning, firmware: Counterpart.firmware, hardware: hardware, store: store,
                signsEvidence: true, now: now)
            let attest = TerminalModuleCommand.attest(
                nonce: Counterpart.nonce, application: SoftwareVersion(3, 0, 1))
            guard case .evidence(let signed, _) = try module.handle(attest, now: now) else { throw Missing() }
            let evidence = Array(signed.dropLast(64))
            #expect(
                Verification.isSignature(Array(signed.suffix(64)), of: SHA256.hash(evidence), by: identity))
            let claims = try SignedEvidence(decoding: Array(evidence.dropLast(EvidenceClaims.macLength))).claims
            #expect(claims.nonce == Counterpart.nonce)
            guard case .leaseAccepted = try module.handle(.acceptLease(ticket: counterpart.ticket()), now: now) else {
                throw Missing()
            }
            for _ in 0..<20 { #expect(try module.sell(counterpart, now: now) == true) }
            return identity
        }

        private func secondDay<H: SecureHardware & ~Copyable>(
            _ subject: Subject<H>, _ counterpart: Counterpart, _ store: DirectoryModuleStore, _ identity: [UInt8]
        ) throws {
            // Without the PIN there is no module.
            #expect(throws: ModuleFailure.hardware(.notAuthorised)) {
                _ = try HardwareModule.resume(
                    store, firmware: Counterpart.firmware, hardware: try subject.open(), now: now
                ).profile
            }
            var module = try HardwareModule.resume(
                store, firmware: Counterpart.firmware, hardware: try subject.ready(), now: now)
            #expect(module.status(now: now).state == .ready)
            for _ in 0..<20 { #expect(try module.sell(counterpart, now: now) == true) }
            // Where there is a case, it is opened; elsewhere a sensor beside the hardware says so.
            try subject.tamper(&module)
            try module.sense(now: now)
            #expect(module.status(now: now).state == .tampered)
            let token = try require(module.status(now: now).deathToken)
            #expect(token.count == 16)
            #expect(try module.sell(counterpart, now: now) == false)
        }
    }

    @Test("a copy of the image that runs beside the module halts it", arguments: BackEnd.available)
    func twoModules(backEnd: BackEnd) throws {
        struct Two: Check {
            let now = Counterpart.start

            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                let counterpart = try Counterpart()
                let store = try DirectoryModuleStore(subject.directory)
                var module = try HardwareModule.personalise(
                    counterpart.provisioning, firmware: Counterpart.firmware, hardware: try subject.provisioned(),
                    store: store, now: now)
                #expect(try module.signOn(counterpart, now: now) == true)
                try module.withHardware { (hardware) throws(HardwareError) in
                    try hardware.raiseCounter(to: hardware.counter() + 5)
                }
                try module.sense(now: now)
                #expect(module.status(now: now).openWarnings.contains(.h04))
                #expect(try module.sell(counterpart, now: now) == false)
            }
        }
        try backEnd.run(Two())
    }
}

extension HardwareModule where Hardware: ~Copyable {
    fileprivate mutating func condition() throws(ModuleFailure) -> HardwareCondition {
        try withHardware { (hardware) throws(HardwareError) in try hardware.condition() }
    }
}
