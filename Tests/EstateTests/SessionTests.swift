// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Testing
import Vocabulary

@testable import Estate

@Suite("Sessions in the estate")
struct SessionTests {
    private func candidates(_ desk: Desk) throws -> SessionCandidates {
        try desk.terminal.session.candidates(at: desk.now, admitsNoMAC: false)
    }

    private func message(_ desk: inout Desk, under session: UInt32) {
        var usage = desk.usage()
        usage.session = session
        desk.estate.apply(usage, at: desk.now)
    }

    @Test("each accepted sign-on begins the next session, a refused one none, and DUKPT has none")
    func numbers() throws {
        for profile in KeyProfile.session {
            var desk = try Desk.active(profile)
            #expect(try candidates(desk) == SessionCandidates(current: 1))
            for number in UInt32(2)...5 {
                guard let granted = desk.signOn().granted else { throw Missing() }
                #expect(granted.session == number && granted.lease.id == number)
                desk.signOn(without: true)
                #expect(try desk.terminal.session.number == number)
            }
        }
        var desk = try Desk.active(.tdes)
        guard let granted = desk.signOn().granted, granted.session == nil else { throw Missing() }
        #expect(try candidates(desk) == SessionCandidates(current: nil))
    }

    @Test("a session in use holds until the first message under the next one, or for the overlap")
    func overlap() throws {
        var desk = try Desk.active(.sessionTDES)
        message(&desk, under: 1)
        desk.signOn()
        #expect(try candidates(desk) == SessionCandidates(current: 2, previous: 1))
        message(&desk, under: 1)
        #expect(try candidates(desk) == SessionCandidates(current: 2, previous: 1))
        var waiting = desk
        message(&desk, under: 2)
        #expect(try candidates(desk) == SessionCandidates(current: 2))

        waiting.now = waiting.now + TerminalSession.overlap - Interval(microseconds: 1)
        #expect(try candidates(waiting).previous == 1)
        waiting.now = waiting.now + Interval(microseconds: 1)
        #expect(try candidates(waiting) == SessionCandidates(current: 2))
    }

    @Test("however many answers to sign-ons are lost, the session in use is the one that holds on")
    func lostAnswers() throws {
        var desk = try Desk.active(.sessionSM4)
        message(&desk, under: 1)
        for number in UInt32(2)...9 {
            desk.now = desk.now + .seconds(100)
            desk.signOn()
            #expect(try candidates(desk) == SessionCandidates(current: number, previous: 1))
        }
    }

    @Test("a session of the last number is followed by none")
    func exhausted() throws {
        var session = TerminalSession()
        session.begin(.max - 1, at: .epoch)
        #expect(session.next == .max)
        session.begin(.max, at: .epoch)
        #expect(session.next == nil)
        var desk = try Desk.active(.sessionTDES)
        let lease = try #require(try desk.terminal.lease)
        desk.apply(.sessionGranted(desk.usage(), lease, desk.evidence, session: .max))
        #expect(raised(desk.signOn()) == [.k03])
    }

    @Test("a snapshot at any point of a change of sessions comes back as it was, and so does every record")
    func stored() throws {
        var desk = try Desk.active(.sessionTDESCBC)
        message(&desk, under: 1)
        for step in 0..<4 {
            if step % 2 == 1 { message(&desk, under: try desk.terminal.session.number) } else { desk.signOn() }
            var reader = ByteReader(desk.snapshot)
            let again = try Estate(snapshot: &reader)
            var writer = ByteWriter()
            again.snapshot(to: &writer)
            #expect(try again.terminals[Desk.id] == desk.terminal && writer.bytes == desk.snapshot && reader.isAtEnd)
        }
        for (record, _) in desk.records {
            var writer = ByteWriter()
            record.encode(to: &writer)
            var reader = ByteReader(writer.bytes)
            #expect(try EstateRecord(from: &reader) == record && reader.isAtEnd)
        }
        var usage = desk.usage()
        for session in [nil, 0, 7, UInt32.max] {
            usage.session = session
            var writer = ByteWriter()
            usage.encode(to: &writer)
            var reader = ByteReader(writer.bytes)
            #expect(try TerminalUsage(from: &reader) == usage && reader.isAtEnd)
        }
    }

    @Test("the XOR MAC's weakness is reported in both languages for the profiles that have it, and for no other")
    func risks() throws {
        for profile in KeyProfile.allCases {
            let isXOR = profile == .sessionTDES || profile == .sessionSM4XOR
            let risks = try Desk(profile).estate.profileRisks
            #expect(risks.map(\.risk) == (isXOR ? [.linearMAC, .shortMAC] : []), "\(profile)")
            #expect(risks.allSatisfy { $0.profile == profile && $0.terminals == 1 })
        }
        for risk in ProfileRisk.allCases {
            #expect(
                risk.phrase.en.contains("MAC") && risk.phrase.zh.contains("MAC") && risk.phrase.en != risk.phrase.zh)
        }
    }
}
