// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import Issuer
import Vocabulary

/// Settlement: a terminal's totals against the host's, and its transactions one by one where they differ.
///
/// It moves no money and asks for no health: a terminal that has stopped still delivers what it owes.
extension Host {
    /// DE 70 of a batch upload.
    enum UploadCode {
        static let items: UInt64 = 201
        /// Not balanced; a balanced batch ends with its settlement.
        static let end: UInt64 = 202
    }

    func decideSettlement(_ request: Request, _ usage: TerminalUsage, _ batch: TerminalBatch, now: Instant) -> Decision
    {
        guard let data = request.terminalData, let claimed = Self.totals(request.view) else {
            return refuse(.formatError, request, usage, now: now)
        }
        let outcome: Settlement.Outcome
        let isBalanced: Bool
        var counted = batch.totals
        if data.batch == batch.number {
            isBalanced = batch.upload == nil && claimed == batch.totals
            outcome = isBalanced ? .balanced : .unbalanced
        } else if let last = batch.last, last.number == data.batch, last.terminal == claimed {
            (outcome, isBalanced) = (.closedBefore, last.isBalanced)
            counted = last.host
        } else {
            return refuse(.signOnRequired, request, usage, now: now)
        }
        let stored = plain(.adviceAccepted, reference: isBalanced ? "1" : "2")
        let record = Settlement(
            usage: usage, names: request.names, batch: data.batch, claimed: claimed, counted: counted,
            outcome: outcome, answer: stored)
        return .answer(Answer(stored), HostRecord(at: now, .settlement(record)))
    }

    func decideUpload(_ request: Request, _ usage: TerminalUsage, _ batch: TerminalBatch, now: Instant) -> Decision {
        guard let data = request.terminalData else { return refuse(.formatError, request, usage, now: now) }
        let stored = plain(.adviceAccepted)
        var part = BatchUpload(usage: usage, names: request.names, batch: data.batch, answer: stored)
        if data.batch == batch.last?.number {
            // Its end was taken before and the answer got lost.
            return .answer(Answer(stored), HostRecord(at: now, .batchUpload(part)))
        }
        guard data.batch == batch.number, let upload = batch.upload else {
            return refuse(.signOnRequired, request, usage, now: now)
        }
        switch request.view.number(70) {
        case UploadCode.end: part.isEnd = true
        case UploadCode.items:
            guard let (first, items) = request.view.text(48).flatMap({ BatchItem.items($0) }),
                first <= Int(upload.received)
            else { return refuse(.formatError, request, usage, now: now) }
            for item in items.dropFirst(Int(upload.received) - first) {
                part.received += 1
                if isKnown(item, request.terminal, batch.number) { part.matched += 1 } else { part.differing += 1 }
            }
        default: return refuse(.notServed, request, usage, now: now)
        }
        return .answer(Answer(stored), HostRecord(at: now, .batchUpload(part)))
    }

    private func isKnown(_ item: BatchItem, _ terminal: TerminalID, _ batch: UInt32) -> Bool {
        guard let entry = ledger.find(item.rrn) else { return false }
        return entry.terminal == terminal && entry.batch == batch && entry.kind == item.kind
            && entry.stan == item.stan && entry.amount.minorUnits == item.amount && entry.state != .reversed
    }

    /// DE 74, 76, 86 and 88 (ISO 8583:1987 table 2): number and amount of credits and debits.
    private static func totals(_ view: MessageView) -> BatchTotals? {
        guard let credits = view.number(74).flatMap({ UInt32(exactly: $0) }),
            let debits = view.number(76).flatMap({ UInt32(exactly: $0) }),
            let creditAmount = view.number(86).flatMap({ Int64(exactly: $0) }),
            let debitAmount = view.number(88).flatMap({ Int64(exactly: $0) })
        else { return nil }
        return BatchTotals(
            debitAmount: debitAmount, debitCount: debits, creditAmount: creditAmount, creditCount: credits)
    }

    /// The batch of a terminal: what the host has counted since its last settlement, and how that one ended.
    public func batch(of terminal: TerminalID) -> TerminalBatch? {
        estate.terminals.find(terminal).map { batches[$0] }
    }

    /// Whether a calendar day (UTC) has passed since the business day began.
    /// - Parameter start: taken for the beginning of the first day, which no record says.
    public func isCutOverDue(at now: Instant, since start: Instant) -> Bool {
        let began = CalendarTime(dayBegan ?? start)
        let today = CalendarTime(now)
        return now > dayBegan ?? start
            && (began.year, began.month, began.day) != (today.year, today.month, today.day)
    }

    /// Ends the business day, and releases the holds whose time is up.
    func decideCutOver(by staff: StaffID, now: Instant) -> DayCut {
        DayCut(day: day &+ 1, by: staff, released: issuer.expiredHolds(at: now, atMost: DayCut.releasedMax))
    }
}
