// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `A PIN block, on random inputs` {
    /// ISO 9564-1 9.3 and 9.4 read out as text, with every early exit there is: nil where the library must refuse.
    private static func model(_ block: [UInt8], pan: PANDigits, format: PINBlockFormat) -> String? {
        var field = block
        if format == .format0 || format == .format3 {
            let digits = Array(pan.ascii.dropLast().suffix(12).map { $0 & 15 })
            let padded = [UInt8](repeating: 0, count: 16 - digits.count) + digits
            for index in 0..<8 { field[index] ^= padded[2 * index] << 4 | padded[2 * index + 1] }
        }
        let text = Array(Hex.text(Array(field.prefix(8))).uppercased())
        guard text[0] == Character(String(format.rawValue)), let count = Int(String(text[1]), radix: 16),
            (4...12).contains(count)
        else { return nil }
        let digits = String(text[2..<2 + count])
        guard digits.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
        let isFill: (Character) -> Bool =
            switch format {
            case .format0, .format2: { $0 == "F" }
            case .format1: { _ in true }
            case .format3: { ("A"..."F").contains($0) }
            case .format4: { $0 == "A" }
            }
        return text[(2 + count)...].allSatisfy(isFill) ? digits : nil
    }

    private static func text(_ pin: borrowing ClearPIN) -> String {
        PINCalculator.withDigits(pin) { String(decoding: $0, as: UTF8.self) }
    }

    private static func read(_ block: [UInt8], _ pan: PANDigits, _ format: PINBlockFormat) -> String? {
        let clear = SecretKey(count: block.count) { $0.copyBytes(from: block) }
        guard let pin = try? PINCalculator.pin(clearBlock: clear, pan: pan, format: format) else { return nil }
        return text(pin)
    }

    @Test(arguments: PINBlockFormat.allCases)
    func `gives back its PIN`(format: PINBlockFormat) {
        forAll(400) { draw in
            let key = format == .format4 ? draw.aesKey() : draw.tdesKey()
            let pin = try draw.pin()
            let pan = try draw.pan()
            let block = PINBlock.encrypt(pin, pan: pan, format: format, key: key)
            let back = try PINBlock.decrypt(block, pan: pan, format: format, key: key)
            try hold(back.equals(pin), "another PIN")
        }
    }

    @Test(arguments: [PINBlockFormat.format0, .format1, .format2, .format3])
    func `in the clear is read as the standard reads it, whatever its bytes`(format: PINBlockFormat) {
        forAll(300) { draw in
            let pin = try draw.pin()
            let pan = try draw.pan()
            let clear = PINCalculator.clearBlock(pin, pan: pan, format: format, fill: draw.word())
            let block = clear.withBytes { Array($0) }
            try hold(Self.read(block, pan, format) == Self.text(pin), "another PIN")
            // Every single bit, then whole nibbles, then anything at all.
            var blocks = (0..<64).map { bit in
                var changed = block
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                return changed
            }
            for _ in 0..<20 {
                var changed = block
                changed[draw.below(8)] = UInt8(draw.below(256))
                blocks.append(changed)
            }
            for first in [draw.below(256), Int(format.rawValue) << 4 | draw.below(16)] {
                blocks.append([UInt8(first)] + draw.bytes(7))
            }
            let other = try draw.pan()
            for changed in blocks {
                let expected = Self.model(changed, pan: pan, format: format)
                try hold(
                    Self.read(changed, pan, format) == expected, "\(Hex.text(changed)): not \(expected ?? "refused")")
            }
            let expected = Self.model(block, pan: other, format: format)
            try hold(Self.read(block, other, format) == expected, "under another PAN")
        }
    }

    @Test func `of format 4 is read as the standard reads it, whatever its bytes`() {
        forAll(40) { draw in
            let key = draw.aesKey()
            let pin = try draw.pin()
            let pan = try draw.pan()
            let other = try draw.pan()
            let block = PINBlock.encrypt(pin, pan: pan, format: .format4, key: key)
            var blocks = (0..<128).map { bit in
                var changed = block
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                return changed
            }
            blocks += [block, draw.bytes(16)]
            // A field whose first half is sound, so that digits and filling are reached too.
            var half = PINCalculator.pinField(pin, random: draw.word()).withBytes { Array($0) }
            half[draw.below(8)] ^= UInt8(1 << draw.below(8))
            let panField = PINCalculator.panField(pan).withBytes { Array($0) }
            let first = try require(CipherCalculator.aes(half, key: key, encrypting: true))
            let mixed = zip(first, panField).map { $0 ^ $1 }
            blocks.append(try require(CipherCalculator.aes(mixed, key: key, encrypting: true)))
            for (block, pan) in blocks.map({ ($0, pan) }) + [(block, other)] {
                let field = try require(PINCalculator.pinField(block, pan: pan, key: key)).withBytes { Array($0) }
                let expected = Self.model(field, pan: pan, format: .format4)
                var read: String?
                if let pin = try? PINBlock.decrypt(block, pan: pan, format: .format4, key: key) {
                    read = Self.text(pin)
                }
                try hold(read == expected, "\(Hex.text(block)): not \(expected ?? "refused")")
            }
        }
    }

    @Test(arguments: PINBlockFormat.allCases)
    func `of any other length is refused`(format: PINBlockFormat) {
        forAll(60) { draw in
            let key = format == .format4 ? draw.aesKey() : draw.tdesKey()
            let pan = try draw.pan()
            let right = format == .format4 ? 16 : 8
            let block = draw.bytes(draw.below(40))
            guard block.count != right else { return }
            try hold(
                isRefused { try PINBlock.decrypt(block, pan: pan, format: format, key: key) },
                "\(block.count) bytes are taken")
        }
    }

    @Test func `comes from what is keyed in, and back-space takes back`() {
        forAll(200) { draw in
            var entry = PINEntry()
            var expected = ""
            for _ in 0..<draw.below(40) {
                if draw.below(4) == 0 {
                    entry.deleteLast()
                    expected = String(expected.dropLast())
                } else {
                    let digit = draw.below(12)
                    entry.press(UInt8(digit))
                    if digit < 10, expected.count < 12 { expected += String(digit) }
                }
            }
            let pin = entry.finish()
            switch consume pin {
            case .none: try hold(expected.count < 4, "\(expected.count) digits are no PIN")
            case .some(let pin): try hold(Self.text(pin) == expected, "another PIN")
            }
        }
    }
}

