// SPDX-License-Identifier: Apache-2.0

/// The data elements of a transaction that go into its cryptogram.
public struct TransactionData: Hashable, Sendable {
    /// The elements in the order in which a cryptogram covers them; the issuer's data comes last (EMV Book 2 8.1.1).
    public static let order: [CardField] = [
        .amountAuthorised, .amountOther, .terminalCountryCode, .terminalVerificationResults, .transactionCurrencyCode,
        .transactionDate, .transactionType, .unpredictableNumber, .applicationInterchangeProfile,
        .applicationTransactionCounter, .issuerApplicationData,
    ]
    /// Those of them that most versions cover before the issuer's data.
    public static let common: [CardField] = Array(order.dropLast())

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
        /// Where the bytes begin in the input.
        public let offset: Int
    }

    /// What of a field goes into the input.
    public enum Portion: String, Hashable, Sendable {
        /// All of it.
        case whole
        /// The card verification results within the issuer application data.
        case cardVerificationResults
        /// The second byte of the card verification results.
        case secondResult
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
    /// All of the issuer application data, of which the parts may hold a portion only.
    public let issuerApplicationData: [UInt8]

    /// What the scheme reads in the issuer application data; nil where no scheme is known, or the data is too short.
    public var issuerFields: IssuerApplicationData? {
        specification.scheme.flatMap { IssuerApplicationData(issuerApplicationData, scheme: $0) }
    }
    /// The version that the card itself states; where it is another than `specification`, the cryptogram cannot match.
    public var statedSpecification: CryptogramSpecification? {
        specification.scheme.flatMap {
            CryptogramSpecification(scheme: $0, issuerApplicationData: issuerApplicationData)
        }
    }
    /// What stands behind the input to fill the last block.
    public var fill: [UInt8] { Array(padded.dropFirst(input.count)) }
}

extension CryptogramSpecification {
    /// The input of the cryptogram of a transaction, part by part.
    public func explain(_ transaction: TransactionData) throws(CardCryptographyError) -> CryptogramExplanation {
        var parts: [CryptogramExplanation.Part] = []
        for field in fields { append(field, .whole, try transaction.required(field), to: &parts) }
        try appendIssuerData(of: transaction, to: &parts)
        let counter = try transaction.required(.applicationTransactionCounter)
        let isKeyed = sessionKey == .mastercard
        let number = isKeyed ? try transaction.required(.unpredictableNumber) : transaction[.unpredictableNumber] ?? []
        let input = parts.flatMap(\.bytes)
        return CryptogramExplanation(
            specification: self, parts: parts,
            context: TransactionContext(
                transactionCounter: UInt16(counter[0]) << 8 | UInt16(counter[1]),
                unpredictableNumber: number.reduce(0) { $0 << 8 | UInt32($1) }),
            input: input, padded: padding.padded(input),
            issuerApplicationData: try transaction.required(.issuerApplicationData))
    }

    private func appendIssuerData(
        of transaction: TransactionData, to parts: inout [CryptogramExplanation.Part]
    ) throws(CardCryptographyError) {
        let field = CardField.issuerApplicationData
        let data = try transaction.required(field)
        let portions: [(CryptogramExplanation.Portion, Range<Int>)] =
            switch issuerData {
            case .visaResults: [(.cardVerificationResults, 3..<7)]
            case .visaSecondResult: [(.secondResult, 4..<5)]
            case .mastercardResults: [(.cardVerificationResults, 2..<8)]
            case .mastercardResultsAndCounters: [(.cardVerificationResults, 2..<8), (.counters, 10..<18)]
            case .whole: [(.whole, data.indices)]
            }
        for (portion, range) in portions {
            guard range.upperBound <= data.count else { throw .fieldLength(field, data.count) }
            append(field, portion, Array(data[range]), to: &parts)
        }
    }

    private func append(
        _ field: CardField, _ portion: CryptogramExplanation.Portion, _ bytes: [UInt8],
        to parts: inout [CryptogramExplanation.Part]
    ) {
        let offset = parts.last.map { $0.offset + $0.bytes.count } ?? 0
        parts.append(.init(field: field, portion: portion, bytes: bytes, offset: offset))
    }
}
