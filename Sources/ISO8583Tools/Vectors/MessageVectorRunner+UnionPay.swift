// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import PaymentCryptography
import Vocabulary

extension MessageVectorRunner {
    // MARK: - Field 62

    /// The working keys of a sign-on answer; with `error` or `"valid": false` they must be refused.
    static func keyDownload(_ check: inout MessageVectorCheck) throws(VectorProblem) {
        let field = try check.bytes("field62")
        let words = check.has("algorithm") ? try check.text("algorithm").uppercased() : ""
        let cipher: WorkingKeyDownload.Cipher = words.contains("SM4") && !words.contains("DES") ? .sm4 : .tdes
        let master = try check.key("tmk", cipher == .sm4 ? [16] : [16, 24])
        check.expect("length", count: field.count)
        check.use("error", "valid")
        let isBroken = check.has("error") || check.json["valid"]?.bool == false
        let keys: WorkingKeys
        do throws(WorkingKeyError) {
            keys = try WorkingKeyDownload.openUnchecked(field, masterKey: master, cipher: cipher)
        } catch {
            if isBroken { return check.compare(true, "") }
            throw VectorProblem("\(error)")
        }
        if isBroken { throw VectorProblem("the keys are not refused") }
        let width = field.count == 24 ? 8 : 16
        func part(_ index: Int) -> [UInt8] { Array(field.dropFirst(index * (width + 4)).prefix(width)) }
        check.expect("pikEncrypted", part(0))
        check.expect("pik", key: keys.pin)
        check.expect("pikCheckValue", WorkingKeyDownload.checkValue(keys.pin, cipher))
        let isShort = keys.mac.count < width
        check.expect("makEncrypted", Array(part(1).prefix(keys.mac.count)))
        if isShort { check.expect("makFiller", Array(part(1).suffix(8))) }
        check.expect("mak", key: keys.mac)
        check.expect("makCheckValue", WorkingKeyDownload.checkValue(keys.mac, cipher))
        guard let track = keys.track() else { return }
        check.expect("tdkEncrypted", part(2))
        check.expect("tdk", key: track)
        check.expect("tdkCheckValue", WorkingKeyDownload.checkValue(track, cipher))
    }

    // MARK: - Codes

    /// An authentication code with the steps to it, by `algorithm`.
    static func authenticationCode(_ check: inout MessageVectorCheck) throws(VectorProblem) {
        let message = try check.bytes("mab")
        let name = try check.text("algorithm").lowercased()
        switch name {
        case "unionpay-ecb", "unionpay-xor": try exclusiveOr(&check, message, blockCount: 8)
        case "unionpay-sm4-xor", "unionpay-sm4": try exclusiveOr(&check, message, blockCount: 16)
        case "3des-cbc", "tdes-cbc", "x9.9-3des":
            let key = try check.key("key", [16, 24])
            expectCode(&check, RetailMAC.algorithm1(key: key, message: message, padding: .method1))
        case "x9.9", "des-cbc":
            let key = try check.key("key", [8])
            expectCode(&check, X99MAC.code(key: key, message: message))
        case "x9.19":
            let key = try check.key("key", [16])
            expectCode(&check, RetailMAC.code(key: key, message: message, padding: .method1))
        case "sm4-cbc":
            let key = try check.key("key", [16])
            let code = try check.attempt { () throws(SM4Error) in
                try SM4.mac(message, key: key, padding: .method1)
            }
            expectCode(&check, code)
        default: throw VectorProblem("unknown algorithm \"\(name)\"")
        }
    }

    /// The code, whole or its first four bytes or more.
    private static func expectCode(_ check: inout MessageVectorCheck, _ code: [UInt8]) {
        let count = (check.json["mac"]?.string?.utf8.count ?? 0) / 2
        check.expect("mac", 4..<code.count ~= count ? Array(code.prefix(count)) : code)
        if check.json["field64"]?.string?.utf8.count == 16 {
            check.expect("field64", Array(code.prefix(8)))
        }
    }

    /// The blocks folded into one, its digits through the cipher half by half.
    private static func exclusiveOr(
        _ check: inout MessageVectorCheck, _ message: [UInt8], blockCount: Int
    ) throws(VectorProblem) {
        let isSM4 = blockCount == 16
        let key = try check.key("key", isSM4 ? [16] : [8, 16, 24])
        var folded = [UInt8](repeating: 0, count: blockCount)
        for (index, byte) in message.enumerated() { folded[index % blockCount] ^= byte }
        let digits = Array(Hex.text(folded).utf8)
        let first = try encrypted(Array(digits.prefix(blockCount)), try check.text("key"), isSM4: isSM4)
        let second = zip(first, digits.suffix(blockCount)).map { $0 ^ $1 }
        let block: [UInt8]
        let code: [UInt8]
        if isSM4 {
            block = try check.attempt { () throws(SM4Error) in
                try UnionPayMAC.sm4LastBlock(key: key, message: message)
            }
            code = try check.attempt { () throws(SM4Error) in try UnionPayMAC.sm4Code(key: key, message: message) }
        } else {
            block = UnionPayMAC.lastBlock(key: key, message: message)
            code = UnionPayMAC.code(key: key, message: message)
        }
        check.expect("xorBlock", folded)
        check.expect("asciiHex", digits)
        check.expect("firstEncryption", first)
        check.expect("secondInput", second)
        check.expect("finalBlock", block)
        check.expect("mac", text: String(decoding: code, as: UTF8.self))
        check.expect("field64", code)
    }

