// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import Storage
import Testing
import Vocabulary

@testable import Host

@Suite("Projections of every kind of transaction")
struct KindProjectionTests {
    /// The same request with a name, a reference and a kind of its own.
    private func follow(
        _ sale: Authorisation, _ number: UInt64, _ kind: TransactionKind, _ movement: Movement, original: RRN? = nil
    ) -> HostRecord.Body {
        var next = sale
        next.effects = CardEffects(pin: .untried, debit: 0)
        next.answer.rrn = RRN(sale.answer.rrn.number + number)
        next.names.key.stan = STAN(sale.names.key.stan.number + UInt32(number))
        next.names.transmission += number
        next.evaluation = nil
        return .transaction(CardTransaction(kind: kind, sale: next, original: original, movement: movement))
    }

    private func expectEqual(_ bank: Bank, _ location: SourceLocation = #_sourceLocation) async throws {
        let core = try #require(bank.issuer().accounts[Bank.account])
        let row = try #require(try await bank.reader.account(Bank.account)).account
        #expect(row.available.minorUnits == core.available, sourceLocation: location)
        #expect(row.held.minorUnits == core.held, sourceLocation: location)
    }

    @Test("Available and held are the issuer's, and statements show what moves money with its sign")
    func kinds() async throws {
        let bank = try Bank()
        try bank.open()
        let sale = try bank.sale(10_000, at: "T1")
        let rrn = sale.answer.rrn
        let hold = Hold(
            id: RRN(rrn.number + 2), card: Bank.card, account: Bank.account, amount: 10_000,
            expires: bank.now + Hold.lifetime)
        _ = try bank.commit(follow(sale, 1, .purchaseVoid, Movement(available: 10_000), original: rrn))
        try await expectEqual(bank)
        _ = try bank.commit(follow(sale, 2, .preAuthorisation, .hold(hold)))
        try await expectEqual(bank)
        _ = try bank.commit(follow(sale, 3, .completion, .complete(hold, debit: 10_000), original: hold.id))
        _ = try bank.commit(follow(sale, 4, .balance, .none))
        try await expectEqual(bank)
        let time = CalendarTime(bank.now)
        let lines = try await bank.reader.statement(of: Bank.account, year: time.year, month: time.month)
        #expect(lines.map(\.decision.transaction) == [.purchase, .purchaseVoid, .completion])
        #expect(lines.map(\.debit.minorUnits) == [10_000, -10_000, 10_000])
    }

    @Test("A settled batch is a row with both totals")
    func batches() async throws {
        let bank = try Bank()
        try bank.open()
        let sale = try bank.sale(10_000, at: "T1")
        let totals = BatchTotals(debitAmount: 10_000, debitCount: 1)
        var names = sale.names
        names.key.stan = STAN(900)
        _ = try bank.commit(
            .settlement(
                Settlement(
                    usage: sale.usage, names: names, batch: 1, claimed: totals, counted: totals, outcome: .balanced,
                    answer: sale.answer)))
        let rows = try await bank.reader.batches(of: sale.usage.terminal)
        #expect(rows.count == 1 && rows[0].isBalanced && rows[0].counted == totals && rows[0].closedAt == bank.now)
    }
}
