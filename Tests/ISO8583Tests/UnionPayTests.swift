// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("UnionPay terminals")
struct UnionPayTests {
    private let spec = MessageSpec.unionpayPOS

    /// Transactions as the terminal protocol lists them: processing code, condition, type, 60.1, and whether a missing
    /// answer causes a reversal.
    static let transactions:
        [(id: String, code: UInt64, condition: UInt64, mti: String, type: String, reverses: Bool)] =
            [
                ("balance", 310_000, 0, "0200", "01", false), ("purchase", 0, 0, "0200", "22", true),
                ("purchase-void", 200_000, 0, "0200", "23", true), ("refund", 200_000, 0, "0220", "25", false),
                ("pre-authorisation", 30_000, 6, "0100", "10", true),
                ("pre-authorisation-void", 200_000, 6, "0100", "11", true), ("completion", 0, 6, "0200", "20", true),
                ("completion-void", 200_000, 6, "0200", "21", true), ("offline", 0, 0, "0220", "30", false),
                ("offline", 0, 0, "0220", "32", false), ("offline", 0, 0, "0220", "34", false),
            ]

    private func request(_ index: Int) throws -> MessageBuilder {
        let row = Self.transactions[index]
        var builder = MessageBuilder(try #require(MTI(row.mti)), spec: spec)
        builder.set(3, number: row.code)
        if row.id != "balance" { builder.set(4, number: 100) }
        builder.set(11, number: 7)
        builder.set(22, number: 21)
        builder.set(25, number: row.condition)
        builder.set(35, text: "6221550999400728D1511101")
        builder.set(41, text: "10421695")
        builder.set(42, text: "874350357222471")
        builder.set(49, text: "156")
        builder.set(60, text: "\(row.type)000001")
        let rule = try #require(spec.rule(named: row.id))
        if rule.mandatory.contains(37) { builder.set(37, text: "000000000001") }
        if rule.mandatory.contains(38) { builder.set(38, text: "123456") }
        if rule.mandatory.contains(61) { builder.set(61, text: "0000010000060102") }
        builder.reserveMAC()
        return builder
    }

    @Test(
        "Each transaction of the protocol is told by its type and code, and needs what it needs",
        arguments: transactions.indices)
    func transaction(index: Int) throws {
        let row = Self.transactions[index]
        let builder = try request(index)
        #expect(builder.missingFields() == [])
        let view = try MessageView(try builder.encode().bytes, spec: spec)
        let rule = try #require(view.rule)
        #expect(rule.id == row.id)
        #expect((rule.unanswered == .reverse) == row.reverses)
        #expect(rule.timeoutSeconds == 60)
        #expect(rule.muxKey.fields == [11, 41, 42])
        try view.checkPresence()
        #expect(view.unexpectedFields() == [])
        for field in rule.mandatory.fields where field != 60 && field != 3 {
            var without = builder
            without.remove(field)
            #expect(without.missingFields() == [field])
            let cut = try MessageView(try without.encode().bytes, spec: spec)
            #expect(cut.missingFields() == [field])
        }
        #expect(spec.rule(named: row.id + "-response")?.mti == view.mti.response)
    }

    @Test("A transaction that the dialect does not have is refused")
    func unknownTransaction() throws {
        var builder = try request(1)
        builder.set(60, text: "77000001")
        let view = try MessageView(try builder.encode().bytes, spec: spec)
        #expect(view.rule == nil)
        let found = error(DecodeError.self) { try view.checkPresence() }
        #expect(found == DecodeError(path: "0", offset: 0, kind: .unsupportedTransaction))
        let lint = MessageView.lint(view.bytes, spec: spec)
        #expect(lint.isComplete && lint.findings.map(\.kind) == [.unsupportedTransaction])
    }

    @Test("Published messages of UnionPay have what their rules need")
    func published() throws {
        for vector in VectorTests.messages where vector.spec.name == "unionpay-pos-64" {
            let view = try #require(MessageView.lint(vector.body, spec: spec).view)
            let isCut = vector.json["field64Omitted"]?.bool == true
            #expect(view.rule != nil, "\(vector.id)")
            #expect(view.missingFields() == (isCut ? [64] : []), "\(vector.id)")
            #expect(view.unexpectedFields() == [], "\(vector.id)")
            if view.mti == .networkResponse {
                #expect(view.layout(of: 62)?.kind == .binary && view.text(62) == nil, "\(vector.id)")
                #expect(view.rule?.id == "sign-on-response", "\(vector.id)")
            }
        }
    }

    @Test("The code of a purchase covers everything from the message type to field 63")
    func coverage() throws {
        for vector in VectorTests.messages where vector.id == "up-0200-purchase-halo" {
            let view = try MessageView(vector.body, spec: spec)
            #expect(view.macField == 64)
            #expect(view.macCoverage == 0..<vector.body.count - 8)
        }
    }

    @Test("A PIN block has sixteen bytes where field 53 says SM4, in whatever order they are set")
    func algorithm() throws {
        let block = [UInt8](repeating: 0x35, count: 16)
        for security in ["2300000000000000", "2600000000000000"] {
            let count = security.dropFirst().first == "3" ? 16 : 8
            for isPINFirst in [true, false] {
                var builder = try request(1)
                builder.set(26, number: 12)
                if isPINFirst { builder.set(52, bytes: block[..<count]) }
                builder.set(53, text: security)
                if !isPINFirst { builder.set(52, bytes: block[..<count]) }
                let view = try MessageView(try builder.encode().bytes, spec: spec)
                #expect(view.range(of: 52)?.count == count)
                #expect(view.text(53) == security)
                #expect(view.layout(of: 52)?.maximum == UInt32(count))
                #expect(try Message(view).encoded() == view.bytes)
                #expect(view.missingFields() == [])
            }
            var builder = try request(1)
            builder.set(52, bytes: block[..<(24 - count)])
            builder.set(53, text: security)
            #expect(
                error(EncodeError.self) { try builder.encode() } == EncodeError(field: 52, kind: .layoutMismatch))
        }
    }

