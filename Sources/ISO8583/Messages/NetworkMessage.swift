// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Sign-on, sign-off, echo, key download, settlement and their answers (08xx, 05xx, 03xx).
public struct NetworkMessage: Equatable, Sendable {
    /// The message type.
    public var mti: MTI
    /// DE 11
    public var stan: STAN
    /// DE 12 and 13
    public var localTime: LocalTime?
    /// DE 37, of answers.
    public var rrn: RRN?
    /// DE 39, of answers.
    public var response: ResponseCode?
    /// DE 41
    public var terminal: TerminalID
    /// DE 42
    public var merchant: MerchantCode?
    /// DE 70, where the dialect has it.
    public var networkCode: UInt16?
    /// DE 60, where the dialect divides it.
    public var transaction: TransactionType?
    /// Where DE 62 lies in the message that was read: the working keys of a sign-on's answer.
    public var keys: Range<Int>?

    /// - Throws: `missingField` for a field without which there is no such message.
    public init(_ view: borrowing MessageView) throws(DecodeError) {
        mti = view.mti
        stan = try view.required(11, view[.stan])
        localTime = LocalTime(view)
        rrn = view[.rrn]
        response = ResponseCode(view, 39)
        terminal = try view.required(41, view[.terminal])
        merchant = MerchantCode(view)
        networkCode = view.number(70).map { UInt16(truncatingIfNeeded: $0) }
        transaction = TransactionType(view)
        keys = view.range(of: 62)
    }

    /// A message of nothing but who and when.
    public init(_ mti: MTI, stan: STAN, terminal: TerminalID, merchant: MerchantCode?) {
        self.mti = mti
        self.stan = stan
        self.terminal = terminal
        self.merchant = merchant
    }

    /// Sets the fields of the message; DE 62 is the caller's to set.
    public func write(to builder: inout MessageBuilder) {
        builder.set(.stan, stan)
        localTime?.write(to: &builder)
        if let rrn { builder.set(.rrn, rrn) }
        if let response { builder.set(39, text: response.description) }
        builder.set(.terminal, terminal)
        merchant?.write(to: &builder)
        if let networkCode { builder.set(70, number: UInt64(networkCode)) }
        transaction?.write(to: &builder)
    }
}
