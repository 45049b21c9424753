// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import PaymentCryptography

/// PIN blocks of every format: whatever the bytes, the library reads what ISO 9564-1 says, step by step, or refuses
/// where it does; and what it writes it reads.
@main
enum PINBlockFuzzer {
    static func main() {
        fuzz { start, count in
            var input = FuzzInput(start, count)
            let format = input.element(PINBlockFormat.allCases)
            guard let pan = PANDigits(ascii: PINBlockFuzzer.digits(&input, 1 + input.number(below: 19))) else {
                stop("digits are no PAN")
            }
            if input.byte() % 4 == 0 {
                PINBlockFuzzer.roundTrip(&input, format, pan)
            } else if format == .format4 {
                PINBlockFuzzer.readFormat4(&input, pan)
            } else {
                PINBlockFuzzer.read(&input, format, pan)
            }
            return 0
        }
    }

    private static func digits(_ input: inout FuzzInput, _ count: Int) -> [UInt8] {
        input.bytes(count).map { 0x30 + $0 % 10 }
    }

    // MARK: Properties

    private static func roundTrip(_ input: inout FuzzInput, _ format: PINBlockFormat, _ pan: PANDigits) {
        let digits = digits(&input, input.number(below: 16))
        let isPIN = (4...12).contains(digits.count)
        guard !digits.isEmpty else { return }
        let secret = SecretKey(count: digits.count) { $0.copyBytes(from: digits) }
        let pin = ClearPIN(digits: secret)
        guard let pin else { return hold(!isPIN, "a PIN is refused") }
        hold(isPIN, "digits that are no PIN are taken")
        let bytes = input.bytes(format == .format4 ? input.element([16, 24, 32]) : input.element([16, 24]))
        let key = SecretKey(count: bytes.count) { $0.copyBytes(from: bytes) }
        let block = PINBlock.encrypt(pin, pan: pan, format: format, key: key)
        guard let back = try? PINBlock.decrypt(block, pan: pan, format: format, key: key), back.equals(pin) else {
            stop("another PIN")
        }
    }

    private static func read(_ input: inout FuzzInput, _ format: PINBlockFormat, _ pan: PANDigits) {
        let block = input.bytes(8)
        let clear = SecretKey(count: 8) { $0.copyBytes(from: block) }
        var found: [UInt8]?
        if let pin = try? PINCalculator.pin(clearBlock: clear, pan: pan, format: format) { found = ascii(pin) }
        hold(found == model(block, pan, format), "not as the standard reads it")
        // Encrypted, with a byte too few or too many now and then.
        let bytes = input.bytes(16)
        let key = SecretKey(count: 16) { $0.copyBytes(from: bytes) }
        var encrypted = CipherCalculator.tdes(block, key: key, encrypting: true) ?? []
        let count = input.byte()
        if count == 1 { encrypted.removeLast() }
        if count == 2 { encrypted.append(input.byte()) }
        var decrypted: [UInt8]?
        if let pin = try? PINBlock.decrypt(encrypted, pan: pan, format: format, key: key) { decrypted = ascii(pin) }
        hold(decrypted == (encrypted.count == 8 ? found : nil), "another PIN when encrypted")
    }

    private static func readFormat4(_ input: inout FuzzInput, _ pan: PANDigits) {
        let bytes = input.bytes(input.element([16, 24, 32]))
        let key = SecretKey(count: bytes.count) { $0.copyBytes(from: bytes) }
        let field = input.bytes(16)
        // ISO 9564-1 9.4.2: encrypt, add the PAN field, encrypt again.
        let panField = PINCalculator.panField(pan).withBytes { Array($0) }
        let first = CipherCalculator.aes(field, key: key, encrypting: true) ?? []
        let mixed = zip(first, panField).map { $0 ^ $1 }
        var block = CipherCalculator.aes(mixed, key: key, encrypting: true) ?? []
        let change = input.byte()
        if change == 1 { block.removeLast() }
        if change == 2 { block.append(0) }
        var found: [UInt8]?
        if let pin = try? PINBlock.decrypt(block, pan: pan, format: .format4, key: key) { found = ascii(pin) }
        hold(found == (block.count == 16 ? model(field, pan, .format4) : nil), "not as the standard reads it")
    }

    private static func ascii(_ pin: borrowing ClearPIN) -> [UInt8] { PINCalculator.withDigits(pin) { Array($0) } }

    // MARK: The standard, step by step

    /// The digits in ASCII; nil where the block is to be refused.
    private static func model(_ block: [UInt8], _ pan: PANDigits, _ format: PINBlockFormat) -> [UInt8]? {
        var nibbles = block.prefix(8).flatMap { [$0 >> 4, $0 & 15] }
        if format == .format0 || format == .format3 {
            let digits = pan.ascii.dropLast().suffix(12).map { $0 & 15 }
            for (index, digit) in digits.enumerated() { nibbles[16 - digits.count + index] ^= digit }
        }
        guard nibbles[0] == format.rawValue, (4...12).contains(nibbles[1]) else { return nil }
        let digits = nibbles[2..<2 + Int(nibbles[1])]
        guard digits.allSatisfy({ $0 <= 9 }) else { return nil }
        for fill in nibbles[(2 + digits.count)...] {
            switch format {
            case .format0, .format2: if fill != 15 { return nil }
            case .format1: break
            case .format3: if fill < 10 { return nil }
            case .format4: if fill != 10 { return nil }
            }
        }
        return digits.map { 0x30 | $0 }
    }
}
