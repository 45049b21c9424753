// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("The host's side of key loading")
final class KeyLoadingDeskTests {
    /// RSA keys take their time: one for all requests, and one that is too short.
    private static let publicKey = KeyTransportTests.fresh?.publicKey
    private static let short = try? RSAPrivateKey.generate(modulusBits: 2_048).publicKey
    private static let now = Instant(seconds: 1_786_700_000)

    private let desk = KeyLoadingDesk(KeyTransportTests.host)
    private let identity: P256PrivateKey

    init() throws { identity = try P256PrivateKey.generate() }

    private func keys(_ terminal: String = "T0000001", epoch: UInt16 = 1) throws -> TerminalKeys {
        TerminalKeys(terminal: try require(TerminalID(terminal)), profile: .aes, keySet: 4, identityEpoch: epoch)
    }

    private func order(_ terminal: String = "T0000001", serial: UInt64 = 77, epoch: UInt16 = 1) throws
        -> ProvisioningOrder
    {
        ProvisioningOrder(
            keys: try keys(terminal, epoch: epoch), serial: serial, firmware: Bench.firmware, firstCounter: 1,
            supplier: nil)
    }

    /// Another one each time: a signature is never the same.
    private func request(_ terminal: String = "T0000001", key: RSAPublicKey? = publicKey) throws -> KeyTransportRequest
    {
        try KeyTransportRequest(keys(terminal), serial: 77, publicKey: require(key), by: identity)
    }

    private func open() throws { desk.open(try require(KeyTransportTests.facility)) }

    private func certify(_ request: KeyTransportRequest) throws -> KeyTransportCredential {
        try desk.certify(request, identity: identity.publicKey, now: Self.now)
    }

    private func refusal(_ body: () throws -> Void) -> KeyLoadingRefusal? {
        do { try body() } catch { return error as? KeyLoadingRefusal }
        return nil
    }

    private func refusal(
        _ order: ProvisioningOrder, to device: [UInt8], number: [UInt8] = [], at now: Instant = now
    ) -> KeyLoadingRefusal? {
        refusal { _ = try desk.sendKeys(order, to: device, randomNumber: number, now: now) }
    }

    @Test("a module that asks, is certified, binds and answers gets the keys that were ordered")
    func passes() throws {
        try open()
        let bench = try Bench(host: KeyTransportTests.host)
        bench.signOn()
        bench.module.record.revoke(keySet: 3)
        let identity = try require(bench.module.identityKey)
        let request = try bench.module.beginKeyTransport(now: bench.now)
        let credential = try desk.certify(request, identity: identity, now: bench.now)
        let number = try bench.module.acceptCredential(credential, now: bench.now)
        let keys = try desk.sendKeys(order(), to: credential.device, randomNumber: number, now: bench.now)
        try bench.module.loadKeys(keys, now: bench.now)
        bench.perform()
        #expect(bench.module.terminalKeys.keySet == 4)
        #expect(refusal(try order(), to: credential.device, number: number) == .noTransport)
    }

