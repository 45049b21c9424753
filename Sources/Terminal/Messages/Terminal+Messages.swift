// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

extension Terminal {
    /// DE 70 of network management (ISO 8583:1987).
    enum ManagementCode: UInt64 {
        case signOn = 1
        case signOff = 2
        case echo = 301
    }

    /// DE 70 of a part of a batch upload, and of its end where the totals did not agree.
    private static let uploadCode: UInt64 = 201
    private static let uploadEndCode: UInt64 = 202

    /// The first half of a sign-on: asks for a nonce, and proves nothing.
    func helloMessage(stan: STAN, now: Instant) throws(EncodeError) -> OutgoingMessage {
        try OutgoingMessage(unprotected: management(.signOn, stan, now), dialect)
    }

    /// The end of trade, or a test of the line.
    func managementMessage(
        _ code: ManagementCode, stan: STAN, now: Instant
    ) throws(EncodeError) -> OutgoingMessage {
        try OutgoingMessage(protecting: management(code, stan, now), dialect)
    }

    private func management(_ code: ManagementCode, _ stan: STAN, _ now: Instant) -> MessageBuilder {
        var builder = builder(.networkRequest, stan: stan, sentAt: now, localTime: now)
        builder.set(.networkCode, code.rawValue)
        return builder
    }

    /// The second half: the module's evidence over the nonce.
    func evidenceMessage(stan: STAN, evidence: [UInt8], now: Instant) throws(EncodeError) -> OutgoingMessage {
        var builder = management(.signOn, stan, now)
        builder.set(.evidence, evidence)
        // What this very sign-on ends by itself is not among them.
        let open = book.service.warnings.filter { $0.code != .l01 || $0.needsOrder }.map(\.code.rawValue)
        if !open.isEmpty { builder.set(.administrativeData, open.joined(separator: ",")) }
        return try OutgoingMessage(protecting: builder, dialect)
    }

    /// A transaction of any kind; the PIN in DE 52 or 110 by the key profile.
    func saleMessage(_ request: SaleRequest, stan: STAN, now: Instant) throws(EncodeError) -> OutgoingMessage {
        var builder = builder(MTI(request.kind), stan: stan, sentAt: now, localTime: now)
        set(&builder, request.kind, request.card, request.amount, originalData(request))
        if let stepUp = request.stepUp {
            builder.set(.reference, stepUp.challenge)
            builder.set(.administrativeData, stepUp.method.code)
        }
        if let goods = request.goodsText { builder.set(.goods, goods) }
        if let chip = request.card.chip, !request.kind.hasOriginal { builder.set(55, bytes: chip) }
        return try OutgoingMessage(protecting: builder, dialect, withPIN: request.needsKeypad)
    }

    /// The repeat of a refund that has had no answer.
    func adviceMessage(_ intent: ReversalIntent, now: Instant) throws(EncodeError) -> OutgoingMessage {
        guard let advice = intent.advice else { throw EncodeError(field: 14, kind: .unknownField) }
        let mti = MTI(intent.kind)
        var builder = builder(
            intent.attempts == 0 ? mti : mti.repeated, stan: intent.stan, sentAt: now, localTime: intent.at)
        let card = CardData(pan: intent.pan, expiry: advice.expiry, entry: advice.entry)
        set(&builder, intent.kind, card, intent.amount, advice.original)
        return try OutgoingMessage(protecting: builder, dialect)
    }

    private func set(
        _ builder: inout MessageBuilder, _ kind: TransactionKind, _ card: CardData, _ amount: Money,
        _ original: OriginalData
    ) {
        builder.set(pan: card.pan)
        builder.set(.processingCode, kind.processingCode)
        builder.set(amount: amount)
        builder.set(.expiration, card.expiry.number)
        builder.set(.entryMode, card.entry.pointOfService)
        builder.set(.condition, kind.condition)
        builder.set(.terminalData, terminalData)
        if let rrn = original.rrn { builder.set(.rrn, rrn) }
        if let code = original.approvalCode, code.utf8.count == 6 { builder.set(.approvalCode, code) }
        if let trace = original.trace, trace.kind.isReversed {
            builder.set(90, text: Self.originalDataElements(trace.kind, trace.stan, trace.at))
        }
    }

    private var terminalData: String {
        TerminalData(batch: book.batch.number, support: configuration.stepUp).text
    }

    /// The totals of the batch, a part of its upload, or the end of it; or the repeat of one of them.
    func settlementMessage(_ run: SettlementRun, now: Instant) throws(EncodeError) -> OutgoingMessage {
        let mti: MTI = run.stage == .totals ? .settlementRequest : .batchUpload
        var builder = builder(
            run.attempts == 0 ? mti : mti.repeated, stan: run.stan, sentAt: now, localTime: run.at)
        builder.set(.terminalData, terminalData)
        switch run.stage {
        case .totals:
            let totals = book.batch.totals
            builder.set(49, number: UInt64(configuration.currency.numeric))
            builder.set(74, number: UInt64(totals.creditCount))
            builder.set(76, number: UInt64(totals.debitCount))
            builder.set(86, number: UInt64(totals.creditAmount))
            builder.set(88, number: UInt64(totals.debitAmount))
        case .upload(let next):
            let items = book.batch.entries.dropFirst(next).prefix(configuration.itemsPerMessage).map(\.item)
            builder.set(.networkCode, items.isEmpty ? Self.uploadEndCode : Self.uploadCode)
            if !items.isEmpty { builder.set(.displayText, BatchItem.text(items, from: next)) }
        }
        return try OutgoingMessage(protecting: builder, dialect)
    }

