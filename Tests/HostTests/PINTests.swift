// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Issuer
import ModuleProtocol
import SecurityModule
import SecurityTriggers
import Testing
import Vocabulary

/// Rule R3, and the tries of rule R2.
@Suite("PIN")
struct PINTests {
    @Test(
        "a PIN of any length is verified whole, in both profiles", arguments: KeyProfile.allCases,
        ["1234", "246810", "123456789012"])
    func wholePIN(profile: KeyProfile, pin: String) throws {
        let bench = try Bench()
        let till = try bench.till("TILL0001", profile)
        let card = try bench.card(pin: pin)
        var digits = Array(pin)
        digits[digits.count - 1] = digits.last == "7" ? "8" : "7"
        #expect(try till.sell(SaleSpec(card, pin: String(digits))).code == "55")
        #expect(try bench.card(card).wrongPINs == 1)
        #expect(try till.sell(SaleSpec(card, pin: pin)).code == "00")
        #expect(try bench.card(card).wrongPINs == 0)
    }

    @Test(
        "a wrong sixth digit, a missing one and one too many fail a six-digit PIN",
        arguments: ["246811", "24681", "2468100", "2468"])
    func sixthDigit(typed: String) throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card(pin: "246810")
        #expect(try till.sell(SaleSpec(card, pin: typed)).code == "55")
    }

    @Test("a PVV is never right for a longer PIN that begins with its four digits")
    func longerThanPVV() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card(pin: "1234", kind: .pvv(keyIndex: 1))
        #expect(try till.sell(SaleSpec(card, pin: "12345")).code == "55")
        #expect(try till.sell(SaleSpec(card, pin: "1234")).code == "00")
    }

    @Test("the third wrong PIN in a row locks the card, before and after a restart, and only a new PIN unlocks it")
    func lock() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        #expect(try till.sell(SaleSpec(card, pin: "0000")).code == "55")
        #expect(try till.sell(SaleSpec(card, pin: "0000")).code == "55")
        #expect(try till.sell(SaleSpec(card, pin: "0000")).code == "62")
        #expect(bench.lastIntent == .pinTriesExceeded)
        try bench.restart()
        #expect(try till.sell(SaleSpec(card, pin: card.pin)).code == "62")
        #expect(try bench.lastSale().pin == .locked)
        let reference = bench.module.pinReference(pan: card.pan, pin: try bench.clear("4321"), kind: .offset)
        try bench.submit(.setPIN(card.key, reference), by: Bench.carol)
        #expect(try till.sell(SaleSpec(card, pin: "1234")).code == "55")
        #expect(try till.sell(SaleSpec(card, pin: "4321")).code == "00")
        try bench.check()
    }

    @Test("the wrong PINs before an unlocking are forgiven: the first one after it raises no burst")
    func unlockedWindow() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        for _ in 0..<3 { _ = try till.sell(SaleSpec(card, pin: "0000")) }
        try bench.submit(.setPIN(card.key, try bench.card(card).pin), by: Bench.carol)
        _ = try till.sell(SaleSpec(card, pin: "0000"))
        let sale = try bench.lastSale()
        #expect(sale.answer.intent == .wrongPIN)
        #expect(sale.evaluation.map { bench.engine.host.firedRules($0) } == [])
        try bench.check()
    }

    @Test("a right PIN forgives the wrong ones before it, even if the sale is declined")
    func reset() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card(balance: 1_00)
        for _ in 0..<2 { _ = try till.sell(SaleSpec(card, pin: "0000")) }
        #expect(try till.sell(SaleSpec(card, pin: card.pin)).code == "51")
        #expect(try bench.card(card).wrongPINs == 0)
    }

    @Test("wrong PINs of one card that come at once count one by one, and a right one behind the lock is not tried")
    func parallel() throws {
        let bench = try Bench()
        let tills = try (1...5).map { try bench.till("TILL000\($0)") }
        let card = try bench.card()
        let wrong = try tills.dropLast().map { try $0.message(SaleSpec(card, pin: "0000")) }
        let right = try tills[4].message(SaleSpec(card, pin: card.pin))
        let replies = try bench.send(batch: wrong + [right])
        #expect(replies.map(\.code) == ["55", "55", "62", "62", "62"])
        #expect(try bench.card(card).wrongPINs == 3)
        #expect(bench.engine.counters.askedAgain > 0)
        try bench.check()
    }

    @Test("two sales of one card in a batch: the second is asked again, and both count")
    func askedAgain() throws {
        let bench = try Bench()
        let one = try bench.till("TILL0001")
        let two = try bench.till("TILL0002", .aes)
        let card = try bench.card(balance: 20_00)
        let replies = try bench.send(batch: [
            one.message(SaleSpec(card, 15_00, pin: card.pin)), two.message(SaleSpec(card, 15_00, pin: card.pin)),
        ])
        #expect(replies.map(\.code) == ["00", "51"])
        #expect(bench.engine.counters.askedAgain == 1)
        #expect(try bench.available(card) == 5_00)
        #expect(try bench.lastSale().pin == .right)
    }

    /// Passes everything on and counts the questions.
    private final class CountingModule: HostModulePort {
        let module: SoftHostModule
        var opened = 0

        init(_ module: SoftHostModule) { self.module = module }
        func open(_ commands: [OpenCommand]) -> [OpenVerdict] {
            opened += commands.count
            return module.open(commands)
        }
        func seal(_ commands: [SealCommand]) -> [[UInt8]] { module.seal(commands) }
        func openJournal(_ command: OpenJournalCommand) -> JournalDelivery { module.openJournal(command) }
        func cardKey(_ pan: PAN) -> CardKey { module.cardKey(pan) }
        func nonce(_ context: [UInt8]) -> [UInt8] { module.nonce(context) }
        func verifyLog(_ question: LogQuestion) -> LogVerdict { module.verifyLog(question) }
    }

    @Test(
        "many sales of one card in a batch ask the module about each at most twice, and every try still counts",
        arguments: [false, true])
    func linear(isAttack: Bool) throws {
        let bench = try Bench(rules: "")
        let tills = try (1...40).map { try bench.till("TILL\($0)") }
        let card = try bench.card()
        let other = try bench.card(2)
        let counting = CountingModule(bench.module)
        try bench.restart(counting)
        // Wrong and right by turns: each right PIN forgives the wrong one before it.
        let batch = try tills.enumerated().map { index, till in
            let isWrong = isAttack && index % 2 == 0
            return try till.message(SaleSpec(index % 10 == 9 ? other : card, 1_00, pin: isWrong ? "0000" : "1234"))
        }
        let codes = try bench.send(batch: batch).map(\.code)
        #expect(codes == (0..<40).map { isAttack && $0 % 2 == 0 ? "55" : "00" })
        #expect(counting.opened <= 2 * batch.count)
        #expect(try bench.available(card) == 100_000_00 - (isAttack ? 16 : 36) * 1_00)
        #expect(try bench.available(other) == 100_000_00 - 4 * 1_00)
        let counted = bench.records.count {
            if case .authorisation(let sale) = $0.body { sale.effects.pin == .wrong } else { false }
        }
        #expect(counted == (isAttack ? 20 : 0))
        try bench.check()
    }

    @Test("a PIN block that is none is unusable and counts as no try")
    func unusable() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        var sale = SaleSpec(card)
        sale.pinBlock = [1, 2, 3, 4, 5, 6, 7, 8]
        #expect(try till.sell(sale).code == "TM")
        #expect(bench.lastIntent == .pinBlockUnusable)
        #expect(try bench.card(card).wrongPINs == 0)
    }

    @Test("above the limit a PIN is asked for, at the limit it is not")
    func limit() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        #expect(try till.sell(SaleSpec(card, 50_00)).code == "00")
        #expect(try till.sell(SaleSpec(card, 50_01)).code == "70")
        #expect(try bench.lastSale().pin == .absent)
    }
}
