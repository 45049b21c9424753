// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Testing
import Vocabulary

@testable import Issuer

@Suite("Advance notices")
struct NoticeTests {
    private static let shop = Position(latitude: 48_137_000, longitude: 11_575_000)

    private func give(_ notice: AdvanceNotice, to desk: inout Desk, number: UInt64 = 7) throws {
        desk.apply(
            try desk.issuer.decideNotice(Desk.card, notice, number: number, by: Desk.carol, now: desk.now))
    }

    private func notice(_ desk: Desk, _ amount: Int64 = 500) -> AdvanceNotice {
        AdvanceNotice(
            from: desk.now, until: desk.now + .days(1), amountMax: Money(minorUnits: amount, .eur), categories: [])
    }

    private func covers(
        _ desk: Desk, _ amount: Int64, _ mcc: UInt16 = 1, _ currency: Currency = .eur, at: Instant? = nil,
        place: Position? = shop
    ) throws -> Bool {
        desk.issuer.notice(
            covering: Money(minorUnits: amount, currency), MCC(mcc), of: try desk.state(), at: at ?? desk.now,
            place: place) != nil
    }

    @Test("a notice counts from its first to before its last instant, up to its amount, in its categories")
    func scope() throws {
        var desk = try Desk()
        var notice = notice(desk)
        notice.categories = [MCC(1), MCC(2)]
        try give(notice, to: &desk)
        #expect(try covers(desk, 500) && covers(desk, 1, 2, at: desk.now + .days(1) - Interval(microseconds: 1)))
        #expect(try !covers(desk, 501) && !covers(desk, 500, 3) && !covers(desk, 500, 1, .usd))
        #expect(try !covers(desk, 500, at: desk.now - Interval(microseconds: 1)))
        #expect(try !covers(desk, 500, at: desk.now + .days(1)))
        let sister = try desk.state(Desk.sister)
        let amount = Money(minorUnits: 1, .eur)
        #expect(desk.issuer.notice(covering: amount, MCC(1), of: sister, at: desk.now, place: nil) == nil)
        let given = try desk.state().notices.first
        #expect(given?.number == 7 && given?.by == Desk.carol)
    }

    @Test("a notice for an area covers what happens in it, and nothing whose place nobody knows")
    func area() throws {
        var desk = try Desk()
        var notice = notice(desk)
        notice.area = AdvanceNotice.Area(centre: Self.shop, radiusMetres: 20_000)
        try give(notice, to: &desk)
        let near = Position(latitude: 48_300_000, longitude: 11_575_000)
        let far = Position(latitude: 48_330_000, longitude: 11_575_000)
        #expect(try covers(desk, 1, place: near) && !covers(desk, 1, place: far) && !covers(desk, 1, place: nil))
    }

    @Test("what it lifted counts against its uses and its total, until the purchase is taken back")
    func caps() throws {
        var desk = try Desk()
        var notice = notice(desk)
        (notice.usesMax, notice.totalMax) = (2, 700)
        try give(notice, to: &desk)
        desk.issuer.use(notice: 7, Desk.card, RRN(1), 400)
        #expect(try covers(desk, 300) && !covers(desk, 301))
        desk.issuer.use(notice: 7, Desk.card, RRN(2), 1)
        #expect(try !covers(desk, 1), "both uses are made")
        desk.issuer.markNotices(Desk.card, RRN(1), isReturned: true)
        desk.issuer.markNotices(Desk.card, RRN(1), isReturned: true)
        desk.issuer.markNotices(Desk.card, RRN(9), isReturned: true)
        #expect(try covers(desk, 500) && desk.state().notices.first?.useCount == 1)
        desk.issuer.markNotices(Desk.card, RRN(1), isReturned: false)
        #expect(try !covers(desk, 1) && desk.state().notices.first?.total == 401)
        var writer = ByteWriter()
        desk.issuer.snapshot(to: &writer)
        var reader = ByteReader(writer.bytes)
        #expect(try Issuer(snapshot: &reader).cards[Desk.card] == desk.state())
    }

    @Test("terms that can never cover anything are refused")
    func unsound() throws {
        let desk = try Desk()
        let terms: [(inout AdvanceNotice) -> Void] = [
            { $0.totalMax = 0 }, { $0.totalMax = -1 }, { $0.usesMax = 0 }, { $0.usesMax = 101 },
            { $0.area = AdvanceNotice.Area(centre: Self.shop, radiusMetres: 0) },
            { $0.area = AdvanceNotice.Area(centre: Position(latitude: 90_000_001, longitude: 0), radiusMetres: 1) },
            { $0.area = AdvanceNotice.Area(centre: Position(latitude: 0, longitude: .min), radiusMetres: 1) },
        ]
        for change in terms {
            var notice = notice(desk)
            change(&notice)
            #expect(throws: IssuerRefusal.badNotice) {
                try desk.issuer.decideNotice(Desk.card, notice, number: 1, by: Desk.carol, now: desk.now)
            }
        }
    }

    @Test("of more purchases than are remembered all count, and those remembered can be returned")
    func many() throws {
        var desk = try Desk()
        try give(notice(desk), to: &desk)
        for number in UInt64(1)...150 { desk.issuer.use(notice: 7, Desk.card, RRN(number), 2) }
        for number in UInt64(1)...150 { desk.issuer.markNotices(Desk.card, RRN(number), isReturned: true) }
        let given = try desk.state().notices.first
        #expect(given?.uses.count == 100 && given?.useCount == 50 && given?.total == 100)
    }
}
