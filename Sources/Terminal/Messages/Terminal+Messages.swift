// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

extension Terminal {
    /// DE 70 of a sign-on.
    private static let signOnCode: UInt64 = 1
    /// DE 3 of a purchase from an unspecified account.
    private static let purchaseCode: UInt64 = 0

    /// The first half of a sign-on: asks for a nonce, and proves nothing.
    func helloMessage(stan: STAN, now: Instant) throws(EncodeError) -> OutgoingMessage {
        var builder = builder(.networkRequest, stan: stan, sentAt: now, localTime: now)
        builder.set(.networkCode, Self.signOnCode)
        return try OutgoingMessage(unprotected: builder)
    }

    /// The second half: the module's evidence over the nonce.
    func evidenceMessage(stan: STAN, evidence: [UInt8], now: Instant) throws(EncodeError) -> OutgoingMessage {
        var builder = builder(.networkRequest, stan: stan, sentAt: now, localTime: now)
        builder.set(.networkCode, Self.signOnCode)
        builder.set(.evidence, evidence)
        return try OutgoingMessage(protecting: builder, profile: configuration.profile, withPIN: false)
    }

    /// A purchase, DE 52 or 110 by the key profile.
    func saleMessage(_ request: SaleRequest, stan: STAN, now: Instant) throws(EncodeError) -> OutgoingMessage {
        var builder = builder(.financialRequest, stan: stan, sentAt: now, localTime: now)
        builder.set(.pan, request.card.pan.ascii)
        builder.set(.processingCode, Self.purchaseCode)
        builder.set(amount: request.amount)
        builder.set(.expiration, request.card.expiry.number)
        builder.set(.entryMode, request.card.entry.pointOfService)
        builder.set(.condition, 0)
        if let stepUp = request.stepUp {
            builder.set(.reference, stepUp.challenge)
            builder.set(.administrativeData, stepUp.method.code)
        }
        if let goods = request.goodsText { builder.set(.goods, goods) }
        return try OutgoingMessage(
            protecting: builder, profile: configuration.profile, withPIN: request.needsKeypad)
    }

    /// A reversal or its repeat. DE 12 and 13 are the sale's; DE 90 names it.
    func reversalMessage(_ intent: ReversalIntent, now: Instant) throws(EncodeError) -> OutgoingMessage {
        guard let reversal = intent.reversal else { throw EncodeError(field: 90, kind: .unknownField) }
        let mti: MTI = intent.attempts == 0 ? .reversalRequest : .reversalRepeat
        var builder = builder(mti, stan: reversal.stan, sentAt: now, localTime: intent.at)
        builder.set(.pan, intent.pan.ascii)
        builder.set(.processingCode, Self.purchaseCode)
        builder.set(amount: intent.amount)
        if let rrn = intent.rrn { builder.set(.rrn, rrn) }
        builder.set(.responseCode, reversal.reason.code)
        builder.set(90, bytes: Self.originalDataElements(intent))
        return try OutgoingMessage(protecting: builder, profile: configuration.profile, withPIN: false)
    }

    /// A warning report or its repeat: protected, or with a one-time token where the module cannot.
    func reportMessage(_ report: WarningReport, token: [UInt8]?, now: Instant) throws(EncodeError) -> OutgoingMessage {
        let mti: MTI = report.attempts == 0 ? .administrativeAdvice : .administrativeAdviceRepeat
        var builder = builder(mti, stan: report.stan, sentAt: now, localTime: report.at)
        builder.set(.administrativeData, report.codes.map(\.rawValue).joined(separator: ","))
        guard let token else {
            return try OutgoingMessage(protecting: builder, profile: configuration.profile, withPIN: false)
        }
        builder.set(.nonce, token)
        return try OutgoingMessage(unprotected: builder)
    }

    private func builder(_ mti: MTI, stan: STAN, sentAt: Instant, localTime: Instant) -> MessageBuilder {
        var builder = MessageBuilder(mti, spec: .iso8583_1987)
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
    private static func originalDataElements(_ intent: ReversalIntent) -> [UInt8] {
        var digits = Array("0200".utf8)
        digits.appendDecimal(UInt64(intent.stan.number), digits: 6)
        digits.appendDecimal(CalendarTime(intent.at).transmissionNumber, digits: 10)
        digits.append(contentsOf: repeatElement(0x30, count: 22))
        return digits
    }
}

extension CalendarTime {
    /// `MMDDhhmmss` as a number: DE 7.
    fileprivate var transmissionNumber: UInt64 {
        UInt64(month * 100 + day) * 1_000_000 + UInt64(hour * 10_000 + minute * 100 + second)
    }
}

extension [UInt8] {
    fileprivate mutating func appendDecimal(_ value: UInt64, digits: Int) {
        var place = UInt64(1)
        for _ in 1..<digits { place *= 10 }
        while place > 0 {
            append(0x30 + UInt8(value / place % 10))
            place /= 10
        }
    }
}
