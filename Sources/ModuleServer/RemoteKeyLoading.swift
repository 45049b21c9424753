// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import ModuleWire
import PaymentCryptography
import SecurityModule
import Vocabulary

/// Key loading by the host's module in a process of its own. What comes from there is under a terminal's fresh key or under the
/// custodians', so that nobody on the way has a key of it.
public final class RemoteKeyLoading: KeyLoadingPort, Sendable {
    private let line: ModuleLine

    /// - Parameter path: of the module's socket. Nothing is asked yet.
    public init(at path: String, patience: ModulePatience = ModulePatience()) {
        line = ModuleLine(path, .keyLoading, patience)
    }

    public func certify(
        _ request: KeyTransportRequest, identity: P256PublicKey, now: Instant
    ) throws(KeyLoadingFailure) -> KeyTransportCredential {
        let order = CertifyOrder(request: request.bytes, identity: identity.compressed, now: now)
        guard case .certify(let result) = try line.request(.certify(order)) else { throw .unavailable(.unreadable) }
        let credential = try result.orRefused()
        return KeyTransportCredential(
            device: credential.device, authority: credential.authority, endorsement: credential.endorsement,
            host: credential.host)
    }

    public func sendKeys(
        _ order: ProvisioningOrder, to device: [UInt8], randomNumber: [UInt8], now: Instant
    ) throws(KeyLoadingFailure) -> TransportedKeys {
        let order = SendKeysOrder(order: order, device: device, randomNumber: randomNumber, now: now)
        guard case .sendKeys(let result) = try line.request(.sendKeys(order)) else { throw .unavailable(.unreadable) }
        let keys = try result.orRefused()
        return TransportedKeys(token: keys.token, provisioning: keys.provisioning)
    }

    public func beginCeremony(
        _ order: ProvisioningOrder, custodians: Int
    ) throws(KeyLoadingFailure) -> OpenedCeremony {
        guard let count = UInt8(exactly: custodians) else { throw .refused(.custodians) }
        let wanted = WireCeremonyOrder(order: order, custodians: count)
        guard case .beginCeremony(let result) = try line.request(.beginCeremony(wanted)) else {
            throw .unavailable(.unreadable)
        }
        let opened = try result.orRefused()
        return OpenedCeremony(
            number: opened.number, checkValue: opened.checkValue, provisioning: opened.provisioning)
    }
}

/// A custodian at the host's module: gets one sheet after another, each once, and nothing else.
public final class RemoteCustodian: Sendable {
    private let line: ModuleLine

    /// - Parameter path: of the module's socket. Nothing is asked yet.
    public init(at path: String, patience: ModulePatience = ModulePatience()) {
        line = ModuleLine(path, .custodian, patience)
    }

    /// One custodian's sheet, once.
    ///
    /// - Parameters:
    ///   - part: 1 and on.
    ///   - ceremony: its number.
    public func takeSheet(_ part: Int, of ceremony: UInt32) throws(KeyLoadingFailure) -> ComponentSheet {
        guard let number = UInt8(exactly: part) else { throw .refused(.noSheet) }
        line.lock.lock()
        defer { line.lock.unlock() }
        let answer: (reply: WireReply, keys: ChannelKeys)
        do throws(ModuleUnavailable) {
            answer = (try line.ask(.takeSheet(number, ceremony: ceremony)), try line.keys())
        } catch { throw .unavailable(error) }
        guard case .takeSheet(let result) = answer.reply else { throw .unavailable(.unreadable) }
        let sheet = try result.orRefused()
        guard let component = SecretKey(unwrapping: sheet.component, under: answer.keys.transport) else {
            throw .unavailable(.unreadable)
        }
        return ComponentSheet(
            terminal: sheet.terminal, part: Int(sheet.part), parts: Int(sheet.parts), checkValue: sheet.checkValue,
            component: component)
    }
}

extension ModuleLine {
    fileprivate func request(_ request: WireRequest) throws(KeyLoadingFailure) -> WireReply {
        lock.lock()
        defer { lock.unlock() }
        do throws(ModuleUnavailable) { return try ask(request) } catch { throw .unavailable(error) }
    }
}

extension Result where Failure == KeyLoadingRefusal {
    fileprivate func orRefused() throws(KeyLoadingFailure) -> Success {
        switch self {
        case .success(let value): return value
        case .failure(let refusal): throw .refused(refusal)
        }
    }
}
