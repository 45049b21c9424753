// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// How this system's key serial numbers are built. Most significant bit first:
///
///     TDES, 10 bytes (ANSI X9.24-1):  key set 16 bits | device 43 bits | transaction counter 21 bits
///     AES,  12 bytes (ANSI X9.24-3):  key set 16 bits | device 48 bits | transaction counter 32 bits
///
/// The device number is the terminal identification itself, so that a key serial number belongs to one terminal and
/// the host's module can tell when another terminal's number is shown: see `device(of:)`.
public enum KSNLayout {
    /// Bits of a device number: what TDES has room for. AES uses the same numbers.
    public static let deviceBits = 43

    /// The device number of a terminal.
    ///
    /// For identifications of `A`–`Z`, `0`–`9`, `-`, `.`, `_` and `/` it is the text in base 41, so that no two
    /// terminals share one. Any other identification is hashed into the numbers above those (some 2^39), where two may
    /// meet by chance; then they share an initial key, and the host sees their counters collide.
    public static func device(of terminal: TerminalID) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            guard let value = value(UInt8(truncatingIfNeeded: terminal.packed >> shift)) else {
                return hashedDevice(of: terminal)
            }
            number = number * radix + value
        }
        return number
    }

    private static let radix: UInt64 = 41
    /// 41 to the eighth: the first number that no text has.
    private static let firstHashed: UInt64 = 7_984_925_229_121

    private static func value(_ character: UInt8) -> UInt64? {
        switch character {
        case 0: 0
        case 0x30...0x39: UInt64(character - 0x30) + 1
        case 0x41...0x5A: UInt64(character - 0x41) + 11
        case 0x2D: 37
        case 0x2E: 38
        case 0x5F: 39
        case 0x2F: 40
        default: nil
        }
    }

    private static func hashedDevice(of terminal: TerminalID) -> UInt64 {
        let word: UInt64 = SHA256.hash(terminal.bytes).bigEndian(at: 0)
        return firstHashed + word % ((1 << UInt64(deviceBits)) - firstHashed)
    }

    /// What names the terminal's initial key within its scheme. TDES leaves five bits of the 64 to the counter.
    static func initialKeyID(of keys: TerminalKeys) -> UInt64 {
        let device = device(of: keys.terminal)
        return UInt64(keys.keySet) << 48 | (keys.profile == .tdes ? device << 5 : device)
    }

    /// The terminal's key serial number with a counter of zero; DUKPT profiles only.
    public static func initialKSN(of keys: TerminalKeys) -> KSN {
        let name = initialKeyID(of: keys)
        switch keys.profile {
        case .aes: return .aes(AESKeySerialNumber(initialKeyID: name))
        case .tdes:
            guard let ksn = TDESKeySerialNumber(initialKeyID: name) else {
                // Cannot happen: `initialKeyID(of:)` shifts the device number past the five bits.
                preconditionFailure("the counter's bits of an initial key's name are clear")
            }
            return .tdes(ksn)
        default: preconditionFailure("a session profile has no key serial number")
        }
    }
}
