// SPDX-License-Identifier: Apache-2.0

/// A version of module firmware or POS application: major.minor.patch, compared as a number.
public struct SoftwareVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var packed: UInt32

    public init(packed: UInt32) { self.packed = packed }
    public init(_ major: UInt8, _ minor: UInt8, _ patch: UInt16) {
        packed = UInt32(major) << 24 | UInt32(minor) << 16 | UInt32(patch)
    }

    public static func < (left: SoftwareVersion, right: SoftwareVersion) -> Bool { left.packed < right.packed }
    public var description: String { "\(packed >> 24).\(packed >> 16 & 0xFF).\(packed & 0xFFFF)" }
}
