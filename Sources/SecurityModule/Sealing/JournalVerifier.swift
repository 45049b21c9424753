// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// Takes a terminal's sealed records at the host: each is delivered once, by its number, whatever is sent again, in
/// whatever order; and what was left out, changed or written twice is named. It needs the first key of the journal's
/// chain and the key that the records are sealed for.
///
/// A record is looked into from 256 numbers below the last one without a gap up to 1,024 beyond it.
public struct JournalVerifier: ~Copyable, Sendable {
    /// Records in one call.
    public static let recordsMax = OpenJournalCommand.recordsMax

    public let identity: JournalIdentity
    /// At the lowest number that is looked into.
    private var chain: ForwardMAC
    public private(set) var state: JournalState

    /// - Parameter state: what was delivered before.
    /// - Returns: nil for a state that is more than `ForwardMAC.skipMax` records beyond the first key.
    public init?(_ identity: JournalIdentity, firstKey: borrowing SecretKey, state: JournalState = JournalState()) {
        var chain = ForwardMAC(firstKey: firstKey)
        guard chain.advance(to: state.windowStart) else { return nil }
        self.chain = chain
        (self.identity, self.state) = (identity, state)
    }

    /// Takes records, in any order.
    ///
    /// - Parameter sealed: the bytes of records; beyond `recordsMax` they are not looked at.
    /// - Parameter opener: of the host's private key.
    public mutating func open(_ sealed: [[UInt8]], with opener: inout SealOpener) -> JournalDelivery {
        var delivery = JournalDelivery()
        var records: [SealedRecord] = []
        for (place, bytes) in sealed.prefix(Self.recordsMax).enumerated() {
            do throws(CodecError) {
                records.append(try SealedRecord(decoding: bytes))
            } catch { delivery.findings.append(.malformed(place)) }
        }
        records.sort { $0.index < $1.index }
        let through = state.through
        var running = chain.copy()
        for record in records {
            do throws(JournalFinding) {
                delivery.records.append(try open(record, &running, &opener))
            } catch { delivery.findings.append(error) }
        }
        delivery.findings += state.missing.map { .missing($0) }
        if let end = state.closedAt, through < end, state.through >= end, state.closingIntents != state.open {
            delivery.findings.append(.contradicted(end))
        }
        _ = chain.advance(to: state.windowStart)
        return delivery
    }

    /// Gives up a number that the terminal no longer has: what is beyond it may then be acknowledged.
    public mutating func giveUp(_ index: UInt64) {
        guard index == state.through + 1 else { return }
        state.through = index
        state.settle()
        _ = chain.advance(to: state.windowStart)
    }

    private mutating func open(
        _ record: SealedRecord, _ running: inout ForwardMAC, _ opener: inout SealOpener
    ) throws(JournalFinding) -> DeliveredRecord {
        let index = record.index
        guard index <= state.through + JournalState.aheadMax else { throw .tooFar(index) }
        // Below the window nothing tells a repetition from another record; neither has an effect.
        guard running.advance(to: index) else { throw .repeated(index) }
        guard running.isNext(record.code, message: record.message(of: identity)) else { throw .edited(index) }
        let known = state.delivered.first { $0.index == index }
        if known == nil, isBeyondEnd(record) { throw .forked(index) }
        // Given up, and here after all: what was decided without it stands.
        guard index > state.through || known != nil else { throw .repeated(index) }
        let content: [UInt8]
        do {
            content = try opener.open(record.box, associatedData: identity.bytes + record.header)
        } catch { throw .unreadable(index) }
        // Of what it says, not of its box: sealing the same again says nothing else.
        let digest = SHA256.hash(record.header + content)
        if let known { throw known.digest == digest ? .repeated(index) : .forked(index) }
        let closing = record.kind == .closing ? JournalClosing(content) : nil
        if record.kind == .closing, closing == nil { throw .unreadable(index) }
        let note = DeliveredNote(index: index, kind: record.kind, intents: record.intents, digest: digest)
        state.note(note)
        return DeliveredRecord(note, content: closing == nil ? content : [], closing: closing)
    }

    /// With the closing record the keys are gone: an authentic record behind it is another life of the module.
    private func isBeyondEnd(_ record: SealedRecord) -> Bool {
        if let end = state.closedAt { return record.index > end }
        return record.kind == .closing && state.delivered.contains { $0.index > record.index }
    }
}
