// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import ModuleProtocol
import Terminal
import Testing
import UnionPay
import Vocabulary

/// What UnionPay's XOR MAC does not prove, and what stands in its place.
@Suite("The linear MAC of UnionPay's terminals")
struct LinearMACTests {
    /// A frame with two blocks of its message exchanged; a block is as long as the cipher's.
    private func swaps(_ frame: [UInt8], block: Int) -> [[UInt8]] {
        let start = UnionPay.Envelope.count
        // The last block before the MAC may be shorter and stays.
        let count = (frame.count - start - 8) / block
        var swapped: [[UInt8]] = []
        for first in 0..<count {
            for second in first + 1..<count {
                var copy = frame
                for offset in 0..<block {
                    copy.swapAt(start + first * block + offset, start + second * block + offset)
                }
                if copy != frame { swapped.append(copy) }
            }
        }
        return swapped
    }

    private func isAuthentic(_ frame: [UInt8], _ till: LiveTill) -> Bool {
        let message = Array(frame.dropFirst(UnionPay.Envelope.count))
        let mac = message.count - 8..<message.count
        return till.ask(.verifyAnswer(message: message, mac: mac)) == .answerAuthentic(true)
    }

    private func answered(_ profile: KeyProfile, pin: String? = nil) throws -> (till: LiveTill, answer: [UInt8]) {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile, dialect: .unionPayPOS)
        till.losesAnswers = true
        till.sell(card, 40_00, pin: pin)
        return (till, try require(till.answers.last))
    }

    @Test(
        "two blocks of an answer exchanged keep the XOR MAC: that is the profile's risk, and it is reported",
        arguments: [(KeyProfile.sessionTDES, 8), (.sessionSM4XOR, 16)])
    func collision(profile: KeyProfile, block: Int) throws {
        let (till, answer) = try answered(profile)
        let swapped = try require(swaps(answer, block: block).first)
        #expect(isAuthentic(swapped, till))
        let risks = till.bank.engine.host.estate.profileRisks
        #expect(risks.contains { $0.profile == profile && $0.risk == .linearMAC && $0.terminals == 1 })
    }

    @Test(
        "the chained MACs notice it, and have no such risk",
        arguments: [(KeyProfile.sessionTDESCBC, 8), (.sessionTDESRetail, 8), (.sessionSM4, 16)])
    func chained(profile: KeyProfile, block: Int) throws {
        let (till, answer) = try answered(profile)
        let swapped = try require(swaps(answer, block: block).first)
        #expect(!isAuthentic(swapped, till))
        #expect(isAuthentic(answer, till))
        #expect(till.bank.engine.host.estate.profileRisks.isEmpty)
    }

    /// The code itself is not among what matching can know. Where an approval comes out as another code it contradicts its
    /// approval code and is reversed, never declined with the money gone; no refusal comes out as an approval.
    @Test(
        "grammar and matching: no exchange of two blocks that the terminal still takes is of another sale, or approves it",
        arguments: [(KeyProfile.sessionTDES, 8), (.sessionSM4XOR, 16)], ["1234", "4321"])
    func answers(profile: (KeyProfile, Int), pin: String) throws {
        let (till, answer) = try answered(profile.0, pin: pin)
        let sound = try require(till.read(answer))
        #expect(sound.text(39) == (pin == "1234" ? "00" : "55"))
        var refused = 0
        var reversed = 0
        let all = swaps(answer, block: profile.1)
        for swapped in all {
            var copy = till.terminal
            let isTaken = copy.handle(.messageReceived(swapped), now: till.bank.now).contains {
                if case .module(.verifyAnswer) = $0 { true } else { false }
            }
            guard isTaken else {
                refused += 1
                continue
            }
            let view = try require(till.read(swapped))
            for field in [3, 4, 11, 12, 13, 41] { #expect(view.text(field) == sound.text(field), "\(field)") }
            var ends = copy.handle(.moduleReply(.answerAuthentic(true)), now: till.bank.now)
            for case .module(.seal(let stored, _)) in ends {
                let item = SealedItem(index: stored + 1, bytes: [])
                ends += copy.handle(.moduleReply(.sealed([item])), now: till.bank.now)
            }
            let outcome = ends.compactMap { if case .outcome(let outcome) = $0 { outcome } else { nil } }.last
            switch try require(outcome) {
            case .approved(let sale): #expect(pin == "1234" && sale.amount.minorUnits == 40_00)
            case .reversed(let reason, _):
                reversed += 1
                #expect(reason == .other)
            case .declined: #expect(pin != "1234")
            default: Issue.record("\(String(describing: outcome))")
            }
        }
        #expect(all.count > 10 && refused * 2 > all.count, "\(refused) of \(all.count)")
        // The blocks of TDES are short enough to move a code about.
        #expect(reversed > 0 || pin != "1234" || profile.0 == .sessionSM4XOR)
    }

    @Test(
        "of a request the health element proves every byte: no exchange of two blocks is taken for one of the terminal",
        arguments: [(KeyProfile.sessionTDES, 8), (.sessionSM4XOR, 16)])
    func requests(profile: KeyProfile, block: Int) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile, dialect: .unionPayPOS)
        till.losesMessages = true
        till.sell(card, 40_00)
        let message = try require(till.messages.last { till.read($0)?.mti == .financialRequest })
        let digest = bank.engine.host.digest()
        for swapped in swaps(message, block: block) { _ = bank.receive(swapped) }
        #expect(bank.engine.host.digest() == digest)
        _ = bank.receive(message)
        #expect(try bank.available(card) == 960_00)
        try bank.check()
    }
}
