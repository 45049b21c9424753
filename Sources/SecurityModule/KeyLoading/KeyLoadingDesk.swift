// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The host's side of key loading: who was certified and waits for keys, and whose sheets have not been handed out. It does
/// no slow work: the facility is made elsewhere and opened here.
///
/// Invariants:
/// 1. A certificate gets keys once, and only from the facility that issued it, for the module that it was issued to.
/// 2. A request is answered once in a facility's life (of the last 256; an older one's key is long gone from its module).
/// 3. A sheet is handed out once, and not after half an hour.
/// 4. Nothing of it is stored: with the process every transport and every ceremony is over.
public final class KeyLoadingDesk {
    /// Transports that may be under way; the oldest one gives way.
    static let transportsMax = 64
    static let answeredMax = 256
    static let ceremoniesMax = 8

    private struct Transport {
        /// SHA-256 of the certificate.
        var device: [UInt8]
        var terminal: TerminalID
        var serial: UInt64
        var identityEpoch: UInt16

        func isFor(_ order: ProvisioningOrder) -> Bool {
            terminal == order.keys.terminal && serial == order.serial && identityEpoch == order.keys.identityEpoch
        }
    }

    private let module: SoftHostModule
    private var facility: KeyLoadingFacility?
    private var transports: [Transport] = []
    /// SHA-256 of requests, oldest first.
    private var answered: [[UInt8]] = []
    private var ceremonies: [PreparedCeremony] = []
    private var ceremonyCount: UInt32 = 0

    public init(_ module: SoftHostModule) { self.module = module }

    /// Whether a facility is to be made before anything can be certified at this time.
    public func needsFacility(at now: Instant) -> Bool { facility.map { !$0.isValid(at: now) } ?? true }

    /// Certifies by this facility from now on. What was certified by another gets no keys any more.
    public func open(_ facility: KeyLoadingFacility) {
        self.facility = facility
        transports = []
        answered = []
    }

    // MARK: TR-34

    public func certify(
        _ request: KeyTransportRequest, identity: P256PublicKey, now: Instant
    ) throws(KeyLoadingRefusal) -> KeyTransportCredential {
        guard request.isSigned(by: identity) else { throw .notThisModule }
        guard request.publicKey.modulusBits == KeyLoadingFacility.modulusBits else { throw .keyLength }
        guard let facility, facility.isValid(at: now) else { throw .preparing }
        let digest = SHA256.hash(request.bytes)
        guard !answered.contains(digest) else { throw .repeated }
        let credential: KeyTransportCredential
        do { credential = try facility.certify(request, identity: identity, now: now) } catch {
            throw .notThisModule
        }
        Self.append(digest, to: &answered, max: Self.answeredMax)
        // A module has one transport under way, its last.
        transports.removeAll { $0.terminal == request.terminal }
        let transport = Transport(
            device: SHA256.hash(credential.device), terminal: request.terminal, serial: request.serial,
            identityEpoch: request.identityEpoch)
        Self.append(transport, to: &transports, max: Self.transportsMax)
        return credential
    }

    private static func append<T>(_ value: T, to list: inout [T], max: Int) {
        list.append(value)
        if list.count > max { list.removeFirst() }
    }

    /// The transport is over, whatever comes of it.
    public func sendKeys(
        _ order: ProvisioningOrder, to device: [UInt8], randomNumber: [UInt8], now: Instant
    ) throws(KeyLoadingRefusal) -> TransportedKeys {
        let digest = SHA256.hash(device)
        guard let facility, let place = transports.firstIndex(where: { $0.device == digest }) else {
            throw .noTransport
        }
        let transport = transports.remove(at: place)
        guard transport.isFor(order) else { throw .notThisModule }
        guard facility.isValid(at: now) else { throw .token }
        let provisioning = try module.provision(order)
        do { return try facility.send(provisioning, to: device, randomNumber: randomNumber) } catch { throw .token }
    }

    // MARK: Custodians

    /// - Parameter now: of a clock that nobody sets; so in `takeSheet`.
    public func beginCeremony(
        _ order: ProvisioningOrder, custodians: Int, now: Instant
    ) throws(KeyLoadingRefusal) -> OpenedCeremony {
        ceremonies.removeAll { $0.isOver(at: now) || $0.terminal == order.keys.terminal }
        guard ceremonies.count < Self.ceremoniesMax else { throw .full }
        let provisioning = try module.provision(order)
        let key = SecretKey.random(count: ModuleProvisioning.protectionBytes)
        ceremonyCount &+= 1
        let prepared = try PreparedCeremony(
            ceremonyCount, of: key, for: order.keys.terminal, custodians: custodians, now: now)
        ceremonies.append(prepared)
        return OpenedCeremony(
            number: prepared.number, checkValue: KCV.aes(key), provisioning: provisioning.wrapped(under: key))
    }

    /// One custodian's sheet, once.
    public func takeSheet(
        _ part: Int, of number: UInt32, now: Instant
    ) throws(KeyLoadingRefusal) -> ComponentSheet {
        ceremonies.removeAll { $0.isOver(at: now) }
        guard let ceremony = ceremonies.first(where: { $0.number == number }) else { throw .noCeremony }
        return try ceremony.takeSheet(part)
    }
}

extension SoftHostModule {
    /// As `provision(_:serial:firmware:firstCounter:supplier:)`, by an order.
    ///
    /// - Throws: `unusable` for a supplier's key that is none.
    public func provision(_ order: ProvisioningOrder) throws(KeyLoadingRefusal) -> ModuleProvisioning {
        var supplier: P256PublicKey?
        if let point = order.supplier {
            do { supplier = try P256PublicKey(point) } catch { throw .unusable }
        }
        return provision(
            order.keys, serial: order.serial, firmware: order.firmware, firstCounter: order.firstCounter,
            supplier: supplier)
    }
}
