// SPDX-License-Identifier: Apache-2.0

/// Why a card verification value or a cryptogram cannot be computed; verification answers false instead.
public enum CardCryptographyError: Error, Equatable, Sendable {
    /// A key of that many bytes, where a double-length DES key of 16 is needed.
    case keyLength(Int)
    /// A field of that many bytes, which is not its length.
    case fieldLength(CardField, Int)
    /// A field that the cryptogram covers was not given.
    case missing(CardField)
    /// A field that no cryptogram covers.
    case notCovered(CardField)
    /// Not a number of digits that a card verification value has.
    case digitCount(Int)
    /// Not fifteen digits that begin with 34 or 37.
    case notAmericanExpress
    /// Not a number of bytes that a script's code has: 4 to 8.
    case codeCount(Int)
    /// The enciphered data of a command does not hold what it must: one cause for all.
    case commandData
    /// Cards of this version take a new PIN without the current one.
    case currentPINNotUsed
    /// A tree of session keys with fewer leaves than the transaction counter has values, or beyond its bounds.
    case sessionKeyTree(height: Int, branchFactor: Int)
}

/// The data elements of EMV (Book 3 Annex A) and of card verification that have a length to keep.
public enum CardField: String, Sendable, CaseIterable {
    /// 9F02, 6 bytes.
    case amountAuthorised
    /// 9F03, 6 bytes.
    case amountOther
    /// 9F1A, 2 bytes.
    case terminalCountryCode
    /// 95, 5 bytes.
    case terminalVerificationResults
    /// 5F2A, 2 bytes.
    case transactionCurrencyCode
    /// 9A, 3 bytes.
    case transactionDate
    /// 9C, 1 byte.
    case transactionType
    /// 9F37, 4 bytes.
    case unpredictableNumber
    /// 82, 2 bytes.
    case applicationInterchangeProfile
    /// 9F36, 2 bytes.
    case applicationTransactionCounter
    /// 9F10, 7 to 32 bytes.
    case issuerApplicationData
    /// 9F26, 8 bytes.
    case applicationCryptogram
    /// 8 bytes.
    case diversificationValue
    /// 16 bytes.
    case sessionKeyTreeStart
    /// 2 bytes.
    case authorisationResponseCode
    /// 4 bytes.
    case cardStatusUpdate
    /// At most 8 bytes.
    case proprietaryAuthenticationData
    /// 2 bytes.
    case initializationVectorCVC3
    /// CLA, INS, P1, P2: 4 bytes.
    case commandHeader
    /// Of a command to the card: 1 to 247 bytes.
    case commandData

    /// The name that EMV gives it (Book 3 Annex A1).
    public var title: String {
        switch self {
        case .amountAuthorised: "Amount, Authorised"
        case .amountOther: "Amount, Other"
        case .terminalCountryCode: "Terminal Country Code"
        case .terminalVerificationResults: "Terminal Verification Results"
        case .transactionCurrencyCode: "Transaction Currency Code"
        case .transactionDate: "Transaction Date"
        case .transactionType: "Transaction Type"
        case .unpredictableNumber: "Unpredictable Number"
        case .applicationInterchangeProfile: "Application Interchange Profile"
        case .applicationTransactionCounter: "Application Transaction Counter"
        case .issuerApplicationData: "Issuer Application Data"
        case .applicationCryptogram: "Application Cryptogram"
        case .diversificationValue: "Diversification Value"
        case .sessionKeyTreeStart: "Start of the Session Key Tree"
        case .authorisationResponseCode: "Authorisation Response Code"
        case .cardStatusUpdate: "Card Status Update"
        case .proprietaryAuthenticationData: "Proprietary Authentication Data"
        case .initializationVectorCVC3: "IVCVC3"
        case .commandHeader: "Command Header"
        case .commandData: "Command Data"
        }
    }

    /// The tag, for what the card or the terminal sends under one.
    public var tag: UInt16? {
        switch self {
        case .amountAuthorised: 0x9F02
        case .amountOther: 0x9F03
        case .terminalCountryCode: 0x9F1A
        case .terminalVerificationResults: 0x95
        case .transactionCurrencyCode: 0x5F2A
        case .transactionDate: 0x9A
        case .transactionType: 0x9C
        case .unpredictableNumber: 0x9F37
        case .applicationInterchangeProfile: 0x82
        case .applicationTransactionCounter: 0x9F36
        case .issuerApplicationData: 0x9F10
        case .applicationCryptogram: 0x9F26
        default: nil
        }
    }

    /// The lengths that are right, in bytes.
    var lengths: ClosedRange<Int> {
        switch self {
        case .amountAuthorised, .amountOther: 6...6
        case .terminalVerificationResults: 5...5
        case .terminalCountryCode, .transactionCurrencyCode, .applicationInterchangeProfile,
            .applicationTransactionCounter, .authorisationResponseCode, .initializationVectorCVC3:
            2...2
        case .transactionDate: 3...3
        case .transactionType: 1...1
        case .unpredictableNumber, .cardStatusUpdate: 4...4
        case .issuerApplicationData: 7...32
        case .applicationCryptogram, .diversificationValue: 8...8
        case .sessionKeyTreeStart: 16...16
        case .proprietaryAuthenticationData: 0...8
        case .commandHeader: 4...4
        case .commandData: 1...247
        }
    }

    func check(_ bytes: [UInt8]) throws(CardCryptographyError) {
        guard lengths.contains(bytes.count) else { throw .fieldLength(self, bytes.count) }
    }
}

extension SecretKey {
    /// The keys of cards and of their issuers are double-length DES keys.
    borrowing func requireDoubleLength() throws(CardCryptographyError) {
        guard count == 16 else { throw .keyLength(count) }
    }
}
