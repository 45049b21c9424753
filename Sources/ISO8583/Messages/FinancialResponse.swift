// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The answer to a financial request, an advice or a reversal (0110, 0210, 0230, 0410, 0430).
public struct FinancialResponse: Equatable, Sendable {
    /// The message type.
    public var mti: MTI
    /// DE 39
    public var response: ResponseCode
    /// DE 11
    public var stan: STAN
    /// DE 3
    public var processingCode: UInt32?
    /// DE 4, in minor units.
    public var amount: UInt64?
    /// DE 12 and 13, of the host.
    public var localTime: LocalTime?
    /// DE 37
    public var rrn: RRN?
    /// DE 38
    public var approval: ApprovalCode?
    /// DE 41
    public var terminal: TerminalID
    /// DE 42
    public var merchant: MerchantCode?
    /// DE 60, where the dialect divides it.
    public var transaction: TransactionType?
    /// Where DE 55 lies in the message that was read.
    public var chipData: Range<Int>?

    /// Reads what an answer must have.
    ///
    /// - Throws: `missingField` for a field without which there is no answer.
    public init(_ view: borrowing MessageView) throws(DecodeError) {
        mti = view.mti
        response = try view.required(39, ResponseCode(view, 39))
        stan = try view.required(11, view[.stan])
        processingCode = view.number(3).map { UInt32(truncatingIfNeeded: $0) }
        amount = view.number(4)
        localTime = LocalTime(view)
        rrn = view[.rrn]
        approval = ApprovalCode(view, 38)
        terminal = try view.required(41, view[.terminal])
        merchant = MerchantCode(view)
        transaction = TransactionType(view)
        chipData = view.range(of: 55)
    }

    /// Sets the fields of the answer; chip data is the caller's to set.
    public func write(to builder: inout MessageBuilder) {
        builder.set(39, text: response.description)
        builder.set(.stan, stan)
        if let processingCode { builder.set(3, number: UInt64(processingCode)) }
        if let amount { builder.set(4, number: amount) }
        localTime?.write(to: &builder)
        if let rrn { builder.set(.rrn, rrn) }
        if let approval { builder.set(38, text: approval.description) }
        builder.set(.terminal, terminal)
        merchant?.write(to: &builder)
        transaction?.write(to: &builder)
    }
}
