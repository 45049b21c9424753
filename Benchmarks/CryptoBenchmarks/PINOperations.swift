// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// PINs, card values, MACs and cryptograms.
extension Bench {
    mutating func pins() throws {
        let key = try Samples.key(Samples.tdesKey)
        let other = try Samples.key(Samples.otherKey)
        let aes = try Samples.key(Samples.aesKey)
        let pan = try Samples.pan("4012345678909")
        let pin = try Samples.pin()
        let block = PINBlock.encrypt(pin, pan: pan, format: .format0, key: key)
        let long = PINBlock.encrypt(pin, pan: pan, format: .format4, key: aes)

        // Zone keys are prepared once, as they are between two messages.
        let source = try PINEncryptionKey(key, algorithm: .tdes)
        let target = try PINEncryptionKey(other, algorithm: .tdes)
        let room = Room(block)
        defer { room.deallocate() }
        try measure("pin-translate-0", calls: 50_000, isHot: true) { _ in
            try PINTranslation.translate(
                room.input, pan: pan, from: source, format: .format0, to: target, format: .format0, into: room.output)
            return UInt64(room.output[0])
        }
        try measure("pin-translate-0-new-keys", calls: 50_000) { _ in
            let clear = try PINBlock.decrypt(block, pan: pan, format: .format0, key: key)
            return word(PINBlock.encrypt(clear, pan: pan, format: .format0, key: other))
        }
        try measure("pin-decrypt-0", calls: 50_000) { _ in
            try UInt64(PINBlock.decrypt(block, pan: pan, format: .format0, key: key).count)
        }
        measure("pin-encrypt-0", calls: 50_000) { _ in
            word(PINBlock.encrypt(pin, pan: pan, format: .format0, key: key))
        }
        try measure("pin-decrypt-4", calls: 50_000) { _ in
            try UInt64(PINBlock.decrypt(long, pan: pan, format: .format4, key: aes).count)
        }
        measure("pin-encrypt-4", calls: 50_000) { _ in
            word(PINBlock.encrypt(pin, pan: pan, format: .format4, key: aes))
        }
        measure("pvv", calls: 50_000) { _ in word(VisaPVV.value(pvk: key, pan: pan, pvki: 1, pin: pin)) }
        measure("pin-offset", calls: 50_000) { _ in
            word(IBM3624.offset(pvk: key, pan: pan, table: .standard, pin: pin))
        }
    }

    mutating func cards() throws {
        let key = try Samples.key(Samples.tdesKey)
        let aes = try Samples.key(Samples.aesKey)
        let pan = try Samples.pan("4012345678909")
        let card = try Samples.pan("1234567890123456")
        guard let expiry = ExpiryDigits("2512"), let service = ServiceCode("201"),
            let sequence = PANSequenceNumber("00")
        else { throw Samples.Unusable(text: "2512 201 00") }
        let data = [UInt8](repeating: 0, count: 37)
        let context = TransactionContext(transactionCounter: 0x001C)

        measure("retail-mac-17", calls: 50_000) { _ in word(RetailMAC.code(key: key, message: Samples.message)) }
        let block = [UInt8](repeating: 0x31, count: 16)
        let cmac = AESCMAC(key: aes)
        measure("aes128-cmac-16", calls: 50_000) { _ in word(cmac.code(block)) }
        try measure("cvv", calls: 50_000) { _ in
            word(try CVV.value(cvk: key, pan: pan, expiry: expiry, serviceCode: service))
        }
        try measure("emv-cryptogram", calls: 20_000) { _ in
            let master = try ICCMasterKey(issuerMasterKey: key, pan: card, sequence: sequence, option: .a)
            return word(CryptogramSpecification.emvCommon.cryptogram(master: master, context: context, input: data))
        }
    }
}
