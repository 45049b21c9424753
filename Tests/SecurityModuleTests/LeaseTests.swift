// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@Suite("Evidence, lease and lifecycle")
struct LeaseTests {
    @Test("evidence is authentic to the host and says what the module is", arguments: KeyProfile.dukpt)
    func evidence(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        guard
            case .evidence(let bytes, let linkToken) = bench.handle(
                .attest(nonce: Bench.nonce, application: Bench.application))
        else { throw Missing() }
        let ksn = 0..<profile.ksnLength
        let health = ksn.upperBound..<ksn.upperBound + HealthElement.length
        let place = health.upperBound..<health.upperBound + bytes.count
        let mac = place.upperBound..<place.upperBound + 8
        let message = [UInt8](repeating: 0, count: place.lowerBound) + bytes + [UInt8](repeating: 0, count: 8)
        guard
            case .protected(let sent) = bench.handle(
                .protect(
                    purpose: .signOn, message: message,
                    holes: MessageHoles(ksn: ksn, health: health, pinBlock: nil, mac: mac), pan: nil))
        else { throw Missing() }
        let command = OpenCommand(
            keys: bench.keys, message: sent, ksn: ksn, mac: mac, health: health, evidence: place)
        let verdict = bench.host.open([command])[0]
        let claims = try require(verdict.evidence)
        #expect(verdict.health?.state == .unprovisioned)
        #expect(claims.nonce == Bench.nonce && claims.serial == 77 && claims.firmware == Bench.firmware)
        #expect(claims.application == Bench.application && claims.profile == profile && claims.keySet == 3)
        #expect(claims.lifecycle == .commissioned && claims.openWarnings.codes == [.a01])
        #expect(claims.linkTokenHash == SHA256.hash(linkToken))
        #expect(claims.auditHead.count == 32 && claims.deathTokenHash.count == 32)
        #expect(claims.eventCounter == verdict.health?.eventCounter && claims.selfTestNumber == 1)

        // The evidence is its own proof: a changed byte under an authentic MAC is no evidence.
        guard
            var forger = LoadTerminal(
                provisioning: bench.host.provision(bench.keys, serial: 77, firmware: Bench.firmware))
        else { throw Missing() }
        var changed = message
        changed[place.lowerBound + 20] ^= 1
        let forged = try require(
            forger.protect(
                message: changed, holes: MessageHoles(ksn: ksn, health: health, pinBlock: nil, mac: mac)))
        let again = OpenCommand(keys: bench.keys, message: forged, ksn: ksn, mac: mac, health: health, evidence: place)
        #expect(bench.host.open([again])[0].macAuthentic)
        #expect(bench.host.open([again])[0].evidence == nil)
    }

    @Test("tokens: the link token is new each time, the death token the same until tampering releases it")
    func tokens() throws {
        let bench = try Bench()
        let first = try require(bench.attest())
        let second = try require(bench.attest())
        #expect(first.deathTokenHash == second.deathTokenHash)
        #expect(first.linkTokenHash != second.linkTokenHash)
        try bench.restart()
        #expect(try require(bench.attest()).deathTokenHash == first.deathTokenHash)
        #expect(bench.status.deathToken == nil)
        bench.make(.tamper)
        #expect(SHA256.hash(try require(bench.status.deathToken)) == first.deathTokenHash)
        try bench.restart()
        #expect(SHA256.hash(try require(bench.status.deathToken)) == first.deathTokenHash)
    }

