// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// The supervisors of the PIN pad and the lock on their passcodes; in the stored record.
struct Supervisors: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        /// 1 to 8.
        var number: UInt8
        var salt: [UInt8]
        /// The passcode's hash, under the storage key: short digits would be guessed from a hash in clear.
        var sealedHash: [UInt8]
    }

    static let numbers: ClosedRange<UInt8> = 1...8
    /// Wrong passcodes in a row (PCI DSS 8.3.4 allows ten).
    static let triesMax: UInt8 = 5
    static let lockTime = Interval.minutes(30)
    /// So many lock-outs within the window stop the terminal.
    static let lockOutsMax = 3
    static let lockOutWindow = Interval.hours(24)

    /// In ascending order of numbers.
    private(set) var entries: [Entry] = []
    /// Passcodes tried since the last right one: counted before one is looked at, so that pulling the plug wins no try.
    private(set) var tries: UInt8 = 0
    private(set) var lockedUntil: Instant?
    /// Oldest first.
    private(set) var lockOuts: [Instant] = []

    init() {}

    subscript(number: UInt8) -> Entry? { entries.first { $0.number == number } }

    var isExhausted: Bool { tries >= Self.triesMax }
    var triesLeft: Int { Int(Self.triesMax - min(tries, Self.triesMax)) }

    func isLocked(_ now: Instant) -> Bool { lockedUntil.map { now < $0 } ?? false }

    mutating func set(_ entry: Entry) {
        entries.removeAll { $0.number == entry.number }
        entries.append(entry)
        entries.sort { $0.number < $1.number }
    }

    mutating func countTry() { tries = min(tries + 1, Self.triesMax) }

    mutating func pass() { tries = 0 }

    /// Locks all supervisors out.
    ///
    /// - Returns: how grave that is (K07).
    mutating func lock(at now: Instant) -> Severity {
        tries = 0
        lockedUntil = now + Self.lockTime
        lockOuts.removeAll { now - $0 >= Self.lockOutWindow || $0 > now }
        lockOuts.append(now)
        if lockOuts.count > Self.lockOutsMax { lockOuts.removeFirst() }
        return lockOuts.count >= Self.lockOutsMax ? .s2 : .s3
    }

    /// - Returns: whether there was a lock.
    mutating func unlock() -> Bool {
        tries = 0
        defer { lockedUntil = nil }
        return lockedUntil != nil
    }

    /// After the clock was set back: a lock lasts no longer than it would have.
    mutating func clamp(to now: Instant) { lockedUntil = lockedUntil.map { min($0, now + Self.lockTime) } }

    func write(to writer: inout ByteWriter) {
        writer.list(entries) { writer, entry in
            writer.byte(entry.number)
            writer.sized(entry.salt)
            writer.sized(entry.sealedHash)
        }
        writer.byte(tries)
        writer.optional(lockedUntil) { $0.instant($1) }
        writer.list(lockOuts) { $0.instant($1) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        entries = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            let number = try reader.byte()
            let salt = try reader.sized()
            return Entry(number: number, salt: salt, sealedHash: try reader.sized())
        }
        tries = try reader.byte()
        lockedUntil = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.instant() }
        lockOuts = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.instant() }
        guard entries.allSatisfy({ Self.numbers.contains($0.number) }), entries.count <= Self.numbers.count,
            lockOuts.count <= Self.lockOutsMax
        else { throw .invalid(offset: start, what: "supervisors") }
    }
}
