// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The working keys of one transaction at a terminal; of a session profile those of its session.
enum TransactionKeys: ~Copyable, @unchecked Sendable {
    // Unchecked: AES transaction keys re-key one cipher context. Their owner is a `~Copyable` module, which uses them
    // within its own `mutating` calls only, so that exclusivity keeps them to one thread at a time.
    case tdes(TDESTransactionKeys)
    case aes(AESTransactionKeys)
    case session(SessionKeys)

    var ksn: [UInt8] {
        switch self {
        case .tdes(let keys): keys.ksn.bytes
        case .aes(let keys): keys.ksn.bytes
        case .session: []
        }
    }

    /// The request's MAC over a part of the message.
    borrowing func requestMAC(_ message: [UInt8], _ covered: Range<Int>) -> [UInt8] {
        message.withUnsafeBytes { message in
            let covered = UnsafeRawBufferPointer(rebasing: message[covered])
            switch self {
            case .tdes(let keys): return keys.requestMAC(covered)
            case .aes(let keys): return keys.requestMAC(covered)
            case .session(let keys): return keys.code(covered)
            }
        }
    }

    /// The answer's MAC over a part of the message.
    borrowing func responseMAC(_ message: [UInt8], _ covered: Range<Int>) -> [UInt8] {
        message.withUnsafeBytes { message in
            let covered = UnsafeRawBufferPointer(rebasing: message[covered])
            switch self {
            case .tdes(let keys): return keys.responseMAC(covered)
            case .aes(let keys): return keys.responseMAC(covered)
            case .session(let keys): return keys.code(covered)
            }
        }
    }

    /// ISO 9564 format 0 or 4, or UnionPay's block for SM4, as the profile has it; `fill` is the random part of format 4.
    borrowing func encryptPINBlock(_ pin: borrowing ClearPIN, pan: PANDigits, fill: UInt64) -> [UInt8] {
        switch self {
        case .tdes(let keys): keys.encryptPINBlock(pin, pan: pan)
        case .aes(let keys): keys.encryptPINBlock(pin, pan: pan, fill: fill)
        case .session(let keys): keys.encryptPINBlock(pin, pan: pan)
        }
    }
}

extension PAN {
    /// The same number as the PIN functions take it.
    var forPIN: PANDigits? { PANDigits(ascii: ascii) }
}
