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
        case .tdes(let device): (Int(device.counter) * 100) >> TDESKeySerialNumber.counterBits
        case .aes(let device): Int((device.counter * 100) >> UInt64(AESKeySerialNumber.counterBits))
        }
    }

    /// The keys of the next transaction; nil when the device is exhausted, or its counter not reserved.
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

    /// Whether the next counter has been reserved.
    var isReserved: Bool {
        switch self {
        case .tdes(let device): device.isReserved
        case .aes(let device): device.isReserved
        }
    }

    /// Sets the next counters aside: what is stored before they are used.
    borrowing func reserve(_ count: Int, under key: borrowing SecretKey) -> DUKPTReservation {
        switch self {
        case .tdes(let device): device.reserve(count, under: key)
        case .aes(let device): device.reserve(count, under: key)
        }
    }

    /// Says that nothing leaves before the reservation's record is durable. One of another device reserves nothing.
    mutating func confirm(stored reservation: consuming DUKPTReservation) {
        switch consume self {
        case .tdes(var device):
            try? device.confirm(stored: reservation)
            self = .tdes(device)
        case .aes(var device):
            try? device.confirm(stored: reservation)
            self = .aes(device)
        }
    }

    /// - Returns: nil when the bytes are not the record of a device of this profile that the key sealed.
    static func open(_ record: [UInt8], profile: KeyProfile, under key: borrowing SecretKey) -> TransactionKeyDevice? {
        switch profile {
        case .tdes:
            guard let device = TDESDUKPTDevice(record: record, under: key) else { return nil }
            return .tdes(device)
        case .aes:
            guard let device = AESDUKPTDevice(record: record, under: key) else { return nil }
            return .aes(device)
        default: return nil
        }
    }
}
