// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing

/// Key ceremonies, in each way in which they end.
extension `The memory of the process` {
    enum CeremonyEnd: CaseIterable { case formed, abandoned, expired, refused, letGo }

    /// A ceremony that is over stays in its owner's hands while memory is searched: it is its end that wipes.
    private final class Held {
        var ceremony: KeyCeremony
        init(_ ceremony: consuming KeyCeremony) { self.ceremony = ceremony }
    }

    private final class Kept: @unchecked Sendable {
        // Unchecked: the work writes it before the search, which is over before it is read.
        var held: Held?
    }

    @Test(arguments: CeremonyEnd.allCases, [KeyCeremonyPlan.Division.components, .shares(threshold: 2)])
    func `holds nothing of a key ceremony, however it ends`(
        end: CeremonyEnd, division: KeyCeremonyPlan.Division
    ) {
        let memory = MemoryScan()
        let secret = memory.plant("key", count: 16)
        let kept = Kept()
        memory.expectNothing {
            do {
                let held = try Self.ceremony(memory, secret, division, takingAll: end == .formed)
                if end != .letGo { kept.held = held }
                switch end {
                case .formed: #expect(holds(try held.ceremony.form(at: 2).equals(memory.key(secret))))
                case .abandoned: held.ceremony.abandon(at: 2)
                case .expired: held.ceremony.advance(to: 11)
                case .refused:
                    #expect(throws: KeyCeremonyError.stranger) {
                        try held.ceremony.enter(component: memory.key(secret), checkValue: [], by: "Zoe", at: 2)
                    }
                case .letGo: break
                }
            } catch { Issue.record("\(error)") }
        }
        #expect(holds((kept.held?.ceremony.end == nil) == (end == .letGo)))
    }

    /// With the first custodian's part in it, or both.
    private static func ceremony(
        _ memory: MemoryScan, _ secret: MemoryScan.Secret, _ division: KeyCeremonyPlan.Division, takingAll: Bool
    ) throws -> Held {
        let names = ["Ana", "Bo"]
        let plan = try KeyCeremonyPlan(
            purpose: "a key", algorithm: .aes, keyCount: 16, division: division,
            checkValue: KCV.aes(memory.key(secret)), custodians: names, refusedMax: 0, deadline: 10)
        let held = Held(try KeyCeremony(plan, at: 0))
        var failure: KeyCeremonyError?
        if division == .components {
            try KeyComponents.split(memory.key(secret), algorithm: .aes, into: 2) { number, component, checkValue in
                memory.remember("component \(number)", component)
                guard takingAll || number == 1 else { return }
                do throws(KeyCeremonyError) {
                    try held.ceremony.enter(
                        component: component, checkValue: checkValue, by: names[number - 1], at: 1)
                } catch { failure = error }
            }
        } else {
            try KeyShares.split(memory.key(secret), algorithm: .aes, threshold: 2, count: 2) { share, checkValue in
                memory.remember("share \(share.number)", share.value)
                guard takingAll || share.number == 1 else { return }
                do throws(KeyCeremonyError) {
                    try held.ceremony.enter(
                        share: share, checkValue: checkValue, by: names[Int(share.number) - 1], at: 1)
                } catch { failure = error }
            }
        }
        #expect(failure == nil)
        return held
    }
}
