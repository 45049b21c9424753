// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Issuer
import ModuleProtocol
import RiskModels
import SecurityTriggers
import Testing
import Vocabulary

@testable import Host

@Suite("Records of models and scores")
struct ModelRecordTests {
    private static let text = ModelText(
        Array(#"{"tillguard-model":1,"kind":"scorecard","features":["euros"],"bias":-5,"terms":[]}"#.utf8))
    private static let other = ModelText(
        Array(#"{"tillguard-model":1,"kind":"scorecard","features":["euros"],"bias":5,"terms":[]}"#.utf8),
        drift: Array(ModelTests.reference.json.text.utf8))

    /// A sale at which a rule spoke by a score, and a watched one too.
    private static let scored: Authorisation = {
        var sale = Samples.sale(CardEffects(pin: .right, debit: 1), .approved)
        guard var rules = try? RuleSet(parsing: ModelTests.rules), let model = try? other.read().model else {
            return sale
        }
        rules.bind(fitting: [RuleSet.NamedModel(name: "shop", version: 7, model: model)])
        sale.evaluation = sale.facts(at: Samples.at).map { Triggers(rules: rules).evaluate($0).early }
        sale.shadow = sale.evaluation.map { ShadowVerdict(version: 3, evaluation: $0) }
        return sale
    }()

    private static let records: [(String, HostRecord.Body)] = [
        ("model.proposed", .model(.proposed(version: 1, name: "shop", text: text, by: Samples.alice))),
        ("model.shadowed", .model(.shadowed(version: 1, by: Samples.alice))),
        ("model.approved", .model(.approved(version: 1, by: Samples.bob))),
        ("model.activated", .model(.activated(version: 1, by: Samples.alice))),
        ("model.proposed.drift", .model(.proposed(version: 2, name: "shop", text: other, by: Samples.alice))),
        ("model.approved.second", .model(.approved(version: 2, by: Samples.bob))),
        ("model.activated.second", .model(.activated(version: 2, by: Samples.alice))),
        ("model.rollBackAsked", .model(.rollBackAsked(to: 1, by: Samples.alice))),
        ("model.rolledBack", .model(.rolledBack(to: 1, by: Samples.alice, approvedBy: Samples.bob))),
        ("model.proposed.third", .model(.proposed(version: 3, name: "free", text: other, by: Samples.bob))),
        ("model.withdrawn", .model(.withdrawn(version: 3, by: Samples.alice))),
        ("authorisation.scored", .authorisation(scored)),
    ]

    @Test("records decode for ever, to the same bytes; none can be cut, or changed and read as itself")
    func golden() throws {
        #expect(Self.scored.evaluation?.scores.count == 1)
        let golden = try Files.golden("records-models-1.hex")
        #expect(golden.map(\.name) == Self.records.map(\.0))
        for (line, (name, body)) in zip(golden, Self.records) {
            let wanted = HostRecord(at: Samples.at, body)
            #expect(wanted.encoded() == line.bytes, "\(name) \(Hex.text(wanted.encoded()))")
            #expect((try? HostRecord(decoding: line.bytes)) == wanted, "\(name)")
            for index in line.bytes.indices {
                #expect(throws: CodecError.self) { try HostRecord(decoding: Array(line.bytes[..<index])) }
                var damaged = line.bytes
                damaged[index] ^= 0x11
                guard let other = try? HostRecord(decoding: damaged) else { continue }
                #expect(other.encoded() == damaged, "\(name), byte \(index): one record, one form")
            }
        }
    }

    @Test("applied they give the same host live and decoded, and a snapshot of the ninth version keeps the models")
    func applied() throws {
        let rules = try RuleSet(parsing: ModelTests.rules)
        var live = Host(rules: rules)
        var decoded = Host(rules: rules)
        for (name, body) in Self.records {
            let record = HostRecord(at: Samples.at, body)
            live.apply(record)
            decoded.apply(try HostRecord(decoding: record.encoded()))
            #expect(live.digest() == decoded.digest(), "\(name)")
        }
        let read = try Host(snapshot: live.snapshot())
        #expect(read.models == live.models && read.digest() == live.digest())
        #expect(read.models.live.map(\.number) == [1] && read.models[3]?.state == .withdrawn)
    }
}
