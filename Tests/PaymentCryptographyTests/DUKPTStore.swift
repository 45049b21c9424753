// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// Devices whose store never fails: what is to be reserved is reserved, eight counters at a time.
extension TDESDUKPTDevice {
    mutating func use() throws -> TDESTransactionKeys {
        if !isReserved { try confirm(stored: reserve(8, under: .random(count: 32))) }
        return try nextTransaction()
    }

    /// Where a device restored now would go on.
    func record(under key: borrowing SecretKey) -> [UInt8] { reserve(0, under: key).record }
}

extension AESDUKPTDevice {
    mutating func use() throws -> AESTransactionKeys {
        if !isReserved { try confirm(stored: reserve(8, under: .random(count: 32))) }
        return try nextTransaction()
    }

    func record(under key: borrowing SecretKey) -> [UInt8] { reserve(0, under: key).record }
}
