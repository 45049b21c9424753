// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Interchange
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

/// Another host with the keys of its zone, at the end of the bench's line; it keeps its own book.
final class TestIssuer {
    static let zone = ZoneID("NORTH")

    private let module: SoftHostModule
    /// What came, in order: message types and DE 37.
    private(set) var log: [String] = []
    /// Amounts that stand, by DE 37.
    private(set) var standing: [UInt64: UInt64] = [:]
    private var reversed: Set<UInt64> = []
    /// DE 37 by what DE 90 says of it.
    private var traces: [String: UInt64] = [:]
    /// What refers to what, in order, by DE 37.
    private(set) var references: [UInt64] = []
    /// All that came but network messages.
    private(set) var messages: [MessageView] = []
    /// How often a request or reversal had an effect.
    private(set) var effects = 0
    /// The requests, with field 52 as it came.
    private(set) var requests: [MessageView] = []
    var code = "00"
    var signOnCode = "00"

    init() throws {
        module = try require(SoftHostModule.simulated(seed: 99))
        _ = try module.installZone(Self.zone, pinKey: Self.pinKey(), macKey: Self.macKey())
    }

    static let balance = AdditionalAmount(.available, 321_00, .eur).text

    static func pinKey() -> SecretKey {
        SecretKey(count: 16) { $0.copyBytes(from: (0..<16).map { UInt8($0 * 7 + 1) }) }
    }
    static func macKey() -> SecretKey {
        SecretKey(count: 16) { $0.copyBytes(from: (0..<16).map { UInt8($0 * 3 + 2) }) }
    }

    /// Takes a message that must be the zone's, and answers.
    func receive(_ bytes: [UInt8]) throws -> [UInt8] {
        let view = try MessageView(bytes, spec: .iso8583_1987)
        let mac = try require(view.macField.flatMap { view.range(of: $0) })
        #expect(module.isAuthentic(bytes, covered: try require(view.macCoverage), mac: mac, zone: Self.zone))
        let name = view.number(37) ?? 0
        log.append(view.mti == .networkRequest ? "0800/\(view.number(70) ?? 0)" : "\(view.mti)/\(name)")
        return try answer(view, code: act(view, name))
    }

    /// Whatever DE 90 names must have come before.
    private func note(_ view: MessageView, _ name: UInt64) {
        messages.append(view)
        if let data = view.text(90) {
            let original = traces[String(data.prefix(20))]
            #expect(original != nil || view.mti.rawValue & ~1 == 0x0420, "DE 90 names nothing: \(data)")
            if view.mti.rawValue & ~1 != 0x0420 { references.append(original ?? 0) }
        }
        let type = MTI(rawValue: view.mti.rawValue & ~1)?.description ?? ""
        traces[type + (view.text(11) ?? "") + (view.text(7) ?? "")] = name
    }

    private func act(_ view: MessageView, _ name: UInt64) -> String {
        if view.mti != .networkRequest { note(view, name) }
        switch view.mti {
        case .networkRequest: return view.number(70) == 1 ? signOnCode : "00"
        case .financialRequest, .authorisationRequest:
            requests.append(view)
            guard code == "00" else { return code }
            guard !reversed.contains(name) else { return "12" }
            if standing[name] == nil { effects += 1 }
            if view.number(3) != TransactionKind.balance.processingCode { standing[name] = view.number(4) }
            return "00"
        case .financialAdvice, .financialAdviceRepeat, .authorisationAdvice, .authorisationAdviceRepeat:
            if standing[name] == nil { effects += 1 }
            standing[name] = view.number(4)
            return "00"
        default:
            if reversed.insert(name).inserted { effects += 1 }
            return standing.removeValue(forKey: name) == nil ? "25" : "00"
        }
    }

    func answer(_ view: MessageView, code: String, amount: UInt64? = nil) throws -> [UInt8] {
        var echoed = FieldSet()
        for field in [3, 4, 7, 11, 12, 13, 37, 41, 42, 49, 70] { echoed.insert(field) }
        var builder = MessageBuilder(answering: view, echoing: echoed)
        builder.set(39, text: code)
        if let amount { builder.set(4, number: amount) }
        if code == "00", view.mti == .financialRequest || view.mti == .authorisationRequest {
            builder.set(38, number: 777_123)
            if view.number(3) == TransactionKind.balance.processingCode { builder.set(54, text: Self.balance) }
        }
        builder.reserveMAC()
        let message = try builder.encode()
        let mac = try require(message.macField.flatMap { message.range(of: $0) })
        return try require(
            module.seal(message.bytes, covered: try require(message.macCoverage), mac: mac, zone: Self.zone))
    }
}

