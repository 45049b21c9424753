// SPDX-License-Identifier: Apache-2.0

/// The working keys of one AES DUKPT transaction: PIN, MAC of the request and of the response, data of both. The
/// transaction key they come from is not kept.
///
/// Not `Sendable`: the methods re-key one cipher context. A transaction is worked where its keys were derived.
public struct AESTransactionKeys: ~Copyable {
    /// The bytes of a MAC on the wire; the full code has 16.
    public static let macCount = 8

    /// The KSN of the transaction.
    public let ksn: AESKeySerialNumber
    private let keys: SecretKey
    private let length: AESKeyLength
    private let cipher: AESBlockCipher

    /// Request and response as the terminal sees them: it generates the MAC of a request and verifies a response's.
    private static let usages: [DUKPTUsage] = [
        .pinEncryption, .macGeneration, .macVerification, .dataEncryption, .dataDecryption,
    ]

    init(
        ksn: AESKeySerialNumber, transactionKey: borrowing SecretKey, length: AESKeyLength,
        cipher: consuming AESBlockCipher
    ) {
        self.ksn = ksn
        self.length = length
        transactionKey.withBytes { cipher.setKey($0) }
        let size = length.rawValue
        keys = SecretKey(count: size * Self.usages.count) { keys in
            for (index, usage) in Self.usages.enumerated() {
                let data = AESDUKPT.derivationData(
                    usage, length, initialKeyID: ksn.initialKeyID, counter: ksn.counter)
                let output = UnsafeMutableRawBufferPointer(rebasing: keys[index * size..<(index + 1) * size])
                AESDUKPT.derive(data, size, cipher: cipher, into: output)
            }
        }
        self.cipher = cipher
    }

    borrowing func withKey<R: ~Copyable, E: Error>(
        _ usage: DUKPTUsage, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let index: Int =
            switch usage {
            case .pinEncryption: 0
            case .macGeneration: 1
            case .macVerification: 2
            case .dataEncryption: 3
            case .dataDecryption: 4
            default: preconditionFailure("not a working key of a transaction")
            }
        let start = index * length.rawValue
        return try keys.withBytes { keys throws(E) in
            try body(UnsafeRawBufferPointer(rebasing: keys[start..<start + length.rawValue]))
        }
    }

    // MARK: PIN (ISO 9564-1 format 4)

    /// The PIN of an encrypted block of 16 bytes.
    public borrowing func decryptPINBlock(_ block: [UInt8], pan: PANDigits) throws(PINBlockError) -> ClearPIN {
        try withKey(.pinEncryption) { key throws(PINBlockError) in
            try PINBlock.decryptFormat4(block, pan: pan, key: key, cipher: cipher)
        }
    }

    /// The PIN in an encrypted block of 16 bytes; another one each time.
    ///
    /// - Parameter fill: the eight random bytes of format 4 (ISO 9564-1 9.4.2.2).
    public borrowing func encryptPINBlock(
        _ pin: borrowing ClearPIN, pan: PANDigits, fill: UInt64 = RandomBytes.word()
    ) -> [UInt8] {
        withKey(.pinEncryption) { PINBlock.encryptFormat4(pin, pan: pan, key: $0, cipher: cipher, random: fill) }.bytes
    }

    // MARK: MAC (AES-CMAC)

    /// The MAC of a message from the terminal: 8 bytes.
    public borrowing func requestMAC(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        bytes(of: code(.macGeneration, message).high)
    }

    /// The MAC of a message from the terminal: 8 bytes.
    public borrowing func requestMAC(_ message: [UInt8]) -> [UInt8] { message.withUnsafeBytes { requestMAC($0) } }

    /// The MAC of a message to the terminal: 8 bytes.
    public borrowing func responseMAC(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        bytes(of: code(.macVerification, message).high)
    }

    /// The MAC of a message to the terminal: 8 bytes.
    public borrowing func responseMAC(_ message: [UInt8]) -> [UInt8] { message.withUnsafeBytes { responseMAC($0) } }

