// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

/// Where a module can stand.
enum Situation: CaseIterable {
    case commissioned, ready, restricted, halted, suspended, leaseOver, keysRevoked, tampered

    func reached() throws -> PinnedBench {
        let pinned = try PinnedBench(signsOn: self != .commissioned)
        let bench = pinned.bench
        switch self {
        case .commissioned, .ready: break
        case .restricted: bench.make(.temperature)
        case .halted: bench.make(.stuckKey)
        case .suspended: bench.signOn(lease: 2, activated: false)
        case .leaseOver:
            bench.wait(.hours(20))
            pinned.measure()
            bench.wait(.hours(4))
            bench.sense()
        case .keysRevoked:
            _ = bench.attest()
            bench.accept(bench.ticket(lease: 2, orders: [.revokeKeys(keySet: 3)]))
        case .tampered: bench.make(.mesh)
        }
        return pinned
    }
}

/// What can be asked of it.
enum Request: CaseIterable {
    case status, selfTest, beginPINEntry, cancelPINEntry, authorise, deliver, signOn, report, verifyAnswer, attest
    case describe, ticket, signOnDue, seal, update, collectLog

    func made(of pinned: PinnedBench) throws -> ModuleRefusal? {
        let bench = pinned.bench
        switch self {
        case .status: return refusal(bench.handle(.status))
        case .selfTest: return refusal(bench.handle(.selfTest))
        case .beginPINEntry: return refusal(bench.handle(.beginPINEntry))
        case .cancelPINEntry: return refusal(bench.handle(.cancelPINEntry))
        case .authorise: return refusal(bench.protect(.authorisation))
        case .deliver: return refusal(bench.protect(.delivery))
        case .signOn: return refusal(bench.protect(.signOn))
        case .report: return refusal(bench.protect(.report))
        case .verifyAnswer:
            return refusal(bench.handle(.verifyAnswer(message: [UInt8](repeating: 1, count: 50), mac: 42..<50)))
        case .attest: return refusal(bench.handle(.attest(nonce: Bench.nonce, application: Bench.application)))
        case .describe: return refusal(bench.handle(.describe))
        case .ticket:
            _ = bench.attest()
            return refusal(bench.accept(bench.ticket(lease: 9)))
        case .signOnDue: return refusal(bench.handle(.signOnDue))
        case .collectLog: return refusal(bench.collect())
        case .seal: return refusal(bench.handle(.seal(stored: 0, [SealRequest([1])])))
        case .update:
            let manifest = try pinned.manifest(.module, SHA256.hash([7]), version: 3)
            switch pinned.refusal({ try bench.module.stageUpdate(manifest, now: bench.now) }) {
            case nil: return nil
            case .tampered: return .tampered
            default: throw Missing()
            }
        }
    }
}

@Suite("Every command in every state")
struct CommandTableTests {
    /// Nothing but these is refused: halted does not mean silent.
    private static func expected(_ request: Request, in situation: Situation) -> ModuleRefusal? {
        if situation == .tampered { return [.status, .collectLog].contains(request) ? nil : .tampered }
        switch request {
        case .beginPINEntry, .authorise:
            switch situation {
            case .ready: return nil
            case .commissioned, .suspended: return .notActivated
            case .restricted, .halted, .keysRevoked: return .halted
            case .leaseOver: return .leaseMissingOrExpired
            case .tampered: return .tampered
            }
        case .deliver: return situation == .commissioned ? .notActivated : situation == .keysRevoked ? .halted : nil
        case .signOn, .report: return situation == .keysRevoked ? .halted : nil
        default: return nil
        }
    }

    @Test(
        "while halted a module answers, proves itself, takes tickets and updates, and delivers",
        arguments: Situation.allCases, Request.allCases)
    func table(situation: Situation, request: Request) throws {
        let pinned = try situation.reached()
        let before = pinned.bench.status
        #expect(try request.made(of: pinned) == Self.expected(request, in: situation))
        // A refusal changes nothing.
        if Self.expected(request, in: situation) != nil {
            #expect(pinned.bench.status.openWarnings == before.openWarnings)
            #expect(pinned.bench.status.state == before.state)
        }
    }

    @Test("the tampered module's status gives its one-time token, and no command makes it do anything")
    func tampered() throws {
        let pinned = try Situation.tampered.reached()
        let image = pinned.bench.image
        for request in Request.allCases { _ = try request.made(of: pinned) }
        #expect(pinned.bench.image == image)
        #expect(pinned.bench.status.deathToken != nil)
    }
}

@Suite("Power cuts while keys are zeroised")
struct ZeroisationCutTests {
    /// One way to each scope that is not everything; `StoreTests.latchSurvives` has that.
    enum Scope: CaseIterable {
        case sessionKeys, financialByOrder, financialByCounter

        var code: WarningCode { self == .sessionKeys ? .k06 : self == .financialByOrder ? .k01 : .h04 }

        func lost(_ profile: KeyProfile) -> [KeySlot] {
            self == .sessionKeys ? [.session] : [.dukpt, .master, .session]
        }

        /// The step whose effects are cut.
        func happens(to bench: Bench) {
            switch self {
            case .sessionKeys: _ = bench.module.handle(.signOnDue, now: bench.now, random: &bench.random)
            case .financialByOrder:
                let bytes = bench.sealed(bench.ticket(lease: 2, orders: [.revokeKeys(keySet: 3)]), ksn: bench.anyKSN)
                _ = bench.module.handle(.acceptLease(ticket: bytes), now: bench.now, random: &bench.random)
            case .financialByCounter:
                bench.hardware.raiseCounter(to: 10_000)
                bench.module.sense(bench.hardware, now: bench.now)
            }
        }
    }

    @Test(
        "after a cut behind any effect the keys are gone with their warning, or both are as before and nothing has left",
        arguments: Scope.allCases, [KeyProfile.aes, .sessionTDESRetail])
    func cuts(scope: Scope, profile: KeyProfile) throws {
        for cut in 0...3 {
            let bench = try Bench(profile)
            bench.signOn()
            _ = bench.attest()
            let held = scope.lost(profile).filter { bench.holds($0) }
            scope.happens(to: bench)
            #expect(bench.status.openWarnings.codes == [scope.code])
            #expect(!scope.lost(profile).contains { bench.holds($0) })
            let effects = bench.module.takeEffects()
            #expect(effects.count == 3)
            for effect in effects[..<cut] {
                if case .store(let image) = effect { bench.image = image }
                if case .raiseCounter(let value) = effect { bench.hardware.raiseCounter(to: value) }
            }
            try bench.restart()
            // The counter of another image is still there, whatever was stored: what it means is found again.
            let isDone = cut > 0 || scope == .financialByCounter
            #expect(bench.status.openWarnings.codes.contains(scope.code) == isDone, "cut after \(cut)")
            #expect(held.contains { bench.holds($0) } == (!isDone && !held.isEmpty))
            #expect(!bench.status.openWarnings.codes.contains(.h03))
            guard !isDone else { continue }
            // The host, which has had no answer, orders it again.
            _ = bench.attest()
            scope.happens(to: bench)
            bench.perform()
            #expect(bench.status.openWarnings.codes == [scope.code])
        }
    }
}
