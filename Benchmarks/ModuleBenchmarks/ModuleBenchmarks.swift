// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Vocabulary

/// How long a terminal's module takes for what it does once a day or at each sign-on; one line of JSON each.
@main
enum ModuleBenchmarks {
    static func main() throws {
        guard var bench = Bench() else { throw SetUpError() }
        bench.report("module_self_test") { $0.ask(.selfTest) }
        bench.report("module_attest") { $0.ask(.attest(nonce: nonce, application: SoftwareVersion(1, 0, 0))) }
        bench.report("module_status") { $0.ask(.status) }
    }

    static let nonce = [UInt8](repeating: 7, count: 16)

    struct SetUpError: Error {}

    /// One module and what is handed into it.
    struct Bench: ~Copyable {
        private static let rounds = 500
        private var module: TerminalSecurityModule
        private var random = SystemRandom()
        private var now = Instant(seconds: 1_800_000_000)

        init?() {
            guard let terminal = TerminalID("T0000001") else { return nil }
            let keys = TerminalKeys(terminal: terminal, profile: .aes, keySet: 1, identityEpoch: 1)
            let firmware = SoftwareVersion(1, 0, 0)
            guard
                let made = TerminalSecurityModule(
                    provisioning: SoftHostModule.create().provision(keys, serial: 1, firmware: firmware),
                    storageKey: .random(count: 32), hardware: EmulatedHardware(firmware: firmware), now: now)
            else { return nil }
            module = made
            module.powerUp(now: now)
        }

        mutating func ask(_ command: TerminalModuleCommand) {
            now = now + .seconds(1)
            _ = module.handle(command, now: now, random: &random)
            _ = module.takeEffects()
        }

        /// Median and 99th percentile in microseconds.
        mutating func report(_ name: String, _ operation: (inout Bench) -> Void) {
            let clock = ContinuousClock()
            var times: [Int64] = []
            for _ in 0..<Self.rounds {
                let time = clock.measure { operation(&self) }
                times.append(time.components.seconds * 1_000_000 + time.components.attoseconds / 1_000_000_000_000)
            }
            times.sort()
            let (median, late) = (times[times.count / 2], times[times.count * 99 / 100])
            print("{\"operation\":\"\(name)\",\"median_us\":\(median),\"p99_us\":\(late)}")
        }
    }
}