    @Test("a ticket that is forged, or for another identity, another nonce or twice, is refused")
    func refusedTickets() throws {
        let bench = try Bench()
        let sound = bench.sealed(bench.ticket(), ksn: bench.anyKSN)
        #expect(refusal(bench.handle(.acceptLease(ticket: sound))) == .ticketRefused)
        _ = bench.attest()
        for index in stride(from: 0, to: sound.count, by: 7) {
            var forged = sound
            forged[index] ^= 1
            #expect(refusal(bench.handle(.acceptLease(ticket: forged))) == .ticketRefused)
            bench.wait(.seconds(30))
        }
        let otherEpoch = bench.sealed(bench.ticket(epoch: 2), ksn: bench.anyKSN)
        #expect(refusal(bench.handle(.acceptLease(ticket: otherEpoch))) == .ticketRefused)
        let otherNonce = bench.sealed(bench.ticket(nonce: Array(repeating: 8, count: 16)), ksn: bench.anyKSN)
        #expect(refusal(bench.handle(.acceptLease(ticket: otherNonce))) == .ticketRefused)
        let stranger = SoftHostModule.create()
        let ticket = bench.ticket()
        let count = ticket.encoded().count + 16
        let foreign = stranger.seal([
            SealCommand(
                keys: bench.keys, ksn: bench.anyKSN, message: Array(repeating: 0, count: count + 8),
                mac: count..<count + 8,
                ticket: (ticket, at: 0..<count))
        ])[0]
        #expect(refusal(bench.handle(.acceptLease(ticket: Array(foreign[..<count])))) == .ticketRefused)
        #expect(bench.status.state == .unprovisioned)

        guard case .leaseAccepted(let status) = bench.handle(.acceptLease(ticket: sound)) else { throw Missing() }
        #expect(status.state == .ready && status.lifecycle == .active)
        #expect(refusal(bench.handle(.acceptLease(ticket: sound))) == .ticketRefused)
    }

    @Test("each purpose in each state", arguments: KeyProfile.dukpt)
    func purposes(profile: KeyProfile) throws {
        func refusals(_ bench: Bench) -> [ModuleRefusal?] {
            ProtectionPurpose.allCases.map { refusal(bench.protect($0)) }
        }
        let bench = try Bench(profile)
        #expect(refusals(bench) == [.notActivated, .notActivated, nil, nil])
        bench.signOn()
        #expect(refusals(bench) == [nil, nil, nil, nil])
        bench.make(.temperature)
        #expect(refusals(bench) == [.halted, nil, nil, nil])
        bench.hardware.repair(.temperature)
        bench.sense()
        bench.signOn(lease: 2)
        #expect(refusals(bench) == [nil, nil, nil, nil])

        bench.signOn(lease: 3, activated: false)
        #expect(bench.status.lifecycle == .suspended && bench.status.openWarnings.codes == [.a01])
        #expect(refusals(bench) == [.notActivated, nil, nil, nil])
        bench.signOn(lease: 4)
        #expect(refusals(bench) == [nil, nil, nil, nil])

        bench.wait(.hours(20))
        bench.sense()
        bench.wait(.hours(4))
        #expect(refusals(bench) == [.leaseMissingOrExpired, nil, nil, nil])
        #expect(bench.status.openWarnings.codes == [.a02] && bench.status.lifecycle == .halted)
        bench.signOn(lease: 5)
        #expect(refusals(bench) == [nil, nil, nil, nil])
        bench.make(.tamper)
        #expect(refusals(bench) == [.tampered, .tampered, .tampered, .tampered])
        #expect(refusal(bench.handle(.beginPINEntry)) == .tampered)
        #expect(refusal(bench.handle(.selfTest)) == .tampered)
        #expect(bench.attest() == nil)
    }

    @Test("the module tests itself from the twentieth hour; unseen for a day it stops until it proves itself")
    func selfTestAge() throws {
        let bench = try Bench()
        bench.signOn()
        let number = bench.status.selfTestNumber
        bench.wait(.hours(19))
        bench.sense()
        #expect(bench.status.selfTestNumber == number)
        bench.wait(.hours(1))
        bench.sense()
        #expect(bench.status.selfTestNumber == number + 1)
        bench.signOn(lease: 2)

        bench.wait(.hours(24))
        #expect(refusal(bench.protect(.authorisation)) == .leaseMissingOrExpired)
        #expect(bench.status.openWarnings.codes == [.a02, .s03])
        bench.signOn(lease: 3)
        #expect(bench.status.openWarnings.codes == [] && bench.status.state == .ready)
    }

