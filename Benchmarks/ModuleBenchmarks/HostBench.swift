// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import ModuleServerFixture
import PaymentCryptography
import SecurityModule
import Vocabulary

/// The host's module before a fleet of terminals, each with some messages to open, in turn.
struct HostBench {
    static let macCount = 8
    private static let terminals = 256
    private static let messagesEach = 16
    private static let calls = 16_384
    private static let zone = ZoneID("NORTH")

    let host: SoftHostModule
    let profile: KeyProfile
    private let pan: PAN
    private let holes: MessageHoles
    /// MAC and health element.
    private var requests: [OpenCommand] = []
    private var evidence: [OpenCommand] = []

    init(_ profile: KeyProfile) throws {
        self.profile = profile
        host = try ModuleFixture.module(seed: SocketBench.seed)
        pan = try PAN("4111111111111111").orFail("PAN")
        holes = Self.holes(profile, pin: true)
        var fleet: [[OpenCommand]] = []
        for number in 0..<Self.terminals {
            let (messages, attested) = try Self.messages(of: number, host, profile, pan, holes)
            fleet.append(messages)
            evidence.append(attested)
        }
        for turn in 0..<Self.messagesEach { for messages in fleet { requests.append(messages[turn]) } }
    }

    /// A request as long as a purchase: some 280 bytes.
    static func holes(_ profile: KeyProfile, pin: Bool) -> MessageHoles {
        let ksn = 120..<120 + profile.ksnLength
        let block = ksn.upperBound + 4..<ksn.upperBound + 4 + profile.pinBlockLength
        let health = block.upperBound + 40..<block.upperBound + 40 + HealthElement.length
        let mac = health.upperBound + 44..<health.upperBound + 44 + Self.macCount
        return MessageHoles(ksn: ksn, health: health, pinBlock: pin ? block : nil, mac: mac)
    }

