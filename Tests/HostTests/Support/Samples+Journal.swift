// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import Vocabulary

@testable import Host

extension Samples {
    /// What came with the seventh version of the snapshot: sealed journals of dead terminals.
    static let journal: [(String, JournalRecord)] = [
        ("journal.delivered", delivered),
        ("journal.findings", found),
        ("journal.held", settled(.held(hold, CaseID(90), unfinished))),
        ("journal.held.plain", settled(.held(nil, CaseID(91), unfinished))),
        ("journal.freed", settled(.freed(hold))),
        ("journal.stands", settled(.stands)),
        ("journal.reversed", settled(.reversed(sealedReversal))),
        (
            "journal.transactionReversed",
            settled(
                .transactionReversed(
                    TransactionReversal(kind: .completion, reversal: sealedReversal, reversed: nil, movement: .none)))
        ),
        ("journal.forwardReversed", settled(.forwardReversed(sealedReversal, forward: 77, isOpen: true))),
        ("journal.owed", settled(.owed(CaseID(92), unfinished))),
    ]

    static let sixth: [(name: String, record: HostRecord)] = journal.map {
        (name: $0.0, record: HostRecord(at: at, .journal($0.1)))
    }

    private static let identity = JournalIdentity(terminal: terminal, identityEpoch: 2, serial: .max)

    private static let delivered: JournalRecord = {
        var record = JournalRecord(identity)
        let digest = [UInt8](repeating: 0x5E, count: DeliveredNote.digestCount)
        record.notes = [
            DeliveredNote(index: 1, kind: .intent, intents: [], digest: digest),
            DeliveredNote(index: 2, kind: .note, intents: [1], digest: digest),
            DeliveredNote(index: 4, kind: .intent, intents: [], digest: digest),
            DeliveredNote(index: 5, kind: .closing, intents: [4], digest: digest),
        ]
        let intent = JournalIntent(kind: .purchase, stan: STAN(999_999), amount: amount, at: at, original: RRN(42))
        record.opened = [SealedIntent(index: 1, intent: intent), SealedIntent(index: 4, intent: intent)]
        return record
    }()

    private static let found: JournalRecord = {
        var record = JournalRecord(identity)
        record.findings = [
            .malformed(3), .edited(4), .forked(5), .repeated(6), .unreadable(7), .tooFar(8), .missing(9...11),
            .contradicted(12),
        ]
        record.raised = [.s06, .k04]
        return record
    }()

    private static func settled(_ outcome: JournalSettlement.Outcome) -> JournalRecord {
        var record = JournalRecord(identity)
        record.settlement = JournalSettlement(index: 1, outcome)
        return record
    }

    private static let hold = Hold(
        id: RRN(43), card: card, account: AccountID(5), amount: 12_345, expires: at + Hold.untilAnswered)

    private static let unfinished: FraudCase = {
        var unfinished = fraudCase
        unfinished.rules = [FraudCase.unfinishedRule]
        unfinished.stopped = false
        return unfinished
    }()

    private static let sealedReversal = Reversal(
        usage: .none(of: terminal), names: names, originalSTAN: STAN(12), originalTransmission: 814_093_000, card: nil,
        amount: amount, originalAt: nil, pass: nil, answer: answer(.noOriginal))
}
