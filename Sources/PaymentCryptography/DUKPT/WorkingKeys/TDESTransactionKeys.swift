// SPDX-License-Identifier: Apache-2.0

/// The working keys of one TDES DUKPT transaction: PIN, MAC of the request and of the response, data of both. The
/// transaction key they come from is not kept.
public struct TDESTransactionKeys: ~Copyable, Sendable {
    /// The bytes of a MAC.
    public static let macCount = 8

    /// The KSN of the transaction.
    public let ksn: TDESKeySerialNumber
    /// Who holds the keys.
    public let party: DUKPTParty
    private let keys: SecretKey

    /// The variants of X9.24-1:2009 A.4.1: which byte of each half is inverted. The request's serve both ways too.
    enum Usage: Int, CaseIterable {
        case pin, requestMAC, responseMAC, requestData, responseData

        /// - Returns: nil for a usage that TDES DUKPT does not have.
        init?(_ usage: DUKPTUsage) {
            switch usage {
            case .pinEncryption: self = .pin
            case .macGeneration, .macBothWays: self = .requestMAC
            case .macVerification: self = .responseMAC
            case .dataEncryption, .dataBothWays: self = .requestData
            case .dataDecryption: self = .responseData
            case .keyEncryption, .keyDerivation, .initialKey: return nil
            }
        }

        var variant: UInt64 {
            switch self {
            case .pin: 0x0000_0000_0000_00FF
            case .requestMAC: 0x0000_0000_0000_FF00
            case .responseMAC: 0x0000_0000_FF00_0000
            case .requestData: 0x0000_0000_00FF_0000
            case .responseData: 0x0000_00FF_0000_0000
            }
        }
    }

    init(ksn: TDESKeySerialNumber, transactionKey: UnsafeRawBufferPointer, party: DUKPTParty) {
        self.ksn = ksn
        self.party = party
        keys = SecretKey(count: TDESDUKPT.keyBytes * Usage.allCases.count) { keys in
            for usage in Usage.allCases {
                let offset = usage.rawValue * TDESDUKPT.keyBytes
                keys.setWord(transactionKey.word(at: 0) ^ usage.variant, at: offset)
                keys.setWord(transactionKey.word(at: 8) ^ usage.variant, at: offset + 8)
            }
        }
    }

    borrowing func withKey<R: ~Copyable, E: Error>(
        _ usage: Usage, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let start = usage.rawValue * TDESDUKPT.keyBytes
        return try keys.withBytes { keys throws(E) in
            try body(UnsafeRawBufferPointer(rebasing: keys[start..<start + TDESDUKPT.keyBytes]))
        }
    }

    // MARK: PIN

    /// The PIN of an encrypted block of 8 bytes.
    ///
    /// - Parameter format: 0, 1 or 3.
    public borrowing func decryptPINBlock(
        _ block: [UInt8], pan: PANDigits, format: PINBlockFormat = .format0
    ) throws(PINBlockError) -> ClearPIN {
        precondition(format != .format4, "format 4 belongs to AES")
        return try withKey(.pin) { key throws(PINBlockError) in
            try TripleDES.with(key: key) { des throws(PINBlockError) in
                try PINBlock.decrypt(block, pan: pan, format: format, des: des)
            }
        }
    }

    /// The PIN in an encrypted block of 8 bytes.
    ///
    /// - Parameter format: 0, 1 or 3.
    public borrowing func encryptPINBlock(
        _ pin: borrowing ClearPIN, pan: PANDigits, format: PINBlockFormat = .format0
    ) -> [UInt8] {
        let clear = PINBlock.field(pin, pan: pan, format: format)
        return bytes(of: withKey(.pin) { key in TripleDES.with(key: key) { $0.encrypt(clear) } })
    }

    // MARK: MAC (ANSI X9.19: ISO 9797-1 algorithm 3, padding 1)

    /// The MAC of a message from the terminal: 8 bytes.
    public borrowing func requestMAC(_ message: UnsafeRawBufferPointer) -> [UInt8] { mac(.requestMAC, message) }

