// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import ModuleWire
import PaymentCryptography
import SecurityModule
import Vocabulary

/// Key loading over a line: the port's calls as commands, its refusals as replies.
extension HostModuleService {
    func certify(_ order: CertifyOrder) -> WireReply {
        guard let request = try? KeyTransportRequest(decoding: order.request),
            let identity = try? P256PublicKey(order.identity)
        else { return .certify(.failure(.notThisModule)) }
        return .certify(
            Self.result { () throws(KeyLoadingFailure) in
                let credential = try keyLoading.certify(request, identity: identity, now: order.now)
                return WireCredential(
                    device: credential.device, authority: credential.authority, endorsement: credential.endorsement,
                    host: credential.host)
            })
    }

    func sendKeys(_ order: SendKeysOrder) -> WireReply {
        .sendKeys(
            Self.result { () throws(KeyLoadingFailure) in
                let keys = try keyLoading.sendKeys(
                    order.order, to: order.device, randomNumber: order.randomNumber, now: order.now)
                return WireTransportedKeys(token: keys.token, provisioning: keys.provisioning)
            })
    }

    func beginCeremony(_ wanted: WireCeremonyOrder) -> WireReply {
        .beginCeremony(
            Self.result { () throws(KeyLoadingFailure) in
                let opened = try keyLoading.beginCeremony(wanted.order, custodians: Int(wanted.custodians))
                return WireCeremony(
                    number: opened.number, checkValue: opened.checkValue, provisioning: opened.provisioning)
            })
    }

    func takeSheet(_ part: UInt8, _ ceremony: UInt32, _ keys: ChannelKeys) -> WireReply {
        .takeSheet(
            Self.result { () throws(KeyLoadingFailure) in
                let sheet = try keyLoading.takeSheet(Int(part), of: ceremony)
                return WireSheet(
                    terminal: sheet.terminal, part: UInt8(clamping: sheet.part), parts: UInt8(clamping: sheet.parts),
                    checkValue: sheet.checkValue, component: sheet.component.wrapped(under: keys.transport))
            })
    }

    private static func result<T>(
        _ body: () throws(KeyLoadingFailure) -> T
    ) -> Result<T, KeyLoadingRefusal> {
        do throws(KeyLoadingFailure) { return .success(try body()) } catch {
            guard case .refused(let refusal) = error else {
                preconditionFailure("a module in this process is not away")
            }
            return .failure(refusal)
        }
    }
}
