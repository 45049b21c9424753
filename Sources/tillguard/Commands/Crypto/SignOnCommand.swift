// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct SignOnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign-on", abstract: "UnionPay sign-on: the working keys of field 62.",
        subcommands: [Read.self, Write.self], defaultSubcommand: Read.self)

    enum Cipher: String, ExpressibleByArgument, CaseIterable {
        case tdes, sm4

        var cipher: WorkingKeyDownload.Cipher { self == .tdes ? .tdes : .sm4 }
    }

    static func add(
        _ keys: borrowing WorkingKeys, _ cipher: WorkingKeyDownload.Cipher, to answer: inout CryptoAnswer
    ) {
        let (pin, mac) = (keys.pin.count, keys.mac.count)
        answer.add("pikBits", "PIK bits", count: pin * 8)
        answer.add("pikKCV", "PIK check value", hex: WorkingKeyDownload.checkValue(keys.pin, cipher))
        answer.add("makBits", "MAK bits", count: mac * 8)
        answer.add("makKCV", "MAK check value", hex: WorkingKeyDownload.checkValue(keys.mac, cipher))
        guard let track = keys.track() else { return }
        let count = track.count
        answer.add("tdkBits", "TDK bits", count: count * 8)
        answer.add("tdkKCV", "TDK check value", hex: WorkingKeyDownload.checkValue(track, cipher))
    }

    struct Read: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract:
                "Decrypt the keys under the terminal's master key and verify their check values; no key is shown.",
            discussion: """
                Exit 1 when a check value does not match. A length of two bytes (BCD) before the keys is skipped.

                Example: tillguard crypto sign-on --tmk 258FB0AB70D025CDB99DF2C4D302D646 \
                46F161A743497B32EAC760DF5EA57DF5900ECCE3977731A7EA402DDF0000000000000000CFF1592A

                JSON: cipher, pikBits, pikKCV, makBits, makKCV, tdkBits, tdkKCV (where there is one), verified, notes.
                """)
        @OptionGroup var output: CryptoOutput
        @Option(help: "The terminal's master key, 16 or 24 bytes; @file or - for the standard input.")
        var tmk: CryptoInput
        @Option(help: "The cipher of the keys.") var cipher = Cipher.tdes
        @Argument(help: "The value of field 62: 24, 40 or 60 bytes; @file or - for the standard input.")
        var field: CryptoInput

        func answer() throws -> CryptoAnswer {
            var field = try field.bytes("field 62")
            let master = try tmk.key("--tmk", cipher == .tdes ? [16, 24] : [16])
            let rest = field.count - 2
            if WorkingKeyDownload.counts.contains(rest), field[0] == 0,
                Int(field[1] >> 4) * 10 + Int(field[1] & 15) == rest
            {
                field.removeFirst(2)
            }
            let keys = try WorkingKeyDownload.openUnchecked(field, masterKey: master, cipher: cipher.cipher)
            var answer = CryptoAnswer()
            answer.add("cipher", "cipher", cipher.rawValue)
            SignOnCommand.add(keys, cipher.cipher, to: &answer)
            answer.add(verified: true, else: "")
            do throws(WorkingKeyError) {
                _ = try WorkingKeyDownload.open(field, masterKey: master, cipher: cipher.cipher)
            } catch {
                answer.add(notes: ["a terminal refuses it: \(CryptoWords.restated(error))"])
            }
            return answer
        }
    }

    struct Write: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "Field 62 for working keys, given or new.",
            discussion: """
                Example: tillguard crypto sign-on write --tmk 258FB0AB70D025CDB99DF2C4D302D646 --random --track

                JSON: cipher, pikBits, pikKCV, makBits, makKCV, tdkBits, tdkKCV (where there is one), field62.
                """)
        @OptionGroup var output: CryptoOutput
        @Option(help: "The terminal's master key, 16 or 24 bytes; @file or - for the standard input.")
        var tmk: CryptoInput
        @Option(help: "The cipher of the keys.") var cipher = Cipher.tdes
        @Option(help: "The PIN key, 8 or 16 bytes.") var pik: CryptoInput?
        @Option(help: "The MAC key, 8 or 16 bytes.") var mak: CryptoInput?
        @Option(help: "The track key, 16 bytes.") var tdk: CryptoInput?
        @Flag(help: "New random keys.") var random = false
        @Flag(help: "With --random: a track key as well.") var track = false

        func answer() throws -> CryptoAnswer {
            let master = try tmk.key("--tmk", cipher == .tdes ? [16, 24] : [16])
            let keys = try theKeys()
            let field = try WorkingKeyDownload.seal(keys, masterKey: master, cipher: cipher.cipher)
            var answer = CryptoAnswer()
            answer.add("cipher", "cipher", cipher.rawValue)
            SignOnCommand.add(keys, cipher.cipher, to: &answer)
            answer.add("field62", "field 62", hex: field)
            return answer
        }

        private func theKeys() throws -> WorkingKeys {
            if random {
                guard pik == nil, mak == nil, tdk == nil else {
                    throw ValidationError("--random and --pik, --mak, --tdk: only one of them")
                }
                return try WorkingKeys.random(cipher.cipher, hasTrackKey: track)
            }
            guard let pik, let mak else { throw ValidationError("--pik and --mak, or --random: they are needed") }
            let lengths = cipher == .tdes ? [8, 16] : [16]
            let pin = try pik.key("--pik", lengths)
            let mac = try mak.key("--mak", lengths)
            guard let tdk else { return WorkingKeys(pin: pin, mac: mac) }
            return WorkingKeys(pin: pin, mac: mac, track: try tdk.key("--tdk", [16]))
        }
    }
}
