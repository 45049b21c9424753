// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583

extension UnionPay {
    /// The host's answer. Holes of the cores' answer (ticket, key download) become holes here; none is left for the MAC.
    ///
    /// - Parameters:
    ///   - wire: the request as it came.
    ///   - core: the cores' answer, its DE 39 in this dialect already.
    ///   - display: what the till shows, field 63.2; "?" stands for characters that GBK's table here does not have.
    public static func answer(
        to wire: MessageView, _ core: MessageBuilder, display: String
    ) throws(EncodeError) -> MessageBuilder {
        let core = try core.encode().view()
        var builder = MessageBuilder(answering: wire, echoing: FieldSet([3, 4, 11, 25, 41, 42, 49, 60]))
        for field in [12, 13, 37, 38, 39] { builder.take(field, from: core) }
        // The balance that may be spent; this field holds one amount.
        if let amounts = core[.additionalAmounts] { builder.set(54, text: amounts.suffix(20)) }
        for field in [55, 57, 58, 62] { builder.takeBytes(field, from: core) }
        if wire.mti == .settlementRequest { setSettlement(&builder, wire, core[.settlementCode]) }
        if let batch = core[.terminalData].flatMap({ TerminalData(text: $0) })?.batch, let type = wire.text(60) {
            builder.set(60, text: type.prefix(2) + digits(UInt64(batch), 6) + type.dropFirst(8))
        }
        var data = PrivateData()
        data[.reference] = core[.reference]
        data[.administrative] = core[.administrativeData]
        if let text = data.text { builder.set(59, text: text) }
        builder.set(63, bytes: Array("000".utf8) + GBK.bytes(display, max: displayMax))
        return builder
    }

    /// Bytes of field 63.2.
    private static let displayMax = 160

    /// What a host's answer has the till show, field 63.2; nil where it says nothing, or nothing that is text.
    public static func displayText(of wire: MessageView) -> String? {
        guard wire.mti.isResponse, let bytes = wire.bytes(63), bytes.count > 3 else { return nil }
        return GBK.text(bytes.dropFirst(3))
    }

    /// The totals as they came, with the verdict: 1 balanced, 2 not, 3 where there is none.
    private static func setSettlement(_ builder: inout MessageBuilder, _ wire: MessageView, _ verdict: UInt64?) {
        guard let totals = wire.text(48), totals.utf8.count >= 31 else { return }
        let digit = String(verdict ?? 3)
        let foreign = totals.dropFirst(31)
        var text = String(totals.prefix(30)) + digit
        if foreign.count == 31 { text += String(foreign.dropLast()) + digit }
        builder.set(48, text: text)
    }

    /// A host's answer as the cores read it; nil for a type that answers nothing of theirs.
    public static func coreAnswer(_ wire: MessageView) -> MessageView? {
        guard let type = coreAnswerType(wire) else { return nil }
        var builder = MessageBuilder(type, spec: .iso8583_1987)
        for field in [3, 4, 11, 12, 13, 37, 38, 39, 41, 42, 49, 54] { builder.take(field, from: wire) }
        for field in [55, 57, 58, 62] { builder.takeBytes(field, from: wire) }
        if wire.mti == .networkResponse, let batch = wire.text(60, part: 2), UInt32(batch) != 0 {
            builder.set(.terminalData, batch)
        }
        if wire.mti == .settlementResponse, let verdict = wire.number(48, part: 5) {
            builder.set(.settlementCode, verdict)
        }
        if let data = wire.text(59).flatMap({ PrivateData(text: $0) }) {
            if let reference = data[.reference] { builder.set(.reference, reference) }
            if let text = data[.administrative] { builder.set(.administrativeData, text) }
        }
        return try? builder.encode().view()
    }

    private static func coreAnswerType(_ wire: MessageView) -> MTI? {
        guard wire.mti == managementAdviceResponse else { return wire.mti }
        switch wire.text(60, part: 3) {
        case Code.report: return .administrativeAdvice.response
        case Code.signOff: return .networkResponse
        default: return nil
        }
    }
}
