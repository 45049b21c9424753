// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("What a loaded key may be used for")
struct KeyOperationTests {
    /// Usage, algorithms and modes, by hand: everything else is refused.
    private static let permitted: [KeyOperation: [String]] = [
        .deriveTransactionKeys: ["B1 AX", "B1 AN", "B1 TX", "B1 TN"],
        .openSessionKeys: ["K0 TB", "K0 TD", "K0 TN", "K0 4B", "K0 4D", "K0 4N"],
        .proveHealth: ["M6 AC", "M6 AG", "M6 AN"],
        .verifyTicket: ["M6 AC", "M6 AN", "M6 AV"],
        .deriveRecordKeys: ["B3 HN", "B3 HX"],
        .openKeyBlocks: ["K1 AB", "K1 AD", "K1 AN"],
    ]

    @Test(
        "of all usages, algorithms and modes each operation permits those of the table",
        arguments: KeyOperation.allCases)
    func table(operation: KeyOperation) {
        var found: Set<String> = []
        for usage in KeyUsage.registered {
            for algorithm in KeyAlgorithm.registered + [.sm4] {
                for mode in ModeOfUse.registered {
                    let key = KeyAttributes(usage: usage, algorithm: algorithm, modeOfUse: mode)
                    if operation.permits(key) {
                        found.insert("\(usage.rawValue) \(algorithm.rawValue)\(mode.rawValue)")
                    }
                }
            }
        }
        #expect(found == Set(Self.permitted[operation] ?? []))
        let proprietary = KeyAttributes(usage: KeyUsage(rawValue: "10"), algorithm: .aes, modeOfUse: .unrestricted)
        #expect(!operation.permits(proprietary))
    }

    /// A provisioning of which one key has a header of the test's.
    private func provisioning(
        _ bench: Bench, _ name: LoadableKey, _ usage: KeyUsage, _ algorithm: KeyAlgorithm, _ mode: ModeOfUse
    ) throws -> ModuleProvisioning {
        var provisioning = bench.host.provision(
            bench.keys, serial: 77, firmware: Bench.firmware, firstCounter: 4_096)
        let header = KeyBlockHeader(
            version: .d, usage: usage, algorithm: algorithm, modeOfUse: mode,
            optionalBlocks: algorithm.isHMAC ? [.hash(.sha256)] : [])
        try provisioning.add(SecretKey.random(count: name.count), as: name, header: header)
        return provisioning
    }

    @Test(
        "a key of another usage is refused at its place, whatever the standard allows it, and nothing has changed",
        arguments: LoadableKey.allCases, [KeyProfile.aes, .tdes, .sessionTDES])
    func usages(name: LoadableKey, profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        let own = name.header(profile)
        var tried = 0
        for usage in KeyUsage.registered where usage != own.usage {
            let algorithms = [KeyAlgorithm.aes, .tdes, .hmac, .rsa, .ellipticCurve].filter {
                usage.allows($0) && $0.takes(byteCount: name.count) != false
            }
            guard let algorithm = algorithms.first, let mode = ModeOfUse.registered.first(where: { usage.allows($0) })
            else { continue }
            var expected = bench.module.record
            expected.clock = bench.now
            let provisioning = try provisioning(bench, name, usage, algorithm, mode)
            #expect(throws: KeyLoadRefusal.notPermitted(name, name.operation(profile))) {
                try bench.module.loadKeys(provisioning, now: bench.now)
            }
            tried += 1
            #expect(bench.module.record == expected)
            // Ten in a minute are misuse, and a warning.
            bench.wait(.minutes(2))
        }
        #expect(tried >= 30)
        #expect(isProtected(bench.protect(.authorisation)))
    }

    @Test("a health key that only verifies, and a ticket's key that only generates, are refused")
    func modes() throws {
        let bench = try Bench()
        let verifying = try provisioning(bench, .health, .cmac, .aes, .verify)
        #expect(throws: KeyLoadRefusal.notPermitted(.health, .proveHealth)) {
            try bench.module.loadKeys(verifying, now: bench.now)
        }
        let generating = try provisioning(bench, .lease, .cmac, .aes, .generate)
        #expect(throws: KeyLoadRefusal.notPermitted(.lease, .verifyTicket)) {
            try bench.module.loadKeys(generating, now: bench.now)
        }
        let both = try provisioning(bench, .lease, .cmac, .aes, .generateAndVerify)
        try bench.module.loadKeys(both, now: bench.now)
    }

    @Test("what is not authentic, of another terminal or revoked, or would use a counter again is refused by its name")
    func refusals() throws {
        let bench = try Bench()
        bench.signOn()
        func refusal(
            _ keys: TerminalKeys, serial: UInt64 = 77, first: UInt32 = 4_096,
            change: (inout ModuleProvisioning) -> Void = { _ in }
        ) -> KeyLoadRefusal? {
            var provisioning = bench.host.provision(keys, serial: serial, firmware: Bench.firmware, firstCounter: first)
            change(&provisioning)
            do { try bench.module.loadKeys(provisioning, now: bench.now) } catch { return error }
            return nil
        }
        var other = bench.keys
        other.identityEpoch += 1
        #expect(refusal(other) == .notForThisModule)
        #expect(refusal(bench.keys, serial: 78) == .notForThisModule)
        #expect(refusal(bench.keys, first: 1) == .counter)
        let foreign = bench.host.provision(bench.keys, serial: 77, firmware: Bench.firmware).blocks[.health] ?? ""
        let mixed = refusal(bench.keys) { $0.add(block: foreign, as: .health) }
        #expect(mixed == KeyLoadRefusal.block(.health, .notAuthentic))
        #expect(refusal(bench.keys) { $0.add(block: "", as: .lease) } != nil)
        #expect(refusal(bench.keys) == nil)
    }

    @Test("ten refused loads in a minute are misuse (S04)")
    func misuse() throws {
        let bench = try Bench()
        bench.signOn()
        for _ in 0..<10 { #expect(!bench.load(first: 1)) }
        #expect(bench.status.openWarnings.codes == [.s04])
    }
}
