// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Vocabulary

/// A terminal made to lie: it signs on once, then sells for ever, whatever its lease, its warnings or the host's answers
/// say. Only the host is left to stop it.
final class RogueTerminal {
    let id: TerminalID
    private let merchant: MerchantID
    private let currency: Currency
    /// The dialect of its messages.
    let spec: MessageSpec
    private var module: LoadTerminal
    private var stan = STAN(1)
    private(set) var hasLease = false

    init?(
        _ id: TerminalID, _ merchant: MerchantID, _ currency: Currency, _ provisioning: borrowing ModuleProvisioning,
        spec: MessageSpec = .iso8583_1987
    ) {
        self.id = id
        self.merchant = merchant
        self.currency = currency
        self.spec = spec
        guard let module = LoadTerminal(provisioning: provisioning) else { return nil }
        self.module = module
    }

    private func builder(_ mti: MTI, at now: Instant, isProtected: Bool = true) -> MessageBuilder {
        var builder = MessageBuilder(mti, spec: spec)
        let time = CalendarTime(now)
        let clock = UInt64(time.hour * 10_000 + time.minute * 100 + time.second)
        let date = UInt64(time.month * 100 + time.day)
        builder.set(7, number: date * 1_000_000 + clock)
        builder.set(11, number: UInt64(stan.number))
        builder.set(12, number: clock)
        builder.set(13, number: date)
        builder.set(41, text: id.description)
        builder.set(42, text: merchant.description)
        stan = stan.next
        guard isProtected else { return builder }
        builder.reserve(62, count: module.keys.profile.ksnLength)
        builder.reserve(63, count: HealthElement.length)
        builder.reserveMAC()
        return builder
    }

    /// - Parameter pin: its digits, for a message with room for its block.
    private func protect(_ builder: MessageBuilder, pan: PAN? = nil, pin: [UInt8]? = nil) -> [UInt8]? {
        guard let message = try? builder.encode(), let ksn = message.range(of: 62), let health = message.range(of: 63),
            let mac = message.macField.flatMap({ message.range(of: $0) })
        else { return nil }
        let block = pin == nil ? nil : message.range(of: module.keys.profile.pinBlockField)
        let holes = MessageHoles(ksn: ksn, health: health, pinBlock: block, mac: mac)
        guard let pin, let pan else { return module.protect(message: message.bytes, holes: holes) }
        var entry = PINEntry()
        for digit in pin { _ = entry.press(digit) }
        guard let clear = entry.finish() else { return nil }
        return module.protect(message: message.bytes, holes: holes, pan: pan, pin: clear)
    }

    func hello(at now: Instant) -> [UInt8]? {
        var builder = builder(.networkRequest, at: now, isProtected: false)
        builder.set(70, number: 1)
        return try? builder.encode().bytes
    }

    /// Answers a sign-on's halves; anything else is ignored.
    /// - Returns: the evidence, for the answer that brought a nonce.
    func receive(_ bytes: [UInt8], at now: Instant) -> [UInt8]? {
        guard let view = try? MessageView(bytes, spec: spec), view.mti == .networkResponse else { return nil }
        if let nonce = view.bytes(58) {
            var builder = builder(.networkRequest, at: now)
            builder.set(
                57,
                bytes: module.attest(
                    nonce: Array(nonce), application: SoftwareVersion(1, 0, 0), token: Array(nonce)))
            builder.set(70, number: 1)
            return protect(builder)
        }
        if let ticket = view.bytes(57) { hasLease = module.acceptLease(ticket: Array(ticket)) || hasLease }
        return nil
    }

    func sale(_ card: SimulatedCard, amount: Money, at now: Instant) -> [UInt8]? {
        transaction(.purchase, card, amount: amount, of: nil, at: now)
    }

    /// - Parameters:
    ///   - reference: DE 37 of what it refers to.
    ///   - pin: typed where it is not empty.
    func transaction(
        _ kind: TransactionKind, _ card: SimulatedCard, amount: Money, of reference: String?, pin: [UInt8] = [],
        at now: Instant
    ) -> [UInt8]? {
        guard let mti = MTI(rawValue: kind.messageType) else { return nil }
        var builder = builder(mti, at: now)
        builder.set(pan: card.pan)
        builder.set(3, number: kind.processingCode)
        builder.set(4, number: UInt64(amount.minorUnits))
        builder.set(14, number: UInt64(card.expiry))
        builder.set(22, number: 51)
        builder.set(25, number: kind.condition)
        if let reference { builder.set(37, text: reference) }
        builder.set(49, number: UInt64(amount.currency.numeric))
        let profile = module.keys.profile
        if !pin.isEmpty { builder.reserve(profile.pinBlockField, count: profile.pinBlockLength) }
        return protect(builder, pan: card.pan, pin: pin.isEmpty ? nil : pin)
    }

    /// The trace number of the message made last.
    var lastSTAN: UInt64 { stan.number > 1 ? UInt64(stan.number) - 1 : 999_999 }

    /// The reversal of a transaction of that trace number and time.
    func reversal(
        of original: UInt64, sold: Instant, _ card: SimulatedCard, amount: Money, kind: TransactionKind = .purchase,
        at now: Instant
    ) -> [UInt8]? {
        var builder = builder(.reversalRequest, at: now)
        builder.set(pan: card.pan)
        builder.set(3, number: kind.processingCode)
        if kind.condition != 0 { builder.set(25, number: kind.condition) }
        builder.set(4, number: UInt64(amount.minorUnits))
        builder.set(49, number: UInt64(amount.currency.numeric))
        let time = CalendarTime(sold)
        let clock = UInt64(time.hour * 10_000 + time.minute * 100 + time.second)
        builder.set(12, number: clock)
        builder.set(13, number: UInt64(time.month * 100 + time.day))
        let transmission = UInt64(time.month * 100 + time.day) * 1_000_000 + clock
        let type = MTI(rawValue: kind.messageType)?.description ?? ""
        builder.set(90, text: type + Self.pad(original, 6) + Self.pad(transmission, 10) + Self.pad(0, 22))
        return protect(builder)
    }

    private static func pad(_ number: UInt64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: digits - text.count) + text
    }
}

/// A card that the simulation knows everything about.
struct SimulatedCard {
    var key: CardKey
    var pan: PAN
    var expiry: UInt16
    var account: AccountID
    var pin: [UInt8]
    var balance: Int64
}