    @Test("a request is answered once, for the module whose identity the estate knows, of a key as long as it must be")
    func requests() throws {
        let first = try request()
        // Who is not known has no keys made for it either.
        let stranger = try P256PrivateKey.generate().publicKey
        #expect(desk.needsFacility(at: Self.now))
        #expect(refusal { _ = try desk.certify(first, identity: stranger, now: Self.now) } == .notThisModule)
        #expect(refusal { _ = try certify(first) } == .preparing)
        try open()
        #expect(!desk.needsFacility(at: Self.now) && desk.needsFacility(at: Self.now + .hours(24)))
        #expect(refusal { _ = try certify(try request(key: Self.short)) } == .keyLength)
        #expect(refusal { _ = try certify(first) } == nil)
        #expect(refusal { _ = try certify(first) } == .repeated)
        let late = try request()
        #expect(
            refusal { _ = try desk.certify(late, identity: identity.publicKey, now: Self.now + .hours(24)) }
                == .preparing)
    }

    @Test("keys go to the module that was certified last for its terminal, once, and in order")
    func onceAndInOrder() throws {
        try open()
        #expect(refusal(try order(), to: [1, 2, 3]) == .noTransport)
        let wrong: [(ProvisioningOrder, KeyLoadingRefusal)] = [
            (try order("T0000002"), .notThisModule), (try order(serial: 78), .notThisModule),
            (try order(epoch: 2), .notThisModule), (try order(), .token),
        ]
        for (order, expected) in wrong {
            let device = try certify(try request()).device
            #expect(refusal(order, to: device) == expected)
            // It is over, whatever was wrong.
            #expect(refusal(try self.order(), to: device) == .noTransport)
        }
        let number = try TR34.token(randomNumber: [UInt8](repeating: 7, count: 16))
        var unusable = try order()
        unusable.supplier = [UInt8](repeating: 0xFF, count: 33)
        #expect(refusal(unusable, to: try certify(try request()).device, number: number) == .unusable)
        let old = try certify(try request()).device
        let new = try certify(try request()).device
        #expect(refusal(try order(), to: old, number: number) == .noTransport)
        #expect(refusal(try order(), to: new, number: number, at: Self.now + .hours(24)) == .token)
        let last = try certify(try request()).device
        #expect(refusal(try order(), to: last, number: number) == nil)
        #expect(refusal(try order(), to: last, number: number) == .noTransport)
        // Another facility's certificates are none of this one's business.
        let held = try certify(try request()).device
        try open()
        #expect(refusal(try order(), to: held, number: number) == .noTransport)
    }

    @Test("of more transports than may be under way the oldest is over")
    func transports() throws {
        try open()
        let devices = try (0...KeyLoadingDesk.transportsMax).map {
            try certify(try request("T\(2_000_000 + $0)")).device
        }
        #expect(refusal(try order("T2000000"), to: devices[0]) == .noTransport)
        #expect(refusal(try order("T2000001"), to: devices[1]) == .token)
        #expect(refusal(try order("T2000064"), to: devices[64]) == .token)
    }

    @Test("the sheets of a ceremony form the key that its provisioning is under; each is handed out once")
    func sheets() throws {
        let opened = try desk.beginCeremony(order(), custodians: 3, now: Self.now)
        #expect(opened.checkValue.count == 5)
        var sum = SecretKey(count: 32) { _ in }
        for part in [2, 3, 1] {
            let sheet = try desk.takeSheet(part, of: opened.number, now: Self.now)
            let isRight = (sheet.terminal, sheet.part, sheet.parts) == (try keys().terminal, part, 3)
            #expect(isRight)
            #expect(sheet.checkValue == Array(KCV.aes(sheet.component).prefix(3)))
            sum = try require(sum.combined(with: sheet.component))
            #expect(refusal { _ = try desk.takeSheet(part, of: opened.number, now: Self.now) } == .noSheet)
        }
        #expect(KCV.aes(sum) == opened.checkValue)
        let found = ModuleProvisioning(wrapped: opened.provisioning, under: sum)?.keys
        #expect(found == (try keys()))
        for part in [0, 4, -1] {
            #expect(refusal { _ = try desk.takeSheet(part, of: opened.number, now: Self.now) } == .noSheet)
        }
    }

    @Test("a ceremony has two to nine custodians, a terminal one ceremony, and none lasts longer than half an hour")
    func ceremonies() throws {
        for (custodians, expected) in [(1, KeyLoadingRefusal.custodians), (2, nil), (9, nil), (10, .custodians)] {
            #expect(
                refusal { _ = try desk.beginCeremony(order(), custodians: custodians, now: Self.now) } == expected)
        }
        func sheet(_ number: UInt32, after interval: Interval = .minutes(0)) -> KeyLoadingRefusal? {
            refusal { _ = try desk.takeSheet(1, of: number, now: Self.now + interval) }
        }
        let first = try desk.beginCeremony(order(), custodians: 2, now: Self.now).number
        let second = try desk.beginCeremony(order(), custodians: 2, now: Self.now).number
        #expect(sheet(first) == .noCeremony && sheet(second + 1) == .noCeremony)
        #expect(sheet(second, after: .minutes(30)) == nil)
        let third = try desk.beginCeremony(order(), custodians: 2, now: Self.now).number
        #expect(sheet(third, after: .minutes(31)) == .noCeremony)
        for number in 0..<KeyLoadingDesk.ceremoniesMax {
            _ = try desk.beginCeremony(order("T\(3_000_000 + number)"), custodians: 2, now: Self.now)
        }
        func another(at now: Instant) -> KeyLoadingRefusal? {
            refusal { _ = try desk.beginCeremony(order(), custodians: 2, now: now) }
        }
        #expect(another(at: Self.now) == .full)
        #expect(another(at: Self.now + .minutes(31)) == nil)
    }
}
