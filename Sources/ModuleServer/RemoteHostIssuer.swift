// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import ModuleWire
import PaymentCryptography
import SecurityModule
import Vocabulary

/// The host's module in a process of its own, as the desks see it that issue. PINs go there, and keys come from there, under the
/// line's own keys.
public final class RemoteHostIssuer: HostIssuingPort, Sendable {
    private let line: ModuleLine

    /// - Parameter path: of the module's socket. Nothing is asked yet.
    public init(at path: String, patience: ModulePatience = ModulePatience()) {
        line = ModuleLine(path, .issuing, patience)
    }

    private func ask(_ request: WireRequest) throws(ModuleUnavailable) -> WireReply {
        line.lock.lock()
        defer { line.lock.unlock() }
        return try line.ask(request)
    }

    public func cardKey(_ pan: PAN) throws(ModuleUnavailable) -> CardKey {
        guard case .cardKeys(let keys) = try ask(.cardKeys([pan])), let key = keys.first else { throw .unreadable }
        return key
    }

    public func sealPAN(_ pan: PAN) throws(ModuleUnavailable) -> [UInt8] {
        guard case .sealPAN(let sealed) = try ask(.sealPAN(pan)) else { throw .unreadable }
        return sealed
    }

    public func pinReference(
        pan: PAN, pin: borrowing ClearPIN, kind: PINReferenceKind
    ) throws(ModuleUnavailable) -> PINReference {
        guard let digits = PANDigits(ascii: pan.ascii) else { throw .refused }
        let wanted: WirePINReferenceKind =
            switch kind {
            case .pvv(let index): .pvv(keyIndex: index)
            case .offset: .offset
            }
        line.lock.lock()
        defer { line.lock.unlock() }
        let block = PINBlock.encrypt(pin, pan: digits, format: .format4, key: try line.keys().pin)
        guard case .pinReference(let reference) = try line.ask(.pinReference(pan, block: block, kind: wanted)) else {
            throw .unreadable
        }
        return reference
    }

    public func provision(
        _ keys: TerminalKeys, serial: UInt64, firmware: SoftwareVersion, firstCounter: UInt32, supplier: P256PublicKey?
    ) throws(ModuleUnavailable) -> ModuleProvisioning {
        let order = ProvisioningOrder(
            keys: keys, serial: serial, firmware: firmware, firstCounter: firstCounter, supplier: supplier?.compressed)
        line.lock.lock()
        defer { line.lock.unlock() }
        guard case .provision(let wrapped) = try line.ask(.provision(order)),
            let provisioning = ModuleProvisioning(wrapped: wrapped, under: try line.keys().transport)
        else { throw .unreadable }
        return provisioning
    }

    /// What links of cases are made with.
    public func linkKey() throws(ModuleUnavailable) -> SecretKey {
        line.lock.lock()
        defer { line.lock.unlock() }
        guard case .linkKey(let wrapped) = try line.ask(.linkKey),
            let key = SecretKey(unwrapping: wrapped, under: try line.keys().transport)
        else { throw .unreadable }
        return key
    }
}