    /// The MAC of a message from the terminal: 8 bytes.
    public borrowing func requestMAC(_ message: [UInt8]) -> [UInt8] { message.withUnsafeBytes { requestMAC($0) } }

    /// The MAC of a message to the terminal: 8 bytes.
    public borrowing func responseMAC(_ message: UnsafeRawBufferPointer) -> [UInt8] { mac(.responseMAC, message) }

    /// The MAC of a message to the terminal: 8 bytes.
    public borrowing func responseMAC(_ message: [UInt8]) -> [UInt8] { message.withUnsafeBytes { responseMAC($0) } }

    /// Whether the MAC is that of a message from the terminal; all 8 bytes, in constant time.
    public borrowing func verifyRequestMAC(_ mac: [UInt8], message: UnsafeRawBufferPointer) -> Bool {
        constantTimeEquals(requestMAC(message), mac)
    }

    /// Whether the MAC is that of a message from the terminal; all 8 bytes, in constant time.
    public borrowing func verifyRequestMAC(_ mac: [UInt8], message: [UInt8]) -> Bool {
        constantTimeEquals(requestMAC(message), mac)
    }

    /// Whether the MAC is that of a message to the terminal; all 8 bytes, in constant time.
    public borrowing func verifyResponseMAC(_ mac: [UInt8], message: UnsafeRawBufferPointer) -> Bool {
        constantTimeEquals(responseMAC(message), mac)
    }

    /// Whether the MAC is that of a message to the terminal; all 8 bytes, in constant time.
    public borrowing func verifyResponseMAC(_ mac: [UInt8], message: [UInt8]) -> Bool {
        constantTimeEquals(responseMAC(message), mac)
    }

    private borrowing func mac(_ usage: Usage, _ message: UnsafeRawBufferPointer) -> [UInt8] {
        bytes(of: withKey(usage) { RetailMAC.word(key: $0, message: message, padding: .method1) })
    }

    // MARK: Data (X9.24-1:2009 A.4.1)

    /// Data from the terminal, encrypted in TDES-CBC with a zero initialisation vector.
    ///
    /// - Returns: nil unless the data is whole blocks of 8 bytes.
    public borrowing func encryptRequestData(_ data: [UInt8]) -> [UInt8]? {
        cbc(.requestData, data, encrypting: true)
    }

    /// Data from the terminal in the clear; the inverse of `encryptRequestData`.
    public borrowing func decryptRequestData(_ data: [UInt8]) -> [UInt8]? {
        cbc(.requestData, data, encrypting: false)
    }

    /// Data to the terminal, encrypted in TDES-CBC with a zero initialisation vector.
    ///
    /// - Returns: nil unless the data is whole blocks of 8 bytes.
    public borrowing func encryptResponseData(_ data: [UInt8]) -> [UInt8]? {
        cbc(.responseData, data, encrypting: true)
    }

    /// Data to the terminal in the clear; the inverse of `encryptResponseData`.
    public borrowing func decryptResponseData(_ data: [UInt8]) -> [UInt8]? {
        cbc(.responseData, data, encrypting: false)
    }

    private borrowing func cbc(_ usage: Usage, _ data: [UInt8], encrypting: Bool) -> [UInt8]? {
        guard data.count % TripleDES.blockBytes == 0 else { return nil }
        let key = dataKey(usage)
        var output = data
        output.withUnsafeMutableBytes { output in
            key.withBytes { key in TripleDES.with(key: key) { $0.cbc(output, encrypting: encrypting) } }
        }
        return output
    }

    /// A data key is one step further away: each half of the variant, encrypted under the variant as a TDES key.
    borrowing func dataKey(_ usage: Usage) -> SecretKey {
        withKey(usage) { key in
            SecretKey(count: TDESDUKPT.keyBytes) { output in
                TripleDES.with(key: key) { des in
                    output.setWord(des.encrypt(key.word(at: 0)), at: 0)
                    output.setWord(des.encrypt(key.word(at: 8)), at: 8)
                }
            }
        }
    }
}
