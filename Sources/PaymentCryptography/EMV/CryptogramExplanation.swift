// SPDX-License-Identifier: Apache-2.0

/// The data elements of a transaction that go into its cryptogram.
public struct TransactionData: Hashable, Sendable {
    /// The elements in the order in which a cryptogram covers them; the issuer's data comes last (EMV Book 2 8.1.1).
    public static let order: [CardField] = [
        .amountAuthorised, .amountOther, .terminalCountryCode, .terminalVerificationResults, .transactionCurrencyCode,
        .transactionDate, .transactionType, .unpredictableNumber, .applicationInterchangeProfile,
        .applicationTransactionCounter, .issuerApplicationData,
    ]

    private var values: [[UInt8]?]

    /// Without an element yet.
    public init() { values = Array(repeating: nil, count: Self.order.count) }

    /// The bytes of an element; nil for one that was not set or that no cryptogram covers.
    public subscript(field: CardField) -> [UInt8]? { Self.order.firstIndex(of: field).flatMap { values[$0] } }

    /// Sets an element of `order`.
    public mutating func set(_ field: CardField, _ bytes: [UInt8]) throws(CardCryptographyError) {
        try field.check(bytes)
        guard let index = Self.order.firstIndex(of: field) else { throw .notCovered(field) }
        values[index] = bytes
    }

    func required(_ field: CardField) throws(CardCryptographyError) -> [UInt8] {
        guard let bytes = self[field] else { throw .missing(field) }
        return bytes
    }
}

/// How the input of a cryptogram was put together, for whoever looks for the byte that differs. It never holds a key.
public struct CryptogramExplanation: Hashable, Sendable {
    /// One part of the input.
    public struct Part: Hashable, Sendable {
        /// The data element it comes from.
        public let field: CardField
        /// What of the field it is: all, the card verification results or the counters.
        public let portion: Portion
        /// As they go into the input.
        public let bytes: [UInt8]
    }

    /// What of a field goes into the input.
    public enum Portion: String, Hashable, Sendable {
        /// All of it.
        case whole
        /// The card verification results within the issuer application data.
        case cardVerificationResults
        /// Mastercard's counters at the end of the issuer application data.
        case counters
    }

    /// The version by which it was put together.
    public let specification: CryptogramSpecification
    /// In order.
    public let parts: [Part]
    /// What the session key is derived with.
    public let context: TransactionContext
    /// The parts one after the other.
    public let input: [UInt8]
    /// The input in whole blocks, as it is enciphered.
    public let padded: [UInt8]
}

extension CryptogramSpecification {
    /// The input of the cryptogram of a transaction, part by part.
    public func explain(_ transaction: TransactionData) throws(CardCryptographyError) -> CryptogramExplanation {
        var parts: [CryptogramExplanation.Part] = []
        for field in TransactionData.order.dropLast() {
            parts.append(.init(field: field, portion: .whole, bytes: try transaction.required(field)))
        }
        try appendIssuerData(of: transaction, to: &parts)
        let counter = try transaction.required(.applicationTransactionCounter)
        let number = try transaction.required(.unpredictableNumber)
        let input = parts.flatMap(\.bytes)
        return CryptogramExplanation(
            specification: self, parts: parts,
            context: TransactionContext(
                transactionCounter: UInt16(counter[0]) << 8 | UInt16(counter[1]),
                unpredictableNumber: number.reduce(0) { $0 << 8 | UInt32($1) }),
            input: input, padded: padding.padded(input))
    }

    private func appendIssuerData(
        of transaction: TransactionData, to parts: inout [CryptogramExplanation.Part]
    ) throws(CardCryptographyError) {
        let field = CardField.issuerApplicationData
        let data = try transaction.required(field)
        func portion(
            _ portion: CryptogramExplanation.Portion, _ range: Range<Int>
        ) throws(CardCryptographyError) -> CryptogramExplanation.Part {
            guard range.upperBound <= data.count else { throw .fieldLength(field, data.count) }
            return .init(field: field, portion: portion, bytes: Array(data[range]))
        }
        switch issuerData {
        case .visaResults: parts.append(try portion(.cardVerificationResults, 3..<7))
        case .mastercardResults: parts.append(try portion(.cardVerificationResults, 2..<8))
        case .mastercardResultsAndCounters:
            parts.append(try portion(.cardVerificationResults, 2..<8))
            parts.append(try portion(.counters, 10..<18))
        case .whole: parts.append(.init(field: field, portion: .whole, bytes: data))
        }
    }
}
