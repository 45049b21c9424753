// SPDX-License-Identifier: Apache-2.0

/// Which keys, PIN block and MAC a terminal uses; its profile in the estate says which.
///
/// DUKPT has a key for each transaction and says which by a key serial number. A session profile has a terminal master
/// key (TMK) and, under it, keys from one sign-on to the next: PIK for PIN blocks, MAK for MACs and TDK for track data,
/// as UnionPay's terminals have. Nothing in its messages names a key, and its MAC is always 8 bytes.
public enum KeyProfile: UInt8, CaseIterable, Sendable {
    /// TDES DUKPT (ANSI X9.24-1), ISO 9564 format 0, X9.19 retail MAC.
    case tdes = 1
    /// AES-128 DUKPT (ANSI X9.24-3), ISO 9564 format 4, AES-CMAC.
    case aes = 2
    /// Session keys of double-length TDES, ISO 9564 format 0, UnionPay's XOR MAC that its terminals call ECB.
    case sessionTDES = 3
    /// Session keys of double-length TDES, ISO 9564 format 0, MAC by X9.9 chaining with TDES (ISO 9797-1 algorithm 1).
    case sessionTDESCBC = 4
    /// Session keys of double-length TDES, ISO 9564 format 0, X9.19 retail MAC.
    case sessionTDESRetail = 5
    /// SM4 session keys, a PIN block of 16 bytes, the left half of the SM4 CBC-MAC.
    case sessionSM4 = 6
    /// SM4 session keys, a PIN block of 16 bytes, UnionPay's XOR MAC with SM4.
    case sessionSM4XOR = 7

    /// The profiles with a key serial number.
    public static let dukpt: [KeyProfile] = [.tdes, .aes]
    /// The profiles with a master key and session keys.
    public static let session: [KeyProfile] = allCases.filter(\.isSession)

    /// Whether keys hold from one sign-on to the next.
    public var isSession: Bool { self != .tdes && self != .aes }
    /// Whether the session keys are SM4's.
    public var isSM4: Bool { self == .sessionSM4 || self == .sessionSM4XOR }

    /// What an operator reads.
    public var name: String {
        switch self {
        case .tdes: "TDES DUKPT"
        case .aes: "AES DUKPT"
        case .sessionTDES: "TDES session, XOR MAC"
        case .sessionTDESCBC: "TDES session, CBC MAC"
        case .sessionTDESRetail: "TDES session, retail MAC"
        case .sessionSM4: "SM4 session, CBC MAC"
        case .sessionSM4XOR: "SM4 session, XOR MAC"
        }
    }

    /// Bytes of the key serial number on the wire: 10 or 12, and none in a session profile.
    public var ksnLength: Int {
        switch self {
        case .tdes: 10
        case .aes: 12
        default: 0
        }
    }
    /// Bytes of the encrypted PIN block: 8 or 16.
    public var pinBlockLength: Int { self == .aes || isSM4 ? 16 : 8 }
    /// The data element of `iso8583-1987` that carries the PIN block: 52, or 110 for one of 16 bytes. UnionPay's messages
    /// carry either in 52.
    public var pinBlockField: Int { pinBlockLength == 8 ? 52 : 110 }
}
