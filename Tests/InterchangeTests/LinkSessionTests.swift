// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Interchange

@Suite("A line to another host")
struct LinkSessionTests {
    private static let start = Instant(seconds: 1_800_000_000)
    private var random = SeededRandom(seed: 3)

    private mutating func upSession() -> LinkSession {
        var session = LinkSession(now: Self.start)
        #expect(session.handle(.start, now: Self.start, random: &random) == [.connect])
        #expect(session.handle(.connected, now: Self.start, random: &random) == [.sendSignOn])
        #expect(session.handle(.signedOn(true), now: Self.start, random: &random) == [.up])
        return session
    }

    @Test("is up after its sign-on is accepted and not before")
    mutating func signOn() {
        var session = LinkSession(now: Self.start)
        _ = session.handle(.start, now: Self.start, random: &random)
        _ = session.handle(.connected, now: Self.start, random: &random)
        #expect(session.handle(.heard, now: Self.start, random: &random) == [] && !session.isUp)
        _ = session.handle(.signedOn(true), now: Self.start, random: &random)
        #expect(session.isUp)
    }

    @Test("asks a silent line, hears the answer, and gives up a line that does not answer")
    mutating func echo() throws {
        var session = upSession()
        var now = try #require(session.nextTimer)
        #expect(now == Self.start + .seconds(30))
        #expect(session.handle(.timer, now: now - .milliseconds(1), random: &random) == [])
        #expect(session.handle(.timer, now: now, random: &random) == [.sendEcho] && session.isUp)
        #expect(session.handle(.heard, now: now, random: &random) == [] && session.state == .up)
        now = try #require(session.nextTimer)
        #expect(session.handle(.timer, now: now, random: &random) == [.sendEcho])
        now = try #require(session.nextTimer)
        #expect(session.handle(.timer, now: now, random: &random) == [.down, .close(.echoUnanswered)])
        #expect(!session.isUp)
    }

    @Test("comes back with waits that grow, vary and have an end")
    mutating func reconnecting() throws {
        var session = LinkSession(now: Self.start)
        _ = session.handle(.start, now: Self.start, random: &random)
        var now = Self.start
        var full = Interval.milliseconds(200)
        for _ in 0..<20 {
            #expect(session.handle(.connectFailed, now: now, random: &random) == [])
            let next = try #require(session.nextTimer)
            #expect(next - now >= Interval(microseconds: full.microseconds / 2) && next - now <= full)
            full = min(full * 2, .seconds(30))
            now = next
            #expect(session.handle(.timer, now: now, random: &random) == [.connect])
        }
        _ = session.handle(.connected, now: now, random: &random)
        _ = session.handle(.signedOn(true), now: now, random: &random)
        #expect(session.handle(.disconnected, now: now, random: &random) == [.down])
        #expect(try #require(session.nextTimer) - now <= .milliseconds(200))
    }

    @Test("a refused or unanswered sign-on ends the line and is tried again later")
    mutating func refused() throws {
        for refusal in [true, false] {
            var session = LinkSession(now: Self.start)
            _ = session.handle(.start, now: Self.start, random: &random)
            _ = session.handle(.connected, now: Self.start, random: &random)
            let timeOut = try #require(session.nextTimer)
            let actions =
                refusal
                ? session.handle(.signedOn(false), now: Self.start, random: &random)
                : session.handle(.timer, now: timeOut, random: &random)
            #expect(actions == [.close(refusal ? .signOnRefused : .signOnUnanswered)])
            #expect(try #require(session.nextTimer) > Self.start)
        }
    }

    @Test("signs off when it is stopped, and stays down")
    mutating func stopping() {
        var session = upSession()
        let actions = session.handle(.stop, now: Self.start, random: &random)
        #expect(actions == [.down, .sendSignOff, .close(.stopped)])
        for event in [LinkSession.Event.connected, .heard, .timer, .disconnected, .signedOn(true)] {
            #expect(session.handle(event, now: Self.start, random: &random) == [])
        }
        #expect(session.state == .off && session.nextTimer == nil)
        #expect(session.handle(.start, now: Self.start, random: &random) == [.connect])
    }

    @Test("tells up and down in turn, whatever happens", arguments: 0..<40)
    func alternates(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var session = LinkSession(now: Self.start)
        var now = Self.start
        var isUp = false
        let events: [LinkSession.Event] = [
            .start, .connected, .connectFailed, .signedOn(true), .signedOn(true), .signedOn(false), .heard,
            .disconnected, .timer, .timer, .timer, .stop,
        ]
        for _ in 0..<3_000 {
            now = now + .milliseconds(Int64(random.below(20_000)))
            for action in session.handle(events[random.below(events.count)], now: now, random: &random) {
                if action == .up {
                    #expect(!isUp, "seed \(seed)")
                    isUp = true
                }
                if action == .down {
                    #expect(isUp, "seed \(seed)")
                    isUp = false
                }
            }
            #expect(session.isUp == isUp, "seed \(seed)")
        }
    }
}