    @Test("an overdue self-test alone refuses an authorisation")
    func selfTestOverdueAlone() throws {
        let bench = try Bench()
        _ = bench.attest()
        let long = bench.sealed(bench.ticket(hours: 100), ksn: bench.anyKSN)
        _ = bench.handle(.acceptLease(ticket: long))
        bench.wait(.hours(25))
        #expect(refusal(bench.protect(.authorisation)) == .selfTestOverdue)
        #expect(bench.status.openWarnings.codes == [.s03])
        _ = bench.handle(.selfTest)
        #expect(refusal(bench.protect(.authorisation)) == .selfTestOverdue)
        bench.signOn(lease: 2)
        #expect(isProtected(bench.protect(.authorisation)))
    }

    @Test("a warning raised after the attestation is not cleared by its ticket")
    func newerWarning() throws {
        let bench = try Bench()
        bench.signOn()
        bench.make(.temperature)
        bench.hardware.repair(.temperature)
        _ = bench.attest()
        let bytes = bench.sealed(bench.ticket(lease: 2, cleared: [.h06, .c02]), ksn: bench.anyKSN)
        bench.make(.incompatible)
        bench.hardware.repair(.incompatible)
        bench.sense()
        _ = bench.handle(.acceptLease(ticket: bytes))
        #expect(bench.status.openWarnings.codes == [.c02])
    }

    @Test("firmware outside the last ticket's range is C02, also when the ticket brings the range")
    func firmwareRange() throws {
        let bench = try Bench()
        bench.hardware.apply(.incompatible)
        bench.sense()
        #expect(bench.status.openWarnings.codes == [.a01])
        bench.signOn()
        #expect(bench.status.openWarnings.codes == [.c02] && bench.status.state == .halted)
    }

    @Test("a clock set back voids the lease and halts; a small step stands still")
    func clock() throws {
        let bench = try Bench()
        bench.signOn()
        bench.wait(.seconds(-300))
        bench.sense()
        #expect(bench.status.openWarnings.codes == [])
        bench.wait(.seconds(-301))
        bench.sense()
        #expect(bench.status.openWarnings.codes.contains(.h06) && bench.status.leaseExpires == nil)
        #expect(refusal(bench.protect(.authorisation)) == .halted)
        bench.signOn(lease: 2)
        #expect(bench.status.openWarnings.codes == [])
    }

    @Test("a stuck random source gives neither token nor evidence")
    func stuckRandom() throws {
        let bench = try Bench()
        bench.hardware.apply(.random)
        bench.sense()
        #expect(bench.attest() == nil)
        #expect(bench.status.openWarnings.codes == [.a01, .h02])
    }

    @Test("the lifecycle only takes steps of its table")
    func lifecycle() throws {
        var random = SeededRandom(seed: 4)
        for _ in 0..<60 {
            let bench = try Bench()
            var state = bench.status.lifecycle
            for _ in 0..<40 {
                let fault = HardwareFault.allCases[random.below(HardwareFault.allCases.count)]
                switch random.below(5) {
                case 0: bench.hardware.apply(fault)
                case 1, 2: bench.hardware.repair(fault)
                case 3: bench.signOn(lease: 1, activated: random.chance(perMille: 800), cleared: [fault.warning, .a01])
                default: bench.wait(.hours(Int64(random.below(9))))
                }
                if random.chance(perMille: 900) || fault.warning.zeroises != .all { bench.sense() }
                let next = bench.status.lifecycle
                // A step may take two events: a suspension that ends while a warning is open.
                let reached = LifecycleEvent.allCases.compactMap { Lifecycle.allows(state, $0) }
                let further = reached.flatMap { from in
                    LifecycleEvent.allCases.compactMap { Lifecycle.allows(from, $0) }
                }
                #expect(next == state || reached.contains(next) || further.contains(next), "\(state) to \(next)")
                #expect(state != .tampered || next == .tampered)
                state = next
            }
        }
    }
}
