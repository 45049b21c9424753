// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Self-tests")
struct SelfTestTests {
    @Test("a sound algorithm unit gives every known answer", arguments: KnownAnswerTest.allCases)
    func sound(test: KnownAnswerTest) {
        let failed = KnownAnswers.firstFailure { asked, answer in asked == test ? answer : Self.known(asked) }
        #expect(failed == nil)
    }

    @Test("one wrong bit anywhere in one answer is the failure of that test", arguments: KnownAnswerTest.allCases)
    func wrong(test: KnownAnswerTest) {
        for index in Self.known(test).indices {
            let failed = KnownAnswers.firstFailure { asked, answer in
                guard asked == test else { return answer }
                var answer = answer
                answer[index] ^= 0x80
                return answer
            }
            #expect(failed == test)
        }
        #expect(KnownAnswers.firstFailure { asked, answer in asked == test ? [] : answer } == test)
    }

    private static func known(_ test: KnownAnswerTest) -> [UInt8] { Hex.bytes(KnownAnswers.answer(test)) ?? [] }

    @Test("a unit that is wrong only once in a while is caught by the self-test that meets it")
    func once() throws {
        let bench = try Bench()
        bench.signOn()
        let number = bench.status.selfTestNumber
        for test in [KnownAnswerTest.ecdsa, .pinFormat4, .chipKey] {
            bench.module.hardware.faultyAlgorithms = [test]
            _ = bench.handle(.selfTest)
            #expect(bench.status.openWarnings.codes == [.h01])
            #expect(
                bench.module.auditLog.records.contains {
                    $0.event == .selfTestFailed && $0.detail == UInt32(KnownAnswerTest.ecdsa.rawValue)
                })
        }
        #expect(bench.status.selfTestNumber == number)
    }

    /// The figure of a release build is the benchmark's; here only that nothing slow has crept in.
    @Test("all known answers take well under a second even without optimisation")
    func time() {
        let clock = ContinuousClock()
        let fastest = (0..<3).map { _ in clock.measure { _ = KnownAnswers.firstFailure { $1 } } }.min()
        #expect(fastest.map { $0 < .seconds(1) } == true)
    }

    // MARK: Pairwise

    @Test("a fresh pair passes its pairwise test, and half a pair with half another does not")
    func pairwise() throws {
        let pair = try P256PrivateKey.generate()
        let isSound = PairwiseTest.passes(pair)
        #expect(isSound)
        for curve in [EllipticCurve.p256, .sm2] {
            let one = ECDH.generatePrivateKey(curve: curve)
            let other = ECDH.generatePrivateKey(curve: curve)
            let own = try ECDH.publicKey(curve: curve, privateKey: one)
            let foreign = try ECDH.publicKey(curve: curve, privateKey: other)
            let isWhole =
                curve == .sm2
                ? PairwiseTest.passes(sm2: one, publicKey: own)
                : PairwiseTest.passes(agreement: one, publicKey: own, on: curve)
            let isMixed =
                curve == .sm2
                ? PairwiseTest.passes(sm2: one, publicKey: foreign)
                : PairwiseTest.passes(agreement: one, publicKey: foreign, on: curve)
            #expect(isWhole && !isMixed, "\(curve)")
        }
        let key = try RSAPrivateKey.generate(modulusBits: 2_048)
        let stranger = try RSAPrivateKey.generate(modulusBits: 2_048)
        let isWhole = PairwiseTest.passes(key, key.publicKey)
        let isMixed = PairwiseTest.passes(key, stranger.publicKey)
        #expect(isWhole && !isMixed)
    }
}
