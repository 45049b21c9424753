// SPDX-License-Identifier: Apache-2.0

/// A key serial number of either scheme, told apart by its length.
public enum KSN: Hashable, Sendable {
    case tdes(TDESKeySerialNumber)
    case aes(AESKeySerialNumber)

    /// - Returns: nil unless ten (TDES) or twelve (AES) bytes.
    public init?(bytes: some Collection<UInt8>) {
        if let ksn = TDESKeySerialNumber(bytes) {
            self = .tdes(ksn)
        } else if let ksn = AESKeySerialNumber(bytes) {
            self = .aes(ksn)
        } else {
            return nil
        }
    }

    /// Ten or twelve bytes.
    public var bytes: [UInt8] {
        switch self {
        case .tdes(let ksn): ksn.bytes
        case .aes(let ksn): ksn.bytes
        }
    }

    /// What names the initial key within its scheme.
    public var initialKeyID: UInt64 {
        switch self {
        case .tdes(let ksn): ksn.initialKeyID
        case .aes(let ksn): ksn.initialKeyID
        }
    }

    /// The transaction counter.
    public var counter: UInt32 {
        switch self {
        case .tdes(let ksn): ksn.counter
        case .aes(let ksn): ksn.counter
        }
    }

    /// Whether a transaction may use this counter.
    public var isLegal: Bool {
        switch self {
        case .tdes(let ksn): ksn.isLegal
        case .aes(let ksn): ksn.isLegal
        }
    }
}
