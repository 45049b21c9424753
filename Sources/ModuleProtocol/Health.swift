// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// What the module itself is doing, as its health element says.
public enum ModuleState: UInt8, CaseIterable, Sendable {
    /// Keys are missing or the module is not activated.
    case unprovisioned = 0
    case ready = 1
    case halted = 2
    case tampered = 3
}

/// What the security module says of itself in every message it protects (rule R1).
///
/// The module writes it, never the POS application: a digest binds it to the message, an AES-CMAC under the
/// terminal's own health key to the module, and a counter that only rises to this one moment.
public struct HealthClaims: Equatable, Sendable {
    public var state: ModuleState
    /// Rises with every element the module writes.
    public var counter: UInt32
    public var leaseID: UInt32
    public var identityEpoch: UInt16
    /// Rises with every security event; the host refuses a value it has had no report of.
    public var eventCounter: UInt32
    /// Rises with every passed self-test; the host's own clock measures its age.
    public var selfTestNumber: UInt32

    public init(
        state: ModuleState, counter: UInt32, leaseID: UInt32, identityEpoch: UInt16, eventCounter: UInt32,
        selfTestNumber: UInt32
    ) {
        self.state = state
        self.counter = counter
        self.leaseID = leaseID
        self.identityEpoch = identityEpoch
        self.eventCounter = eventCounter
        self.selfTestNumber = selfTestNumber
    }
}

/// The wire form of the health element, data element 63: 36 bytes.
///
///     0      version, 1
///     1      module state
///     2..6   counter            6..10  lease id          10..12 identity epoch
///     12..16 event counter      16..20 self-test number  (all big-endian)
///     20..28 first 8 bytes of SHA-256 over the message up to its MAC field, these 36 bytes taken as zero
///     28..36 first 8 bytes of AES-CMAC over bytes 0..28
public enum HealthElement {
    public static let length = 36
    public static let digestRange = 20..<28
    public static let macRange = 28..<36
    public static let version: UInt8 = 1

    /// The first 20 bytes: everything the digest and the CMAC are put after.
    public static func encode(_ claims: HealthClaims) -> [UInt8] {
        var bytes: [UInt8] = [version, claims.state.rawValue]
        bytes.appendBigEndian(claims.counter)
        bytes.appendBigEndian(claims.leaseID)
        bytes.appendBigEndian(claims.identityEpoch)
        bytes.appendBigEndian(claims.eventCounter)
        bytes.appendBigEndian(claims.selfTestNumber)
        return bytes
    }

    /// - Returns: nil for another length, version or state. Says nothing about authenticity.
    public static func decode(_ bytes: some RandomAccessCollection<UInt8>) -> HealthClaims? {
        let element = Array(bytes)
        guard element.count == length, element[0] == version, let state = ModuleState(rawValue: element[1]) else {
            return nil
        }
        return HealthClaims(
            state: state, counter: element.bigEndian(at: 2), leaseID: element.bigEndian(at: 6),
            identityEpoch: element.bigEndian(at: 10), eventCounter: element.bigEndian(at: 12),
            selfTestNumber: element.bigEndian(at: 16))
    }
}

extension Array where Element == UInt8 {
    package mutating func appendBigEndian(_ value: some FixedWidthInteger & UnsignedInteger) {
        for index in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> index))
        }
    }

    /// Safe only where the caller has checked the length.
    package func bigEndian<T: FixedWidthInteger & UnsignedInteger>(at offset: Int) -> T {
        var value: T = 0
        for index in 0..<T.bitWidth / 8 { value = value << 8 | T(self[offset + index]) }
        return value
    }
}
