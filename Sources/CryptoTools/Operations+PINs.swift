// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension VectorRunner {
    /// PIN blocks (ISO 9564-1) and PIN verification.
    static let pinOperations: [VectorOperation] = [
        VectorOperation("iso9564_format0") { check throws(VectorFailure) in try clearBlock(&check, .format0) },
        VectorOperation("iso9564_format1") { check throws(VectorFailure) in
            try clearBlock(&check, .format1, fill: try check.word("fill_digits"))
        },
        VectorOperation("iso9564_format2") { check throws(VectorFailure) in try clearBlock(&check, .format2) },
        VectorOperation("iso9564_format3") { check throws(VectorFailure) in try format3(&check) },
        VectorOperation("iso9564_format0_decode") { check throws(VectorFailure) in try decode(&check, .format0) },
        VectorOperation("iso9564_format1_decode") { check throws(VectorFailure) in try decode(&check, .format1) },
        VectorOperation("iso9564_format2_decode") { check throws(VectorFailure) in try decode(&check, .format2) },
        VectorOperation("iso9564_format3_decode") { check throws(VectorFailure) in try decode(&check, .format3) },
        VectorOperation("iso9564_format0_tdes") { check throws(VectorFailure) in try encrypted(&check, .format0) },
        VectorOperation("iso9564_format2_tdes") { check throws(VectorFailure) in try encrypted(&check, .format2) },
        VectorOperation("iso9564_format0_reject") { check throws(VectorFailure) in try reject(&check, .format0) },
        VectorOperation("iso9564_format1_reject") { check throws(VectorFailure) in try reject(&check, .format1) },
        VectorOperation("iso9564_format2_reject") { check throws(VectorFailure) in try reject(&check, .format2) },
        VectorOperation("iso9564_format3_reject") { check throws(VectorFailure) in try reject(&check, .format3) },
        VectorOperation("iso9564_format4_reject") { check throws(VectorFailure) in try reject(&check, .format4) },
        VectorOperation("iso9564_format4_pan_field") { check throws(VectorFailure) in
            check.expect("pan_field", key: PINCalculator.panField(try check.pan()))
        },
        VectorOperation("iso9564_format4_pin_field") { check throws(VectorFailure) in
            let field = PINCalculator.pinField(try check.pin(), random: try check.word("random"))
            check.expect("pin_field", key: field)
        },
        VectorOperation("iso9564_format4_encipher") { check throws(VectorFailure) in
            let key = try aesKey(check)
            let pin = try check.pin()
            let (pan, random) = (try check.pan(), try check.word("random"))
            let block = PINCalculator.encryptFormat4(pin, pan: pan, key: key, random: random)
            check.expect("block", block)
            let back = try check.attempt { () throws(PINBlockError) in
                try PINBlock.decrypt(block, pan: pan, format: .format4, key: key)
            }
            check.require(back.equals(pin), "the block does not decrypt to its PIN")
        },
        VectorOperation("iso9564_format4_decipher") { check throws(VectorFailure) in
            let key = try aesKey(check)
            let block = try check.bytes("block")
            let pan = try check.pan()
            let pin = try check.attempt { () throws(PINBlockError) in
                try PINBlock.decrypt(block, pan: pan, format: .format4, key: key)
            }
            try check.expect("pin", pin: pin)
            let field = PINCalculator.pinField(block, pan: pan, key: key)
            check.expect("pin_field", key: try check.unwrap(field, "a block has 16 bytes"))
            let intermediate = PINCalculator.intermediate(block, key: key)
            check.expect("intermediate_block_b", key: try check.unwrap(intermediate, "a block has 16 bytes"))
        },
        VectorOperation("ibm3624") { check throws(VectorFailure) in try ibm3624(&check) },
        VectorOperation("visa_pvv") { check throws(VectorFailure) in
            let pvk = try tdesKey(check, "pvk")
            let index = try check.integer("pvki")
            guard (0...6).contains(index) else { throw VectorFailure("a PIN verification key index is 0 to 6") }
            let pin = try check.pin()
            let pan = try check.pan()
            let value = VisaPVV.value(pvk: pvk, pan: pan, pvki: UInt8(index), pin: pin)
            check.expect("pvv", text: value.map { String($0) }.joined())
            check.require(VisaPVV.verify(value, pvk: pvk, pan: pan, pvki: UInt8(index), pin: pin), "pvv: not verified")
        },
    ]

    // MARK: - Steps

    /// From an offset the PIN, from a PIN the offset, from neither the natural PIN; with `validation_data`, or the PAN.
    private static func ibm3624(_ check: inout VectorCheck) throws(VectorFailure) {
        let pvk = try tdesKey(check, "pvk")
        let tableText = check.has("decimalization_table") ? try check.text("decimalization_table") : "0123456789012345"
        let table = try check.unwrap(
            DecimalizationTable(unregistered: tableText), "a decimalization table has sixteen digits")
        let given = check.has("validation_data") ? PINValidationData(hex: try check.text("validation_data")) : nil
        let data: PINValidationData
        if let given {
            data = given
        } else if check.has("validation_data") {
            throw VectorFailure("validation data has sixteen hexadecimal digits")
        } else {
            data = PINValidationData(pan: try check.pan())
        }
        var count = check.expects("natural_pin") ? try check.expected("natural_pin").utf8.count : 4
        if check.has("pin") {
            let pin = try check.pin()
            count = pin.count
            let offset = IBM3624.offset(pvk: pvk, validationData: data, table: table, pin: pin)
            check.expect("offset", text: offset.map { String($0) }.joined())
        }
        if check.has("offset") {
            // A host pads the twelve places of an offset with F.
            let text = try check.text("offset").uppercased()
            let offset = text.utf8.prefix { $0 != UInt8(ascii: "F") }.map { $0 &- 0x30 }
            guard text.utf8.dropFirst(offset.count).allSatisfy({ $0 == UInt8(ascii: "F") }) else {
                throw VectorFailure("an offset has 4 to 12 digits")
            }
            count = offset.count
            let pin = try check.unwrap(
                IBM3624.pin(pvk: pvk, validationData: data, table: table, offset: offset),
                "an offset has 4 to 12 digits")
            try check.expect("pin", pin: pin)
            check.require(
                IBM3624.verify(offset, pvk: pvk, validationData: data, table: table, pin: pin), "pin: not verified")
        }
        guard (ClearPIN.countMin...ClearPIN.countMax).contains(count) else {
            throw VectorFailure("a PIN has 4 to 12 digits")
        }
        let natural = IBM3624.naturalPIN(pvk: pvk, validationData: data, table: table, count: count)
        try check.expect("natural_pin", pin: natural)
    }

    /// Formats 1 and 2 have no PAN.
    private static func pan(_ check: VectorCheck) throws(VectorFailure) -> PANDigits {
        if check.has("pan") { return try check.pan() }
        guard let none = PANDigits("0") else { throw VectorFailure("no PAN") }
        return none
    }

    private static func clearBlock(
        _ check: inout VectorCheck, _ format: PINBlockFormat, fill: UInt64 = 0
    ) throws(VectorFailure) {
        let pin = try check.pin()
        let pan = try pan(check)
        let block = PINCalculator.clearBlock(pin, pan: pan, format: format, fill: fill)
        check.expect("block", key: block)
        let back = try check.attempt { () throws(PINBlockError) in
            try PINCalculator.pin(clearBlock: block, pan: pan, format: format)
        }
        check.require(back.equals(pin), "the block does not decode to its PIN")
    }

    private static func decode(_ check: inout VectorCheck, _ format: PINBlockFormat) throws(VectorFailure) {
        let block = try check.key("block")
        let pan = try pan(check)
        let pin = try check.attempt { () throws(PINBlockError) in
            try PINCalculator.pin(clearBlock: block, pan: pan, format: format)
        }
        try check.expect("pin", pin: pin)
    }

    /// The PIN field, with the random letters that are given, over the PAN field (ISO 9564-1 9.3.5).
    private static func format3(_ check: inout VectorCheck) throws(VectorFailure) {
        let pin = try check.pin()
        let pan = try check.pan()
        let fill = try check.text("fill_digits").uppercased()
        guard fill.utf8.count == 14 - pin.count, fill.utf8.allSatisfy({ (0x41...0x46).contains($0) }) else {
            throw VectorFailure("format 3 fills 14 digits up with A to F")
        }
        let letters = try check.word("fill_digits")
        // What a PIN of that length has in the place of its filling is what format 3 draws.
        let plain = PINCalculator.clearBlock(pin, pan: pan, format: .format0)
        let (ones, header) = (UInt64(1) << UInt64(4 * fill.utf8.count) - 1, UInt64(0x30) << 56)
        let block = plain.withBytes { $0.loadUnaligned(as: UInt64.self).bigEndian } ^ ones ^ letters ^ header
        let made = SecretKey(count: 8) { $0.storeBytes(of: block.bigEndian, as: UInt64.self) }
        check.expect("block", key: made)
        let back = try check.attempt { () throws(PINBlockError) in
            try PINCalculator.pin(clearBlock: made, pan: pan, format: .format3)
        }
        check.require(back.equals(pin), "the block does not decode to its PIN")
    }

    private static func encrypted(_ check: inout VectorCheck, _ format: PINBlockFormat) throws(VectorFailure) {
        let key = try tdesKey(check, "key")
        let pan = try pan(check)
        guard check.has("pin") else {
            let block = try check.bytes("encrypted_block")
            let pin = try check.attempt { () throws(PINBlockError) in
                try PINBlock.decrypt(block, pan: pan, format: format, key: key)
            }
            return try check.expect("pin", pin: pin)
        }
        let pin = try check.pin()
        let block = PINBlock.encrypt(pin, pan: pan, format: format, key: key)
        check.expect("encrypted_block", block)
        let back = try check.attempt { () throws(PINBlockError) in
            try PINBlock.decrypt(block, pan: pan, format: format, key: key)
        }
        check.require(back.equals(pin), "the block does not decrypt to its PIN")
    }

    private static func reject(_ check: inout VectorCheck, _ format: PINBlockFormat) throws(VectorFailure) {
        let pan = try pan(check)
        let key = try format == .format4 ? aesKey(check) : check.key("block")
        let block = try check.bytes("block")
        var refused = false
        do throws(PINBlockError) {
            if format == .format4 {
                _ = try PINBlock.decrypt(block, pan: pan, format: format, key: key)
            } else {
                _ = try PINCalculator.pin(clearBlock: key, pan: pan, format: format)
            }
        } catch { refused = true }
        check.expect("error", text: refused ? "invalid_pin_block" : "none")
    }

    static func aesKey(_ check: VectorCheck, _ name: String = "key") throws(VectorFailure) -> SecretKey {
        let key = try check.key(name)
        guard [16, 24, 32].contains(key.count) else { throw VectorFailure("an AES key has 16, 24 or 32 bytes") }
        return key
    }

    static func tdesKey(_ check: VectorCheck, _ name: String) throws(VectorFailure) -> SecretKey {
        let key = try doubledKey(check, name)
        guard key.count == 16 || key.count == 24 else { throw VectorFailure("a TDES key has 16 or 24 bytes") }
        return key
    }
}