    /// - Parameter hex: the key; one of 8 bytes twice, which does the same as single DES.
    private static func encrypted(_ block: [UInt8], _ hex: String, isSM4: Bool) throws(VectorProblem) -> [UInt8] {
        guard let key = SecretKey(hex: hex.utf8.count == 16 ? hex + hex : hex) else {
            throw VectorProblem("a key of a wrong length")
        }
        return try ciphered(block, key, isSM4: isSM4, encrypting: true)
    }

    // MARK: - PIN blocks

    /// A PIN block of format 0, under Triple DES or SM4, by the length of the block.
    static func pinBlock(_ check: inout MessageVectorCheck) throws(VectorProblem) {
        let expected = try check.bytes("encryptedBlock")
        let words = check.has("format") ? try check.text("format").uppercased() : ""
        let isSM4 = expected.count == PINBlock.sm4Count || words.contains("SM4")
        let key = try check.key("pik", isSM4 ? [16] : [16, 24])
        guard let pan = PANDigits(try check.text("pan")) else { throw VectorProblem("\"pan\" is no PAN") }
        let pin = try check.pin("pin")
        let format = isSM4 ? .format0 : try blockFormat(words)
        if check.has("tmk") || check.has("pikEncrypted") {
            let master = try check.key("tmk", isSM4 ? [16] : [16, 24])
            let encrypted = try check.bytes("pikEncrypted")
            let clear = try ciphered(encrypted, master, isSM4: isSM4, encrypting: false)
            var same = false
            if let other = SecretKey(hex: Hex.text(clear)) { same = key.equals(other) }
            check.compare(same, "pik: another key under the tmk")
        }
        let clear = try ciphered(expected, key, isSM4: isSM4, encrypting: false)
        check.expect("clearBlock", clear)
        guard format == .format0 || isSM4 else {
            // The others have random digits, so the block is read, not made.
            return try compareRead(&check, expected, pan, format, key, pin)
        }
        let block =
            isSM4
            ? PINBlock.encryptSM4(pin, pan: pan, key: key)
            : PINBlock.encrypt(pin, pan: pan, format: format, key: key)
        check.expect("encryptedBlock", block)
        if isSM4 {
            var same = false
            if let back = try? PINBlock.decryptSM4(expected, pan: pan, key: key) { same = back.equals(pin) }
            check.compare(same, "pin: another PIN")
        } else {
            try compareRead(&check, expected, pan, format, key, pin)
        }
    }

    private static func compareRead(
        _ check: inout MessageVectorCheck, _ block: [UInt8], _ pan: PANDigits, _ format: PINBlockFormat,
        _ key: borrowing SecretKey, _ pin: borrowing ClearPIN
    ) throws(VectorProblem) {
        do {
            let back = try PINBlock.decrypt(block, pan: pan, format: format, key: key)
            let same = back.equals(pin)
            check.compare(same, "pin: another PIN")
        } catch { throw VectorProblem("pin: no PIN block of this format under this key and PAN") }
    }

    private static func blockFormat(_ words: String) throws(VectorProblem) -> PINBlockFormat {
        let parts = words.split { !("A"..."Z").contains($0) && !("0"..."9").contains($0) }
        guard let index = parts.firstIndex(of: "FORMAT"), index + 1 < parts.count else { return .format0 }
        guard let number = UInt8(parts[index + 1]), let format = PINBlockFormat(rawValue: number), number <= 3 else {
            throw VectorProblem("no format of TDES is called \"\(parts[index + 1])\"")
        }
        return format
    }

    private static func ciphered(
        _ data: [UInt8], _ key: borrowing SecretKey, isSM4: Bool, encrypting: Bool
    ) throws(VectorProblem) -> [UInt8] {
        if isSM4 {
            do {
                return encrypting ? try SM4.encryptECB(data, key: key) : try SM4.decryptECB(data, key: key)
            } catch { throw VectorProblem("\(error)") }
        }
        guard let output = CipherCalculator.tdes(data, key: key, encrypting: encrypting) else {
            throw VectorProblem("data of a wrong length")
        }
        return output
    }

    // MARK: - Response codes

    /// A row of the table of response codes.
    static func responseCode(_ check: inout MessageVectorCheck) throws(VectorProblem) {
        let code = try check.text("code")
        guard let entry = Catalogue.ResponseCode(code).flatMap({ ResponseEntry.entry($0) }) else {
            throw VectorProblem("the table has no such code")
        }
        check.compared()
        check.use("unionpay", "international")
        let abroad = check.json["international"]?.string
        check.compare(
            abroad == entry.international,
            "international: expected \(abroad ?? "none"), found \(entry.international ?? "none")")
        guard let unionPay = check.json["unionpay"], unionPay != .null else {
            return check.compare(!entry.isUnionPay, "unionpay: expected none, found \(entry.meaning ?? "")")
        }
        let classes = entry.classes.map(\.rawValue).joined(separator: "/")
        // A terminal's work is success with class A, and failure or the card kept with all others.
        let succeeds = entry.classes == [.approved]
        for member in unionPay.members ?? [] {
            let expected = member.value.string ?? ""
            let found: String
            switch member.name {
            case "meaning": found = entry.meaning ?? ""
            case "terminalClass": found = classes
            case "display": found = entry.display.zh
            case "terminalOperation":
                check.compare(
                    expected.hasPrefix("成功") == succeeds, "terminalOperation: \(expected), and the class is \(classes)")
                continue
            default:
                check.note("unionpay.\(member.name) is not compared")
                continue
            }
            check.compare(expected == found, "\(member.name): expected \(expected), found \(found)")
        }
    }
}
