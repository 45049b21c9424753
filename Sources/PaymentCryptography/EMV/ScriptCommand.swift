// SPDX-License-Identifier: Apache-2.0

/// A command to a card as an issuer script carries it (tag 86): header, data, code.
public struct ScriptCommand: Hashable, Sendable {
    /// CLA, INS, P1, P2, Lc: 5 bytes.
    public let header: [UInt8]
    /// The data, enciphered where the command asks for it.
    public let data: [UInt8]
    /// The code for integrity: 4 to 8 bytes.
    public let code: [UInt8]

    /// All of it, as it is sent.
    public var bytes: [UInt8] { header + data + code }
}

/// The three keys of a card that its issuer's scripts need, each derived from an issuer key of its own.
public struct ScriptMasterKeys: ~Copyable, Sendable {
    /// For application cryptograms: Visa puts a part of it into the block of a new PIN.
    public let cryptogram: ICCMasterKey
    /// For codes over commands (SMI).
    public let integrity: ICCMasterKey
    /// For enciphering the data of commands (SMC).
    public let confidentiality: ICCMasterKey

    /// Keys that were derived elsewhere.
    public init(
        cryptogram: consuming ICCMasterKey, integrity: consuming ICCMasterKey, confidentiality: consuming ICCMasterKey
    ) {
        self.cryptogram = cryptogram
        self.integrity = integrity
        self.confidentiality = confidentiality
    }
}

extension CryptogramSpecification {
    /// The data of a command to the card, enciphered.
    ///
    /// - Parameter master: the card's key for secure messaging confidentiality.
    /// - Parameter context: with the application cryptogram of the transaction.
    public func encryptCommandData(
        _ data: borrowing SecretKey, master: borrowing ICCMasterKey, context: TransactionContext
    ) throws(CardCryptographyError) -> [UInt8] {
        try scriptEncryption.encrypt(data, key: EMVSessionKey(scriptKey, master: master, context: context))
    }

    /// A command without enciphered data: its data as it stands, and the code behind it.
    ///
    /// - Parameter header: CLA, INS, P1, P2; Lc follows from data and code.
    /// - Parameter codeCount: 4 to 8 bytes of code, as the card was personalised.
    public func command(
        header: [UInt8], data: [UInt8] = [], master: borrowing ICCMasterKey, context: TransactionContext,
        codeCount: Int = 8
    ) throws(CardCryptographyError) -> ScriptCommand {
        guard header.count == 4 else { throw .fieldLength(.commandHeader, header.count) }
        guard ScriptMAC.codeCounts.contains(codeCount) else { throw .codeCount(codeCount) }
        guard data.count + codeCount <= 255 else { throw .fieldLength(.commandData, data.count) }
        let header = header + [UInt8(data.count + codeCount)]
        let code = scriptMAC(master: master, context: context, header: header, data: data)
        return ScriptCommand(header: header, data: data, code: Array(code.prefix(codeCount)))
    }

    /// PIN CHANGE/UNBLOCK with a new PIN (`84 24 00 02`).
    ///
    /// - Parameter context: with the application cryptogram of the transaction.
    public func pinChange(
        to pin: borrowing ClearPIN, keys: borrowing ScriptMasterKeys, context: TransactionContext, codeCount: Int = 8
    ) throws(CardCryptographyError) -> ScriptCommand {
        let block =
            pinChangeFormat == .visa ? PINChangeBlock.visa(pin, master: keys.cryptogram) : PINChangeBlock.format2(pin)
        return try pinChange(block, parameter: 2, keys: keys, context: context, codeCount: codeCount)
    }

    /// PIN CHANGE/UNBLOCK with a new PIN that the card takes against its current one (`84 24 00 01`).
    ///
    /// Throws `currentPINNotUsed` for a version whose cards do not ask for it.
    public func pinChange(
        to pin: borrowing ClearPIN, current: borrowing ClearPIN, keys: borrowing ScriptMasterKeys,
        context: TransactionContext, codeCount: Int = 8
    ) throws(CardCryptographyError) -> ScriptCommand {
        guard pinChangeFormat != .format2 else { throw .currentPINNotUsed }
        let block = PINChangeBlock.visa(pin, current: current, master: keys.cryptogram)
        return try pinChange(block, parameter: 1, keys: keys, context: context, codeCount: codeCount)
    }

    private func pinChange(
        _ block: borrowing SecretKey, parameter: UInt8, keys: borrowing ScriptMasterKeys, context: TransactionContext,
        codeCount: Int
    ) throws(CardCryptographyError) -> ScriptCommand {
        try command(
            header: [0x84, 0x24, 0x00, parameter],
            data: try encryptCommandData(block, master: keys.confidentiality, context: context),
            master: keys.integrity, context: context, codeCount: codeCount)
    }
}
