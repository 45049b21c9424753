// SPDX-License-Identifier: Apache-2.0

/// The KSNs of one initial key: which have been seen, and the digest of the message that used each.
///
/// An unseen KSN is accepted once, if it is not more than 63 values of the counter below the highest; one that has been
/// seen is told apart by whether the message is the same. See `CounterWindow` for what the width counts. One window
/// belongs to one initial key: whoever keeps it looks it up by the KSN's `initialKeyID`.
public struct KSNWindow: Equatable, Sendable {
    /// Which counters have been seen.
    public private(set) var window: CounterWindow
    /// By counter modulo 64; meaningful where the window says seen.
    public private(set) var digests: [UInt64]

    /// A window that has seen nothing.
    public init() {
        window = CounterWindow()
        digests = [UInt64](repeating: 0, count: Int(CounterWindow.width))
    }

    /// A window as it was stored.
    ///
    /// - Returns: nil unless there are 64 digests.
    public init?(window: CounterWindow, digests: [UInt64]) {
        guard digests.count == Int(CounterWindow.width) else { return nil }
        self.window = window
        self.digests = digests
    }

    /// What the window knows of a KSN.
    public enum Verdict: Equatable, Sendable {
        case fresh
        /// The same message once more.
        case sameBytes
        /// Another message under a used key.
        case otherBytes
        case tooOld
    }

    /// The highest counter seen; zero before the first.
    public var highest: UInt32 { window.highest }

    /// What the window knows of a counter; changes nothing.
    ///
    /// - Parameter digest: 64 bits of a collision-resistant hash of the message.
    public func classify(_ counter: UInt32, digest: UInt64) -> Verdict {
        switch window.classify(counter) {
        case .fresh: .fresh
        case .tooOld: .tooOld
        case .seen: digests[Int(counter % CounterWindow.width)] == digest ? .sameBytes : .otherBytes
        }
    }

    /// Records a counter that `classify` called fresh.
    public mutating func insert(_ counter: UInt32, digest: UInt64) {
        window.insert(counter)
        digests[Int(counter % CounterWindow.width)] = digest
    }

    /// Classifies the KSN of an authentic message, and records it if it is fresh.
    ///
    /// - Throws: `illegalCounter`, for a counter that no transaction may use.
    public mutating func accept(_ ksn: KSN, digest: UInt64) throws(DUKPTError) -> Verdict {
        guard ksn.isLegal else { throw .illegalCounter(ksn.counter) }
        let verdict = classify(ksn.counter, digest: digest)
        if verdict == .fresh { insert(ksn.counter, digest: digest) }
        return verdict
    }
}
