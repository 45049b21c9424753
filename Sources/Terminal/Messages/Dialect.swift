// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import UnionPay
import Vocabulary

/// How this terminal's messages look on its line. Every message is made in `iso8583-1987`, with plain or packed digits;
/// UnionPay's come out of that.
struct Dialect {
    let profile: KeyProfile
    let line: TerminalDialect
    /// The open batch, and how many transactions it has.
    let batch: UInt32
    let uploaded: Int
    let wantsTrackKey: Bool

    private var isUnionPay: Bool { line == .unionPayPOS }

    /// A message with holes for what the module writes, but for the MAC.
    func request(_ builder: MessageBuilder, hasHealth: Bool, withPIN: Bool) throws(EncodeError) -> MessageBuilder {
        guard !isUnionPay else {
            return try UnionPay.request(
                builder,
                UnionPay.Sending(
                    profile: profile, batch: batch, uploaded: uploaded, wantsTrackKey: wantsTrackKey,
                    hasHealth: hasHealth, hasPIN: withPIN))
        }
        guard hasHealth else { return builder }
        var builder = builder
        if withPIN { builder.reserve(profile.pinBlockField, count: profile.pinBlockLength) }
        if !profile.isSession { builder.reserve(62, count: profile.ksnLength) }
        builder.reserve(63, count: HealthElement.length)
        return builder
    }

    /// What a terminal of a session profile must be able to say before it has session keys goes without a MAC.
    func needsMAC(_ type: MTI) -> Bool {
        guard profile.isSession else { return true }
        return ![.networkRequest, .administrativeAdvice, .administrativeAdviceRepeat].contains(type)
    }

    var pinBlockField: Int { isUnionPay ? 52 : profile.pinBlockField }

    func ksn(_ message: EncodedMessage) -> Range<Int>? { profile.isSession ? 0..<0 : message.range(of: 62) }

    func health(_ message: EncodedMessage) -> Range<Int>? {
        guard isUnionPay else { return message.range(of: 63) }
        return message.range(of: 57).map { $0.lowerBound..<$0.lowerBound + UnionPay.healthLength }
    }
}

extension Terminal {
    var dialect: Dialect {
        Dialect(
            profile: configuration.profile, line: configuration.dialect, batch: book.batch.number,
            uploaded: book.batch.entries.count, wantsTrackKey: configuration.wantsTrackKey)
    }

    /// Bytes of the line.
    func framed(_ message: [UInt8]) -> [UInt8] {
        configuration.dialect == .unionPayPOS ? configuration.envelope.bytes + message : message
    }

    /// A message of the host: as it came, and as this core reads it.
    struct Received {
        var wire: MessageView
        var view: MessageView
        /// The header of UnionPay's messages asks for a sign-on.
        var asksForSignOn = false
    }

    /// - Returns: nil for what is no message of this terminal's dialect.
    func read(_ bytes: [UInt8]) -> Received? {
        guard configuration.dialect == .unionPayPOS else {
            return (try? MessageView(bytes, spec: configuration.dialect.wire)).map { Received(wire: $0, view: $0) }
        }
        var bytes = bytes
        guard let envelope = UnionPay.Envelope(taking: &bytes),
            let wire = try? MessageView(bytes, spec: .unionpayPOS), wire.missingFields().isEmpty,
            let view = UnionPay.coreAnswer(wire)
        else { return nil }
        return Received(wire: wire, view: view, asksForSignOn: envelope.header.processing == .signOn)
    }

    /// Whether an answer echoes the request's date, time and type: one MAK serves many messages, and a linear MAC alone
    /// proves little.
    func echoes(_ received: Received, _ exchange: Exchange) -> Bool {
        guard configuration.dialect == .unionPayPOS else { return true }
        let local = CalendarTime(exchange.at)
        let type = (try? MessageView(exchange.message.bytes, spec: .unionpayPOS))?.text(60, part: 1)
        return received.view[.localDate] == UInt64(local.month * 100 + local.day)
            && received.view[.localTime] == UInt64(local.hour * 10_000 + local.minute * 100 + local.second)
            && received.wire.text(60, part: 1) == type
    }

    /// Whether code and approval code say the same. An approval has one and a refusal has none: under a linear MAC a code
    /// may have been exchanged for another, and what then contradicts itself is taken back.
    func isConsistent(_ answer: HostAnswer) -> Bool {
        guard configuration.dialect == .unionPayPOS, let reading = answer.reading else { return true }
        return reading.isApproval == (answer.approvalCode != nil)
    }
}
