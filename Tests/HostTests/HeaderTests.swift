// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import Testing
import UnionPay
import Vocabulary

@testable import Host

@Suite("The header of UnionPay's answers")
struct HeaderTests {
    @Test("the header asks for a sign-on where field 39 does, and nowhere else", arguments: Intent.allCases)
    func processing(intent: Intent) throws {
        let view = try MessageView(
            try MessageBuilder(.financialRequest, spec: .unionpayPOS).encode().bytes, spec: .unionpayPOS)
        let stored = StoredAnswer(intent: intent, approvalCode: 0, rrn: RRN(1), reference: "")
        let origin = Origin(channel: 1, envelope: UnionPay.Envelope(), wire: view)
        let pending = PendingAnswer(origin: origin, view: view, answer: Answer(stored), seal: nil)
        let envelope = try require(pending.envelope)
        let asks = ["77", "99", "A0"].contains(intent.outcome(in: .unionPayPOS).code.description)
        #expect((envelope.header.processing == .signOn) == asks)
        #expect(envelope.header.bytes[2] == (asks ? 3 : 0))
        #expect(envelope.tpdu == UnionPay.Envelope().tpdu.answer)
    }
}