    @Test("A PIN block of another length than field 53 says is refused, and lint says so first")
    func contradicted() throws {
        let head =
            "0200302004C020C0981100000000000000000100013341100012376225885741255749D00001012964900171056035323037"
            + "39303030303031333332303630313230303033313536"
        let tail = "0014220006060006013242414635334638"
        func refusal(_ block: String, _ security: String) throws -> DecodeError? {
            let bytes = try #require(Hex.bytes(head + block + security + tail))
            let lint = MessageView.lint(bytes, spec: spec)
            let found = error(DecodeError.self) { try MessageView(bytes, spec: spec) }
            #expect(lint.isComplete && lint.findings.first == found)
            return found
        }
        let block = "E6B52EFDA2C3F1E7"
        let fault = DecodeError(path: "52", offset: head.utf8.count / 2, kind: .layoutMismatch)
        #expect(try refusal(block, "0300000000000000") == fault)
        #expect(try refusal(block, "0600000000000000") == nil)
        #expect(try refusal(block + block, "0300000000000000") == nil)
    }

    @Test("Field 62 is text in a request and bytes in the answer to a sign-on")
    func keys() throws {
        var request = MessageBuilder(.networkRequest, spec: spec)
        request.set(62, bytes: [1, 2, 3])
        #expect(error(EncodeError.self) { try request.encode() } == EncodeError(field: 62, kind: .badCharacter))
        var answer = MessageBuilder(.networkResponse, spec: spec)
        answer.set(62, bytes: [1, 2, 3])
        #expect(try MessageView(try answer.encode().bytes, spec: spec).bytes(62).map(Array.init) == [1, 2, 3])
    }

    @Test("Settlement totals are read figure by figure, and refused with one too few")
    func settlement() throws {
        let mti = try #require(MTI("0500"))
        let totals = "000000001200" + "003" + "000000000100" + "001" + "1"
        var builder = MessageBuilder(mti, spec: spec)
        builder.set(48, text: totals + "000000000000" + "000" + "000000000000" + "000" + "1")
        let view = try MessageView(try builder.encode().bytes, spec: spec)
        #expect(view.number(48, part: 1) == 1_200)
        #expect(view.number(48, part: 4) == 1)
        #expect(view.number(48, part: 10) == 1)
        var short = MessageBuilder(mti, spec: spec)
        short.set(48, text: String(totals.dropLast()))
        #expect(error(EncodeError.self) { try short.encode() } == EncodeError(field: 48, kind: .badCharacter))
    }

    @Test("A typed request survives writing and reading, its reversal and its answer too")
    func typed() throws {
        for index in Self.transactions.indices {
            let view = try MessageView(try request(index).encode().bytes, spec: spec)
            let request = try FinancialRequest(view)
            #expect(request.merchant?.description == "874350357222471")
            #expect(request.card.track2 == view.range(of: 35))
            var builder = MessageBuilder(view.mti, spec: spec)
            request.write(to: &builder)
            builder.copy(35, from: view)
            builder.reserveMAC()
            #expect(try builder.encode().bytes == view.bytes)

            let reversal = ReversalRequest(of: request, reason: ResponseCode("98"))
            var reversing = MessageBuilder(.reversalRequest, spec: spec)
            reversal.write(to: &reversing)
            reversing.copy(35, from: view)
            if request.amount == nil { reversing.set(4, number: 0) }
            reversing.reserveMAC()
            let reversed = try MessageView(try reversing.encode().bytes, spec: spec)
            try reversed.checkPresence()
            #expect(try ReversalRequest(reversed).reason == ResponseCode("98"))
            #expect(try ReversalRequest(reversed).request.stan == request.stan)
        }
    }

    @Test("A typed sign-on survives writing and reading")
    func signOn() throws {
        for vector in VectorTests.messages where vector.id.hasPrefix("up-0810") {
            let view = try MessageView(vector.body, spec: spec)
            let answer = try NetworkMessage(view)
            #expect(answer.response == .approved)
            #expect(answer.keys == view.range(of: 62))
            var builder = MessageBuilder(view.mti, spec: spec)
            answer.write(to: &builder)
            builder.copy(32, from: view)
            builder.copy(62, from: view)
            #expect(try builder.encode().bytes == vector.body, "\(vector.id)")
        }
    }
}
