// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite("Room that the caller owns")
struct ScratchTests {
    @Test(
        "AES DUKPT in a scratch gives what the transaction's keys give, for every key length", arguments: [16, 24, 32])
    func aesDUKPT(count: Int) throws {
        var random = SeededRandom(seed: UInt64(count))
        let bdk = SecretKey.random(count: count)
        let pan = try #require(PANDigits("4111111111111111"))
        let pin = try require(ClearPIN(digits: "123456"))
        let message = Array("a message".utf8)
        var scratch = AESDUKPT.Scratch()
        var found = try require(ClearPIN(digits: "0000"))
        for _ in 0..<60 {
            var counter = UInt32(truncatingIfNeeded: random.next())
            while counter.nonzeroBitCount > 16 { counter &= counter &- 1 }
            let ksn = AESKeySerialNumber(initialKeyID: random.next(), counter: max(1, counter))
            let initial = try AESDUKPT.initialKey(bdk: bdk, ksn: ksn)
            let keys = try AESDUKPT.transactionKeys(initialKey: initial, ksn: ksn)
            let block = keys.encryptPINBlock(pin, pan: pan)
            let mac = keys.fullRequestMAC(message)
            for isFromBase in [true, false] {
                if isFromBase {
                    try scratch.derive(bdk: bdk, ksn: ksn)
                } else {
                    try scratch.derive(initialKey: initial, ksn: ksn)
                }
                try decrypt(&scratch, block, pan, &found)
                let isSame = found.equals(pin)
                #expect(isSame)
                #expect(verify(&scratch, mac, message))
                #expect(verify(&scratch, Array(mac.prefix(8)), message))
                #expect(!verify(&scratch, Array(mac.prefix(9)), message))
                #expect(!verify(&scratch, mac, message + [0]))
            }
        }
        #expect(throws: DUKPTError.illegalCounter(0)) {
            try scratch.derive(bdk: bdk, ksn: AESKeySerialNumber(initialKeyID: 1, counter: 0))
        }
        #expect(throws: DUKPTError.wrongKeyLength(17)) {
            try scratch.derive(
                initialKey: SecretKey.random(count: 17), ksn: AESKeySerialNumber(initialKeyID: 1, counter: 1))
        }
    }

    @Test("TDES DUKPT in a scratch gives what the transaction's keys give")
    func tdesDUKPT() throws {
        var random = SeededRandom(seed: 5)
        let initial = SecretKey.random(count: 16)
        let pan = try #require(PANDigits("4012345678909"))
        let pin = try require(ClearPIN(digits: "123456"))
        var scratch = TDESDUKPT.Scratch()
        var found = try require(ClearPIN(digits: "0000"))
        for _ in 0..<200 {
            var counter = UInt32(truncatingIfNeeded: random.next()) & 0x1F_FFFF
            while counter.nonzeroBitCount > 10 { counter &= counter &- 1 }
            let ksn = try #require(
                TDESKeySerialNumber(initialKeyID: random.next() & ~0x1F, counter: max(1, counter)))
            let keys = try TDESDUKPT.transactionKeys(initialKey: initial, ksn: ksn)
            try scratch.derive(initialKey: initial, ksn: ksn)
            for format in [PINBlockFormat.format0, .format1, .format3] {
                let block = keys.encryptPINBlock(pin, pan: pan, format: format)
                try block.withUnsafeBytes {
                    try scratch.decryptPINBlock($0, pan: pan, format: format, into: &found)
                }
                let isSame = found.equals(pin)
                #expect(isSame)
                var isRefused = false
                do {
                    try block.dropLast().withUnsafeBytes { try scratch.decryptPINBlock($0, pan: pan, into: &found) }
                } catch {
                    isRefused = true
                }
                #expect(isRefused)
            }
        }
        let zero = try #require(TDESKeySerialNumber(initialKeyID: 0x20, counter: 0))
        #expect(throws: DUKPTError.illegalCounter(0)) { try scratch.derive(initialKey: initial, ksn: zero) }
    }

    @Test("Before a transaction is derived, and after one was refused, there is no key to use")
    func underived() throws {
        let pan = try #require(PANDigits("4111111111111111"))
        let bdk = SecretKey.random(count: 16)
        let sound = AESKeySerialNumber(initialKeyID: 1, counter: 1)
        let keys = try AESDUKPT.transactionKeys(bdk: bdk, ksn: sound)
        let pin = try require(ClearPIN(digits: "1234"))
        let block = keys.encryptPINBlock(pin, pan: pan)
        let mac = keys.fullRequestMAC([1])
        var scratch = AESDUKPT.Scratch()
        for _ in 0..<2 {
            var found = try require(ClearPIN(digits: "0000"))
            #expect(throws: PINBlockError.self) { try decrypt(&scratch, block, pan, &found) }
            #expect(!verify(&scratch, mac, [1]))
            try scratch.derive(bdk: bdk, ksn: sound)
            #expect(verify(&scratch, mac, [1]))
            #expect(throws: DUKPTError.self) {
                try scratch.derive(bdk: bdk, ksn: AESKeySerialNumber(initialKeyID: 1, counter: 0))
            }
        }
        var older = TDESDUKPT.Scratch()
        let first = try #require(TDESKeySerialNumber(initialKeyID: 0x20, counter: 1))
        let single = try TDESDUKPT.transactionKeys(initialKey: bdk, ksn: first).encryptPINBlock(pin, pan: pan)
        let illegal = try #require(TDESKeySerialNumber(initialKeyID: 0x20, counter: 0))
        for _ in 0..<2 {
            var found = try require(ClearPIN(digits: "0000"))
            #expect(throws: PINBlockError.self) {
                try single.withUnsafeBytes { try older.decryptPINBlock($0, pan: pan, into: &found) }
            }
            try older.derive(initialKey: bdk, ksn: first)
            try single.withUnsafeBytes { try older.decryptPINBlock($0, pan: pan, into: &found) }
            #expect(throws: DUKPTError.illegalCounter(0)) { try older.derive(initialKey: bdk, ksn: illegal) }
        }
    }

    @Test("A block that is no PIN leaves no PIN behind")
    func refusedBlock() throws {
        let bdk = SecretKey.random(count: 16)
        let pan = try #require(PANDigits("4111111111111111"))
        var scratch = AESDUKPT.Scratch()
        try scratch.derive(bdk: bdk, ksn: AESKeySerialNumber(initialKeyID: 1, counter: 1))
        var refused = 0
        for count in [0, 8, 15, 16, 16, 16, 17] {
            var pin = try require(ClearPIN(digits: "1234"))
            do { try decrypt(&scratch, RandomBytes.bytes(count), pan, &pin) } catch { refused += 1 }
            let digits = pin.block.withBytes { Array($0) }
            #expect(digits.allSatisfy { $0 == 0 })
        }
        #expect(refused == 7)
    }

    @Test("Key blocks of every version and length in one scratch, one after another")
    func keyBlocks() throws {
        var scratch = KeyBlockScratch()
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 9_999, alignment: 8)
        defer { room.deallocate() }
        for round in 0..<30 {
            let version = [KeyBlockVersion.b, .d, .e][round % 3]
            let protection = SecretKey.random(count: version.usesAES ? 32 : 24)
            let key = SecretKey.random(count: [16, 24][round % 2])
            var header = KeyBlockHeader(version: version, usage: .pinEncryption, algorithm: .tdes, modeOfUse: .both)
            if round % 4 == 3 {
                header.optionalBlocks = [.init(id: "LB", text: String(repeating: "x", count: round * 9))]
            }
            let count = try KeyBlock.wrap(key, header: header, under: protection, into: room, scratch: &scratch)
            let text = String(decoding: room[..<count], as: UTF8.self)
            #expect(scratch.withKey { $0.isEmpty })
            let read = try KeyBlock.unwrap(
                UnsafeRawBufferPointer(rebasing: room[..<count]), under: protection, into: &scratch)
            #expect(read.usage == header.usage && read.version == version)
            let isSame = scratch.withKey { found in key.withBytes { found.elementsEqual($0) } }
            #expect(isSame)
            let again = try KeyBlock.unwrap(text, under: protection).takeKey()
            let isSameAgain = again.equals(key)
            #expect(isSameAgain)
            // A block that is refused leaves no key.
            room[count - 1] = room[count - 1] == 0x30 ? 0x31 : 0x30
            #expect(throws: KeyBlockError.notAuthentic) {
                _ = try KeyBlock.unwrap(
                    UnsafeRawBufferPointer(rebasing: room[..<count]), under: protection, into: &scratch)
            }
            #expect(scratch.withKey { $0.isEmpty })
        }
        let short = KeyBlockScratch(capacity: 1)
        #expect(short.withKey { $0.isEmpty })
    }

    private func decrypt(
        _ scratch: inout AESDUKPT.Scratch, _ block: [UInt8], _ pan: PANDigits, _ pin: inout ClearPIN
    ) throws {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, block.count), alignment: 1)
        defer { room.deallocate() }
        room.copyBytes(from: block)
        try scratch.decryptPINBlock(UnsafeRawBufferPointer(rebasing: room[..<block.count]), pan: pan, into: &pin)
    }

    private func verify(_ scratch: inout AESDUKPT.Scratch, _ mac: [UInt8], _ message: [UInt8]) -> Bool {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: mac.count + message.count, alignment: 1)
        defer { room.deallocate() }
        room.copyBytes(from: mac + message)
        return scratch.verifyRequestMAC(
            UnsafeRawBufferPointer(rebasing: room[..<mac.count]),
            message: UnsafeRawBufferPointer(rebasing: room[mac.count...]))
    }

    private func require(_ pin: consuming ClearPIN?) throws -> ClearPIN {
        guard let pin else { throw PINBlockError() }
        return pin
    }
}