    /// All 16 bytes of the MAC of a message from the terminal.
    public borrowing func fullRequestMAC(_ message: [UInt8]) -> [UInt8] {
        message.withUnsafeBytes { code(.macGeneration, $0) }.bytes
    }

    /// All 16 bytes of the MAC of a message to the terminal.
    public borrowing func fullResponseMAC(_ message: [UInt8]) -> [UInt8] {
        message.withUnsafeBytes { code(.macVerification, $0) }.bytes
    }

    /// Whether the MAC of 8 or 16 bytes is that of a message from the terminal; in constant time.
    public borrowing func verifyRequestMAC(_ mac: [UInt8], message: UnsafeRawBufferPointer) -> Bool {
        verify(mac, .macGeneration, message)
    }

    /// Whether the MAC of 8 or 16 bytes is that of a message from the terminal; in constant time.
    public borrowing func verifyRequestMAC(_ mac: [UInt8], message: [UInt8]) -> Bool {
        message.withUnsafeBytes { verify(mac, .macGeneration, $0) }
    }

    /// Whether the MAC of 8 or 16 bytes is that of a message to the terminal; in constant time.
    public borrowing func verifyResponseMAC(_ mac: [UInt8], message: UnsafeRawBufferPointer) -> Bool {
        verify(mac, .macVerification, message)
    }

    /// Whether the MAC of 8 or 16 bytes is that of a message to the terminal; in constant time.
    public borrowing func verifyResponseMAC(_ mac: [UInt8], message: [UInt8]) -> Bool {
        message.withUnsafeBytes { verify(mac, .macVerification, $0) }
    }

    private borrowing func verify(_ mac: [UInt8], _ usage: DUKPTUsage, _ message: UnsafeRawBufferPointer) -> Bool {
        guard mac.count == Self.macCount || mac.count == AESCMAC.codeCount else { return false }
        let code = code(usage, message)
        return withUnsafeBytes(of: code) { code in
            mac.withUnsafeBytes { constantTimeEquals(UnsafeRawBufferPointer(rebasing: code[..<mac.count]), $0) }
        }
    }

    private borrowing func code(_ usage: DUKPTUsage, _ message: UnsafeRawBufferPointer) -> Block {
        withKey(usage) { key in
            cipher.setKey(key)
            return CMAC.code(message, cipher: cipher.schedule)
        }
    }

    // MARK: Data

    /// Data from the terminal, encrypted in AES-CBC with a zero initialisation vector.
    ///
    /// - Returns: nil unless the data is whole blocks of 16 bytes.
    public borrowing func encryptRequestData(_ data: [UInt8]) -> [UInt8]? {
        cbc(.dataEncryption, data, encrypting: true)
    }

    /// Data from the terminal in the clear; the inverse of `encryptRequestData`.
    public borrowing func decryptRequestData(_ data: [UInt8]) -> [UInt8]? {
        cbc(.dataEncryption, data, encrypting: false)
    }

    /// Data to the terminal, encrypted in AES-CBC with a zero initialisation vector.
    ///
    /// - Returns: nil unless the data is whole blocks of 16 bytes.
    public borrowing func encryptResponseData(_ data: [UInt8]) -> [UInt8]? {
        cbc(.dataDecryption, data, encrypting: true)
    }

    /// Data to the terminal in the clear; the inverse of `encryptResponseData`.
    public borrowing func decryptResponseData(_ data: [UInt8]) -> [UInt8]? {
        cbc(.dataDecryption, data, encrypting: false)
    }

    private borrowing func cbc(_ usage: DUKPTUsage, _ data: [UInt8], encrypting: Bool) -> [UInt8]? {
        guard data.count % AESBlockCipher.blockBytes == 0 else { return nil }
        var output = data
        withKey(usage) { cipher.setKey($0, encrypting: encrypting) }
        output.withUnsafeMutableBytes { cipher.cbc($0, encrypting: encrypting) }
        return output
    }
}
