// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleProtocol
import ModuleServer
import ModuleServerFixture
import ModuleWire
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

/// Keys for a terminal's module that is in service, from a host's module in this process, in a thread, in a process of its own.
@Suite("Key loading wherever the host's module is")
struct KeyLoadingTests {
    private static let now = Instant(seconds: 1_786_700_000)
    private static let module = try? Place.module()
    /// RSA keys take their time: one facility for every place of this process.
    private static let facility = module.flatMap { try? $0.makeKeyLoadingFacility(now: now) }
    private static let eager = ModulePatience(
        connectMilliseconds: 10_000, answerMilliseconds: 10_000, retryMilliseconds: 0...0)

    /// A terminal's module that has made its identity, and what the estate orders for it.
    private final class Till {
        var module: TerminalSecurityModule
        let identity: P256PublicKey
        let order: ProvisioningOrder

        init() throws {
            let host = try require(KeyLoadingTests.module)
            var keys = TerminalKeys(
                terminal: try require(TerminalID("T1000001")), profile: .aes, keySet: 1, identityEpoch: 1)
            let firmware = SoftwareVersion(1, 2, 0)
            guard
                var made = TerminalSecurityModule(
                    provisioning: host.provision(keys, serial: 5, firmware: firmware), storageKey: .random(count: 32),
                    hardware: EmulatedHardware(firmware: firmware), now: KeyLoadingTests.now)
            else { throw Missing() }
            var random = SeededRandom(seed: 20_261_128)
            made.powerUp(now: KeyLoadingTests.now)
            _ = made.handle(.selfTest, now: KeyLoadingTests.now, random: &random)
            identity = try require(made.identityKey)
            module = consume made
            keys.keySet = 2
            order = ProvisioningOrder(keys: keys, serial: 5, firmware: firmware, firstCounter: 1, supplier: nil)
        }
    }

    /// Asks until the facility is there.
    private static func certify(
        _ request: KeyTransportRequest, _ identity: P256PublicKey, by port: any KeyLoadingPort,
        meanwhile: () throws -> Void = {}
    ) throws -> KeyTransportCredential {
        // Its end is an event of another process, which says nothing by itself; half a minute is plenty.
        for _ in 0..<1_500 {
            do throws(KeyLoadingFailure) { return try port.certify(request, identity: identity, now: now) } catch {
                guard error == .refused(.preparing) else { throw error }
            }
            try meanwhile()
            poll(nil, 0, 20)
        }
        throw Missing()
    }

    private static func service() throws -> HostModuleService {
        let module = try Place.module()
        let keyLoading = KeyLoadingService(module, facility: try require(facility))
        return HostModuleService(module, linkKey: .random(count: 32), keyLoading: keyLoading)
    }

    private func failure(_ body: () throws -> Void) -> KeyLoadingFailure? {
        do { try body() } catch { return error as? KeyLoadingFailure }
        return nil
    }

