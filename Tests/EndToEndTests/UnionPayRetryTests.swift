// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import ModuleProtocol
import SecurityModule
import Terminal
import Testing
import UnionPay
import Vocabulary

/// A sale that the host cannot read under its keys, with the real modules of both.
@Suite("A second attempt at a sale")
struct UnionPayRetryTests {
    /// The host answers A0 to as many sales.
    private func spoil(_ till: LiveTill, _ count: Int) {
        var left = count
        till.alters = { bytes in
            guard left > 0, till.read(bytes)?.mti == .financialRequest else { return bytes }
            left -= 1
            return bytes.dropLast() + [bytes[bytes.count - 1] ^ 1]
        }
    }

    private func messages(_ till: LiveTill, _ mti: MTI) -> [MessageView] {
        till.messages.compactMap { till.read($0) }.filter { $0.mti == mti }
    }

    @Test(
        "after A0 the terminal takes new keys, reverses the first attempt with A0, and sells in the second",
        arguments: KeyProfile.session, TerminalDialect.allCases)
    func secondAttempt(profile: KeyProfile, dialect: TerminalDialect) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile, dialect: dialect)
        let session = try bank.terminal(till.id).session.number
        spoil(till, 1)
        #expect(till.sell(card, 40_00)?.isApproved == true)
        #expect(till.outcomes.count == 1)
        let sales = messages(till, .financialRequest)
        #expect(sales.count == 2 && sales[0].number(11) != sales[1].number(11))
        let reversals = messages(till, .reversalRequest)
        #expect(reversals.map { $0.text(39) } == ["A0"])
        #expect(try bank.terminal(till.id).session.number == session + 1)
        #expect(till.terminal.openReversalCount == 0 && till.terminal.openWarnings.isEmpty)
        #expect(try bank.available(card) == 960_00)
        #expect(!till.shown.contains(.warning(.k06)))
        try bank.check()
    }

    @Test(
        "an attempt that the host had booked all the same is taken back before the second",
        arguments: KeyProfile.session)
    func bookedAllTheSame(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card(balance: 50_00)
        let till = try LiveTill.trading(bank, profile, dialect: .unionPayPOS)
        // Somebody on the line turns the approval into an A0 without a MAC.
        var isForged = false
        till.altersAnswers = { bytes in
            guard !isForged, let view = till.read(bytes), view.mti == .financialResponse else { return bytes }
            isForged = true
            var builder = MessageBuilder(.financialResponse, spec: .unionpayPOS)
            for field in [3, 4, 11, 12, 13, 25, 37, 41, 42, 49, 60] { builder.copy(field, from: view) }
            builder.set(39, text: "A0")
            builder.set(63, bytes: Array("000".utf8))
            return Array(bytes.prefix(UnionPay.Envelope.count)) + ((try? builder.encode().bytes) ?? [])
        }
        #expect(till.sell(card, 40_00)?.isApproved == true)
        #expect(isForged && messages(till, .financialRequest).count == 2)
        #expect(try bank.available(card) == 10_00)
        try bank.check()
    }

    @Test(
        "a sale of a batch that the host has closed is answered 77, and made again in the host's batch, unreversed",
        arguments: KeyProfile.session)
    func otherBatch(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile, dialect: .unionPayPOS)
        // An empty batch is settled behind the application's back.
        var settlement = MessageBuilder(.settlementRequest, spec: .iso8583_1987)
        for (field, number): (Int, UInt64) in [
            (7, 101_000_000), (11, 9_000), (12, 0), (13, 101), (49, 978), (74, 0), (76, 0), (86, 0), (88, 0),
        ] { settlement.set(field, number: number) }
        settlement.set(42, text: "100000000000001")
        settlement.set(41, text: till.id.description)
        settlement.set(59, text: "000001")
        var builder = try UnionPay.request(
            settlement, UnionPay.Sending(profile: profile, batch: 1, hasHealth: true))
        builder.reserveMAC()
        let encoded = try builder.encode()
        let holes = MessageHoles(
            health: try require(encoded.range(of: 57)).prefix(UnionPay.healthLength), pinBlock: nil,
            mac: try require(encoded.range(of: 64)))
        guard
            case .protected(let message) = till.ask(
                .protect(purpose: .delivery, message: encoded.bytes, holes: holes, pan: nil))
        else { throw Missing() }
        _ = bank.receive(till.terminal.configuration.envelope.bytes + message)
        #expect(bank.engine.host.batch(of: till.id)?.number == 2 && till.terminal.batchNumber == 1)

        #expect(till.sell(card, 40_00)?.isApproved == true)
        let codes = till.answers.compactMap { till.read($0) }.filter { $0.mti == .financialResponse }.map {
            $0.text(39)
        }
        #expect(codes == ["77", "00"] && till.outcomes.count == 1)
        #expect(messages(till, .reversalRequest).isEmpty && till.terminal.batchNumber == 2)
        #expect(try bank.available(card) == 960_00)
        till.fire(.settle)
        guard case .closed(2, _, isBalanced: true)? = till.settlements.last else { throw Missing() }
        try bank.check()
    }

    @Test(
        "a warning report that comes behind the sign-on it led to does not open the warning again",
        arguments: KeyProfile.session)
    func lateReport(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(bank, profile, dialect: .unionPayPOS)
        var reports = 0
        var isSpoilt = false
        till.alters = { bytes in
            guard let view = till.read(bytes) else { return bytes }
            if view.mti == .financialRequest, !isSpoilt {
                isSpoilt = true
                return bytes.dropLast() + [bytes[bytes.count - 1] ^ 1]
            }
            // What stands in for DE 60 of a report; the audit log has a message of its own.
            guard view.text(60, part: 3) == "901", view.text(59)?.contains("LOG") != true else { return bytes }
            reports += 1
            return reports == 1 ? [] : bytes
        }
        let sale = SaleRequest(card: card.data, amount: Money(minorUnits: 40_00, .eur), wantsPIN: false)
        till.run(sale, pin: "")
        till.wait(.seconds(30))
        #expect(reports == 2)
        #expect(till.outcomes.count == 1 && till.outcomes[0].isApproved)
        #expect(try bank.terminal(till.id).warnings.isEmpty && bank.terminal(till.id).lifecycle == .active)
        #expect(till.sell(card, 10_00)?.isApproved == true)
        try bank.check()
    }

    @Test("an idle line is tested by 0800 with 301, and a dead one is given up", arguments: KeyProfile.session)
    func echo(profile: KeyProfile) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.trading(
            bank, profile, heartbeat: .minutes(1), dialect: .unionPayPOS, echoInterval: .minutes(5))
        till.wait(.minutes(5))
        let echo = try require(messages(till, .networkRequest).last)
        #expect(echo.text(60, part: 3) == "301" && !echo.has(64) && echo.unexpectedFields() == [])
        var frame = try require(till.answers.last)
        #expect(UnionPay.Envelope(taking: &frame)?.header.processing == UnionPay.Header.ProcessingRequest.none)
        let answer = try require(till.answers.last.flatMap { till.read($0) })
        #expect(answer.text(39) == "00" && answer.mti == .networkResponse && answer.missingFields() == [])
        #expect(till.hangUps == 0)
        till.losesMessages = true
        till.wait(.minutes(5) + .seconds(20))
        #expect(till.hangUps == 1)
        till.losesMessages = false
        #expect(till.sell(card, 10_00)?.isApproved == true)
        try bank.check()
    }
}
