// SPDX-License-Identifier: Apache-2.0

extension AESDUKPT {
    /// The intermediate derivation keys of the devices that a host has heard of last, so that consecutive transactions of
    /// a device cost one step each (X9.24-3:2017 6.3.3).
    ///
    /// It holds keys that give those of past and coming transactions away, no more than the initial keys do. What makes
    /// room is wiped. A cache serves one base derivation key; another one empties it.
    ///
    /// ```
    /// var nodes = AESDUKPT.NodeCache(capacity: 1_000)
    /// try scratch.derive(bdk: bdk, ksn: ksn, nodes: &nodes)
    /// ```
    public struct NodeCache: ~Copyable, Sendable {
        /// The most initial keys of a cache.
        public static let capacityMax = DerivationPaths.capacityMax

        var paths: DerivationPaths
        var base = BaseKeyMark()

        /// - Parameter capacity: initial keys at most, 1 to `capacityMax`; above four it is rounded down to a multiple
        ///   of four. Each takes 512 bytes.
        public init(capacity: Int) {
            let shape = DerivationPaths.Shape(
                keysMax: AESKeySerialNumber.counterOnesMax, keyBytesMax: AESKeyLength.aes256.rawValue)
            paths = DerivationPaths(shape: shape, capacity: capacity)
        }

        /// Initial keys at most.
        public var capacity: Int { paths.capacity }
        /// Initial keys now.
        public var count: Int { paths.count }
        /// Wipes everything.
        public mutating func removeAll() { paths.removeAll() }
    }
}

/// The base derivation key that a cache's initial keys come from, by a copy of its own.
struct BaseKeyMark: ~Copyable {
    private var key = SecretKey(count: 32) { _ in }
    private var count = 0

    /// Whether it is another one than before, which it then is no more.
    mutating func isNew(_ bdk: UnsafeRawBufferPointer) -> Bool {
        let count = self.count
        let isSame = key.withBytes { constantTimeEquals(UnsafeRawBufferPointer(rebasing: $0[..<count]), bdk) }
        guard !isSame else { return false }
        key = SecretKey(count: 32) { UnsafeMutableRawBufferPointer(rebasing: $0[..<bdk.count]).copyMemory(from: bdk) }
        self.count = bdk.count
        return true
    }
}
