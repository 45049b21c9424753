// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import CryptoTools
import PaymentCryptography
import Vocabulary

struct ARQCCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "arqc",
        abstract: "The cryptogram of a chip transaction, its input explained part by part, and the issuer's answer.",
        discussion: """
            Without --mk only the input is explained. With a cryptogram (--cryptogram, or tag 9F26) it is verified: \
            exit 1 when it is not the card's.

            Example: tillguard crypto arqc --version "Visa CVN 10" --mk 0123456789ABCDEFFEDCBA9876543210 \
            --pan 4012345678909 --field55 9F02060000000010009F0306000000000000…
            """)
    @OptionGroup var output: CryptoCommand.Output
    @Option(name: .customLong("version"), help: "The cryptogram version, such as \"Visa CVN 10\".")
    var versionName: String?
    @Option(help: "Instead of a version: the scheme, whose cards state it in tag 9F10.") var scheme: String?
    @Option(help: "The data elements as BER-TLV in hexadecimal, as field 55 has them.") var field55: String
    @Option(help: "The issuer's master key for cryptograms, 16 bytes.") var mk: String?
    @Option(help: "The PAN of the card.") var pan: String?
    @Option(help: "The PAN sequence number, two digits.") var psn = "00"
    @Option(help: "The cryptogram to verify, 8 bytes.") var cryptogram: String?
    @Option(help: "For the issuer's answer: the response code (2 bytes) or the card status update (4).")
    var response: String?

    func run() throws {
        var transaction = TransactionData()
        var given = try cryptogram.map { try CryptoCommand.bytes($0, "cryptogram") }
        for (tag, value) in try Self.elements(try CryptoCommand.bytes(field55, "field55")) {
            guard let field = CardField.allCases.first(where: { $0.tag == tag }) else { continue }
            if field == .applicationCryptogram {
                given = given ?? value
            } else {
                do { try transaction.set(field, value) } catch { throw ValidationError("--field55: \(error)") }
            }
        }
        let specification = try specification(transaction)
        let explanation: CryptogramExplanation
        do { explanation = try specification.explain(transaction) } catch {
            throw ValidationError("--field55: \(error)")
        }
        let report = CryptogramReport(explanation)
        var answer: [JSON.Member] = []
        var isVerified = true
        if let mk {
            guard let pan else { throw ValidationError("--mk needs --pan") }
            guard let sequence = PANSequenceNumber(psn) else { throw ValidationError("--psn has two digits") }
            let key = try CryptoCommand.key(mk, "mk", [16])
            let master = try specification.masterKey(
                issuerMasterKey: key, pan: try CryptoCommand.pan(pan), sequence: sequence)
            let values = specification.checkValues(master: master, context: explanation.context)
            answer.append(.init("cardKeyKCV", CryptoCommand.hex(values.master)))
            answer.append(.init("sessionKeyKCV", CryptoCommand.hex(values.session)))
            let computed = try specification.cryptogram(master: master, transaction: transaction)
            answer.append(.init("cryptogram", CryptoCommand.hex(computed)))
            if let given {
                isVerified = specification.verify(given, master: master, transaction: transaction)
                answer.append(.init("verified", .bool(isVerified)))
            }
            if let response {
                let arpc = try specification.responseCryptogram(
                    master: master, context: explanation.context, cryptogram: given ?? computed,
                    response: try CryptoCommand.bytes(response, "response"))
                answer.append(.init("arpc", CryptoCommand.hex(arpc)))
            }
        }
        if output.json {
            print(JSON.object([.init("explanation", report.json)] + answer).text)
        } else {
            for line in report.lines { print(line) }
            output.show(.object(answer))
        }
        if !isVerified { throw ExitCode(1) }
    }

    private func specification(_ transaction: TransactionData) throws -> CryptogramSpecification {
        switch (versionName, scheme) {
        case (let name?, nil):
            guard let found = CryptogramSpecification(named: name) else {
                let names = CryptogramSpecification.all.map(\.name).joined(separator: ", ")
                throw ValidationError("--version is one of \(names)")
            }
            return found
        case (nil, let name?):
            guard let scheme = CryptogramSpecification.Scheme(rawValue: name) else {
                let names = CryptogramSpecification.Scheme.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--scheme is one of \(names)")
            }
            guard let data = transaction[.issuerApplicationData],
                let found = CryptogramSpecification(scheme: scheme, issuerApplicationData: data)
            else { throw ValidationError("tag 9F10 of --field55 states no version that is known") }
            return found
        default: throw ValidationError("give either --version or --scheme")
        }
    }

    /// The data elements of one level; tags of at most two bytes, lengths in at most two.
    static func elements(_ bytes: [UInt8]) throws -> [(tag: UInt16, value: [UInt8])] {
        var elements: [(tag: UInt16, value: [UInt8])] = []
        var offset = 0
        func next() throws -> Int {
            guard offset < bytes.count else { throw ValidationError("--field55 ends inside a data element") }
            offset += 1
            return Int(bytes[offset - 1])
        }
        while offset < bytes.count {
            var tag = try next()
            if tag == 0 { continue }
            if tag & 0x1F == 0x1F { tag = tag << 8 | (try next()) }
            var length = try next()
            if length == 0x81 {
                length = try next()
            } else if length > 0x80 {
                throw ValidationError("--field55 has a length at byte \(offset - 1) that no data element has")
            }
            guard bytes.count - offset >= length else { throw ValidationError("--field55 ends inside a data element") }
            elements.append((UInt16(tag), Array(bytes[offset..<offset + length])))
            offset += length
        }
        return elements
    }
}

