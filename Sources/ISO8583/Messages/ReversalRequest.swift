// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The reversal of a request whose answer did not come or could not be trusted (0400, 0420, and repeats).
public struct ReversalRequest: Equatable, Sendable {
    /// The fields that the reversal shares with what it reverses.
    public var request: FinancialRequest
    /// DE 39, why; UnionPay: 98 no answer in time, 96 approved but not finished, A0 the answer's MAC failed, 06 other.
    public var reason: ResponseCode?

    /// - Throws: `missingField` for a field without which there is no reversal.
    public init(_ view: borrowing MessageView) throws(DecodeError) {
        request = try FinancialRequest(view)
        reason = ResponseCode(view, 39)
    }

    /// The reversal of a request, for that reason.
    public init(of request: FinancialRequest, mti: MTI = .reversalRequest, reason: ResponseCode?) {
        self.request = request
        self.request.mti = mti
        self.reason = reason
    }

    /// Sets the fields of the reversal; card data and DE 90 are the caller's to set.
    public func write(to builder: inout MessageBuilder) {
        request.write(to: &builder)
        if let reason { builder.set(39, text: reason.description) }
    }
}
