// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A terminal whose keys are wanted.
public struct ProvisioningOrder: Equatable, Sendable {
    public var keys: TerminalKeys
    public var serial: UInt64
    public var firmware: SoftwareVersion
    public var firstCounter: UInt32
    /// The supplier's public key on P-256, in its short form; nil: none is pinned.
    public var supplier: [UInt8]?

    public init(
        keys: TerminalKeys, serial: UInt64, firmware: SoftwareVersion, firstCounter: UInt32, supplier: [UInt8]?
    ) {
        (self.keys, self.serial, self.firmware) = (keys, serial, firmware)
        (self.firstCounter, self.supplier) = (firstCounter, supplier)
    }
}

/// The first pass of a transport of keys (ANSI X9 TR-34): a module's request for a certificate of the key it has just made.
public struct CertifyOrder: Equatable, Sendable {
    /// As the module has written it.
    public var request: [UInt8]
    /// The public key that the estate knows the module by: on P-256, in its short form.
    public var identity: [UInt8]
    /// The host says what time it is, as it does in lease tickets: certificates are valid around it.
    public var now: Instant

    public init(request: [UInt8], identity: [UInt8], now: Instant) {
        (self.request, self.identity, self.now) = (request, identity, now)
    }
}

/// The second pass: keys for a module that was certified in the first.
public struct SendKeysOrder: Equatable, Sendable {
    public var order: ProvisioningOrder
    /// The certificate out of the first pass: DER.
    public var device: [UInt8]
    /// The module's random number token.
    public var randomNumber: [UInt8]
    public var now: Instant

    public init(order: ProvisioningOrder, device: [UInt8], randomNumber: [UInt8], now: Instant) {
        (self.order, self.device, self.randomNumber, self.now) = (order, device, randomNumber, now)
    }
}

/// Why a host's key loading does not do what it was asked; no key has left.
public enum KeyLoadingRefusal: UInt8, Error, CaseIterable, Sendable {
    /// The facility's own keys are being made, which takes seconds. Ask again.
    case preparing = 1
    /// Not a request, not signed by the module whose identity the estate knows, or keys wanted for another one.
    case notThisModule = 2
    /// The request was answered before.
    case repeated = 3
    /// The module's fresh key has another length than it must.
    case keyLength = 4
    /// No transport is under way for this certificate: none began here, it was answered, or the module has begun anew since.
    case noTransport = 5
    /// The random number is none, or the facility's certificate is over.
    case token = 6
    /// A terminal that no key is made for.
    case unusable = 7
    /// Not two to nine custodians.
    case custodians = 8
    /// As many ceremonies as may be are open.
    case full = 9
    /// No such ceremony is open here, or its time is over.
    case noCeremony = 10
    /// No such part, or its sheet was handed out.
    case noSheet = 11
}
