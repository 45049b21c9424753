// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol

extension UnionPay {
    /// What a terminal's request says beside the cores' message.
    public struct Sending: Equatable, Sendable {
        public var profile: KeyProfile
        /// Field 60.2.
        public var batch: UInt32
        /// Transactions of the batch: field 48 at the end of an upload.
        public var uploaded: Int
        /// Whether a sign-on asks for a key for track data; with TDES only.
        public var wantsTrackKey: Bool
        /// Whether room is left for the health element.
        public var hasHealth: Bool
        /// Whether room is left for a PIN block.
        public var hasPIN: Bool

        public init(
            profile: KeyProfile, batch: UInt32, uploaded: Int = 0, wantsTrackKey: Bool = false, hasHealth: Bool,
            hasPIN: Bool = false
        ) {
            self.profile = profile
            self.batch = batch
            self.uploaded = uploaded
            self.wantsTrackKey = wantsTrackKey
            self.hasHealth = hasHealth
            self.hasPIN = hasPIN
        }
    }

    /// A terminal's request. Holes are left for health element and PIN block, none for the MAC.
    ///
    /// - Parameter core: the cores' message, without what only the module writes.
    /// - Throws: for a value that UnionPay's field has no room for.
    public static func request(_ core: MessageBuilder, _ sending: Sending) throws(EncodeError) -> MessageBuilder {
        let core = try core.encode().view()
        let type = requestType(core)
        var builder = MessageBuilder(type, spec: .unionpayPOS)
        for field in [2, 3, 4, 11, 14, 22, 25, 37, 38, 39, 41, 42, 49] { builder.take(field, from: core) }
        builder.takeBytes(55, from: core)
        let kind = kind(of: core)
        if core.mti.isReversal {
            // The original's entry mode is not kept; 00 is "unspecified" (ISO 8583:1987 table 7).
            builder.set(22, number: 0)
            builder.set(25, number: kind?.condition ?? 0)
        }
        setType(&builder, core, kind, sending)
        setOriginal(&builder, core, kind, sending)
        setBatch(&builder, core, sending)
        setSecurity(&builder, core, sending)
        var data = PrivateData()
        if let sent = core.text(7), let date = core.text(13), let time = core.text(12) {
            data[.time] = sent + date + time
        }
        data[.support] = core[.terminalData].flatMap { TerminalData(text: $0) }?.support.text
        data[.reference] = core[.reference]
        data[.administrative] = core[.administrativeData]
        data[.goods] = core[.goods]
        data[.original] = core.text(90).map { String($0.prefix(4) + $0.dropFirst(10).prefix(10)) }
        if let text = data.text { builder.set(59, text: text) }
        return builder
    }

    /// UnionPay's terminals have no repeat types: a repeat is the same message again.
    private static func requestType(_ core: MessageView) -> MTI {
        let isReport = core.mti == .administrativeAdvice || core.mti == .administrativeAdviceRepeat
        if isReport || core.mti == .networkRequest && core[.networkCode] == CoreCode.signOff { return managementAdvice }
        return MTI(rawValue: core.mti.rawValue & ~1) ?? core.mti
    }

    /// The kind of a transaction; of a reversal, the kind of what it reverses.
    static func kind(of core: MessageView) -> TransactionKind? {
        guard let processingCode = core[.processingCode] else { return nil }
        let type =
            core.mti.isReversal ? core.text(90).flatMap { MTI(String($0.prefix(4)))?.rawValue } : core.mti.rawValue
        return type.flatMap {
            TransactionKind(messageType: $0 & ~1, processingCode: processingCode, condition: core[.condition] ?? 0)
        }
    }

    /// Field 60, and 63.1 where it is mandatory.
    private static func setType(
        _ builder: inout MessageBuilder, _ core: MessageView, _ kind: TransactionKind?, _ sending: Sending
    ) {
        let head = digits(UInt64(kind?.unionPayType ?? 0), 2) + digits(UInt64(sending.batch), 6)
        guard kind == nil else {
            // 60.4: chip and contactless; 60.5: no fall-back.
            return builder.set(60, text: head + Code.none + "60")
        }
        builder.set(60, text: head + networkCode(core, sending))
        let isSignOn = core[.networkCode] == CoreCode.signOn
        if isSignOn || core.mti.rawValue & ~1 == MTI.settlementRequest.rawValue { builder.set(63, text: "001") }
    }

