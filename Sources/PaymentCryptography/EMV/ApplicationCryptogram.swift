// SPDX-License-Identifier: Apache-2.0

/// The cryptogram by which a chip card answers for a transaction (ARQC, TC, AAC; EMV Book 2 8.1).
public enum ApplicationCryptogram {
    /// The 8 bytes of a cryptogram.
    ///
    /// - Parameter padding: method 2 in EMV, method 1 with Visa CVN 10.
    public static func value(key: borrowing EMVSessionKey, input: [UInt8], padding: MACPadding = .method2) -> [UInt8] {
        RetailMAC.code(key: key.key, message: input, padding: padding)
    }

    /// Whether the cryptogram belongs to the input; in constant time. A truncated one never does.
    public static func verify(
        _ cryptogram: [UInt8], key: borrowing EMVSessionKey, input: [UInt8], padding: MACPadding = .method2
    ) -> Bool {
        constantTimeEquals(value(key: key, input: input, padding: padding), cryptogram)
    }
}

/// The issuer's answer to an application cryptogram (ARPC; EMV Book 2 8.2).
public enum ResponseCryptogram {
    /// Method 1: the cryptogram, the response code XORed into it, encrypted. 8 bytes.
    ///
    /// - Parameter cryptogram: the ARQC, 8 bytes.
    /// - Parameter responseCode: the authorisation response code, 2 bytes.
    public static func method1(
        key: borrowing EMVSessionKey, cryptogram: [UInt8], responseCode: [UInt8]
    ) throws(CardCryptographyError) -> [UInt8] {
        try CardField.applicationCryptogram.check(cryptogram)
        try CardField.authorisationResponseCode.check(responseCode)
        let code = UInt64(responseCode[0]) << 56 | UInt64(responseCode[1]) << 48
        let block = cryptogram.withUnsafeBytes { $0.word(at: 0) } ^ code
        return bytes(of: key.key.withBytes { key in TripleDES.with(key: key) { $0.encrypt(block) } })
    }

    /// Method 2: a MAC over cryptogram, card status update and proprietary data. 4 bytes.
    ///
    /// - Parameter cryptogram: the ARQC, 8 bytes.
    /// - Parameter cardStatusUpdate: the CSU, 4 bytes.
    /// - Parameter proprietaryData: proprietary authentication data, up to 8 bytes.
    public static func method2(
        key: borrowing EMVSessionKey, cryptogram: [UInt8], cardStatusUpdate: [UInt8], proprietaryData: [UInt8] = []
    ) throws(CardCryptographyError) -> [UInt8] {
        try CardField.applicationCryptogram.check(cryptogram)
        try CardField.cardStatusUpdate.check(cardStatusUpdate)
        try CardField.proprietaryAuthenticationData.check(proprietaryData)
        let input = cryptogram + cardStatusUpdate + proprietaryData
        return Array(RetailMAC.code(key: key.key, message: input, padding: .method2).prefix(4))
    }
}

/// Secure messaging for integrity: the MAC that the issuer puts behind a command to the card (EMV Book 2 9.2).
public enum ScriptMAC {
    /// The bytes of code that a card may be told to take.
    public static let codeCounts = 4...8

    /// What a MAC is computed over: with the transaction covered, its counter and cryptogram stand behind the header.
    public enum Coverage: Hashable, Sendable {
        /// Header, transaction counter, application cryptogram, data.
        case commandAndTransaction
        /// Header and data.
        case command
    }

    /// The input, without padding.
    ///
    /// - Parameter header: CLA, INS, P1, P2, Lc.
    public static func input(
        header: [UInt8], data: [UInt8] = [], context: TransactionContext, coverage: Coverage = .commandAndTransaction
    ) -> [UInt8] {
        switch coverage {
        case .command: header + data
        case .commandAndTransaction:
            header + bytes(of: UInt64(context.transactionCounter)).suffix(2) + bytes(of: context.applicationCryptogram)
                + data
        }
    }

    /// The 8 bytes of the code; a card may be told to take the first 4 only.
    public static func code(key: borrowing EMVSessionKey, input: [UInt8]) -> [UInt8] {
        RetailMAC.code(key: key.key, message: input, padding: .method2)
    }

    /// Whether 4 to 8 bytes of code belong to the input; in constant time.
    public static func verify(_ code: [UInt8], key: borrowing EMVSessionKey, input: [UInt8]) -> Bool {
        guard codeCounts.contains(code.count) else { return false }
        return constantTimeEquals(Array(self.code(key: key, input: input).prefix(code.count)), code)
    }
}
