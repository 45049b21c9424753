// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography

/// The device side of DUKPT in either profile: future keys only, never a past one.
enum TransactionKeyDevice: ~Copyable, Sendable {
    case tdes(TDESDUKPTDevice)
    case aes(AESDUKPTDevice)

    /// - Returns: nil when the initial key is not one of the scheme, or the first counter is not legal.
    static func make(initialKey: borrowing SecretKey, ksn: KSN, firstCounter: UInt32) -> TransactionKeyDevice? {
        do {
            switch ksn {
            case .tdes(let ksn):
                var device = try TDESDUKPTDevice(initialKey: initialKey, ksn: ksn)
                if firstCounter > 1 { try device.advance(to: firstCounter) }
                return .tdes(device)
            case .aes(let ksn):
                var device = try AESDUKPTDevice(initialKey: initialKey, ksn: ksn)
                if firstCounter > 1 { try device.advance(to: firstCounter) }
                return .aes(device)
            }
        } catch { return nil }
    }

    /// The counter of the next transaction; past the last counter when exhausted.
    var counter: UInt64 {
        switch self {
        case .tdes(let device): UInt64(device.counter)
        case .aes(let device): device.counter
        }
    }

    var initialKeyID: UInt64 {
        switch self {
        case .tdes(let device): device.initialKSN.initialKeyID
        case .aes(let device): device.initialKSN.initialKeyID
        }
    }

    /// How far the counter has come, in percent of its range.
    var usedPercent: Int {
        switch self {
        case .tdes(let device): Int(device.counter) * 100 >> TDESKeySerialNumber.counterBits
        case .aes(let device): Int(device.counter * 100 >> UInt64(AESKeySerialNumber.counterBits))
        }
    }

    /// The keys of the next transaction; nil when the device is exhausted.
    mutating func nextTransaction() -> TransactionKeys? {
        switch consume self {
        case .tdes(var device):
            let keys = try? device.nextTransaction()
            self = .tdes(device)
            guard let keys else { return nil }
            return .tdes(keys)
        case .aes(var device):
            let keys = try? device.nextTransaction()
            self = .aes(device)
            guard let keys else { return nil }
            return .aes(keys)
        }
    }

    borrowing func sealed(under key: borrowing SecretKey) -> [UInt8] {
        switch self {
        case .tdes(let device): device.sealed(under: key)
        case .aes(let device): device.sealed(under: key)
        }
    }

    /// - Returns: nil when the bytes are not a device of this profile that the key sealed.
    static func open(_ sealed: [UInt8], profile: KeyProfile, under key: borrowing SecretKey) -> TransactionKeyDevice? {
        switch profile {
        case .tdes:
            guard let device = TDESDUKPTDevice(sealed: sealed, under: key) else { return nil }
            return .tdes(device)
        case .aes:
            guard let device = AESDUKPTDevice(sealed: sealed, under: key) else { return nil }
            return .aes(device)
        default: return nil
        }
    }

    /// The device as it will be after `count` further transactions, sealed, and its counter then: what is stored before
    /// those are done.
    borrowing func sealed(
        ahead count: Int, profile: KeyProfile, under key: borrowing SecretKey
    ) -> (sealed: [UInt8], counter: UInt64)? {
        guard var ahead = Self.open(sealed(under: key), profile: profile, under: key) else { return nil }
        for _ in 0..<count {
            guard ahead.nextTransaction() != nil else { break }
        }
        return (ahead.sealed(under: key), ahead.counter)
    }
}
