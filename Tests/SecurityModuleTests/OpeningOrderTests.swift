// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@Suite("The order messages are opened in")
struct OpeningOrderTests {
    /// Twelve terminals of both schemes, forty messages each, all mixed: what the host's module keeps of one transaction
    /// for the next must change no answer.
    @Test(
        "whatever order the messages of many terminals are opened in, each is opened as by a module that knows nothing")
    func anyOrder() throws {
        let host = try require(SoftHostModule.simulated(seed: 11))
        var random = SeededRandom(seed: 5)
        var commands: [OpenCommand] = []
        for number in 0..<12 {
            let profile = KeyProfile.dukpt[number % 2]
            let keys = TerminalKeys(
                terminal: try require(TerminalID("T000\(1_000 + number)")), profile: profile, keySet: 1,
                identityEpoch: 1)
            let provisioning = host.provision(
                keys, serial: UInt64(number), firmware: SoftwareVersion(1, 0, 0),
                firstCounter: UInt32(1 + random.below(900)))
            guard var terminal = LoadTerminal(provisioning: provisioning) else { throw Missing() }
            for _ in 0..<40 {
                let ksn = 20..<20 + profile.ksnLength
                let health = ksn.upperBound..<ksn.upperBound + HealthElement.length
                let mac = health.upperBound + 4..<health.upperBound + 12
                var message = (0..<mac.upperBound).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                for hole in [ksn, health, mac] {
                    message.replaceSubrange(hole, with: repeatElement(0, count: hole.count))
                }
                let holes = MessageHoles(ksn: ksn, health: health, pinBlock: nil, mac: mac)
                let bytes = try require(terminal.protect(message: message, holes: holes))
                commands.append(OpenCommand(keys: keys, message: bytes, ksn: ksn, mac: mac, health: health))
            }
        }
        for index in commands.indices.dropFirst() { commands.swapAt(index, random.below(index + 1)) }
        for index in stride(from: 0, to: commands.count, by: 17) { commands[index].message[3] ^= 1 }
        let verdicts = host.open(commands)
        for (index, command) in commands.enumerated() {
            let alone = try require(SoftHostModule.simulated(seed: 11)).open([command])[0]
            #expect(verdicts[index] == alone, "message \(index), seeds 11 and 5")
            #expect(verdicts[index].macAuthentic == !index.isMultiple(of: 17))
        }
    }
}
