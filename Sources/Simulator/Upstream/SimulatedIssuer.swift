// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Vocabulary

/// Another host, as the networks want one: it answers the same request the same way, reverses once, and refuses the sale
/// whose reversal came first. It keeps its own book and notes whatever a sound acquirer does not do.
public final class SimulatedIssuer {
    static let zone = ZoneID("NORTH")

    /// The zone whose keys the module has.
    let zone: ZoneID
    /// The response code of a new sale, by its amount in minor units.
    private let decide: (Int64) -> String

    private(set) var module: SoftHostModule
    /// Its side of the zone's keys.
    var keys = ZoneKeyState()
    var refusedKeys: [String] = []
    var stan: UInt64 = 0
    private var answers = [UInt64: String]()
    private var reversed = [UInt64: UInt64]()
    /// DE 37 by terminal, local time and kind.
    var names = [String: UInt64]()
    /// DE 37 by what DE 90 says.
    var traces = [String: UInt64]()
    /// What was approved, by DE 37.
    var entries = [UInt64: IssuerEntry]()
    /// What all its accounts hold.
    public internal(set) var balance: Int64 = 0
    public private(set) var requests = 0
    public private(set) var advices = 0
    public private(set) var reversals = 0
    public private(set) var repeats = 0
    public internal(set) var complaints: [String] = []

    init?(seed: UInt64) {
        guard let module = SoftHostModule.simulated(seed: seed), Self.install(module) else { return nil }
        var random = SeededRandom(seed: seed)
        self.module = module
        zone = Self.zone
        decide = { _ in random.chance(perMille: 100) ? "51" : "00" }
    }

    /// An issuer for a real line.
    public init(module: SoftHostModule, zone: ZoneID, decide: @escaping (Int64) -> String) {
        (self.module, self.zone, self.decide) = (module, zone, decide)
    }

    /// Goes on with its book and another module, whose keys are those it was given.
    public func use(_ module: SoftHostModule) {
        self.module = module
        keys = ZoneKeyState()
    }

    /// - Returns: the answer; nil for what is not the zone's.
    public func receive(_ bytes: [UInt8], now: Instant) -> [UInt8]? {
        guard let view = try? MessageView(bytes, spec: .iso8583_1987), let covered = view.macCoverage,
            let mac = view.macField.flatMap({ view.range(of: $0) }),
            let number = module.keyNumber(bytes, covered: covered, mac: mac, zone: zone)
        else {
            complaints.append("a message without the zone's MAC")
            return nil
        }
        heard(under: number, now: now)
        switch view.mti {
        case .networkResponse:
            acknowledged(view, now: now)
            return nil
        case .networkRequest where view.number(70) == 101, .networkRepeat where view.number(70) == 101:
            return take(view, now: now)
        default: return answer(view, code: act(view))
        }
    }

    private func act(_ view: MessageView) -> String {
        guard view.mti != .networkRequest else { return "00" }
        guard let name = view.number(37), let amount = view.number(4).map({ Int64($0) }), let stan = view.number(11)
        else { return "30" }
        if view.mti.isRepeat { repeats += 1 }
        switch view.mti {
        case .financialRequest, .authorisationRequest: return request(view, name, amount)
        case .financialAdvice, .financialAdviceRepeat, .authorisationAdvice, .authorisationAdviceRepeat:
            return advice(view, name, amount)
        case .reversalAdvice, .reversalAdviceRepeat: return reverse(name, stan)
        default: return "40"
        }
    }

    /// By DE 60 of what refers to another transaction, else by type, DE 3 and DE 25.
    private func kind(_ view: MessageView) -> TransactionKind? {
        if let number = view.number(60) { return TransactionKind.allCases.first { $0.unionPayType == number } }
        return TransactionKind(
            messageType: view.mti.rawValue & ~0x0021, processingCode: view.number(3) ?? 0,
            condition: view.number(25) ?? 0)
    }

    private func request(_ view: MessageView, _ name: UInt64, _ amount: Int64) -> String {
        if let known = answers[name] { return known }
        requests += 1
        guard reversed[name] == nil, let kind = kind(view) else { return "12" }
        if kind == .balance, !view.has(52) { complaints.append("a balance without a PIN") }
        var code = decide(amount)
        if code == "00", kind != .balance { code = book(view, kind, name, amount) }
        answers[name] = code
        return code
    }

    /// What has been decided elsewhere: nothing may speak against it.
    private func advice(_ view: MessageView, _ name: UInt64, _ amount: Int64) -> String {
        guard answers[name] == nil else { return "00" }
        advices += 1
        answers[name] = "00"
        guard let kind = kind(view), book(view, kind, name, amount) == "00" else {
            complaints.append("advice \(name) does not fit the book")
            return "12"
        }
        return "00"
    }

    /// Under one trace number only: another one would be another reversal.
    private func reverse(_ name: UInt64, _ stan: UInt64) -> String {
        if let known = reversed[name] {
            if known != stan { complaints.append("two reversals of \(name)") }
            return "00"
        }
        reversals += 1
        reversed[name] = stan
        return undo(name) ? "00" : "25"
    }

    func answer(_ view: MessageView, code: String, text: String? = nil) -> [UInt8]? {
        var echoed = FieldSet()
        for field in [3, 4, 7, 11, 12, 13, 37, 41, 42, 49, 70] { echoed.insert(field) }
        var builder = MessageBuilder(answering: view, echoing: echoed)
        builder.set(39, text: code)
        if code == "00", view.number(3) == TransactionKind.balance.processingCode {
            builder.set(54, text: AdditionalAmount(.available, 1_234_56, .eur).text)
        }
        if let text { builder.set(48, text: text) }
        builder.reserveMAC()
        return sealed(builder)
    }

    func sealed(_ builder: MessageBuilder) -> [UInt8]? {
        guard let message = try? builder.encode(), let covered = message.macCoverage,
            let mac = message.macField.flatMap({ message.range(of: $0) })
        else { return nil }
        return module.seal(message.bytes, covered: covered, mac: mac, zone: zone)
    }
}
