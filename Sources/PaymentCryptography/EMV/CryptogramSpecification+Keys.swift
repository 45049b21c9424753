// SPDX-License-Identifier: Apache-2.0

extension CryptogramSpecification {
    /// The card's key, by the option of this version.
    public func masterKey(
        issuerMasterKey: borrowing SecretKey, pan: PANDigits, sequence: PANSequenceNumber = .zero
    ) throws(CardCryptographyError) -> ICCMasterKey {
        try ICCMasterKey(issuerMasterKey: issuerMasterKey, pan: pan, sequence: sequence, option: masterKeyOption)
    }

    /// The check values, 3 bytes each, of a card's key and of the transaction's: they tell which of the derivations goes
    /// wrong, and show no key.
    public func checkValues(
        master: borrowing ICCMasterKey, context: TransactionContext
    ) -> (master: [UInt8], session: [UInt8]) {
        (KCV.tdes(master.key), KCV.tdes(cryptogramKey(master: master, context: context).key))
    }

    /// The keys that scripts to the card need, by the option of this version.
    public func scriptKeys(
        cryptogram: borrowing SecretKey, integrity: borrowing SecretKey, confidentiality: borrowing SecretKey,
        pan: PANDigits, sequence: PANSequenceNumber = .zero
    ) throws(CardCryptographyError) -> ScriptMasterKeys {
        ScriptMasterKeys(
            cryptogram: try masterKey(issuerMasterKey: cryptogram, pan: pan, sequence: sequence),
            integrity: try masterKey(issuerMasterKey: integrity, pan: pan, sequence: sequence),
            confidentiality: try masterKey(issuerMasterKey: confidentiality, pan: pan, sequence: sequence))
    }

    /// The key of the transaction's application cryptogram.
    public func cryptogramKey(master: borrowing ICCMasterKey, context: TransactionContext) -> EMVSessionKey {
        EMVSessionKey(sessionKey, master: master, context: context)
    }

    /// The application cryptogram over an input that was put together already.
    public func cryptogram(master: borrowing ICCMasterKey, context: TransactionContext, input: [UInt8]) -> [UInt8] {
        ApplicationCryptogram.value(
            key: cryptogramKey(master: master, context: context), input: input, padding: padding)
    }

    /// The application cryptogram of a transaction.
    public func cryptogram(
        master: borrowing ICCMasterKey, transaction: TransactionData
    ) throws(CardCryptographyError) -> [UInt8] {
        let explanation = try explain(transaction)
        return cryptogram(master: master, context: explanation.context, input: explanation.input)
    }

    /// Whether the cryptogram is the card's for this input; in constant time.
    public func verify(
        _ cryptogram: [UInt8], master: borrowing ICCMasterKey, context: TransactionContext, input: [UInt8]
    ) -> Bool {
        constantTimeEquals(self.cryptogram(master: master, context: context, input: input), cryptogram)
    }

    /// Whether the cryptogram is the card's for this transaction; in constant time. False when a field is missing.
    public func verify(
        _ cryptogram: [UInt8], master: borrowing ICCMasterKey, transaction: TransactionData
    ) -> Bool {
        guard let explanation = try? explain(transaction) else { return false }
        return verify(cryptogram, master: master, context: explanation.context, input: explanation.input)
    }

    /// The key of the issuer's answer.
    public func responseKey(master: borrowing ICCMasterKey, context: TransactionContext) -> EMVSessionKey {
        EMVSessionKey(response == .method1UnderMasterKey ? .none : sessionKey, master: master, context: context)
    }

    /// The issuer's answer (ARPC): 8 bytes by method 1, 4 by method 2.
    ///
    /// - Parameter cryptogram: the ARQC, 8 bytes.
    /// - Parameter response: the response code (2 bytes) for method 1, the card status update (4 bytes) for method 2.
    /// - Parameter proprietaryData: with method 2, up to 8 bytes.
    public func responseCryptogram(
        master: borrowing ICCMasterKey, context: TransactionContext, cryptogram: [UInt8], response: [UInt8],
        proprietaryData: [UInt8] = []
    ) throws(CardCryptographyError) -> [UInt8] {
        let key = responseKey(master: master, context: context)
        if self.response == .method2 {
            return try ResponseCryptogram.method2(
                key: key, cryptogram: cryptogram, cardStatusUpdate: response, proprietaryData: proprietaryData)
        }
        return try ResponseCryptogram.method1(key: key, cryptogram: cryptogram, responseCode: response)
    }

    /// The MAC of a command to the card, 8 bytes.
    ///
    /// - Parameter master: the card's key for secure messaging integrity.
    /// - Parameter context: with the application cryptogram of the transaction.
    /// - Parameter header: CLA, INS, P1, P2, Lc.
    public func scriptMAC(
        master: borrowing ICCMasterKey, context: TransactionContext, header: [UInt8], data: [UInt8] = []
    ) -> [UInt8] {
        ScriptMAC.code(
            key: EMVSessionKey(scriptKey, master: master, context: context),
            input: ScriptMAC.input(header: header, data: data, context: context, coverage: scriptCoverage))
    }
}
