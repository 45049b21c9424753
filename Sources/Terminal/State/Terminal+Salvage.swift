// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

extension Terminal {
    /// As many trace numbers may have been used behind the damage: no journal holds more records.
    private static let traceNumbersSkipped: UInt32 = 1_024

    /// Makes the terminal of what a damaged journal still tells of it: trace numbers, tokens, module, warnings. It comes up
    /// stopped, with P02, until a person has looked at it.
    ///
    /// Nothing that moves money is taken over. The record that completed a sale may lie behind the damage, and taking the sale
    /// back would be wrong; whoever keeps the damaged journal settles what was open.
    ///
    /// - Parameter journal: the records that could be read, in order.
    public init(configuration: TerminalConfiguration, salvaging journal: [[UInt8]]) {
        self.init(configuration: configuration, book: Self.salvage(journal))
        isSalvaged = true
    }

    private static func salvage(_ journal: [[UInt8]]) -> TerminalBook {
        var whole = TerminalBook()
        for bytes in journal {
            guard let record = try? TerminalRecord(decoding: bytes), whole.apply(record) else { break }
        }
        var book = TerminalBook()
        let circle: UInt32 = 999_999
        book.lastSTAN = STAN((whole.lastSTAN.number + traceNumbersSkipped - 1) % circle + 1)
        book.linkToken = whole.linkToken
        book.linkTokenCandidates = whole.linkTokenCandidates
        book.batch.number = whole.batch.number
        book.service = whole.service
        return book
    }
}