/// A bench with one destination and a line that the test holds in its hands.
final class UpstreamBench {
    let bench: Bench
    let issuer: TestIssuer
    let till: Till
    let card: TestCard
    /// Sent and not yet taken.
    var sent: [[UInt8]] = []
    private(set) var replies: [Reply] = []
    private(set) var connects = 0
    private(set) var closes = 0

    init(_ profile: KeyProfile = .tdes, standIn: StandInLimits = .none, rules: String = "") throws {
        bench = try Bench(rules: rules)
        issuer = try TestIssuer()
        _ = try bench.module.installZone(
            TestIssuer.zone, pinKey: TestIssuer.pinKey(), macKey: TestIssuer.macKey(), permitsWeakerCipher: true)
        till = try bench.till("TILL0001", profile)
        let pan = try require(PAN(accountDigits: "510000000000001"))
        card = TestCard(pan: pan, key: bench.module.cardKey(pan), account: AccountID(0), pin: "1234")
        try bench.submit(.setDestination(UpstreamDestination(name: "NORTH", standIn: standIn)), by: Bench.system)
        try bench.submit(.setRouting("51 NORTH # the next town\n"), by: Bench.system)
        take(bench.engine.startUpstream(zones: bench.module, seed: 1, now: bench.now))
    }

    /// What was released, and what commits release of it.
    /// - Parameter commits: false: what was queued waits for the next.
    func take(_ released: HostEngine.Released, commits: Bool = true) {
        var released = released
        while true {
            replies += released.answers.compactMap { try? Reply(view: MessageView($0.bytes, spec: .iso8583_1987)) }
            for effect in released.upstream {
                switch effect.action {
                case .connect: connects += 1
                case .close: closes += 1
                case .send(let bytes): sent.append(bytes)
                }
            }
            guard commits else { return }
            let answers = bench.commit()
            released = bench.engine.driveUpstream(now: bench.now)
            guard answers.isEmpty, released.upstream.isEmpty, released.answers.isEmpty, bench.engine.isIdle else {
                released.answers = answers + released.answers
                continue
            }
            return
        }
    }

    func tell(_ event: UpstreamEvent) { take(bench.engine.upstream(event, at: 0, now: bench.now)) }

    /// The issuer takes what was sent; its answers arrive.
    func exchange() throws {
        while !sent.isEmpty { tell(.received(try issuer.receive(sent.removeFirst()))) }
    }

    /// The issuer takes what was sent; of its answers only those to network messages arrive.
    func loseReversals() throws {
        while !sent.isEmpty {
            let bytes = sent.removeFirst()
            let answer = try issuer.receive(bytes)
            if try MessageView(bytes, spec: .iso8583_1987).mti == .networkRequest { tell(.received(answer)) }
        }
    }

    func connect() throws {
        tell(.connected)
        try exchange()
        #expect(bench.engine.isUpstreamUp(0))
    }

    /// The till sends; the reply, if there is one already.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Reply? {
        replies = []
        take(
            bench.engine.receive(
                [HostEngine.Incoming(channel: 0, bytes: bytes)], now: bench.now, notices: &bench.notices))
        return replies.last
    }

    func pass(_ interval: Interval) {
        bench.wait(interval)
        take(bench.engine.driveUpstream(now: bench.now))
    }

    var lastReply: Reply? { replies.last }
    var store: [String] { issuer.log.filter { !$0.hasPrefix("0800") } }
    var kinds: [String] { store.map { String($0.prefix(4)) } }
    var openStored: Int { bench.engine.host.upstream.stores[0].openCount }

    /// The process dies and starts again; its line is new.
    func restart() throws {
        sent = []
        try bench.restart()
        take(bench.engine.startUpstream(zones: bench.module, seed: 2, now: bench.now))
    }
}
