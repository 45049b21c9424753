// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a terminal's batch adds up to, in minor units of its currency: what a settlement compares.
///
/// Purchases and completions are debits; their voids and refunds are credits; whatever was reversed is in neither.
public struct BatchTotals: Equatable, Sendable {
    public var debitAmount: Int64
    public var debitCount: UInt32
    public var creditAmount: Int64
    public var creditCount: UInt32

    public init(debitAmount: Int64 = 0, debitCount: UInt32 = 0, creditAmount: Int64 = 0, creditCount: UInt32 = 0) {
        self.debitAmount = debitAmount
        self.debitCount = debitCount
        self.creditAmount = creditAmount
        self.creditCount = creditCount
    }

    public var count: Int { Int(debitCount) + Int(creditCount) }
    /// What the merchant is owed.
    public var net: Int64 { debitAmount - creditAmount }

    public mutating func add(_ amount: Int64, _ side: TransactionKind.Side) {
        switch side {
        case .debit:
            debitAmount += amount
            debitCount += 1
        case .credit:
            creditAmount += amount
            creditCount += 1
        case .none: break
        }
    }

    /// Takes back what `add` has added.
    public mutating func remove(_ amount: Int64, _ side: TransactionKind.Side) {
        switch side {
        case .debit where debitCount > 0:
            debitAmount -= amount
            debitCount -= 1
        case .credit where creditCount > 0:
            creditAmount -= amount
            creditCount -= 1
        case .debit, .credit, .none: break
        }
    }

    public func encode(to writer: inout ByteWriter) {
        writer.signed(debitAmount)
        writer.unsigned(debitCount)
        writer.signed(creditAmount)
        writer.unsigned(creditCount)
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        debitAmount = try reader.signed()
        debitCount = try reader.unsigned()
        creditAmount = try reader.signed()
        creditCount = try reader.unsigned()
    }
}
