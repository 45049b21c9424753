// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// Certificates that a module's fresh key was issued, as `KeyTransportCredential` has them: DER, an endorsement, a token.
public struct WireCredential: Equatable, Sendable {
    public var device: [UInt8]
    public var authority: [UInt8]
    public var endorsement: [UInt8]
    public var host: [UInt8]

    public init(device: [UInt8], authority: [UInt8], endorsement: [UInt8], host: [UInt8]) {
        (self.device, self.authority, self.endorsement, self.host) = (device, authority, endorsement, host)
    }
}

/// A key token of TR-34, and the provisioning under the key in it.
public struct WireTransportedKeys: Equatable, Sendable {
    public var token: [UInt8]
    public var provisioning: [UInt8]

    public init(token: [UInt8], provisioning: [UInt8]) { (self.token, self.provisioning) = (token, provisioning) }
}

/// A ceremony that is wanted.
public struct WireCeremonyOrder: Equatable, Sendable {
    public var order: ProvisioningOrder
    public var custodians: UInt8

    public init(order: ProvisioningOrder, custodians: UInt8) { (self.order, self.custodians) = (order, custodians) }
}

/// A ceremony that was prepared.
public struct WireCeremony: Equatable, Sendable {
    public var number: UInt32
    /// Of the key that the components form.
    public var checkValue: [UInt8]
    public var provisioning: [UInt8]

    public init(number: UInt32, checkValue: [UInt8], provisioning: [UInt8]) {
        (self.number, self.checkValue, self.provisioning) = (number, checkValue, provisioning)
    }
}

/// One custodian's sheet; the component is under the line's transport key.
public struct WireSheet: Equatable, Sendable {
    public var terminal: TerminalID
    public var part: UInt8
    public var parts: UInt8
    public var checkValue: [UInt8]
    public var component: [UInt8]

    public init(terminal: TerminalID, part: UInt8, parts: UInt8, checkValue: [UInt8], component: [UInt8]) {
        (self.terminal, self.part, self.parts) = (terminal, part, parts)
        (self.checkValue, self.component) = (checkValue, component)
    }
}

// MARK: - Codec

extension ByteWriter {
    /// What was asked for behind 1, or why it is not given behind 0.
    mutating func result<T>(
        _ result: Result<T, KeyLoadingRefusal>, _ write: (inout ByteWriter, T) -> Void
    ) {
        switch result {
        case .failure(let refusal):
            flag(false)
            byte(refusal.rawValue)
        case .success(let value):
            flag(true)
            write(&self, value)
        }
    }
}

extension ByteReader {
    mutating func result<T>(
        _ read: (inout ByteReader) throws(CodecError) -> T
    ) throws(CodecError) -> Result<T, KeyLoadingRefusal> {
        guard try flag() else { return .failure(try choice(KeyLoadingRefusal.self)) }
        return .success(try read(&self))
    }

    mutating func token() throws(CodecError) -> [UInt8] { try sized(max: WireLimits.tokenBytes) }
}

extension CertifyOrder {
    func writeWire(to writer: inout ByteWriter) {
        writer.sized(request)
        writer.sized(identity)
        writer.instant(now)
    }

    init(fromWire reader: inout ByteReader) throws(CodecError) {
        self.init(
            request: try reader.sized(max: WireLimits.valueBytes),
            identity: try reader.sized(exactly: WireLimits.compressedKeyBytes), now: try reader.instant())
    }
}

extension SendKeysOrder {
    func writeWire(to writer: inout ByteWriter) {
        order.write(to: &writer)
        writer.sized(device)
        writer.sized(randomNumber)
        writer.instant(now)
    }

    init(fromWire reader: inout ByteReader) throws(CodecError) {
        self.init(
            order: try ProvisioningOrder(from: &reader), device: try reader.token(),
            randomNumber: try reader.sized(max: WireLimits.valueBytes), now: try reader.instant())
    }
}

extension WireCredential {
    func write(to writer: inout ByteWriter) {
        for bytes in [device, authority, endorsement, host] { writer.sized(bytes) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            device: try reader.token(), authority: try reader.token(),
            endorsement: try reader.sized(exactly: WireLimits.signatureBytes), host: try reader.token())
    }
}

extension WireTransportedKeys {
    func write(to writer: inout ByteWriter) {
        writer.sized(token)
        writer.sized(provisioning)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            token: try reader.token(), provisioning: try reader.sized(max: WireLimits.provisioningBytes))
    }
}

extension WireCeremonyOrder {
    func write(to writer: inout ByteWriter) {
        order.write(to: &writer)
        writer.byte(custodians)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(order: try ProvisioningOrder(from: &reader), custodians: try reader.byte())
    }
}

extension WireCeremony {
    func write(to writer: inout ByteWriter) {
        writer.unsigned(number)
        writer.sized(checkValue)
        writer.sized(provisioning)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            number: try reader.unsigned(), checkValue: try reader.sized(exactly: WireLimits.keyCheckBytes),
            provisioning: try reader.sized(max: WireLimits.provisioningBytes))
    }
}

extension WireSheet {
    func write(to writer: inout ByteWriter) {
        writer.code(terminal)
        writer.byte(part)
        writer.byte(parts)
        writer.sized(checkValue)
        writer.sized(component)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            terminal: try reader.code(), part: try reader.byte(), parts: try reader.byte(),
            checkValue: try reader.sized(exactly: WireLimits.componentCheckBytes),
            component: try reader.sized(max: WireLimits.valueBytes))
    }
}

extension ProvisioningOrder {
    func write(to writer: inout ByteWriter) {
        keys.write(to: &writer)
        writer.word(serial)
        writer.unsigned(firmware.packed)
        writer.unsigned(firstCounter)
        writer.optional(supplier) { $0.sized($1) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            keys: try TerminalKeys(from: &reader), serial: try reader.word(),
            firmware: SoftwareVersion(packed: try reader.unsigned()), firstCounter: try reader.unsigned(),
            supplier: try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                try reader.sized(exactly: WireLimits.compressedKeyBytes)
            })
    }
}