    private static func messages(
        of number: Int, _ host: SoftHostModule, _ profile: KeyProfile, _ pan: PAN, _ holes: MessageHoles
    ) throws -> (requests: [OpenCommand], evidence: OpenCommand) {
        let terminal = try TerminalID("T\(1_000_000 + number)").orFail("terminal")
        let keys = TerminalKeys(terminal: terminal, profile: profile, keySet: 1, identityEpoch: 1)
        let provisioning = host.provision(keys, serial: UInt64(number), firmware: SoftwareVersion(1, 0, 0))
        guard var device = LoadTerminal(provisioning: provisioning), let pin = ClearPIN(digits: "1234") else {
            throw BenchError(what: "terminal")
        }
        device.claims.leaseID = 1
        var requests: [OpenCommand] = []
        let empty = (0..<holes.mac.upperBound).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }
        for _ in 0..<messagesEach {
            let message = try device.protect(message: empty, holes: holes, pan: pan, pin: pin).orFail("request")
            requests.append(
                OpenCommand(
                    keys: keys, message: message, ksn: holes.ksn, mac: holes.mac, health: holes.health,
                    expectation: HealthExpectation(leaseID: 1, eventCounter: 0, counterAbove: 0)))
        }
        // A sign-on: evidence before the holes that any message has.
        let attested = device.attest(nonce: TerminalBench.nonce, application: SoftwareVersion(1, 0, 0))
        let shifted = MessageHoles(
            ksn: holes.ksn.shifted(by: attested.count), health: holes.health.shifted(by: attested.count), pinBlock: nil,
            mac: holes.mac.shifted(by: attested.count))
        let message = try device.protect(message: attested + empty, holes: shifted).orFail("sign-on")
        let signOn = OpenCommand(
            keys: keys, message: message, ksn: shifted.ksn, mac: shifted.mac, health: shifted.health,
            evidence: attested.indices)
        return (requests, signOn)
    }

    /// The commands with a change to each, in batches of one.
    private func batches(_ change: (inout OpenCommand) -> Void) -> [[OpenCommand]] {
        requests.map { request in
            var request = request
            change(&request)
            return [request]
        }
    }

    private func reference(_ kind: PINReferenceKind) -> PINReference? {
        guard let pin = ClearPIN(digits: "1234") else { return nil }
        return host.pinReference(pan: pan, pin: pin, kind: kind)
    }

    // MARK: What is measured

    /// `open` with more and more to it. The difference of two lines is the price of what the one has and the other not.
    func open(_ stopwatch: inout Stopwatch) {
        let pvv = reference(.pvv(keyIndex: 1))
        let offset = reference(.offset)
        let place = holes.pinBlock ?? 0..<0
        measure(&stopwatch, "open_mac", batches { $0.health = nil }) { $0.macAuthentic }
        measure(&stopwatch, "open_mac_health", batches { _ in }) { $0.health != nil }
        for (name, reference) in [("pvv", pvv), ("offset", offset)] {
            let commands = batches { command in
                command.pin = reference.map { PINQuestion(block: place, pan: pan, reference: $0) }
            }
            measure(&stopwatch, "open_mac_health_\(name)", commands) { $0.pin == .right }
        }
        measure(&stopwatch, "open_evidence", evidence.map { [$0] }) { $0.evidence != nil }
        // As a busy host has it: a batch of 64.
        let whole = batches { command in
            command.pin = pvv.map { PINQuestion(block: place, pan: pan, reference: $0) }
        }.map { $0[0] }
        let large = stride(from: 0, to: whole.count, by: 64).map { Array(whole[$0..<$0 + 64]) }
        measure(&stopwatch, "open_mac_health_pvv_64", large) { $0.pin == .right }
    }

    func translate(_ stopwatch: inout Stopwatch) throws {
        let key = SecretKey.random(count: 16)
        guard try host.installZone(Self.zone, pinKey: key, macKey: .random(count: 16), permitsWeakerCipher: true) else {
            throw BenchError(what: "zone")
        }
        let place = holes.pinBlock ?? 0..<0
        let commands = batches { $0.translation = TranslatePIN(block: place, pan: pan, zone: Self.zone) }
        measure(&stopwatch, "open_mac_health_translate", commands) { $0.translatedPIN != nil }
    }

    /// Requests with a PIN that is right, and answers to them.
    func exchanges() throws -> (open: [OpenCommand], seal: [SealCommand]) {
        let pvv = try reference(.pvv(keyIndex: 1)).orFail("reference")
        let place = holes.pinBlock ?? 0..<0
        let open = batches { $0.pin = PINQuestion(block: place, pan: pan, reference: pvv) }.map { $0[0] }
        return (open, seals)
    }

    private var seals: [SealCommand] {
        requests.map { request in
            SealCommand(
                keys: request.keys, ksn: Array(request.message[request.ksn]), message: request.message, mac: request.mac
            )
        }
    }

    func seal(_ stopwatch: inout Stopwatch) {
        let commands = seals.map { [$0] }
        stopwatch.measure("host_seal_\(profile)", calls: Self.calls) { call in
            let message = host.seal(commands[call % commands.count])[0]
            return UInt64(message[message.count - 1])
        }
    }

    /// Counts a verdict that is not as it must be as a fault of the bench: it would be measured for nothing.
    private func measure(
        _ stopwatch: inout Stopwatch, _ name: String, _ batches: [[OpenCommand]], _ isRight: (OpenVerdict) -> Bool
    ) {
        let calls = max(1, Self.calls / batches[0].count)
        stopwatch.measure("host_\(name)_\(profile)", calls: calls) { call in
            let verdicts = host.open(batches[call % batches.count])
            precondition(verdicts.allSatisfy(isRight), "\(name): another verdict than the right one")
            return UInt64(verdicts[0].ksnCounter)
        }
    }
}

extension Range<Int> {
    fileprivate func shifted(by count: Int) -> Range<Int> { lowerBound + count..<upperBound + count }
}
