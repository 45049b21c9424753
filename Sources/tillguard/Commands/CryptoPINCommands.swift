// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct PINBlockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin-block", abstract: "ISO 9564-1 PIN blocks, clear or encrypted.",
        subcommands: [Encode.self, Decode.self])

    struct Encode: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a PIN block of a PIN.")
        @OptionGroup var output: CryptoCommand.Output
        @Option(help: "The PIN.") var pin: String
        @Option(help: "The PAN; formats 1 and 2 do without.") var pan = "0"
        @Option(help: "The format, 0 to 4.") var format: UInt8 = 0
        @Option(help: "The PIN encryption key; without one the clear block is printed.") var key: String?

        func run() throws {
            let pin = try CryptoCommand.pin(pin)
            let pan = try CryptoCommand.pan(pan)
            let format = try CryptoCommand.format(format)
            var answer: [JSON.Member] = [.init("format", .integer(Int64(format.rawValue)))]
            if let key {
                let key = try CryptoCommand.key(key, "key", format == .format4 ? [16, 24, 32] : [16, 24])
                let block = PINBlock.encrypt(pin, pan: pan, format: format, key: key)
                answer.append(.init("encryptedBlock", CryptoCommand.hex(block)))
            } else if format == .format4 {
                let field = PINCalculator.pinField(pin, random: RandomBytes.word())
                answer.append(.init("pinField", CryptoCommand.hex(field.withBytes { Array($0) })))
                let panField = PINCalculator.panField(pan)
                answer.append(.init("panField", CryptoCommand.hex(panField.withBytes { Array($0) })))
            } else {
                let block = PINCalculator.clearBlock(pin, pan: pan, format: format)
                answer.append(.init("clearBlock", CryptoCommand.hex(block.withBytes { Array($0) })))
            }
            output.show(.object(answer))
        }
    }

    struct Decode: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Read the PIN of a PIN block.")
        @OptionGroup var output: CryptoCommand.Output
        @Option(help: "The block: 8 bytes, or 16 in format 4.") var block: String
        @Option(help: "The PAN; formats 1 and 2 do without.") var pan = "0"
        @Option(help: "The format, 0 to 4.") var format: UInt8 = 0
        @Option(help: "The PIN encryption key; without one the block is clear. Format 4 needs it.") var key: String?

        func run() throws {
            let pan = try CryptoCommand.pan(pan)
            let format = try CryptoCommand.format(format)
            let pin: ClearPIN
            do {
                if let key {
                    let key = try CryptoCommand.key(key, "key", format == .format4 ? [16, 24, 32] : [16, 24])
                    pin = try PINBlock.decrypt(
                        try CryptoCommand.bytes(block, "block"), pan: pan, format: format, key: key)
                } else {
                    guard format != .format4 else { throw ValidationError("format 4 needs --key") }
                    let clear = try CryptoCommand.key(block, "block", [8])
                    pin = try PINCalculator.pin(clearBlock: clear, pan: pan, format: format)
                }
            } catch is PINBlockError {
                throw ValidationError("not a PIN block of format \(format.rawValue) under this key and PAN")
            }
            let digits = PINCalculator.withDigits(pin) { String(decoding: $0, as: UTF8.self) }
            output.show(["format": .integer(Int64(format.rawValue)), "pin": .string(digits)])
        }
    }
}

struct PVVCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pvv", abstract: "The Visa PIN verification value.")
    @OptionGroup var output: CryptoCommand.Output
    @Option(help: "The PIN verification key pair, 16 bytes.") var pvk: String
    @Option(help: "The PAN.") var pan: String
    @Option(help: "The PIN verification key index, 0 to 6.") var pvki: UInt8 = 1
    @Option(help: "The PIN.") var pin: String

    func run() throws {
        guard pvki <= 6 else { throw ValidationError("--pvki is 0 to 6") }
        let pvk = try CryptoCommand.key(pvk, "pvk", [16])
        let value = VisaPVV.value(
            pvk: pvk, pan: try CryptoCommand.pan(pan), pvki: pvki, pin: try CryptoCommand.pin(pin))
        output.show(["pvki": .integer(Int64(pvki)), "pvv": CryptoCommand.digits(value)])
    }
}

struct OffsetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "offset", abstract: "The IBM 3624 PIN offset.")
    @OptionGroup var output: CryptoCommand.Output
    @Option(help: "The PIN verification key, 16 or 24 bytes.") var pvk: String
    @Option(help: "The PAN, whose twelve digits before the check digit become the validation data.") var pan: String?
    @Option(help: "The validation data instead of a PAN, sixteen hexadecimal digits.") var validationData: String?
    @Option(help: "The decimalization table.") var table = "0123456789012345"
    @Option(help: "The PIN.") var pin: String

    func run() throws {
        let data: PINValidationData
        switch (pan, validationData) {
        case (let pan?, nil): data = PINValidationData(pan: try CryptoCommand.pan(pan))
        case (nil, let hex?):
            guard let read = PINValidationData(hex: hex) else {
                throw ValidationError("--validation-data has sixteen hexadecimal digits")
            }
            data = read
        default: throw ValidationError("give either --pan or --validation-data")
        }
        guard let decimals = DecimalizationTable(unregistered: table) else {
            throw ValidationError("--table has sixteen digits")
        }
        let weak = (try? DecimalizationTable(table)) == nil
        let offset = IBM3624.offset(
            pvk: try CryptoCommand.key(pvk, "pvk", [16, 24]), validationData: data, table: decimals,
            pin: try CryptoCommand.pin(pin))
        output.show(["offset": CryptoCommand.digits(offset), "weakTable": .bool(weak)])
    }
}

struct CVVCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cvv", abstract: "The card verification value; service code 000 gives CVV2, 999 iCVV.")
    @OptionGroup var output: CryptoCommand.Output
    @Option(help: "The card verification key pair, 16 bytes.") var cvk: String
    @Option(help: "The PAN.") var pan: String
    @Option(help: "The expiry date, four digits in the order of the scheme.") var expiry: String
    @Option(help: "The service code, three digits.") var serviceCode = "000"

    func run() throws {
        guard let expiry = ExpiryDigits(expiry) else { throw ValidationError("--expiry has four digits") }
        guard let service = ServiceCode(serviceCode) else { throw ValidationError("--service-code has three digits") }
        let value = try CVV.value(
            cvk: try CryptoCommand.key(cvk, "cvk", [16]), pan: try CryptoCommand.pan(pan), expiry: expiry,
            serviceCode: service)
        output.show(["cvv": CryptoCommand.digits(value)])
    }
}
