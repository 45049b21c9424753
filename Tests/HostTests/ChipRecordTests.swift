// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Issuer
import ModuleProtocol
import Testing
import Vocabulary

@testable import Host

@Suite("Records of chip data")
struct ChipRecordTests {
    private static func sale(_ chip: ChipFact) -> Authorisation {
        var sale = Samples.sale(CardEffects(pin: .right, debit: 1), .approved)
        sale.chip = chip
        return sale
    }

    private static let chips: [(String, HostRecord.Body)] = [
        (
            "issuer.chipSet",
            .issuer(.chipSet(Samples.card, ChipReference(scheme: .unionPay, sequence: 99), by: Samples.alice))
        ), ("chip.right", .authorisation(sale(ChipFact(finding: .right, counter: 300, isCounterStale: false)))),
        ("chip.stale", .authorisation(sale(ChipFact(finding: .right, counter: 7, isCounterStale: true)))),
        ("chip.wrong", .authorisation(sale(ChipFact(finding: .wrong)))),
        (
            "chip.unverified",
            .transaction(
                CardTransaction(
                    kind: .balance, sale: sale(ChipFact(finding: .unverified)), original: nil, movement: .none))
        ), ("chip.unreadable", .authorisation(sale(ChipFact(finding: .unreadable)))),
    ]

    @Test("records decode for ever, to the same bytes")
    func golden() throws {
        let golden = try Files.golden("records-chip-1.hex")
        #expect(golden.map(\.name) == Self.chips.map(\.0))
        for (line, (name, body)) in zip(golden, Self.chips) {
            let record = try HostRecord(decoding: line.bytes)
            #expect(record == HostRecord(at: Samples.at, body), "\(name)")
            #expect(record.encoded() == line.bytes, "\(name)")
            for end in 0..<line.bytes.count {
                #expect(throws: CodecError.self) { try HostRecord(decoding: Array(line.bytes[..<end])) }
            }
        }
    }

    @Test("chip and counter come back out of a snapshot, and only a right cryptogram counts")
    func snapshot() throws {
        var host = Host(rules: try require(Files.shippedRules))
        for (name, record) in Samples.first where name != "issuer.cardAdded.plain" { host.apply(record) }
        let before = host.snapshot().count
        for (_, body) in Self.chips { host.apply(HostRecord(at: Samples.at, body)) }
        let card = try require(host.issuer.cards[Samples.card])
        #expect(card.chip == ChipReference(scheme: .unionPay, sequence: 99) && card.chipCounter == 300)
        #expect(host.snapshot().count > before)
        let read = try Host(snapshot: host.snapshot())
        #expect(read.issuer.cards[Samples.card] == card && read.digest() == host.digest())
    }
}