struct SignOnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign-on",
        abstract: "The working keys of a UnionPay sign-on (field 62): their check values, verified.",
        discussion: """
            Decrypts each key under the terminal's master key and compares its check value; prints check values, \
            never a key. Exit 1 when one does not match. Weak sample keys are read and said to be weak.

            Example: tillguard crypto sign-on --tmk 258FB0AB70D025CDB99DF2C4D302D646 46F161A7…
            """)
    @OptionGroup var output: CryptoCommand.Output
    @Option(help: "The terminal's master key, 16 bytes.") var tmk: String
    @Flag(help: "SM4 instead of Triple DES.") var sm4 = false
    @Argument(help: "The value of field 62: 24, 40 or 60 bytes.") var field: String

    func run() throws {
        let bytes = try CryptoCommand.bytes(field, "field")
        let master = try CryptoCommand.key(tmk, "tmk", [16, 24])
        let cipher: WorkingKeyDownload.Cipher = sm4 ? .sm4 : .tdes
        let keys: WorkingKeys
        do throws(WorkingKeyError) {
            keys = try WorkingKeyDownload.openUnchecked(bytes, masterKey: master, cipher: cipher)
        } catch {
            switch error {
            case .checkValue(let name):
                output.show(["matches": .bool(false), "mismatch": .string(name.rawValue)])
                throw ExitCode(1)
            case .length(let count): throw ValidationError("field 62 has \(count) bytes, not 24, 40 or 60")
            default: throw ValidationError("\(error)")
            }
        }
        var answer: [JSON.Member] = [
            .init("matches", .bool(true)), .init("pikBits", .integer(Int64(keys.pin.count * 8))),
            .init("pikCheckValue", CryptoCommand.hex(WorkingKeyDownload.checkValue(keys.pin, cipher))),
            .init("makBits", .integer(Int64(keys.mac.count * 8))),
            .init("makCheckValue", CryptoCommand.hex(WorkingKeyDownload.checkValue(keys.mac, cipher))),
        ]
        if let track = keys.track() {
            answer.append(.init("tdkBits", .integer(Int64(track.count * 8))))
            answer.append(.init("tdkCheckValue", CryptoCommand.hex(WorkingKeyDownload.checkValue(track, cipher))))
        }
        let isLoadable: Bool
        do throws(WorkingKeyError) {
            _ = try WorkingKeyDownload.open(bytes, masterKey: master, cipher: cipher)
            isLoadable = true
        } catch { isLoadable = false }
        // What a terminal would not load: keys of one repeated byte, weak DES keys.
        answer.append(.init("loadable", .bool(isLoadable)))
        output.show(.object(answer))
    }
}

struct TranslateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin-translate",
        abstract: "A PIN block from one key and format to another; the PIN is not shown.",
        discussion: """
            Keys of 8-byte blocks are Triple DES, those of format 4 AES. Exit 1 for a block that holds no PIN for \
            this PAN.

            Example: tillguard crypto pin-translate --from-key K1 --to-key K2 --pan 4012345678909 0123456789ABCDEF
            """)
    @OptionGroup var output: CryptoCommand.Output
    @Option(help: "The key the block is under.") var fromKey: String
    @Option(help: "The key it is to be under.") var toKey: String
    @Option(help: "The format it has: 0, 1, 3 or 4.") var fromFormat: UInt8 = 0
    @Option(help: "The format it is to have: 0, 1, 3 or 4.") var toFormat: UInt8 = 0
    @Option(help: "The PAN.") var pan: String
    @Flag(help: "Permit the step down from AES to Triple DES.") var allowWeakerCipher = false
    @Argument(help: "The encrypted block.") var block: String

    func run() throws {
        let (source, target) = (try CryptoCommand.format(fromFormat), try CryptoCommand.format(toFormat))
        let from = try prepared(fromKey, "from-key", source)
        let to = try prepared(toKey, "to-key", target)
        do {
            let translated = try PINTranslation.translate(
                try CryptoCommand.bytes(block, "block"), pan: try CryptoCommand.pan(pan), from: from, format: source,
                to: to, format: target, waivers: allowWeakerCipher ? .weakerCipher : [])
            output.show(["pinBlock": CryptoCommand.hex(translated)])
        } catch PINTranslationError.unusableBlock {
            output.show(["refused": .string("the block holds no PIN for this PAN under this key")])
            throw ExitCode(1)
        } catch PINTranslationError.notPermitted {
            throw ValidationError("format \(fromFormat) may not become format \(toFormat)")
        } catch PINTranslationError.wrongLength {
            throw ValidationError("the block has not the length of its format")
        }
    }

    private func prepared(_ hex: String, _ name: String, _ format: PINBlockFormat) throws -> PINEncryptionKey {
        let key = try CryptoCommand.key(hex, name, format == .format4 ? [16, 24, 32] : [16, 24])
        do throws(KeyStrengthError) {
            return try PINEncryptionKey(key, algorithm: format == .format4 ? .aes : .tdes)
        } catch { throw ValidationError("--\(name) is refused: \(error)") }
    }
}
