// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite struct RecordTests {
    static let intent = ReversalIntent(
        stan: STAN(7), pan: Rig.pan, amount: Money(minorUnits: 1_250, .eur), at: Rig.start, rrn: RRN(4_711),
        state: .inFlight)
    static let sale = ApprovedSale(
        stan: STAN(7), amount: Money(minorUnits: 1_250, .eur), approvalCode: "A1B2C3", rrn: "000000004711",
        at: Rig.start)

    static var book: TerminalBook {
        var book = TerminalBook()
        book.lastSTAN = STAN(12)
        var due = intent
        due.stan = STAN(8)
        due.state = .due(.macFailed, STAN(9))
        book.intents = [intent, due]
        book.reports = [WarningReport(stan: STAN(10), codes: [.l01, .t04], at: Rig.start)]
        book.linkToken = [1, 2, 3]
        book.linkTokenCandidates = [[4], [5, 6]]
        book.lastSale = .approved(sale)
        return book
    }

    /// Every record with the bytes it has for good.
    static let golden: [(TerminalRecord, String)] = [
        (.stan(STAN(300_000)), "0101E0A712"),
        (.intent(intent), "0102071034313131313131313131313131313131C413D2078080DE8DA68BAD0601E72400"),
        (.approved(sale), "010307C413D207064131423243330C3030303030303030343731318080DE8DA68BAD06"),
        (.declined(STAN(7)), "010407"),
        (.reversalDue(STAN(7), .noAnswer, reversal: STAN(8), rrn: nil), "010507010800"),
        (.reversalDue(STAN(7), .other, reversal: STAN(8), rrn: RRN(4_711)), "010507040801E724"),
        (.reversalDone(STAN(7)), "010607"),
        (.report(WarningReport(stan: STAN(10), codes: [.l01, .t04], at: Rig.start)), "01070A0251448080DE8DA68BAD06"),
        (.reportDone(STAN(10)), "01080A"),
        (.linkToken([0xAB, 0xCD]), "010902ABCD"),
        (.linkTokenAccepted, "010A"),
        (
            .intent(refund),
            "010C03071034313131313131313131313131313131C413D2078080DE8DA68BAD0601E72400"
                + "011C0C050001E7240106413142324333"
        ),
        (.settlementStarted(STAN(7), Rig.start), "010D078080DE8DA68BAD06"),
        (.uploadDue(STAN(8), Rig.start, next: 30), "010E088080DE8DA68BAD061E"),
        (.settlementDropped, "010F"),
        (.batchClosed(isBalanced: true), "011001"),
        (.batchNumber(2), "011102"),
        (.service(.started(Rig.start)), "01138080DE8DA68BAD06"),
        (.service(.stopped), "0114"),
        (
            .service(.raised(OwnWarning(code: .p02, severity: .s2, since: Rig.start, needsOrder: true))),
            "011582028080DE8DA68BAD0601"
        ),
        (.service(.cleared(.l02)), "011652"),
        (.service(.parameters([0xAB, 0xCD], Rig.start)), "011702ABCD8080DE8DA68BAD06"),
        (.service(.paired(Pairing(serial: 42, identityEpoch: 300))), "0118000000000000002AAC02"),
    ]

    static var refund: ReversalIntent {
        var refund = intent
        refund.kind = .refund
        refund.advice = Advice(
            expiry: CardExpiry(year: 28, month: 12)!, entry: .chip,
            original: OriginalData(rrn: RRN(4_711), approvalCode: "A1B2C3"))
        return refund
    }

    @Test func `A snapshot with a batch, a refund and a settlement comes back whole, and no part of it can be cut`()
        throws
    {
        var book = Self.book
        var refund = Self.refund
        refund.stan = STAN(11)
        refund.advice?.original.trace = OriginalData.Trace(kind: .purchase, stan: STAN(3), at: Rig.start)
        book.intents.append(refund)
        book.batch.number = 42
        book.batch.entries = TransactionKind.allCases.map {
            BatchEntry(
                kind: $0, stan: STAN(UInt32($0.rawValue)), rrn: $0 == .refund ? nil : RRN(4_711),
                amount: Money(minorUnits: 1, .eur), approvalCode: "", at: Rig.start)
        }
        for stage in [SettlementRun.Stage.totals, .upload(next: 0), .upload(next: 8)] {
            book.batch.settlement = SettlementRun(stan: STAN(12), at: Rig.start, stage: stage)
            let bytes = TerminalRecord.snapshot(book).encoded()
            #expect(try TerminalRecord(decoding: bytes) == .snapshot(book))
            for length in bytes.indices {
                #expect(throws: CodecError.self) { try TerminalRecord(decoding: Array(bytes[..<length])) }
            }
        }
        book.batch.settlement?.stage = .upload(next: 9)
        #expect(throws: CodecError.self) {
            try TerminalRecord(decoding: TerminalRecord.snapshot(book).encoded())
        }
    }

    @Test func `A snapshot with the terminal's own condition comes back whole, and no part of it can be cut`() throws {
        var book = Self.book
        book.service.warnings = [
            OwnWarning(code: .l01, severity: .s2, since: Rig.start, needsOrder: true),
            OwnWarning(code: .p04, severity: .s3, since: Rig.start, needsOrder: false),
        ]
        book.service.isRunning = true
        book.service.uncleanStarts = [Rig.start]
        book.service.parameters = Rig.configuration().parameters
        book.service.reloadedAt = Rig.start
        book.service.pairing = Pairing(serial: 42, identityEpoch: 1)
        let bytes = TerminalRecord.snapshot(book).encoded()
        #expect(bytes[1] == 25)
        #expect(try TerminalRecord(decoding: bytes) == .snapshot(book))
        for length in bytes.indices {
            #expect(throws: CodecError.self) { try TerminalRecord(decoding: Array(bytes[..<length])) }
        }
    }

    @Test(arguments: golden.indices)
    func `A record keeps its bytes for good`(index: Int) throws {
        let (record, hex) = Self.golden[index]
        #expect(Hex.text(record.encoded()) == hex)
        #expect(try TerminalRecord(decoding: #require(Hex.bytes(hex))) == record)
    }

    @Test func `A snapshot stands for the whole book`() throws {
        let record = TerminalRecord.snapshot(Self.book)
        #expect(try TerminalRecord(decoding: record.encoded()) == record)
        let terminal = try Terminal(configuration: Rig.configuration(), journal: [record.encoded()])
        #expect(terminal.snapshot() == record.encoded())
        #expect(terminal.lastSTAN == STAN(12) && terminal.openReversalCount == 2)
        var book = Self.book
        for last: LastSale in [.declined(STAN(7)), .reversed(STAN(7), .notFinished)] {
            book.lastSale = last
            #expect(try TerminalRecord(decoding: TerminalRecord.snapshot(book).encoded()) == .snapshot(book))
        }
    }

    @Test func `A damaged record keeps the terminal from starting`() {
        let bytes = TerminalRecord.snapshot(Self.book).encoded()
        for length in bytes.indices {
            #expect(throws: TerminalJournalError.self) {
                try Terminal(configuration: Rig.configuration(), journal: [Array(bytes[..<length])])
            }
        }
        #expect(throws: CodecError.invalid(offset: 2, what: "trace number")) {
            try TerminalRecord(decoding: [1, 1, 0])
        }
        #expect(throws: CodecError.invalid(offset: 3, what: "end of record")) {
            try TerminalRecord(decoding: [1, 1, 5, 0])
        }
        #expect(throws: CodecError.invalid(offset: 1, what: "record tag")) { try TerminalRecord(decoding: [1, 99]) }
        #expect(throws: CodecError.invalid(offset: 0, what: "record version")) {
            try TerminalRecord(decoding: [2, 1, 5])
        }
        #expect(throws: CodecError.invalid(offset: 3, what: "reversal reason")) {
            try TerminalRecord(decoding: [1, 5, 7, 9, 8, 0])
        }
        #expect(throws: CodecError.invalid(offset: 3, what: "card number")) {
            try TerminalRecord(decoding: [1, 2, 7, 1, 0x34])
        }
    }

    @Test(
        arguments: [
            [.approved(sale)], [.declined(STAN(7))], [.reversalDone(STAN(7))], [.reportDone(STAN(7))],
            [.linkTokenAccepted], [.service(.stopped)], [.service(.cleared(.p02))],
            [.service(.started(Rig.start)), .service(.stopped), .service(.stopped)],
            [.intent(intent), .intent(intent)], [.intent(intent), .reversalDone(STAN(7))],
            [.intent(intent), .reversalDue(STAN(7), .other, reversal: STAN(7), rrn: nil)],
            [.intent(intent), .reversalDue(STAN(7), .other, reversal: STAN(8), rrn: nil), .approved(sale)],
            [.intent(intent), .approved(sale), .reversalDue(STAN(7), .other, reversal: STAN(8), rrn: nil)],
            [.intent(refund), .reversalDue(STAN(7), .other, reversal: STAN(8), rrn: nil)],
            [.settlementStarted(STAN(9), Rig.start)], [.batchClosed(isBalanced: true)], [.settlementDropped],
            [.intent(intent), .approved(sale), .settlementStarted(STAN(9), Rig.start), .batchNumber(3)],
            [
                .intent(intent), .approved(sale), .settlementStarted(STAN(9), Rig.start),
                .uploadDue(STAN(10), Rig.start, next: 2),
            ],
        ] as [[TerminalRecord]])
    func `A record that cannot follow those before it keeps the terminal from starting`(records: [TerminalRecord]) {
        #expect(throws: TerminalJournalError.contradiction(index: records.count - 1)) {
            try Terminal(configuration: Rig.configuration(), journal: records.map { $0.encoded() })
        }
    }

    @Test func `The later of two trace numbers is found across the wrap`() {
        var book = TerminalBook()
        for (last, used, expected) in [
            (0, 1, 1), (5, 7, 7), (7, 5, 7), (999_999, 1, 1), (1, 999_999, 1), (999_998, 999_999, 999_999),
        ] as [(UInt32, UInt32, UInt32)] {
            book.lastSTAN = STAN(last)
            book.advance(to: STAN(used))
            #expect(book.lastSTAN == STAN(expected), "\(last), \(used)")
        }
    }

    private func apply(_ record: TerminalRecord, to book: inout TerminalBook) {
        let fits = book.apply(record)
        #expect(fits)
    }

    @Test func `A fifth unanswered evidence forgets the oldest token`() {
        var book = TerminalBook()
        for token in 1...5 as ClosedRange<UInt8> { apply(.linkToken([token]), to: &book) }
        #expect(book.linkTokenCandidates == [[2], [3], [4], [5]])
        apply(.linkTokenAccepted, to: &book)
        #expect(book.linkToken == [5] && book.linkTokenCandidates.isEmpty)
    }
}
