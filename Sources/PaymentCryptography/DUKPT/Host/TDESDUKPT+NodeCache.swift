// SPDX-License-Identifier: Apache-2.0

extension TDESDUKPT {
    /// The keys on the way to the latest transactions of the devices that a host has heard of last; as
    /// `AESDUKPT.NodeCache`.
    public struct NodeCache: ~Copyable, Sendable {
        /// The most initial keys of a cache.
        public static let capacityMax = DerivationPaths.capacityMax

        var paths: DerivationPaths
        var base = BaseKeyMark()

        /// - Parameter capacity: initial keys at most, 1 to `capacityMax`; above four it is rounded down to a multiple
        ///   of four. Each takes 160 bytes.
        public init(capacity: Int) {
            let shape = DerivationPaths.Shape(
                keysMax: TDESKeySerialNumber.counterOnesMax, keyBytesMax: TDESDUKPT.keyBytes)
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