    /// A reversal or its repeat. DE 12 and 13 are the sale's; DE 90 names it.
    func reversalMessage(_ intent: ReversalIntent, now: Instant) throws(EncodeError) -> OutgoingMessage {
        guard let reversal = intent.reversal else { throw EncodeError(field: 90, kind: .unknownField) }
        let mti: MTI = intent.attempts == 0 ? .reversalRequest : .reversalRepeat
        var builder = builder(mti, stan: reversal.stan, sentAt: now, localTime: intent.at)
        builder.set(pan: intent.pan)
        builder.set(.processingCode, intent.kind.processingCode)
        // A purchase is what a reversal without a condition code is of.
        if intent.kind.condition != 0 { builder.set(.condition, intent.kind.condition) }
        builder.set(amount: intent.amount)
        if let rrn = intent.rrn { builder.set(.rrn, rrn) }
        builder.set(.responseCode, reversal.reason.code)
        builder.set(90, text: Self.originalDataElements(intent.kind, intent.stan, intent.at))
        return try OutgoingMessage(protecting: builder, dialect)
    }

    /// A warning report or its repeat: with the module's statement, protected; or with a one-time token where the module
    /// cannot.
    func reportMessage(
        _ report: WarningReport, statement: [UInt8] = [], token: [UInt8]? = nil, now: Instant
    ) throws(EncodeError) -> OutgoingMessage {
        let mti: MTI = report.attempts == 0 ? .administrativeAdvice : .administrativeAdviceRepeat
        var builder = builder(mti, stan: report.stan, sentAt: now, localTime: report.at)
        // What the application found and what is over by now would stop the terminal again: a repeat leaves it out.
        let codes = report.codes.filter { !WarningCode.foundByApplication.contains($0) || openWarnings.contains($0) }
        let named = codes.isEmpty ? report.codes : codes
        builder.set(.administrativeData, named.map(\.rawValue).joined(separator: ","))
        guard let token else {
            builder.set(.evidence, statement)
            return try OutgoingMessage(protecting: builder, dialect)
        }
        builder.set(.nonce, token)
        return try OutgoingMessage(unprotected: builder, dialect)
    }

    /// A segment of the module's audit log: protected like a report, or with a one-time token where the module cannot.
    func logMessage(
        _ segment: [UInt8], stan: STAN, token: [UInt8]?, now: Instant
    ) throws(EncodeError) -> OutgoingMessage {
        var builder = builder(.administrativeAdvice, stan: stan, sentAt: now, localTime: now)
        builder.set(.administrativeData, LogQuestion.mark)
        builder.set(.evidence, segment)
        guard let token else { return try OutgoingMessage(protecting: builder, dialect) }
        builder.set(.nonce, token)
        return try OutgoingMessage(unprotected: builder, dialect)
    }

    /// Sealed records under a one-time token.
    func tailMessage(
        _ items: [SealedItem], token: [UInt8], stan: STAN, now: Instant
    ) throws(EncodeError) -> OutgoingMessage {
        var builder = builder(.administrativeAdvice, stan: stan, sentAt: now, localTime: now)
        builder.set(.evidence, items.tail)
        builder.set(.nonce, token)
        return try OutgoingMessage(unprotected: builder, dialect)
    }

    private func builder(_ mti: MTI, stan: STAN, sentAt: Instant, localTime: Instant) -> MessageBuilder {
        var builder = MessageBuilder(mti, spec: configuration.dialect.core)
        let local = CalendarTime(localTime)
        builder.set(.transmissionTime, CalendarTime(sentAt).transmissionNumber)
        builder.set(.stan, stan)
        builder.set(.localTime, UInt64(local.hour * 10_000 + local.minute * 100 + local.second))
        builder.set(.localDate, UInt64(local.month * 100 + local.day))
        builder.set(.terminal, configuration.terminal)
        builder.set(.merchant, configuration.merchant)
        return builder
    }

    /// DE 90 (ISO 8583:1987): message type 4, trace number 6, transmission time 10, and both institutions 11 each,
    /// zeros here, since a terminal knows none.
    private static func originalDataElements(_ kind: TransactionKind, _ stan: STAN, _ at: Instant) -> String {
        // With a digit before it, which is dropped, the time keeps its zeros.
        let time = "\(10_000_000_000 + CalendarTime(at).transmissionNumber)".dropFirst()
        return "\(MTI(kind))\(stan)\(time)" + String(repeating: "0", count: 22)
    }
}

extension MTI {
    /// The message type of a transaction's request.
    init(_ kind: TransactionKind) {
        guard let mti = MTI(rawValue: kind.messageType) else {
            preconditionFailure("the table of kinds holds decimal digits alone")
        }
        self = mti
    }
}

extension CalendarTime {
    /// `MMDDhhmmss` as a number: DE 7.
    fileprivate var transmissionNumber: UInt64 {
        UInt64(month * 100 + day) * 1_000_000 + UInt64(hour * 10_000 + minute * 100 + second)
    }
}
