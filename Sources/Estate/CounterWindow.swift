// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Which values of a rising counter have been seen: the highest, and the 64 up to it.
///
/// A value below the window is too old; one inside it that has not been seen is accepted once (rule R4).
public struct CounterWindow: Equatable, Sendable {
    public static let width: UInt32 = 64

    public private(set) var highest: UInt32 = 0
    /// Bit `i` set: `highest - i` has been seen.
    private var seen: UInt64 = 0

    public init() {}

    public enum Verdict: Equatable, Sendable { case fresh, seen, tooOld }

    public func classify(_ counter: UInt32) -> Verdict {
        if counter > highest { return .fresh }
        let distance = highest - counter
        if distance >= Self.width { return .tooOld }
        return seen >> UInt64(distance) & 1 == 1 ? .seen : .fresh
    }

    /// Records a counter that `classify` called fresh.
    public mutating func insert(_ counter: UInt32) {
        if counter > highest {
            let distance = counter - highest
            seen = distance >= Self.width ? 1 : seen << UInt64(distance) | 1
            highest = counter
        } else {
            seen |= 1 << UInt64(highest - counter)
        }
    }

    /// Everything up to this value counts as seen: after a sign-on whose evidence names the module's counter.
    public mutating func raise(to counter: UInt32) {
        guard counter >= highest else { return }
        highest = counter
        seen = .max
    }

    /// The value that a fresh counter is certainly above.
    public var floor: UInt32 { highest >= Self.width ? highest - Self.width : 0 }

    public func snapshot(to writer: inout ByteWriter) {
        writer.unsigned(highest)
        writer.word(seen)
    }

    public init(snapshot reader: inout ByteReader) throws(CodecError) {
        highest = try reader.unsigned()
        seen = try reader.word()
    }
}

/// The KSNs of one terminal's key: the window, and the digest of the message that used each (rule R4).
public struct KSNWindow: Equatable, Sendable {
    private var window = CounterWindow()
    /// By counter modulo 64; meaningful where the window says seen.
    private var digests = [UInt64](repeating: 0, count: Int(CounterWindow.width))

    public init() {}

    public enum Verdict: Equatable, Sendable {
        case fresh
        /// The same message once more.
        case sameBytes
        /// Another message under a used key: evidence for K04.
        case otherBytes
        case tooOld
    }

    public var highest: UInt32 { window.highest }

    public func classify(_ counter: UInt32, digest: UInt64) -> Verdict {
        switch window.classify(counter) {
        case .fresh: .fresh
        case .tooOld: .tooOld
        case .seen: digests[Int(counter % CounterWindow.width)] == digest ? .sameBytes : .otherBytes
        }
    }

    public mutating func insert(_ counter: UInt32, digest: UInt64) {
        window.insert(counter)
        digests[Int(counter % CounterWindow.width)] = digest
    }

    public func snapshot(to writer: inout ByteWriter) {
        window.snapshot(to: &writer)
        for digest in digests { writer.word(digest) }
    }

    public init(snapshot reader: inout ByteReader) throws(CodecError) {
        window = try CounterWindow(snapshot: &reader)
        for index in digests.indices { digests[index] = try reader.word() }
    }
}
