// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One transaction of a batch as a terminal uploads it when the totals do not agree.
public struct BatchItem: Equatable, Sendable {
    public var kind: TransactionKind
    public var stan: STAN
    public var rrn: RRN
    /// In minor units of the terminal's currency.
    public var amount: Int64

    /// Digits of one item: kind 2, trace number 6, reference 12, amount 12.
    public static let digits = 32
    /// As many go into one message: its text holds 999 characters.
    public static let countMax = 30

    public init(kind: TransactionKind, stan: STAN, rrn: RRN, amount: Int64) {
        self.kind = kind
        self.stan = stan
        self.rrn = rrn
        self.amount = amount
    }

    /// The text of an upload: four digits for the place of its first item in the batch, then the items.
    public static func text(_ items: some Collection<BatchItem>, from first: Int) -> String {
        var text = decimal(UInt64(first), digits: 4)
        for item in items {
            text += decimal(UInt64(item.kind.rawValue), digits: 2) + decimal(UInt64(item.stan.number), digits: 6)
            text += decimal(item.rrn.number, digits: 12) + decimal(UInt64(max(0, item.amount)), digits: 12)
        }
        return text
    }

    /// Reads the text of an upload.
    /// - Returns: nil for anything but a place and 1 to `countMax` whole items.
    public static func items(_ text: some StringProtocol) -> (first: Int, items: [BatchItem])? {
        var bytes = Array(text.utf8)[...]
        guard let first = takeDecimal(&bytes, digits: 4), bytes.count.isMultiple(of: digits),
            1...countMax ~= bytes.count / digits
        else { return nil }
        var items: [BatchItem] = []
        while !bytes.isEmpty {
            guard let kind = takeDecimal(&bytes, digits: 2).flatMap({ TransactionKind(rawValue: UInt8($0)) }),
                let stan = takeDecimal(&bytes, digits: 6), let rrn = takeDecimal(&bytes, digits: 12),
                let amount = takeDecimal(&bytes, digits: 12)
            else { return nil }
            items.append(BatchItem(kind: kind, stan: STAN(UInt32(stan)), rrn: RRN(rrn), amount: Int64(amount)))
        }
        return (Int(first), items)
    }
}
