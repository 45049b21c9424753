// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Vocabulary

/// A card of a load with its test PIN.
final class LoadCard: Sendable {
    let pan: PAN
    let digits: [UInt8]
    let pin: ClearPIN

    init?(_ index: Int) {
        guard let pan = LoadEstate.pan(index), let pin = LoadEstate.pin(index) else { return nil }
        self.pan = pan
        digits = pan.ascii
        self.pin = pin
    }
}

/// One terminal's dialogue with the host: it signs on, sells with a PIN and checks the MAC of every answer.
///
/// One request is out at a time. Time is handed in: a recording's, or the wall's.
final class LoadSession {
    let id: TerminalID
    private let merchant: MerchantID
    private var module: LoadTerminal
    private var signOnSTAN = STAN(1)
    private(set) var state = State.idle
    private(set) var leaseEnds = Instant.epoch
    /// The purchase that waits for its answer, or for the sign-on before it.
    var purchase: LoadPurchase?
    /// When the request that is out was sent, in nanoseconds of the machine's own clock.
    var sentNanoseconds: UInt64 = 0

    enum State: Equatable {
        case idle
        /// The hello is out.
        case awaitingNonce(STAN)
        /// The evidence is out.
        case awaitingTicket(STAN)
        case awaitingAnswer(STAN)
    }

    /// A lease is renewed when it has less than this left.
    private static let renewalMargin = Interval.minutes(30)

    init(_ index: Int, module: consuming LoadTerminal) {
        id = LoadEstate.terminal(index)
        merchant = LoadEstate.merchant(index)
        self.module = module
    }

    func needsSignOn(at now: Instant) -> Bool { leaseEnds - now < Self.renewalMargin }

    // MARK: - Requests

    /// The first half of a sign-on.
    func hello(at now: Instant) -> [UInt8]? {
        let stan = nextSignOnSTAN()
        var builder = builder(.networkRequest, stan, at: now)
        builder.set(.networkCode, 1)
        guard let message = try? builder.encode() else { return nil }
        state = .awaitingNonce(stan)
        return message.bytes
    }

    /// The second half. The module has tested itself anew: the host measures the age of the number.
    func evidence(over nonce: [UInt8], at now: Instant) -> [UInt8]? {
        module.claims.selfTestNumber += 1
        let stan = nextSignOnSTAN()
        var builder = builder(.networkRequest, stan, at: now)
        builder.set(.networkCode, 1)
        builder.set(.evidence, module.attest(nonce: nonce, application: LoadEstate.application))
        guard let message = encode(&builder), let holes = holes(message, pinField: nil),
            let bytes = module.protect(message: message.bytes, holes: holes)
        else { return nil }
        state = .awaitingTicket(stan)
        return bytes
    }

    /// A purchase by chip and PIN.
    func sale(_ purchase: LoadPurchase, with card: LoadCard) -> [UInt8]? {
        let profile = module.keys.profile
        var builder = builder(.financialRequest, purchase.stan, at: purchase.at)
        builder.set(.pan, card.digits)
        builder.set(.processingCode, 0)
        builder.set(amount: Money(minorUnits: purchase.amount, LoadEstate.currency))
        builder.set(.expiration, UInt64(LoadEstate.expiry))
        builder.set(.entryMode, 51)
        builder.set(.condition, 0)
        builder.set(.terminalData, Self.terminalData)
        builder.reserve(profile.pinBlockField, count: profile.pinBlockLength)
        guard let message = encode(&builder), let holes = holes(message, pinField: profile.pinBlockField),
            let bytes = module.protect(message: message.bytes, holes: holes, pan: card.pan, pin: card.pin)
        else { return nil }
        state = .awaitingAnswer(purchase.stan)
        return bytes
    }

    private func nextSignOnSTAN() -> STAN {
        defer { signOnSTAN = signOnSTAN.next }
        return signOnSTAN
    }

    /// It never settles, so that its first batch is its only one.
    private static let terminalData = TerminalData(batch: 1, support: .all).text

    private func builder(_ mti: MTI, _ stan: STAN, at now: Instant) -> MessageBuilder {
        let time = CalendarTime(now)
        let date = UInt64(time.month * 100 + time.day)
        let clock = UInt64(time.hour * 10_000 + time.minute * 100 + time.second)
        var builder = MessageBuilder(mti, spec: .iso8583_1987)
        builder.set(.transmissionTime, date * 1_000_000 + clock)
        builder.set(.stan, stan)
        builder.set(.localTime, clock)
        builder.set(.localDate, date)
        builder.set(.terminal, id)
        builder.set(.merchant, merchant)
        return builder
    }

    private func encode(_ builder: inout MessageBuilder) -> EncodedMessage? {
        builder.reserve(62, count: module.keys.profile.ksnLength)
        builder.reserve(63, count: HealthElement.length)
        builder.reserveMAC()
        return try? builder.encode()
    }

    private func holes(_ message: EncodedMessage, pinField: Int?) -> MessageHoles? {
        guard let ksn = message.range(of: 62), let health = message.range(of: 63),
            let mac = message.macField.flatMap({ message.range(of: $0) })
        else { return nil }
        return MessageHoles(ksn: ksn, health: health, pinBlock: pinField.flatMap { message.range(of: $0) }, mac: mac)
    }

    // MARK: - Answers

    /// What an answer meant.
    enum Reception: Equatable {
        /// The hello was answered: the evidence is to be sent.
        case nonce([UInt8])
        case signedOn
        /// The purchase was answered, authentically.
        case answered(Catalogue.ResponseCode)
        case refused(LoadFailure)
    }

    /// Takes an answer to the request that is out. Without a valid MAC it settles nothing (rule R5).
    func receive(_ view: MessageView, at now: Instant) -> Reception {
        let stan = view[.stan]
        let asked = state
        state = .idle
        switch asked {
        case .idle: return .refused(.unexpectedAnswer(id))
        case .awaitingNonce(let expected):
            guard view.mti == .networkResponse, stan == expected, let nonce = view.bytes(58) else {
                return .refused(.signOnRefused(id, code: view.text(39) ?? ""))
            }
            return .nonce(Array(nonce))
        case .awaitingTicket(let expected):
            guard isAuthentic(view) else { return .refused(.unauthenticAnswer(id)) }
            guard view.mti == .networkResponse, stan == expected, let ticket = view.bytes(57),
                module.acceptLease(ticket: Array(ticket))
            else { return .refused(.signOnRefused(id, code: view.text(39) ?? "")) }
            leaseEnds = now + Estate.leaseDuration
            return .signedOn
        case .awaitingAnswer(let expected):
            guard isAuthentic(view) else { return .refused(.unauthenticAnswer(id)) }
            guard view.mti == .financialResponse, stan == expected,
                let code = view.bytes(39).flatMap({ ResponseCode(ascii: $0) })
            else { return .refused(.unexpectedAnswer(id)) }
            return .answered(code)
        }
    }

    /// The host does not hold the lease for valid: the next purchase signs on first.
    func dropLease() { leaseEnds = .epoch }

    private func isAuthentic(_ view: MessageView) -> Bool {
        guard let mac = view.macField.flatMap({ view.range(of: $0) }) else { return false }
        return module.verifyAnswer(message: view.bytes, mac: mac)
    }
}