@Suite struct `A PIN's verification value, on random inputs` {
    @Test func `of IBM 3624 is the offset from the natural PIN, and of no other PIN`() {
        forAll(300) { draw in
            let pvk = draw.tdesKey()
            let pin = try draw.pin()
            let pan = try draw.pan()
            let other = try draw.pin()
            let table = try #require(DecimalizationTable(unregistered: draw.digits(16...16)))
            let offset = IBM3624.offset(pvk: pvk, pan: pan, table: table, pin: pin)
            try hold(offset.count == pin.count && offset.allSatisfy { $0 <= 9 }, "no offset")
            try hold(IBM3624.verify(offset, pvk: pvk, pan: pan, table: table, pin: pin), "not verified")
            let same = other.equals(pin)
            try hold(IBM3624.verify(offset, pvk: pvk, pan: pan, table: table, pin: other) == same, "another PIN passes")
            let data = PINValidationData(pan: pan)
            let natural = IBM3624.naturalPIN(pvk: pvk, validationData: data, table: table, count: pin.count)
            let zeros = [UInt8](repeating: 0, count: pin.count)
            try hold(
                IBM3624.offset(pvk: pvk, pan: pan, table: table, pin: natural) == zeros, "the natural PIN's is not zero"
            )
            var changed = offset
            changed[draw.below(offset.count)] += 1
            try hold(!IBM3624.verify(changed, pvk: pvk, pan: pan, table: table, pin: pin), "another offset passes")
        }
    }

    @Test func `of Visa is verified, and any other is not`() {
        forAll(300) { draw in
            let pvk = draw.key(16)
            let pin = try draw.pin()
            let pan = try draw.pan()
            let index = UInt8(draw.below(7))
            let value = VisaPVV.value(pvk: pvk, pan: pan, pvki: index, pin: pin)
            try hold(value.count == 4 && value.allSatisfy { $0 <= 9 }, "no value")
            try hold(VisaPVV.verify(value, pvk: pvk, pan: pan, pvki: index, pin: pin), "not verified")
            var changed = value
            changed[draw.below(4)] ^= 1
            try hold(!VisaPVV.verify(changed, pvk: pvk, pan: pan, pvki: index, pin: pin), "another value passes")
        }
    }
}