    @Test("in the process and behind a socket a module gets the keys that were ordered, and the same refusals")
    func places() throws {
        let scratch = try Scratch()
        let server = try ServerThread(scratch.socket, service: Self.service())
        defer { server.stop() }
        let local = KeyLoadingService(try Place.module(), facility: try require(Self.facility))
        let till = try Till()
        let request = try till.module.beginKeyTransport(now: Self.now)
        let stranger = try P256PrivateKey.generate().publicKey
        for port in [local, RemoteKeyLoading(at: scratch.socket)] as [any KeyLoadingPort] {
            let credential = try Self.certify(request, till.identity, by: port)
            let refusals = [
                failure { _ = try port.certify(request, identity: till.identity, now: Self.now) },
                failure { _ = try port.certify(request, identity: stranger, now: Self.now) },
                failure { _ = try send(by: port, till.order, [1], []) },
                failure { _ = try port.beginCeremony(till.order, custodians: 1) },
                failure { _ = try port.beginCeremony(till.order, custodians: 300) },
            ]
            #expect(
                refusals == [
                    .refused(.repeated), .refused(.notThisModule), .refused(.noTransport), .refused(.custodians),
                    .refused(.custodians),
                ])
            // The module has a fresh key once: the one behind the socket is asked for a load, the other for keys.
            let number =
                port is RemoteKeyLoading
                ? try till.module.acceptCredential(credential, now: Self.now)
                : try TR34.token(randomNumber: [UInt8](repeating: 7, count: 16))
            let keys = try send(by: port, till.order, credential.device, number)
            if port is RemoteKeyLoading { try till.module.loadKeys(keys, now: Self.now) }
            #expect(
                failure { _ = try send(by: port, till.order, credential.device, number) } == .refused(.noTransport))
        }
        #expect(till.module.terminalKeys.keySet == 2)
    }

    private func send(
        by port: any KeyLoadingPort, _ order: ProvisioningOrder, _ device: [UInt8], _ number: [UInt8]
    ) throws -> TransportedKeys {
        try port.sendKeys(order, to: device, randomNumber: number, now: Self.now)
    }

    @Test("custodians get their sheets one by one, each once; what the components form opens the ceremony's keys")
    func sheets() throws {
        let scratch = try Scratch()
        let server = try ServerThread(scratch.socket, service: Self.service())
        defer { server.stop() }
        let till = try Till()
        let opened = try RemoteKeyLoading(at: scratch.socket).beginCeremony(till.order, custodians: 2)
        let custodian = RemoteCustodian(at: scratch.socket)
        let one = try custodian.takeSheet(1, of: opened.number)
        let other = try custodian.takeSheet(2, of: opened.number)
        let key = try require(one.component.combined(with: other.component))
        #expect(KCV.aes(key) == opened.checkValue)
        let keySet = ModuleProvisioning(wrapped: opened.provisioning, under: key)?.keys.keySet
        #expect(keySet == 2)
        for part in [1, 3, 300] {
            #expect(failure { _ = try custodian.takeSheet(part, of: opened.number) } == .refused(.noSheet))
        }
        #expect(failure { _ = try custodian.takeSheet(1, of: opened.number + 1) } == .refused(.noCeremony))
    }

    @Test("who opens a ceremony gets no sheet, who gets one loads nothing, and no other role does either")
    func roles() throws {
        let scratch = try Scratch()
        let server = try ServerThread(scratch.socket, service: Self.service())
        defer { server.stop() }
        let order = try Till().order
        let commands: [WireRequest] = [
            .certify(CertifyOrder(request: [1], identity: [UInt8](repeating: 2, count: 33), now: Self.now)),
            .sendKeys(SendKeysOrder(order: order, device: [1], randomNumber: [1], now: Self.now)),
            .beginCeremony(WireCeremonyOrder(order: order, custodians: 2)), .takeSheet(1, ceremony: 1), .linkKey,
        ]
        let permitted: [WireRole: [WireKind]] = [
            .keyLoading: [.certify, .sendKeys, .beginCeremony], .custodian: [.takeSheet], .issuing: [.linkKey],
        ]
        for role in WireRole.allCases {
            let line = try RawLine(scratch.socket)
            try line.introduce(role)
            for command in commands {
                let isRefused = try line.ask(command) == .refused(.notPermitted)
                #expect(isRefused == !permitted[role, default: []].contains(command.kind), "\(role) \(command.kind)")
            }
        }
        let line = try RawLine(scratch.socket)
        try line.introduce(.keyLoading)
        #expect(try line.ask(commands[0]) == .certify(.failure(.notThisModule)))
        // An identity of another length is no command.
        let long = CertifyOrder(request: [1], identity: [UInt8](repeating: 2, count: 34), now: Self.now)
        #expect(try line.ask(.certify(long)) == .refused(.malformed))
        let large = SendKeysOrder(
            order: order, device: [UInt8](repeating: 0, count: 8_193), randomNumber: [1], now: Self.now)
        #expect(try line.ask(.sendKeys(large)) == .refused(.malformed))
    }

    @Test(
        "a process makes its facility while it goes on; after its end every transport and every sheet is gone"
    )
    func process() throws {
        let scratch = try Scratch()
        let heard = Heard()
        let process = try Worker.start(scratch.socket) { heard.hear($0) }
        defer { process.stop() }
        let port = RemoteKeyLoading(at: scratch.socket, patience: Self.eager)
        let custodian = RemoteCustodian(at: scratch.socket, patience: Self.eager)
        let host = RemoteHostModule(at: scratch.socket, patience: Self.eager)
        let till = try Till()
        let request = try till.module.beginKeyTransport(now: Self.now)
        var answers = 0
        let nonce = try host.nonce([1])
        let credential = try Self.certify(request, till.identity, by: port) {
            let answer = try host.nonce([1])
            #expect(answer == nonce)
            answers += 1
        }
        #expect(answers > 0)
        let number = try till.module.acceptCredential(credential, now: Self.now)
        let ceremony = try port.beginCeremony(till.order, custodians: 2).number
        _ = try custodian.takeSheet(1, of: ceremony)
        kill(try require(process.processID), SIGKILL)
        // Its end, and the next one's beginning.
        try heard.next()
        try heard.next()
        #expect(
            failure { _ = try port.sendKeys(till.order, to: credential.device, randomNumber: number, now: Self.now) }
                == .refused(.noTransport))
        #expect(failure { _ = try custodian.takeSheet(2, of: ceremony) } == .refused(.noCeremony))
        #expect(
            failure { _ = try port.certify(request, identity: till.identity, now: Self.now) } == .refused(.preparing))
    }
}
