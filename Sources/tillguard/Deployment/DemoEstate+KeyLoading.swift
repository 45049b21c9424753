// SPDX-License-Identifier: Apache-2.0
import Estate
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import TerminalAgent
import Vocabulary

extension DemoEstate {
    /// How often the host's module is asked while its key-loading facility is being made, and how long after each time.
    private static let attemptsMax = 300
    private static let pause = Duration.milliseconds(100)

    /// How a terminal's module gets the keys that the estate has issued: asked of the host's module, wherever that is.
    static func keyLoading(
        of id: TerminalID, _ record: EstateTerminal, _ deployment: Deployment
    ) -> TerminalBank.KeyLoading {
        let (port, clock) = (deployment.keyLoading, deployment.options.clock)
        let (keys, serial, known) = (record.keys(id), record.serial, record.dossier.identityKey)
        @Sendable func order(_ first: UInt32) -> ProvisioningOrder {
            ProvisioningOrder(keys: keys, serial: serial, firmware: firmware, firstCounter: first, supplier: nil)
        }
        return TerminalBank.KeyLoading(
            certify: { request in
                guard let identity = try? P256PublicKey(known) else {
                    throw DeploymentError.refused(
                        "the estate does not know this module's identity yet: it has never signed on")
                }
                return try await certify(request, identity, port, clock)
            },
            sendKeys: { device, number, first in
                try port.sendKeys(order(first), to: device, randomNumber: number, now: clock())
            },
            beginCeremony: { custodians, first in try port.beginCeremony(order(first), custodians: custodians) })
    }

    /// Asks again while the facility's own keys are being made, which takes seconds, once a day.
    private static func certify(
        _ request: KeyTransportRequest, _ identity: P256PublicKey, _ port: any KeyLoadingPort,
        _ clock: @Sendable () -> Instant
    ) async throws -> KeyTransportCredential {
        for _ in 1..<attemptsMax {
            do throws(KeyLoadingFailure) {
                return try port.certify(request, identity: identity, now: clock())
            } catch {
                guard error == .refused(.preparing) else { throw error }
            }
            try await Task.sleep(for: pause)
        }
        return try port.certify(request, identity: identity, now: clock())
    }
}