@Suite("PIN translation")
struct PINTranslationTests {
    private static let online: [PINBlockFormat] = [.format0, .format1, .format3, .format4]

    @Test("permits what the standard permits, and from AES to TDES only with a waiver")
    func matrix() {
        var permitted: [String] = []
        for source in PINBlockFormat.allCases {
            for target in PINBlockFormat.allCases where PINTranslation.permits(from: source, to: target) {
                permitted.append("\(source.rawValue)\(target.rawValue)")
            }
        }
        #expect(permitted == ["00", "03", "04", "10", "11", "13", "14", "30", "33", "34", "44"])
        #expect(PINTranslation.permits(from: .format4, to: .format0, waivers: .weakerCipher))
        #expect(!PINTranslation.permits(from: .format4, to: .format1, waivers: .weakerCipher))
        #expect(!PINTranslation.permits(from: .format2, to: .format0, waivers: .weakerCipher))
    }

    @Test("gives the other zone the same PIN, for every format and length that may follow", arguments: online, online)
    func translates(source: PINBlockFormat, target: PINBlockFormat) throws {
        guard PINTranslation.permits(from: source, to: target, waivers: .weakerCipher) else { return }
        let pan = try #require(PANDigits("4012345678909"))
        let (inner, outer) = (source == .format4, target == .format4)
        let first = SecretKey.random(count: inner ? 32 : 16)
        let second = SecretKey.random(count: outer ? 16 : 24)
        let from = try PINEncryptionKey(first, algorithm: inner ? .aes : .tdes)
        let to = try PINEncryptionKey(second, algorithm: outer ? .aes : .tdes)
        for count in 4...12 {
            let pin = ClearPIN.random(count: count)
            let block = PINBlock.encrypt(pin, pan: pan, format: source, key: first)
            let translated = try PINTranslation.translate(
                block, pan: pan, from: from, format: source, to: to, format: target, waivers: .weakerCipher)
            let isSame = try PINBlock.decrypt(translated, pan: pan, format: target, key: second).equals(pin)
            #expect(isSame)
        }
    }

