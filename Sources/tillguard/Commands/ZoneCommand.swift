// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct ZoneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zone", abstract: "The keys that this host shares with other issuers' hosts.",
        subcommands: [Load.self, List.self])

    struct Load: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a zone's PIN key and MAC key from the other side's key blocks.",
            discussion: """
                The key-encryption key is formed from its components, each entered by a custodian of its own, and \
                proved by its check value. A running server takes the keys at its next start.

                Components and key blocks to try it with come from the calculators:
                  tillguard crypto components split --algorithm aes --random 32
                  tillguard crypto key-block write --kbpk KEK --random 16 --algorithm T --usage P0 --mode B
                  tillguard crypto key-block write --kbpk KEK --random 16 --algorithm A --usage M6 --mode C

                JSON: zone, pinKey and macKey (check values).
                """)
        @Option(help: "The data directory.") var data = "data"
        @Option(
            parsing: .singleValue,
            help: "A component of the key-encryption key, AES; again for each. @file or - for the standard input.")
        var component: [CryptoInput]
        @Option(help: "The key-encryption key's check value, 3 bytes or more.") var verify: CryptoInput
        @Option(help: "The PIN key: a key block, TDES, usage P0; @file or -.") var pinKey: CryptoInput
        @Option(help: "The MAC key: a key block, AES, usage M6; @file or -.") var macKey: CryptoInput
        @Flag(help: "Let PINs that came under AES or SM4 leave under the zone's TDES key.") var permitWeakerCipher =
            false
        @Flag(help: "Print the answer as JSON.") var json = false
        @Argument(help: "The zone's name, as routes name it.") var zone: String

        func validate() throws {
            guard ZoneFiles.isName(zone) else {
                throw ValidationError("a zone's name is 1 to 32 letters, digits, points and hyphens")
            }
        }

        func run() throws {
            let kek = try CryptoKeyParts.sum(component, [16, 24, 32]) { _, _ in }
            let given = try verify.bytes("--verify", [3, 4, 5])
            guard constantTimeEquals(Array(KCV.aes(kek).prefix(given.count)), given) else {
                throw DeploymentError.refused("--verify: the components form another key")
            }
            let values = try ZoneFiles.load(
                zone, into: data, kek: kek, pin: pinKey.string("--pin-key"), mac: macKey.string("--mac-key"),
                permitsWeakerCipher: permitWeakerCipher)
            let (pin, mac) = (Hex.text(values.pin), Hex.text(values.mac))
            let answer: JSON = ["zone": .string(zone), "pinKey": .string(pin), "macKey": .string(mac)]
            print(json ? answer.text : "zone \(zone): PIN key KCV \(pin), MAC key KCV \(mac)")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Name the zones of a data directory.")
        @Option(help: "The data directory.") var data = "data"
        @Flag(help: "Print the names as JSON.") var json = false

        func run() throws {
            let names = ZoneFiles.names(in: data)
            print(json ? JSON.array(names.map { .string($0) }).text : names.joined(separator: "\n"))
        }
    }
}
