// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A request for money: authorisation, purchase, void, refund, balance, or its advice and repeat (0100, 0200, 0220, …).
///
/// Card data is not copied out of the message: `card` says where it lies.
public struct FinancialRequest: Equatable, Sendable {
    /// Where card data lies in the message that was read; places are nil for what is not there.
    public struct Card: Equatable, Sendable {
        /// DE 2, as the message encodes it.
        public var pan: Range<Int>?
        /// DE 35, as the message encodes it.
        public var track2: Range<Int>?
        /// DE 52.
        public var pinBlock: Range<Int>?
        /// DE 55.
        public var chipData: Range<Int>?
    }

    /// The message type.
    public var mti: MTI
    /// DE 3
    public var processingCode: UInt32
    /// DE 4, in minor units; nil for inquiries.
    public var amount: UInt64?
    /// DE 49; nil where it is no number.
    public var currency: UInt16?
    /// DE 11
    public var stan: STAN
    /// DE 12 and 13; nil where the host fills them in.
    public var localTime: LocalTime?
    /// DE 14, YYMM
    public var expiration: UInt16?
    /// DE 22
    public var entryMode: UInt16?
    /// DE 25
    public var condition: UInt8?
    /// DE 37, of the original for voids and refunds.
    public var rrn: RRN?
    /// DE 38, of the original.
    public var approval: ApprovalCode?
    /// DE 41
    public var terminal: TerminalID
    /// DE 42
    public var merchant: MerchantCode?
    /// DE 60, where the dialect divides it.
    public var transaction: TransactionType?
    /// DE 61, where the dialect divides it.
    public var original: OriginalTransaction?
    /// Where card data lies.
    public var card: Card

    /// Reads what a request must have; whether it has what its rule needs is the view's to say.
    ///
    /// - Throws: `missingField` for a field without which there is no request.
    public init(_ view: borrowing MessageView) throws(DecodeError) {
        mti = view.mti
        processingCode = UInt32(truncatingIfNeeded: try view.required(3, view.number(3)))
        amount = view.number(4)
        currency = view.number(49).flatMap { UInt16(exactly: $0) }
        stan = try view.required(11, view[.stan])
        localTime = LocalTime(view)
        expiration = view.number(14).map { UInt16(truncatingIfNeeded: $0) }
        entryMode = view.number(22).map { UInt16(truncatingIfNeeded: $0) }
        condition = view.number(25).map { UInt8(truncatingIfNeeded: $0) }
        rrn = view[.rrn]
        approval = ApprovalCode(view, 38)
        terminal = try view.required(41, view[.terminal])
        merchant = MerchantCode(view)
        transaction = TransactionType(view)
        original = OriginalTransaction(view)
        card = Card(
            pan: view.range(of: 2), track2: view.range(of: 35), pinBlock: view.range(of: 52),
            chipData: view.range(of: 55))
    }

    /// Sets the fields of the request; card data is the caller's to set.
    public func write(to builder: inout MessageBuilder) {
        builder.set(3, number: UInt64(processingCode))
        if let amount { builder.set(4, number: amount) }
        if let currency { builder.set(49, number: UInt64(currency)) }
        builder.set(.stan, stan)
        localTime?.write(to: &builder)
        if let expiration { builder.set(14, number: UInt64(expiration)) }
        if let entryMode { builder.set(22, number: UInt64(entryMode)) }
        if let condition { builder.set(25, number: UInt64(condition)) }
        if let rrn { builder.set(.rrn, rrn) }
        if let approval { builder.set(38, text: approval.description) }
        builder.set(.terminal, terminal)
        merchant?.write(to: &builder)
        transaction?.write(to: &builder)
        original?.write(to: &builder)
    }
}
