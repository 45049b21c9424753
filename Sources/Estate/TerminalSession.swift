// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// The session that a terminal of a session profile has its keys from.
///
/// A sign-on's answer may be lost, so that a new session does not end the one in use: that one holds until the first
/// message under the new one, or for `overlap` after the sign-on.
public struct TerminalSession: Equatable, Sendable {
    /// Longer than a terminal waits for an answer.
    public static let overlap = Interval.seconds(120)

    /// The session issued last, from 1.
    public private(set) var number: UInt32 = 0
    /// Whether a message under it has come.
    public private(set) var isConfirmed = false
    /// The last session that a message came under, and how long it holds; nil once the newer one is confirmed.
    public private(set) var previous: Previous?

    public struct Previous: Equatable, Sendable {
        public var number: UInt32
        public var until: Instant
    }

    /// Before the first sign-on.
    public init() {}

    /// The number of the session that a sign-on begins; nil when there is none left.
    public var next: UInt32? { number < .max ? number + 1 : nil }

    /// A sign-on was accepted. What was issued before and never used is forgotten; what is in use holds a little longer.
    mutating func begin(_ number: UInt32, at now: Instant) {
        let used = isConfirmed ? self.number : previous?.number
        previous = used.map { Previous(number: $0, until: now + Self.overlap) }
        self.number = number
        isConfirmed = false
    }

    /// An authentic message came under a session.
    mutating func confirm(_ session: UInt32) {
        guard session == number else { return }
        isConfirmed = true
        previous = nil
    }

    /// Which sessions a message may be under now.
    public func candidates(at now: Instant, admitsNoMAC: Bool) -> SessionCandidates {
        SessionCandidates(
            current: number > 0 ? number : nil, previous: previous.flatMap { now < $0.until ? $0.number : nil },
            admitsNoMAC: admitsNoMAC)
    }

    func snapshot(to writer: inout ByteWriter) {
        writer.unsigned(number)
        writer.flag(isConfirmed)
        writer.optional(previous) {
            $0.unsigned($1.number)
            $0.instant($1.until)
        }
    }

    init(snapshot reader: inout ByteReader) throws(CodecError) {
        number = try reader.unsigned()
        isConfirmed = try reader.flag()
        previous = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            let number: UInt32 = try reader.unsigned()
            return Previous(number: number, until: try reader.instant())
        }
    }
}