    private static func networkCode(_ core: MessageView, _ sending: Sending) -> String {
        switch core.mti {
        case .administrativeAdvice, .administrativeAdviceRepeat: return Code.report
        case .settlementRequest, .settlementRepeat: return Code.settlement
        default: break
        }
        switch core[.networkCode] {
        case CoreCode.signOn where sending.profile.isSM4: return Code.signOnSM4
        case CoreCode.signOn: return sending.wantsTrackKey ? Code.signOnTracks : Code.signOnTDES
        case CoreCode.signOff: return Code.signOff
        case CoreCode.end: return Code.uploadEnd
        case CoreCode.items: return Code.settlement
        case CoreCode.echo: return Code.echo
        default: return Code.none
        }
    }

    /// Field 61: the original's batch, trace number and date; zeros where its reference alone is known.
    private static func setOriginal(
        _ builder: inout MessageBuilder, _ core: MessageView, _ kind: TransactionKind?, _ sending: Sending
    ) {
        if let original = core.text(90) {
            let named = original.dropFirst(4)
            builder.set(61, text: digits(UInt64(sending.batch), 6) + named.prefix(10))
        } else if kind?.hasOriginal ?? false {
            builder.set(61, text: String(repeating: "0", count: 16))
        }
    }

    /// Field 48 of a settlement and of an upload.
    private static func setBatch(_ builder: inout MessageBuilder, _ core: MessageView, _ sending: Sending) {
        if let totals = totals(core) {
            builder.set(48, text: totals)
        } else if let items = core[.displayText] {
            builder.set(48, text: items)
        } else if core[.networkCode] == CoreCode.end {
            builder.set(48, text: digits(UInt64(sending.uploaded), 4))
        }
    }

    /// 48 of a settlement: all cards are taken for domestic ones, and the last part of either half is the host's to fill in.
    private static func totals(_ core: MessageView) -> String? {
        guard let credits = core.number(74), let debits = core.number(76), let creditAmount = core.number(86),
            let debitAmount = core.number(88)
        else { return nil }
        return digits(debitAmount, 12) + digits(debits, 3) + digits(creditAmount, 12) + digits(credits, 3)
            + String(repeating: "0", count: 32)
    }

    /// Fields 26, 52 and 53 of a PIN, 57 of health and evidence, 58 of a token.
    private static func setSecurity(_ builder: inout MessageBuilder, _ core: MessageView, _ sending: Sending) {
        if sending.hasPIN {
            builder.set(26, number: 12)
            // With the account number in the block; 6 is double-length TDES, 3 is SM4; tracks are not encrypted.
            builder.set(53, text: (sending.profile.isSM4 ? "23" : "26") + String(repeating: "0", count: 14))
            builder.reserve(52, count: sending.profile.pinBlockLength)
        }
        let evidence = core[.evidence].map { Array($0) } ?? []
        // What stands behind the health element needs its place, even where there is none.
        if sending.hasHealth || !evidence.isEmpty {
            builder.set(57, bytes: [UInt8](repeating: 0, count: healthLength) + evidence)
        }
        if let token = core[.nonce] { builder.set(58, bytes: token) }
    }
}

extension MessageBuilder {
    /// Takes a field of digits or characters from a message of another dialect.
    mutating func take(_ field: Int, from view: MessageView) {
        if let text = view.text(field) { set(field, text: text) }
    }

    /// Takes a field of bytes from a message of another dialect.
    mutating func takeBytes(_ field: Int, from view: MessageView) {
        if let bytes = view.bytes(field) { set(field, bytes: bytes) }
    }
}

extension EncodedMessage {
    /// What was encoded, to be read.
    func view() throws(EncodeError) -> MessageView {
        do throws(DecodeError) { return try MessageView(bytes, spec: spec) } catch {
            throw EncodeError(field: 0, kind: .unknownField)
        }
    }
}

extension MTI {
    /// A reversal or its repeat.
    var isReversal: Bool { rawValue & ~1 == MTI.reversalRequest.rawValue }
}