    @Test("tells nothing of a bad block, and refuses lengths, formats and keys that do not fit")
    func refusals() throws {
        let pan = try #require(PANDigits("4012345678909"))
        let key = SecretKey.random(count: 16)
        let tdes = try PINEncryptionKey(key, algorithm: .tdes)
        let aes = try PINEncryptionKey(key, algorithm: .aes)
        #expect(throws: PINTranslationError.unusableBlock) {
            try PINTranslation.translate(
                [1, 2, 3, 4, 5, 6, 7, 8], pan: pan, from: tdes, format: .format0, to: tdes, format: .format0)
        }
        for count in [0, 7, 9, 16] {
            #expect(throws: PINTranslationError.wrongLength) {
                try PINTranslation.translate(
                    [UInt8](repeating: 0, count: count), pan: pan, from: tdes, format: .format0, to: tdes,
                    format: .format0)
            }
        }
        let block = [UInt8](repeating: 0, count: 8)
        #expect(throws: PINTranslationError.notPermitted) {
            try PINTranslation.translate(block, pan: pan, from: tdes, format: .format0, to: tdes, format: .format1)
        }
        #expect(throws: PINTranslationError.notPermitted) {
            try PINTranslation.translate(block, pan: pan, from: tdes, format: .format4, to: aes, format: .format4)
        }
        #expect(throws: PINTranslationError.notPermitted) {
            try PINTranslation.translate(block, pan: pan, from: tdes, format: .format0, to: aes, format: .format0)
        }
        var error: KeyStrengthError?
        do { _ = try PINEncryptionKey(SecretKey(count: 16) { _ in }, algorithm: .tdes) } catch let refusal {
            error = refusal
        }
        #expect(error == .repeatedByte)
    }
}
