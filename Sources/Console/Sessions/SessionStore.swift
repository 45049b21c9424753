// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Synchronization
import Vocabulary

/// A line shown once, on the page after the one that caused it.
struct Flash: Equatable, Sendable {
    var isError: Bool
    var text: String
}

/// Somebody logged in.
struct Session: Equatable, Sendable {
    /// SHA-256 of the cookie, by which the session is found: what memory holds opens no door.
    var id: [UInt8]
    var user: User
    /// In every form and in `X-CSRF-Token`.
    var csrf: String
    var began: Instant
    var lastUsed: Instant
    var flash: Flash?
}

/// The sessions of this process; a restart logs everybody out.
final class SessionStore: Sendable {
    /// Without a request for so long a session is over.
    static let idleMax = Interval.minutes(30)
    /// However busy, a session ends after so long.
    static let lifetimeMax = Interval.hours(12)
    static let sessionsMax = 1_000

    private let sessions = Mutex<[[UInt8]: Session]>([:])

    /// - Returns: the cookie's value and the session.
    func begin(_ user: User, now: Instant) -> (cookie: String, session: Session) {
        let token = RandomBytes.bytes(32)
        let session = Session(
            id: SHA256.hash(token), user: user, csrf: Hex.text(RandomBytes.bytes(16)), began: now, lastUsed: now)
        sessions.withLock { sessions in
            if sessions.count >= Self.sessionsMax {
                sessions = sessions.filter { !Self.isOver($0.value, now) }
            }
            // Still full: the one unused longest goes.
            if sessions.count >= Self.sessionsMax,
                let oldest = sessions.min(by: { $0.value.lastUsed < $1.value.lastUsed })
            {
                sessions[oldest.key] = nil
            }
            sessions[session.id] = session
        }
        return (Hex.text(token), session)
    }

    /// The session of a cookie, marked as used now.
    func find(_ cookie: String, now: Instant) -> Session? {
        guard cookie.utf8.count == 64, let token = Hex.bytes(cookie) else { return nil }
        let id = SHA256.hash(token)
        return sessions.withLock { sessions in
            guard let session = sessions[id] else { return nil }
            guard !Self.isOver(session, now) else {
                sessions[id] = nil
                return nil
            }
            sessions[id]?.lastUsed = now
            return session
        }
    }

    /// Whether it is still open, without counting as use: a page left open does not keep itself logged in.
    func isOpen(_ id: [UInt8], now: Instant) -> Bool {
        sessions.withLock { sessions in sessions[id].map { !Self.isOver($0, now) } ?? false }
    }

    func end(_ session: Session) { sessions.withLock { $0[session.id] = nil } }

    func setFlash(_ flash: Flash, _ session: Session) { sessions.withLock { $0[session.id]?.flash = flash } }

    func takeFlash(_ session: Session) -> Flash? {
        sessions.withLock { sessions in
            guard let flash = sessions[session.id]?.flash else { return nil }
            sessions[session.id]?.flash = nil
            return flash
        }
    }

    private static func isOver(_ session: Session, _ now: Instant) -> Bool {
        now - session.lastUsed >= idleMax || now - session.began >= lifetimeMax
    }
}
