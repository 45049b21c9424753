// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import Issuer
import ModuleProtocol
import SecurityModule
import Terminal
import Testing
import Vocabulary

/// A till with one completed sale behind it, and what can happen to it.
extension LiveTill {
    static func sealing(
        _ bank: Bank, _ card: Plastic, _ profile: KeyProfile = .aes, _ dialect: TerminalDialect = .iso8583
    ) throws -> LiveTill {
        let till = try LiveTill.trading(bank, profile, dialect: dialect)
        #expect(till.sell(card, 10_00)?.isApproved == true)
        return till
    }

    /// Somebody opens it.
    func open() { change { $0.apply(.tamper) } }

    /// Everything goes dark, and comes back with what is durable.
    func restartAll() throws {
        terminal = try Terminal(configuration: terminal.configuration, journal: journal)
        forgetWork()
        try restartModule(inOrder: false)
        bank.now = bank.now + .seconds(1)
        start()
    }

    /// What the dead terminal would send, oldest first, its closing record last.
    var leftBehind: [SealedItem] {
        let closing = status.closings.first { $0.index == (terminal.sealedTail.last?.index ?? 0) + 1 }
        return terminal.sealedTail + [closing].compactMap(\.self)
    }

    /// Messages with sealed records, made by whoever has the death token.
    /// - Returns: the last answer's code.
    @discardableResult
    func deliver(_ records: [SealedItem], token: [UInt8]? = nil) throws -> String? {
        let part = records.leading(bytesMax: 999)
        var builder = MessageBuilder(.administrativeAdvice, spec: .iso8583_1987)
        builder.set(7, number: 814_093_000)
        builder.set(11, number: 900)
        builder.set(41, text: id.description)
        builder.set(57, bytes: part.tail)
        builder.set(58, bytes: try token ?? require(status.deathToken))
        let answers = bank.receive(try builder.encode().bytes)
        guard part.count == records.count else {
            return try deliver(Array(records.dropFirst(part.count)), token: token)
        }
        return answers.first.flatMap { read($0) }?.text(39)
    }

    func delivered() throws -> TerminalJournal { try require(bank.engine.host.journal(of: id)) }
}

extension Bank {
    func held(_ card: Plastic) throws -> Int64 { try require(engine.host.issuer.accounts[card.account]).held }

    /// Cases about transactions that were perhaps not completed.
    var unfinished: [(id: CaseID, fraudCase: FraudCase)] {
        let cases = engine.host.issuer.cases
        return zip(cases.keys, cases.values).filter { $0.1.isUnfinished }.map { ($0.0, $0.1) }
    }
}
