// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import Issuer
import ModuleProtocol
import SecurityModule
import Terminal
import Testing
import Vocabulary

/// Rule R8 over the real cores: what is open when a module is opened is taken back by its sealed journal, once, to the cent.
@Suite("Open purchases of a dead terminal")
struct DeadTerminalTests {
    struct Line: Sendable, CustomTestStringConvertible {
        var profile: KeyProfile
        var dialect = TerminalDialect.iso8583
        var testDescription: String { "\(profile) \(dialect.rawValue)" }
    }

    static let lines = [
        Line(profile: .aes), Line(profile: .tdes, dialect: .iso8583Binary),
        Line(profile: KeyProfile.session[0], dialect: .unionPayPOS),
    ]

    @Test("opened at any step of a sale, the money is where the clerk was told it is", arguments: lines)
    func anyStep(line: Line) throws {
        for step in 1...6 {
            for isBehind in [false, true] {
                let bank = try Bank()
                let card = try bank.card()
                let till = try LiveTill.sealing(bank, card, line.profile, line.dialect)
                var commands = 0
                let opening: (TerminalModuleCommand) -> Void = { _ in
                    commands += 1
                    if commands == step { till.open() }
                }
                if isBehind { till.afterCommand = opening } else { till.beforeCommand = opening }
                let outcome = till.sell(card, 25_00)
                (till.beforeCommand, till.afterCommand) = (nil, nil)
                if commands < step { till.open() }
                till.wait(.minutes(2))
                let isSold = outcome?.isApproved == true
                let place = "step \(step)\(isBehind ? ", behind it" : "")"
                #expect(isSold == (commands < step || (isBehind && commands == step && step == 5)), "\(place)")
                #expect(try bank.available(card) == (isSold ? 965_00 : 990_00), "\(place)")
                #expect(till.terminal.undeliveredRecordCount == 0, "\(place)")
                #expect(try till.delivered().findings.isEmpty && till.delivered().intents.isEmpty, "\(place)")
                #expect(try bank.terminal(till.id).lifecycle == .tampered, "\(place)")
                #expect(bank.unfinished.isEmpty, "\(place)")
                try bank.check()
            }
        }
    }

