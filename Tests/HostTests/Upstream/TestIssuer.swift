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
    var takesKeys = true
    /// Its side of the zone's keys, and under which each message came.
    private(set) var keyState = ZoneKeyState()
    private(set) var keyNumbers: [UInt32] = []
    private var stan: UInt64 = 500_000

    init(protection: UInt8 = 11) throws {
        module = try require(SoftHostModule.simulated(seed: 99))
        _ = try module.installZone(Self.zone, pinKey: Self.pinKey(), macKey: Self.macKey())
        _ = try module.installZoneProtection(Self.zone, key: Self.protectionKey(protection))
    }

    static func protectionKey(_ factor: UInt8 = 11) -> SecretKey {
        SecretKey(count: 32) { $0.copyBytes(from: (0..<32).map { UInt8($0) &* factor &+ 1 }) }
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
        let number = module.keyNumber(bytes, covered: try require(view.macCoverage), mac: mac, zone: Self.zone)
        keyNumbers.append(try require(number))
        let name = view.number(37) ?? 0
        log.append(view.mti.rawValue & ~1 == 0x0800 ? "\(view.mti)/\(view.number(70) ?? 0)" : "\(view.mti)/\(name)")
        return view.number(70) == 101 ? try take(view) : try answer(view, code: act(view, name))
    }

    /// Keys of the acquirer: acknowledged under the old ones, and used from then on.
    private func take(_ view: MessageView) throws -> [UInt8] {
        guard takesKeys, let offer = try? module.readKeys(view.text(48) ?? "", zone: Self.zone) else {
            return try answer(view, code: "63")
        }
        let bytes = try answer(view, code: "00", text: offer.checkValues)
        let number = view.number(53) ?? 0
        guard keyState.reception(of: offer.checkValues, exchange: number) == .new else { return bytes }
        change(.taken(set(offer), exchange: UInt32(number)))
        return bytes
    }

    private func set(_ offer: ZoneKeyOffer) -> ZoneKeySet {
        ZoneKeySet(number: keyState.nextNumber, sealed: offer.sealed, checkValues: offer.checkValues)
    }

    private func change(_ change: ZoneKeyChange) {
        keyState.apply(change, at: Bench.start)
        #expect(module.useKeys(keyState.accepted, sending: keyState.sending.number, zone: Self.zone))
    }

    /// Its keys are installed anew by hand.
    func reset() {
        keyState = ZoneKeyState()
        let isInstalled = try? module.installZone(Self.zone, pinKey: Self.pinKey(), macKey: Self.macKey())
        #expect(isInstalled == true)
    }

    /// New keys of its own: the message that offers them, and the blocks in it.
    func offer() throws -> (message: [UInt8], blocks: String) {
        let offer = try require(module.makeKeys(Self.zone))
        change(.offered(set(offer), blocks: offer.blocks))
        return (try request(101, text: offer.blocks, exchange: keyState.offered?.exchange ?? 0), offer.blocks)
    }

    /// The answer to its offer.
    func acknowledged(_ bytes: [UInt8]) throws {
        let view = try MessageView(bytes, spec: .iso8583_1987)
        if view.mti == .networkResponse, view.text(48) == keyState.offered?.set.checkValues { change(.acknowledged) }
    }

    /// A network message of its own.
    func request(_ code: UInt64, text: String? = nil, exchange: UInt32? = nil) throws -> [UInt8] {
        var builder = MessageBuilder(.networkRequest, spec: .iso8583_1987)
        stan += 1
        builder.set(11, number: stan)
        builder.set(41, text: "ISSUER")
        if let text { builder.set(48, text: text) }
        if let exchange { builder.set(53, number: UInt64(exchange)) }
        builder.set(70, number: code)
        return try sealed(builder)
    }

    /// A message of any kind, with its MAC.
    func sealed(_ builder: MessageBuilder) throws -> [UInt8] {
        var builder = builder
        builder.reserveMAC()
        let message = try builder.encode()
        let mac = try require(message.macField.flatMap { message.range(of: $0) })
        return try require(
            module.seal(message.bytes, covered: try require(message.macCoverage), mac: mac, zone: Self.zone))
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

    func answer(_ view: MessageView, code: String, amount: UInt64? = nil, text: String? = nil) throws -> [UInt8] {
        var echoed = FieldSet()
        for field in [3, 4, 7, 11, 12, 13, 37, 41, 42, 49, 70] { echoed.insert(field) }
        var builder = MessageBuilder(answering: view, echoing: echoed)
        builder.set(39, text: code)
        if let amount { builder.set(4, number: amount) }
        if let text { builder.set(48, text: text) }
        if code == "00", view.mti == .financialRequest || view.mti == .authorisationRequest {
            builder.set(38, number: 777_123)
            if view.number(3) == TransactionKind.balance.processingCode { builder.set(54, text: Self.balance) }
        }
        return try sealed(builder)
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

    init(
        _ profile: KeyProfile = .tdes, standIn: StandInLimits = .none, rules: String = "", hasProtection: Bool = true
    ) throws {
        bench = try Bench(rules: rules)
        issuer = try TestIssuer()
        try Self.install(bench.module, hasProtection: hasProtection)
        till = try bench.till("TILL0001", profile)
        let pan = try require(PAN(accountDigits: "510000000000001"))
        card = TestCard(pan: pan, key: bench.module.cardKey(pan), account: AccountID(0), pin: "1234")
        try bench.submit(.setDestination(UpstreamDestination(name: "NORTH", standIn: standIn)), by: Bench.system)
        try bench.submit(.setRouting("51 NORTH # the next town\n"), by: Bench.system)
        take(bench.engine.startUpstream(zones: bench.module, seed: 1, now: bench.now))
    }

    private static func install(_ module: SoftHostModule, hasProtection: Bool = true) throws {
        _ = try module.installZone(
            TestIssuer.zone, pinKey: TestIssuer.pinKey(), macKey: TestIssuer.macKey(), permitsWeakerCipher: true)
        guard hasProtection else { return }
        _ = try module.installZoneProtection(TestIssuer.zone, key: TestIssuer.protectionKey())
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
    var store: [String] { issuer.log.filter { !$0.hasPrefix("080") } }
    var kinds: [String] { store.map { String($0.prefix(4)) } }
    var openStored: Int { bench.engine.host.upstream.stores[0].openCount }

    /// The process dies and starts again; its line is new.
    /// - Parameter fresh: its module knows no more than what it is given at each start.
    func restart(fresh: Bool = false) throws {
        let module = fresh ? try require(SoftHostModule.simulated(seed: 7)) : bench.module
        if fresh { try Self.install(module) }
        try restart(with: module)
    }

    /// The same, with a module of the test's.
    func restart(with module: any HostModulePort & ZoneModulePort) throws {
        sent = []
        try bench.restart(module)
        take(bench.engine.startUpstream(zones: module, seed: 2, now: bench.now))
    }
}
