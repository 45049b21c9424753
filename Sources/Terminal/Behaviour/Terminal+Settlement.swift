// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

/// Settlement: the batch's totals go to the host, and every transaction where they do not agree. Once it has begun, it is
/// delivered like a reversal, through restarts and halts; no sale begins before it has ended.
extension Terminal {
    mutating func startSettlement(_ step: inout Step) {
        if let refusal = settlementRefusal(step.now) {
            step.show(.refusal(refusal))
            return step.settlement(.refused(refusal))
        }
        record(.settlementStarted(takeSTAN(), step.now), &step)
        step.show(.text("terminal.settling"))
    }

    private func settlementRefusal(_ now: Instant) -> SaleRefusal? {
        if sale != nil { return .busy }
        if book.batch.settlement != nil { return .settling }
        if book.batch.entries.isEmpty { return .nothingToSettle }
        return refusal(now: now)
    }

    /// Whatever may still change the totals is delivered first.
    func isSettlementDue(_ now: Instant) -> Bool {
        guard canDeliver, book.intents.isEmpty, let run = book.batch.settlement else { return false }
        return run.notBefore <= now
    }

    mutating func startSettlementExchange(_ step: inout Step) {
        guard let run = book.batch.settlement else { return }
        do throws(EncodeError) {
            let message = try settlementMessage(run, now: step.now)
            protect(message, .settlement, as: .delivery, stan: run.stan, at: run.at, &step)
        } catch {
            step.log(.messageNotEncoded)
            putOffSettlement(step.now)
        }
    }

    /// An authentic answer to the totals or to a part of the upload.
    mutating func settlementAnswered(_ answer: HostAnswer, _ step: inout Step) {
        guard let run = book.batch.settlement, let reading = answer.reading else {
            return failExchange(.unfitting, &step)
        }
        guard reading.isApproval else { return settlementRefused(reading, &step) }
        switch run.stage {
        case .totals where answer.settlementCode == 1:
            closeLine(&step)
            closeBatch(isBalanced: true, &step)
        case .totals where answer.settlementCode == 2:
            closeLine(&step)
            step.show(.text("terminal.uploading"))
            record(.uploadDue(takeSTAN(), step.now, next: 0), &step)
        case .totals: failExchange(.unfitting, &step)
        case .upload(let next) where next < book.batch.entries.count:
            closeLine(&step)
            let following = min(next + configuration.itemsPerMessage, book.batch.entries.count)
            record(.uploadDue(takeSTAN(), step.now, next: following), &step)
        case .upload:
            closeLine(&step)
            closeBatch(isBalanced: false, &step)
        }
    }

    private mutating func closeBatch(isBalanced: Bool, _ step: inout Step) {
        let (number, totals) = (book.batch.number, book.batch.totals)
        record(.batchClosed(isBalanced: isBalanced), &step)
        step.show(.text(isBalanced ? "terminal.settled" : "terminal.settledUnbalanced"))
        step.settlement(.closed(batch: number, totals, isBalanced: isBalanced))
    }

    /// The batch is out of step with the host's: it stays open, and the next sign-on brings its number.
    private mutating func settlementRefused(_ reading: TerminalReading, _ step: inout Step) {
        closeLine(&step)
        record(.settlementDropped, &step)
        follow(reading, &step)
        step.show(.reading(reading))
        step.settlement(.refusedByHost(reading))
    }

    mutating func putOffSettlement(_ now: Instant) {
        guard let run = book.batch.settlement else { return }
        book.batch.settlement?.notBefore = now + configuration.pause(afterAttempts: run.attempts)
    }

    /// What the host calls the batch, unless a settlement of the number before is still to be answered.
    mutating func adoptBatch(_ number: UInt32?, _ step: inout Step) {
        guard let number, number != book.batch.number, book.batch.settlement == nil else { return }
        record(.batchNumber(number), &step)
    }
}
