// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol

extension UnionPay {
    /// A terminal's request as the cores read it: without KSN, PIN block and MAC, which stay where they came.
    ///
    /// What contradicts itself (field 60.1 and the codes of the transaction, field 61 and the time of the original) is left
    /// out, so that the host refuses the message: under a linear MAC the grammar has to hold what the MAC does not.
    public static func coreRequest(_ wire: MessageView) -> MessageView? {
        // A value that the cores have no room for leaves the names alone, which is refused as what it is.
        (try? coreBuilder(wire, isWhole: true).encode().view())
            ?? (try? coreBuilder(wire, isWhole: false).encode().view())
    }

    /// Where a message has what the host's module looks at; nil where it has none.
    public static func health(of wire: MessageView) -> Range<Int>? {
        guard let range = wire.range(of: 57), range.count >= healthLength else { return nil }
        return range.lowerBound..<range.lowerBound + healthLength
    }

    /// A sign-on's evidence.
    public static func evidence(of wire: MessageView) -> Range<Int>? {
        guard let range = wire.range(of: 57), range.count > healthLength else { return nil }
        return range.lowerBound + healthLength..<range.upperBound
    }

    private static func coreBuilder(_ wire: MessageView, isWhole: Bool) -> MessageBuilder {
        var builder = MessageBuilder(coreType(wire), spec: .iso8583_1987)
        for field in [11, 41, 42] { builder.take(field, from: wire) }
        guard isWhole else { return builder }
        let data = wire.text(59).flatMap { PrivateData(text: $0) } ?? PrivateData()
        if let time = data[.time], time.utf8.count == 20 {
            builder.set(7, text: time.prefix(10))
            builder.set(13, text: time.dropFirst(10).prefix(4))
            builder.set(12, text: time.suffix(6))
        }
        for field in [2, 4, 14, 22, 25, 37, 38, 39, 49] { builder.take(field, from: wire) }
        setTransaction(&builder, wire, data)
        setManagement(&builder, wire, data)
        if let reference = data[.reference] { builder.set(.reference, reference) }
        if let text = data[.administrative] { builder.set(.administrativeData, text) }
        if let goods = data[.goods] { builder.set(.goods, goods) }
        if let health = health(of: wire) { builder.set(63, bytes: wire.bytes[health]) }
        if let evidence = evidence(of: wire) { builder.set(.evidence, Array(wire.bytes[evidence])) }
        if wire.mti == managementAdvice { builder.takeBytes(58, from: wire) }
        return builder
    }

    /// A management advice that the cores do not know is network management without a code, which is not served.
    private static func coreType(_ wire: MessageView) -> MTI {
        guard wire.mti == managementAdvice else { return wire.mti }
        return wire.text(60, part: 3) == Code.report ? .administrativeAdvice : .networkRequest
    }

    /// What only a transaction or its reversal has.
    private static func setTransaction(_ builder: inout MessageBuilder, _ wire: MessageView, _ data: PrivateData) {
        guard let kind = wire.text(60, part: 1).flatMap({ kind($0) }) else { return }
        let original = original(wire, data)
        let type = wire.mti.isReversal ? original.flatMap { MTI(String($0.prefix(4)))?.rawValue } : wire.mti.rawValue
        guard type == kind.messageType, wire.number(3) == kind.processingCode, wire.number(25) == kind.condition else {
            return
        }
        builder.take(3, from: wire)
        if let original { builder.set(90, text: original) }
        setTerminalData(&builder, wire, data)
    }

    /// DE 90 from field 61 and the private data, which must agree on the day.
    private static func original(_ wire: MessageView, _ data: PrivateData) -> String? {
        guard let text = data[.original], text.utf8.count == 14, let stan = wire.text(61, part: 2),
            let date = wire.text(61, part: 3), text.dropFirst(4).hasPrefix(date)
        else { return nil }
        return text.prefix(4) + stan + text.dropFirst(4) + String(repeating: "0", count: 22)
    }

    private static func setTerminalData(_ builder: inout MessageBuilder, _ wire: MessageView, _ data: PrivateData) {
        guard let batch = wire.text(60, part: 2) else { return }
        builder.set(.terminalData, batch + (data[.support] ?? ""))
    }

    /// Network management, settlement and upload.
    private static func setManagement(_ builder: inout MessageBuilder, _ wire: MessageView, _ data: PrivateData) {
        guard let code = wire.text(60, part: 3) else { return }
        switch wire.mti {
        case .networkRequest where Code.signOns.contains(code): builder.set(.networkCode, CoreCode.signOn)
        case .networkRequest where code == Code.echo: builder.set(.networkCode, CoreCode.echo)
        case managementAdvice where code == Code.signOff: builder.set(.networkCode, CoreCode.signOff)
        case .settlementRequest:
            setTerminalData(&builder, wire, data)
            for (part, field) in [(1, 88), (2, 76), (3, 86), (4, 74)] {
                if let number = wire.number(48, part: part) { builder.set(field, number: number) }
            }
        case .batchUpload:
            setTerminalData(&builder, wire, data)
            if Code.uploadEnds.contains(code) {
                builder.set(.networkCode, CoreCode.end)
            } else if code == Code.settlement {
                builder.set(.networkCode, CoreCode.items)
                if let items = wire.text(48) { builder.set(.displayText, items) }
            }
        default: break
        }
    }
}
