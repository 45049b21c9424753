// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import Vocabulary

/// The messages between this host and another, in `iso8583-1987`: the zone protects them, so that they have no KSN and no
/// health element. DE 37 names the forward, in requests, reversals and advices alike; DE 90 names what a reversal takes back, or
/// what a void, a refund or a completion refers to, by the message that brought it there. These have their kind in DE 60,
/// as UnionPay's 60.1 numbers it, since a void that is advised would look like a refund otherwise.
enum UpstreamMessages {
    static let spec = MessageSpec.iso8583_1987

    /// DE 7 or DE 13 and 12 of a time, MMDDhhmmss.
    static func transmission(_ at: Instant) -> UInt64 {
        let time = CalendarTime(at)
        return UInt64(time.month * 100 + time.day) * 1_000_000
            + UInt64(time.hour * 10_000 + time.minute * 100 + time.second)
    }

    /// One to 999,999, and round again.
    static func stan(_ id: UInt64) -> UInt64 { id % 999_999 + 1 }

    private static func builder(_ mti: MTI, stan: UInt64, _ named: NamedForward) -> MessageBuilder {
        let forward = named.forward
        var builder = MessageBuilder(mti, spec: spec)
        builder.set(3, number: forward.kind.processingCode)
        builder.set(4, number: UInt64(forward.amount.minorUnits))
        builder.set(7, number: transmission(named.at))
        builder.set(11, number: stan)
        builder.set(12, number: forward.names.key.localTime % 1_000_000)
        builder.set(13, number: forward.names.key.localTime / 1_000_000)
        builder.set(18, number: UInt64(forward.mcc.code))
        builder.set(22, number: UInt64(forward.entryMode))
        builder.set(25, number: forward.kind.condition)
        builder.set(37, number: named.id)
        builder.set(41, text: forward.usage.terminal.description)
        builder.set(42, text: forward.merchant.description)
        builder.set(49, number: UInt64(forward.amount.currency.numeric))
        if let original = forward.original {
            builder.set(38, number: UInt64(original.approvalCode))
            builder.set(60, text: digits(UInt64(forward.kind.unionPayType), 2))
            builder.set(90, text: originalData(original.name))
        }
        builder.reserveMAC()
        return builder
    }

    /// DE 90 (ISO 8583:1987): message type n4, STAN n6, transmission date and time n10, and no institutions, n22.
    private static func originalData(_ name: UpstreamName) -> String {
        (MTI(rawValue: name.messageType) ?? .financialRequest).description + digits(UInt64(name.stan), 6)
            + digits(transmission(name.at), 10) + digits(0, 22)
    }

    static func request(_ named: NamedForward, pan: PAN, pinBlock: [UInt8]?) -> EncodedMessage? {
        guard let mti = MTI(rawValue: named.forward.kind.messageType) else { return nil }
        var builder = builder(mti, stan: stan(named.id), named)
        builder.set(2, bytes: pan.ascii)
        if let expiry = named.forward.expiry { builder.set(14, number: UInt64(expiry)) }
        if let pinBlock { builder.set(52, bytes: pinBlock) }
        return try? builder.encode()
    }

    /// - Parameters:
    ///   - id: its number in the store.
    ///   - isRepeat: whether an attempt may have arrived before.
    static func stored(_ id: UInt64, _ message: StoredMessage, isRepeat: Bool, pan: PAN) -> EncodedMessage? {
        let named = message.named
        let type: UInt16 =
            switch message.kind {
            case .reversal: MTI.reversalAdvice.rawValue
            case .advice: named.forward.kind.messageType | UpstreamName.advice
            }
        guard let mti = MTI(rawValue: type).map({ isRepeat ? $0.repeated : $0 }) else { return nil }
        var builder = builder(mti, stan: stan(id), named)
        builder.set(2, bytes: pan.ascii)
        switch message.kind {
        case .reversal: builder.set(90, text: originalData(message.name))
        case .advice:
            if let expiry = named.forward.expiry { builder.set(14, number: UInt64(expiry)) }
            builder.set(38, number: UInt64(message.approvalCode))
            builder.set(39, text: "00")
        }
        return try? builder.encode()
    }

    /// Sign-on (DE 70 001), sign-off (002), key change (101, with its blocks in DE 48 and its number in
    /// DE 53), echo (301).
    static func network(
        _ code: UInt64, stan number: UInt64, at: Instant, keys: (blocks: String, exchange: UInt32)? = nil,
        isRepeat: Bool = false
    ) -> EncodedMessage? {
        var builder = MessageBuilder(isRepeat ? .networkRepeat : .networkRequest, spec: spec)
        if let keys {
            builder.set(48, text: keys.blocks)
            builder.set(53, number: UInt64(keys.exchange))
        }
        builder.set(7, number: transmission(at))
        builder.set(11, number: stan(number))
        builder.set(41, text: "HOST")
        builder.set(70, number: code)
        builder.reserveMAC()
        return try? builder.encode()
    }

    private static func digits(_ number: UInt64, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: count - text.count) + text
    }
}
