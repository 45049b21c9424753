// SPDX-License-Identifier: Apache-2.0
import Glibc
import ModuleProtocol
import ModuleWire
import PaymentCryptography
import SecurityModule
import Vocabulary

/// Key loading by a host's module, for whoever is in its process: the lines of its server, or a server that has the module
/// in its own process. May be called from anywhere.
///
/// The facility has RSA keys of its own, which take seconds to make. A thread makes them at the first request; until they are
/// there every request is told so at once, and authorisations go on.
public final class KeyLoadingService: KeyLoadingPort, @unchecked Sendable {
    // Unchecked: `lock` guards the desk and `isMaking`; the module makes provisionings and facilities from anywhere.
    private let lock = Lock()
    private let desk: KeyLoadingDesk
    private var isMaking = false
    private let module: SoftHostModule
    private let clock: @Sendable () -> Instant

    /// - Parameters:
    ///   - facility: one that is there already; nil: it is made when it is asked for.
    ///   - clock: that nobody sets, for how long sheets wait.
    public init(
        _ module: SoftHostModule, facility: KeyLoadingFacility? = nil,
        clock: @escaping @Sendable () -> Instant = KeyLoadingService.uptime
    ) {
        self.module = module
        self.clock = clock
        desk = KeyLoadingDesk(module)
        if let facility { desk.open(facility) }
    }

    /// Time since some beginning, which no clock change moves.
    public static let uptime: @Sendable () -> Instant = { Instant(microseconds: Monotonic.now.milliseconds * 1_000) }

    private func atDesk<R: ~Copyable>(
        _ body: (KeyLoadingDesk) throws(KeyLoadingRefusal) -> R
    ) throws(KeyLoadingRefusal) -> R {
        lock.lock()
        defer { lock.unlock() }
        return try body(desk)
    }

    // MARK: For this process

    public func certify(
        _ request: KeyTransportRequest, identity: P256PublicKey, now: Instant
    ) throws(KeyLoadingFailure) -> KeyTransportCredential {
        do throws(KeyLoadingRefusal) { return try certified(request, identity, now) } catch { throw .refused(error) }
    }

    public func sendKeys(
        _ order: ProvisioningOrder, to device: [UInt8], randomNumber: [UInt8], now: Instant
    ) throws(KeyLoadingFailure) -> TransportedKeys {
        do throws(KeyLoadingRefusal) {
            return try atDesk { (desk) throws(KeyLoadingRefusal) in
                try desk.sendKeys(order, to: device, randomNumber: randomNumber, now: now)
            }
        } catch { throw .refused(error) }
    }

    public func beginCeremony(
        _ order: ProvisioningOrder, custodians: Int
    ) throws(KeyLoadingFailure) -> OpenedCeremony {
        let now = clock()
        do throws(KeyLoadingRefusal) {
            return try atDesk { (desk) throws(KeyLoadingRefusal) in
                try desk.beginCeremony(order, custodians: custodians, now: now)
            }
        } catch { throw .refused(error) }
    }

    /// One custodian's sheet, once.
    public func takeSheet(_ part: Int, of ceremony: UInt32) throws(KeyLoadingFailure) -> ComponentSheet {
        let now = clock()
        do throws(KeyLoadingRefusal) {
            return try atDesk { (desk) throws(KeyLoadingRefusal) in
                try desk.takeSheet(part, of: ceremony, now: now)
            }
        } catch { throw .refused(error) }
    }

    // MARK: The facility

    private func certified(
        _ request: KeyTransportRequest, _ identity: P256PublicKey, _ now: Instant
    ) throws(KeyLoadingRefusal) -> KeyTransportCredential {
        try atDesk { (desk) throws(KeyLoadingRefusal) in
            do throws(KeyLoadingRefusal) { return try desk.certify(request, identity: identity, now: now) } catch {
                // Only a request of a known module has keys made.
                if error == .preparing { makeFacility(now) }
                throw error
            }
        }
    }

    /// Has a thread make a facility, one at a time. Called while the lock is held.
    private func makeFacility(_ now: Instant) {
        guard !isMaking else { return }
        let work = Unmanaged.passRetained(Work(service: self, now: now))
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { work in
                if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().run() }
                return nil
            }, work.toOpaque())
        // The next request tries again.
        guard failure == 0 else { return work.release() }
        isMaking = true
        pthread_detach(thread)
    }

    private final class Work {
        let service: KeyLoadingService
        let now: Instant

        init(service: KeyLoadingService, now: Instant) { (self.service, self.now) = (service, now) }

        func run() { service.install(try? service.module.makeKeyLoadingFacility(now: now)) }
    }

    private func install(_ facility: KeyLoadingFacility?) {
        lock.lock()
        defer { lock.unlock() }
        isMaking = false
        if let facility { desk.open(facility) }
    }
}