    @Test(
        "opened while the answer is missing, the sale is taken back; a completed one before it stands", arguments: lines
    )
    func unanswered(line: Line) throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.sealing(bank, card, line.profile, line.dialect)
        till.losesAnswers = true
        till.sell(card, 25_00)
        #expect(try bank.available(card) == 965_00)
        till.open()
        till.wait(.seconds(30))
        till.losesAnswers = false
        till.wait(.minutes(3))
        #expect(try bank.available(card) == 990_00)
        #expect(till.terminal.undeliveredRecordCount == 0)
        try bank.check()
    }

    @Test("a reversal that came by itself has no second effect out of the sealed journal, nor after it")
    func reversedBefore() throws {
        for isDelivered in [true, false] {
            let bank = try Bank()
            let card = try bank.card()
            let till = try LiveTill.sealing(bank, card)
            till.losesAnswers = true
            till.sell(card, 25_00)
            till.losesMessages = !isDelivered
            till.wait(.seconds(25))
            let reversal = try require(till.messages.last { till.read($0)?.mti == .reversalRequest })
            #expect(try bank.available(card) == (isDelivered ? 990_00 : 965_00))
            till.open()
            (till.losesAnswers, till.losesMessages) = (false, false)
            till.wait(.minutes(3))
            #expect(try bank.available(card) == 990_00)
            #expect(till.terminal.undeliveredRecordCount == 0)
            // What the line has kept back comes at last.
            _ = bank.receive(reversal)
            #expect(try bank.available(card) == 990_00)
            try bank.check()
        }
    }

    @Test("in any order, twice, and a part at a time: each intent is taken back once", arguments: UInt64(1)...6)
    func anyOrder(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.sealing(bank, card)
        for _ in 0..<4 { #expect(till.sell(card, 5_00)?.isApproved == true) }
        till.losesAnswers = true
        till.sell(card, 25_00)
        till.losesAnswers = false
        till.losesTails = true
        till.open()
        till.wait(.minutes(1))
        #expect(till.terminal.undeliveredRecordCount == till.leftBehind.count)
        #expect(try bank.terminal(till.id).lifecycle == .tampered && bank.available(card) == 945_00)
        var left = till.leftBehind.flatMap { [$0, $0] }
        while !left.isEmpty {
            let part = (0..<min(left.count, 1 + random.below(4))).map { _ in left.remove(at: random.below(left.count)) }
            #expect(try till.deliver(part) == "00", "seed \(seed)")
        }
        #expect(try bank.available(card) == 970_00, "seed \(seed)")
        let digest = bank.engine.host.digest()
        let records = bank.records.count
        #expect(try till.deliver(till.leftBehind) == "00")
        #expect(
            bank.engine.host.digest() == digest && bank.records.count == records, "what is sent again is written once")
        #expect(try till.delivered().intents.isEmpty, "seed \(seed)")
        #expect(bank.unfinished.isEmpty)
        try bank.check()
    }

    @Test("without the closing record an open intent is held and asked about, and a completed sale is never undone")
    func withheld() throws {
        enum Answer: CaseIterable { case closing, completed, notCompleted }
        for answer in Answer.allCases {
            let (bank, card, till) = try Self.dead()
            let tail = till.leftBehind
            #expect(try till.deliver(Array(tail.dropLast())) == "00")
            #expect(try bank.available(card) == 965_00 && bank.held(card) == 0 && bank.unfinished.isEmpty)
            bank.now = bank.now + .hours(1)
            try bank.tick()
            // The debit is no debit any more, and nobody else can spend it.
            #expect(try bank.available(card) == 965_00 && bank.held(card) == 25_00)
            let asked = try require(bank.unfinished.first)
            #expect(bank.unfinished.count == 1 && asked.fraudCase.amount.minorUnits == 25_00)
            let isDue = bank.engine.host.isTickDue(at: bank.now)
            #expect(!isDue)
            switch answer {
            case .closing: try till.deliver(tail)
            case .completed: try bank.submit(.confirmCase(asked.id, factor: true), by: Bank.carol)
            case .notCompleted: try bank.submit(.denyCase(asked.id), by: Bank.carol)
            }
            let isGivenBack = answer != .completed
            #expect(try bank.available(card) == (isGivenBack ? 990_00 : 965_00) && bank.held(card) == 0)
            let frozen = bank.engine.host.issuer.accounts[card.account]?.frozen
            #expect(frozen == nil)
            // Whatever comes then has no second effect.
            try till.deliver(tail)
            #expect(try bank.available(card) == (isGivenBack ? 990_00 : 965_00) && bank.held(card) == 0)
            try bank.check()
        }
    }

    @Test("a record that is changed, of another module, or written twice has no effect, and is named")
    func forged() throws {
        let (bank, card, till) = try Self.dead()
        let tail = till.leftBehind
        let closing = try require(tail.last)
        for place in [closing.bytes.count - 1, 20] {
            var bytes = closing.bytes
            bytes[place] ^= 1
            #expect(try till.deliver([SealedItem(index: closing.index, bytes: bytes)]) == "00")
        }
        #expect(try till.delivered().findings == [.edited(closing.index)])
        #expect(try bank.terminal(till.id).warnings.map(\.code) == [.t01, .s06])
        // Another terminal's token opens nothing here, and no token anything of a terminal that trades.
        let other = try LiveTill(bank, .aes, name: "TILL0002")
        try other.activate()
        other.start()
        let digest = bank.engine.host.digest()
        #expect(try till.deliver(tail, token: [UInt8](repeating: 7, count: 16)) == "TM")
        #expect(try other.deliver(tail, token: require(till.status.deathToken)) == "TM")
        #expect(bank.engine.host.digest() == digest)
        #expect(try till.deliver(tail) == "00")
        #expect(try bank.available(card) == 990_00)
        try bank.check()
    }

    @Test("a record that is withheld in the middle is named (S06), and keeps nothing from being taken back")
    func gap() throws {
        let (bank, card, till) = try Self.dead()
        var tail = till.leftBehind
        let lost = tail.remove(at: 1)
        #expect(try till.deliver(tail) == "00")
        #expect(try bank.available(card) == 990_00)
        bank.now = bank.now + .hours(1)
        try bank.tick()
        #expect(try till.delivered().findings == [.missing(lost.index...lost.index)])
        #expect(try bank.terminal(till.id).warnings.map(\.code) == [.t01, .s06])
        #expect(try till.deliver([lost]) == "00")
        #expect(try bank.available(card) == 990_00 && till.delivered().intents.isEmpty)
        try bank.check()
    }

    @Test("two authentic records of one number are a second module: K04")
    func forked() throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.sealing(bank, card)
        let stored = try require(till.terminal.sealedTail.last).index
        let pair = try (0..<2).map { content in
            guard case .sealed(let items) = till.ask(.seal(stored: stored, [SealRequest([UInt8(content)])])) else {
                throw Missing()
            }
            return try require(items.first)
        }
        #expect(pair[0].index == pair[1].index && pair[0].bytes != pair[1].bytes)
        till.open()
        till.wait(.minutes(1))
        #expect(try till.deliver(pair) == "00")
        #expect(try till.delivered().findings.contains(.forked(pair[0].index)))
        #expect(try bank.terminal(till.id).warnings.map(\.code).contains(.k04))
        #expect(try bank.available(card) == 990_00)
        try bank.check()
    }

    @Test("power that fails at any effect of a sale leaves one journal, and the money right, alive and dead")
    func powerCuts() throws {
        var (cut, isWhole) = (0, false)
        while !isWhole {
            for isOpened in [false, true] {
                let bank = try Bank()
                let card = try bank.card()
                let till = try LiveTill.sealing(bank, card)
                till.fuse = cut
                let outcome = till.sell(card, 25_00)
                isWhole = till.fuse > 0
                till.fuse = .max
                try till.restartAll()
                if !isOpened {
                    till.wait(.minutes(2))
                    #expect(till.terminal.openReversalCount == 0, "cut \(cut)")
                    #expect(till.sell(card, 5_00)?.isApproved == true, "cut \(cut)")
                }
                till.open()
                till.wait(.minutes(2))
                let isSold =
                    outcome?.isApproved == true || till.terminal.batch.contains { $0.amount.minorUnits == 25_00 }
                let expected: Int64 = 990_00 - (isSold ? 25_00 : 0) - (isOpened ? 0 : 5_00)
                #expect(try bank.available(card) == expected, "cut \(cut), opened \(isOpened)")
                let findings = try till.delivered().findings
                #expect(findings.isEmpty, "cut \(cut)")
                #expect(till.terminal.undeliveredRecordCount == 0 && bank.unfinished.isEmpty, "cut \(cut)")
                try bank.check()
            }
            cut += 1
        }
        #expect(cut > 15)
    }

    @Test(
        "a link that loses the reply to a sealing, and a module opened before the next: the last records count or not")
    func lostReply() throws {
        for seal in 1...2 {
            let bank = try Bank()
            let card = try bank.card()
            let till = try LiveTill.sealing(bank, card)
            var seals = 0
            till.losesReply = { command in
                guard case .seal = command else { return false }
                seals += 1
                return seals == seal
            }
            #expect(till.sell(card, 25_00)?.isApproved != true)
            till.losesReply = nil
            till.open()
            #expect(till.status.closings.count == 2)
            till.wait(.minutes(2))
            #expect(try bank.available(card) == 990_00, "seal \(seal)")
            #expect(try till.delivered().findings.isEmpty && till.terminal.undeliveredRecordCount == 0)
            try bank.check()
        }
    }

    @Test("a sign-on frees the terminal of records that are settled, and keeps those that are open")
    func acknowledged() throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.sealing(bank, card)
        for _ in 0..<5 { #expect(till.sell(card, 1_00)?.isApproved == true) }
        #expect(till.terminal.sealedTail.count == 12)
        till.losesAnswers = true
        till.sell(card, 25_00)
        let open = try require(till.terminal.sealedTail.last).index
        till.wait(.seconds(25))
        till.losesAnswers = false
        for _ in 0..<2 {
            till.fire(.signOn)
            till.wait(.minutes(1))
            #expect(till.terminal.sealedTail.map(\.index) == [open])
        }
        #expect(till.sell(card, 1_00)?.isApproved == true)
        till.open()
        till.wait(.minutes(1))
        #expect(try till.delivered().findings.isEmpty && bank.available(card) == 984_00)
        try bank.check()
    }

    @Test("a refund that was promised and never came opens a case about the purchase it refers to")
    func owedRefund() throws {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.sealing(bank, card)
        let sale = try require(till.terminal.batch.first)
        var refund = SaleRequest(card: card.data, amount: Money(minorUnits: 4_00, .eur))
        refund.kind = .refund
        refund.wantsPIN = false
        refund.original = .reference(try require(sale.rrn), approvalCode: nil)
        till.losesMessages = true
        till.run(refund, pin: card.pin)
        till.open()
        till.wait(.seconds(30))
        till.losesMessages = false
        till.wait(.minutes(2))
        let asked = try require(bank.unfinished.first)
        #expect(asked.fraudCase.rrn == sale.rrn && asked.fraudCase.amount.minorUnits == 4_00)
        #expect(try bank.available(card) == 990_00 && bank.held(card) == 0)
        #expect(try till.delivered().intents.isEmpty)
        try bank.check()
    }

    /// A till that was opened with an unanswered sale, has reported it, and whose sealed records have not come.
    private static func dead() throws -> (Bank, Plastic, LiveTill) {
        let bank = try Bank()
        let card = try bank.card()
        let till = try LiveTill.sealing(bank, card)
        till.losesAnswers = true
        till.sell(card, 25_00)
        till.losesAnswers = false
        till.losesTails = true
        till.open()
        till.wait(.minutes(1))
        #expect(try bank.terminal(till.id).lifecycle == .tampered && bank.available(card) == 965_00)
        return (bank, card, till)
    }
}
