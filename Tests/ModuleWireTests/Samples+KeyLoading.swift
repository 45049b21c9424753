// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import ModuleWire
import Vocabulary

/// Key loading.
extension Samples {
    private static let now = Instant(seconds: 1_786_700_000)

    static let certifyOrder = CertifyOrder(request: bytes(120), identity: bytes(33, 2), now: now)

    private static func order(isPinned: Bool) throws -> ProvisioningOrder {
        ProvisioningOrder(
            keys: try keys(), serial: 7_001, firmware: SoftwareVersion(1, 2, 3), firstCounter: 513,
            supplier: isPinned ? bytes(33, 2) : nil)
    }

    static func sendKeysOrder() throws -> SendKeysOrder {
        SendKeysOrder(order: try order(isPinned: true), device: bytes(150), randomNumber: bytes(24), now: now)
    }

    static func keyLoadingRequests() throws -> [(name: String, request: WireRequest)] {
        [
            ("certify", .certify(certifyOrder)), ("send-keys", .sendKeys(try sendKeysOrder())),
            ("begin-ceremony", .beginCeremony(WireCeremonyOrder(order: try order(isPinned: false), custodians: 3))),
            ("take-sheet", .takeSheet(2, ceremony: 70_000)),
        ]
    }

    static func keyLoadingReplies() throws -> [(name: String, reply: WireReply)] {
        let credential = WireCredential(
            device: bytes(90), authority: bytes(80, 1), endorsement: bytes(64, 2), host: bytes(100, 3))
        let sheet = WireSheet(
            terminal: try keys().terminal, part: 2, parts: 3, checkValue: bytes(3), component: bytes(60))
        let ceremony = WireCeremony(number: 70_000, checkValue: bytes(5), provisioning: bytes(106))
        let found: [(String, WireReply)] = [
            ("credential", .certify(.success(credential))),
            ("keys", .sendKeys(.success(WireTransportedKeys(token: bytes(120), provisioning: bytes(106))))),
            ("no-keys", .sendKeys(.failure(.noTransport))), ("ceremony", .beginCeremony(.success(ceremony))),
            ("no-ceremony", .beginCeremony(.failure(.full))), ("sheet", .takeSheet(.success(sheet))),
            ("no-sheet", .takeSheet(.failure(.noSheet))),
        ]
        return found + KeyLoadingRefusal.allCases.map { ("not-certified-\($0)", .certify(.failure($0))) }
    }
}
