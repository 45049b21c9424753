// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct PINBlockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin-block", abstract: "PIN blocks of ISO 9564-1, formats 0 to 4.",
        discussion: """
            encode and decode work on clear blocks, encrypt and decrypt on encrypted ones: TDES with formats 0 \
            to 3, AES \
            with format 4.
            """,
        subcommands: [Encode.self, Decode.self, Encrypt.self, Decrypt.self, Translate.self])

    struct Encode: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "The clear block of a PIN; in format 4 its PIN field and PAN field.",
            discussion: """
                A clear block shows its PIN to whoever has the PAN.

                Example: tillguard crypto pin-block encode --pin 1234 --pan 5555555551234567

                JSON: format, clearBlock; with format 4 pinField, panField.
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var card: PINBlockPAN
        @Option(help: "The PIN, 4 to 12 digits; @file or - keeps it out of the shell's history.") var pin: CryptoInput
        @Option(help: "The format.") var format = PINBlockFormat.format0

        func answer() throws -> CryptoAnswer {
            let pan = try card.digits(format)
            let pin = try pin.pin()
            var answer = CryptoAnswer()
            answer.add("format", "format", count: Int(format.rawValue))
            guard format == .format4 else {
                let block = PINCalculator.clearBlock(pin, pan: pan, format: format)
                answer.add("clearBlock", "clear block", hex: block.withBytes { Array($0) })
                return answer
            }
            let field = PINCalculator.pinField(pin, random: RandomBytes.word())
            answer.add("pinField", "PIN field", hex: field.withBytes { Array($0) })
            answer.add("panField", "PAN field", hex: PINCalculator.panField(pan).withBytes { Array($0) })
            return answer
        }
    }

    struct Decode: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "Read a clear block of formats 0 to 3.",
            discussion: """
                Example: tillguard crypto pin-block decode --block 041261AAAAEDCBA9 --pan 5555555551234567 --show-pin

                JSON: format, pinDigits, pin (with --show-pin). Exit 1 for what is no block of this format and PAN.
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var card: PINBlockPAN
        @OptionGroup var display: PINDisplay
        @Option(help: "The clear block, 8 bytes.") var block: CryptoInput
        @Option(help: "The format.") var format = PINBlockFormat.format0

        func answer() throws -> CryptoAnswer {
            guard format != .format4 else {
                throw ValidationError("--format: format 4 has no clear block; pin-block decrypt reads it")
            }
            let pan = try card.digits(format)
            let block = try block.key("--block", [8])
            let pin = try PINCalculator.pin(clearBlock: block, pan: pan, format: format)
            var answer = CryptoAnswer()
            answer.add("format", "format", count: Int(format.rawValue))
            display.add(pin, to: &answer)
            return answer
        }
    }

    struct Encrypt: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "A PIN in an encrypted block.",
            discussion: """
                Formats 1, 3 and 4 have random digits: another block each time.

                Example: tillguard crypto pin-block encrypt --pin 0401 --pan 6028104482455 \
                --key 7189B4A9074F1F625EBFA6AEAADE1CE9

                JSON: format, keyKCV, pinBlock.
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var card: PINBlockPAN
        @Option(help: "The PIN, 4 to 12 digits; @file or - keeps it out of the shell's history.") var pin: CryptoInput
        @Option(help: "The format.") var format = PINBlockFormat.format0
        @Option(help: "The PIN encryption key: TDES, with format 4 AES; @file or - for the standard input.")
        var key: CryptoInput

        func answer() throws -> CryptoAnswer {
            let pan = try card.digits(format)
            let key = try key.key("--key", format.keyLengths)
            let pin = try pin.pin()
            var answer = CryptoAnswer()
            answer.add("format", "format", count: Int(format.rawValue))
            answer.add("keyKCV", "KCV of the key", hex: try format.algorithm.checkValue(key))
            answer.add(
                "pinBlock", "PIN block", hex: PINBlock.encrypt(pin, pan: pan, format: format, key: key))
            return answer
        }
    }

    struct Decrypt: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "Read an encrypted block.",
            discussion: """
                Example: tillguard crypto pin-block decrypt --block CC17F65586BFD0953010226C4FC5B3CA --format 4 \
                --key C1D0F8FB4958670DBA40AB1F3752EF0D --pan 432198765432109870 --show-pin

                JSON: format, keyKCV, pinDigits, pin (with --show-pin). Exit 1 for what is no block of this \
                format and PAN.
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var card: PINBlockPAN
        @OptionGroup var display: PINDisplay
        @Option(help: "The encrypted block: 8 bytes, in format 4 16.") var block: CryptoInput
        @Option(help: "The format.") var format = PINBlockFormat.format0
        @Option(help: "The PIN encryption key: TDES, with format 4 AES; @file or - for the standard input.")
        var key: CryptoInput

        func answer() throws -> CryptoAnswer {
            let pan = try card.digits(format)
            let key = try key.key("--key", format.keyLengths)
            let block = try block.bytes("--block", [format.blockCount])
            let pin = try PINBlock.decrypt(block, pan: pan, format: format, key: key)
            var answer = CryptoAnswer()
            answer.add("format", "format", count: Int(format.rawValue))
            answer.add("keyKCV", "KCV of the key", hex: try format.algorithm.checkValue(key))
            display.add(pin, to: &answer)
            return answer
        }
    }

    struct Translate: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "A block under one key and format to another key and format; the PIN is not shown.",
            discussion: """
                A module permits only some steps (ISO 9564-1 9.5, PCI PIN); the calculator takes every step and says \
                whether a module would.

                Example: tillguard crypto pin-block translate --block 3C1E0419855536B6 --pan 6028104482455 \
                --from-key 7189B4A9074F1F625EBFA6AEAADE1CE9 --to-key 0123456789ABCDEFFEDCBA9876543210

                JSON: fromFormat, toFormat, permitted, pinBlock. Exit 1 for what is no block of this format and PAN.
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var card: PINBlockPAN
        @Option(help: "The encrypted block.") var block: CryptoInput
        @Option(help: "The format it has.") var fromFormat = PINBlockFormat.format0
        @Option(help: "The key it is under; @file or - for the standard input.") var fromKey: CryptoInput
        @Option(help: "The format it is to have; the same if not given.") var toFormat: PINBlockFormat?
        @Option(help: "The key it is to be under; @file or - for the standard input.") var toKey: CryptoInput

        func answer() throws -> CryptoAnswer {
            let target = toFormat ?? fromFormat
            let pan = try card.digits(fromFormat.needsPAN ? fromFormat : target)
            let from = try fromKey.key("--from-key", fromFormat.keyLengths)
            let to = try toKey.key("--to-key", target.keyLengths)
            let pin = try PINBlock.decrypt(
                try block.bytes("--block", [fromFormat.blockCount]), pan: pan, format: fromFormat, key: from)
            var answer = CryptoAnswer()
            answer.add("fromFormat", "from format", count: Int(fromFormat.rawValue))
            answer.add("toFormat", "to format", count: Int(target.rawValue))
            let isPermitted = PINTranslation.permits(from: fromFormat, to: target)
            answer.add(
                "permitted", "permitted", .bool(isPermitted),
                text: isPermitted ? "yes" : "no: a security module refuses this step")
            answer.add("pinBlock", "PIN block", hex: PINBlock.encrypt(pin, pan: pan, format: target, key: to))
            return answer
        }
    }
}

extension PINBlockFormat {
    var algorithm: CryptoKeyAlgorithm { self == .format4 ? .aes : .tdes }
}
