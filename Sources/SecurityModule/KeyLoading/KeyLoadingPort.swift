// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// Why whoever loads keys got none.
public enum KeyLoadingFailure: Error, Equatable, Sendable {
    case refused(KeyLoadingRefusal)
    /// The host's module does not answer.
    case unavailable(ModuleUnavailable)
}

/// The host's module as those see it who load keys into terminals' modules. In this process or behind a socket.
public protocol KeyLoadingPort: AnyObject, Sendable {
    /// The first pass of TR-34: certifies the key that a module has made.
    ///
    /// - Parameters:
    ///   - identity: what the estate knows the module by.
    ///   - now: the host's time; certificates are valid around it.
    /// - Throws: `.refused(.preparing)` while the facility's own keys are being made: ask again.
    func certify(
        _ request: KeyTransportRequest, identity: P256PublicKey, now: Instant
    ) throws(KeyLoadingFailure) -> KeyTransportCredential

    /// The second pass: sends keys to a module that was certified, once.
    ///
    /// - Parameters:
    ///   - device: the certificate out of the first pass.
    ///   - randomNumber: the module's random number token.
    func sendKeys(
        _ order: ProvisioningOrder, to device: [UInt8], randomNumber: [UInt8], now: Instant
    ) throws(KeyLoadingFailure) -> TransportedKeys

    /// Makes a terminal's keys under a key that custodians will bring, a component each; their sheets wait for them.
    ///
    /// - Parameter custodians: 2 to 9.
    func beginCeremony(
        _ order: ProvisioningOrder, custodians: Int
    ) throws(KeyLoadingFailure) -> OpenedCeremony
}

/// A ceremony that the host's module has prepared: all of it but the components.
public struct OpenedCeremony: Equatable, Sendable {
    /// What the sheets are asked for by.
    public var number: UInt32
    /// Of the key that the components form, five bytes.
    public var checkValue: [UInt8]
    /// The terminal's keys under that key.
    public var provisioning: [UInt8]

    public init(number: UInt32, checkValue: [UInt8], provisioning: [UInt8]) {
        (self.number, self.checkValue, self.provisioning) = (number, checkValue, provisioning)
    }
}

/// What one custodian is handed, and nobody else: one component with its check value.
public struct ComponentSheet: ~Copyable, Sendable {
    public let terminal: TerminalID
    /// 1 and on, of so many.
    public let part: Int
    public let parts: Int
    /// Of the component, three bytes.
    public let checkValue: [UInt8]
    public let component: SecretKey

    public init(
        terminal: TerminalID, part: Int, parts: Int, checkValue: [UInt8], component: consuming SecretKey
    ) {
        (self.terminal, self.part, self.parts) = (terminal, part, parts)
        self.checkValue = checkValue
        self.component = component
    }
}
