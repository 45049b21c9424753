// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Vocabulary

/// Sealed records as they come from a terminal, two ways, chosen by the first byte:
/// 1. any bytes as a record and as the host's state: what is decoded is encoded alike, and no record is delivered;
/// 2. a journal of the input's choice, sent in any order, twice and with changes: every delivered record is the one that
///    was written, and none is delivered twice.
@main
enum SealedJournalFuzzer {
    static func main() {
        fuzz { start, count in
            var input = FuzzInput(start, count)
            if input.byte() % 2 == 0 { SealedJournalFuzzer.anyBytes(&input) } else { SealedJournalFuzzer.sent(&input) }
            return 0
        }
    }

    private final class Held: Sendable {
        let publicKey: P256PublicKey
        let firstKey = SecretKey.random(count: ForwardMAC.keyCount)
        let wrapping = SecretKey.random(count: 32)
        let wrapped: [UInt8]
        init() {
            guard let key = try? P256PrivateKey.generate() else { stop("no key") }
            publicKey = key.publicKey
            wrapped = key.wrapped(under: wrapping)
        }
    }

    private static let held = Held()
    private static let identity: JournalIdentity = {
        guard let terminal = TerminalID("T0000001") else { stop("no terminal") }
        return JournalIdentity(terminal: terminal, identityEpoch: 1, serial: 77)
    }()

    private static func opener() -> SealOpener {
        guard let key = P256PrivateKey(unwrapping: held.wrapped, under: held.wrapping) else { stop("no key") }
        return SealOpener(key: key)
    }

    private static func anyBytes(_ input: inout FuzzInput) {
        let bytes = input.rest()
        if let record = try? SealedRecord(decoding: bytes) {
            hold(record.encoded() == bytes, "a record has two forms")
        }
        var opener = opener()
        guard var verifier = JournalVerifier(identity, firstKey: held.firstKey) else { stop("no verifier") }
        hold(verifier.open([bytes], with: &opener).records.isEmpty, "any bytes are delivered")
        var reader = ByteReader(bytes)
        guard let state = try? JournalState(from: &reader), reader.isAtEnd else { return }
        var writer = ByteWriter()
        state.write(to: &writer)
        hold(writer.bytes == bytes, "a state has two forms")
        guard state.through < 10_000,
            var again = JournalVerifier(identity, firstKey: held.firstKey, state: state)
        else { return }
        hold(again.open([bytes], with: &opener).records.isEmpty, "any bytes are delivered")
    }

    private static func sent(_ input: inout FuzzInput) {
        guard var journal = try? SealedJournal(identity, hostKey: held.publicKey, firstKey: held.firstKey),
            var verifier = JournalVerifier(identity, firstKey: held.firstKey)
        else { stop("no journal") }
        var contents: [[UInt8]] = []
        var records: [[UInt8]] = []
        for _ in 0..<1 + input.number(below: 8) {
            let content = input.bytes(input.number(below: 20))
            let covers = input.byte() % 3 == 0 ? Array(journal.open.prefix(2)) : []
            guard let record = try? journal.seal(content, opens: input.byte() % 2 == 0, covers: covers) else {
                stop("nothing is sealed")
            }
            contents.append(content)
            records.append(record.encoded())
        }
        var opener = opener()
        var delivered: [UInt64] = []
        for _ in 0..<input.number(below: 12) {
            var bytes = input.element(records)
            if input.byte() % 2 == 0 {
                bytes[input.number(below: bytes.count)] ^= 1 << (input.byte() % 8)
                if !input.isEmpty, input.byte() % 8 == 0 { bytes.removeLast() }
            }
            for record in verifier.open([bytes], with: &opener).records {
                hold(!delivered.contains(record.index), "a record is delivered twice")
                delivered.append(record.index)
                hold(contents[Int(record.index) - 1] == record.content, "another record is delivered")
            }
        }
        let rest = verifier.open(records, with: &opener).records.map(\.index)
        hold((delivered + rest).sorted() == records.indices.map { UInt64($0) + 1 }, "a record is not delivered")
    }
}
