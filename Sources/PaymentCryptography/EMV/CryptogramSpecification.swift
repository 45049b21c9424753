// SPDX-License-Identifier: Apache-2.0

/// What a cryptogram version number stands for: which keys, which padding, which part of the issuer application data,
/// which answer.
public struct CryptogramSpecification: Hashable, Sendable {
    /// What of the issuer application data (tag 9F10) a cryptogram covers.
    public enum IssuerData: Hashable, Sendable {
        /// Visa's format: the card verification results, 4 bytes from the fourth.
        case visaResults
        /// Visa's format: the second byte of the card verification results, the fifth of all.
        case visaSecondResult
        /// Mastercard's format: the card verification results, 6 bytes from the third.
        case mastercardResults
        /// Mastercard's format: the results, and the counters in the last 8 of 18 bytes.
        case mastercardResultsAndCounters
        /// All of it.
        case whole
    }

    /// How the issuer answers.
    public enum Response: Hashable, Sendable {
        /// Method 1 under the card's key.
        case method1UnderMasterKey
        /// Method 1 under the session key.
        case method1
        /// Method 2 under the session key.
        case method2
    }

    /// The name, as people say it.
    public var name: String
    /// The scheme that lays the issuer application data out; nil where none is known.
    public var scheme: Scheme?
    /// How the card's key comes from the issuer's.
    public var masterKeyOption: MasterKeyOption
    /// The derivation of the application cryptogram's key.
    public var sessionKey: SessionKeyDerivation
    /// The data elements that the cryptogram covers, in order; the issuer's data comes after them.
    public var fields: [CardField]
    /// How the cryptogram's input is filled up.
    public var padding: MACPadding
    /// What of the issuer application data the cryptogram covers.
    public var issuerData: IssuerData
    /// How the issuer answers.
    public var response: Response
    /// The derivation of the keys for secure messaging.
    public var scriptKey: SessionKeyDerivation
    /// What a script's MAC covers.
    public var scriptCoverage: ScriptMAC.Coverage
    /// How a script's data is enciphered.
    public var scriptEncryption: CommandEncryption
    /// Which block carries a new PIN.
    public var pinChangeFormat: PINChangeFormat

    /// A specification of one's own; the defaults are EMV's common core.
    public init(
        name: String, scheme: Scheme? = nil, masterKeyOption: MasterKeyOption = .b,
        sessionKey: SessionKeyDerivation = .common, fields: [CardField] = TransactionData.common,
        padding: MACPadding = .method2, issuerData: IssuerData = .whole, response: Response = .method2,
        scriptKey: SessionKeyDerivation = .cryptogram, scriptCoverage: ScriptMAC.Coverage = .commandAndTransaction,
        scriptEncryption: CommandEncryption = .common, pinChangeFormat: PINChangeFormat = .format2
    ) {
        self.name = name
        self.scheme = scheme
        self.masterKeyOption = masterKeyOption
        self.sessionKey = sessionKey
        self.fields = fields
        self.padding = padding
        self.issuerData = issuerData
        self.response = response
        self.scriptKey = scriptKey
        self.scriptCoverage = scriptCoverage
        self.scriptEncryption = scriptEncryption
        self.pinChangeFormat = pinChangeFormat
    }
}
