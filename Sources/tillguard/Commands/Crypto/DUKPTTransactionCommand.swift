// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

extension DUKPTCommand {
    struct Transaction: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "One transaction: check values of its working keys, PIN block, MACs, data.",
            discussion: """
                Request and generation are what the terminal sends, response and verification what it receives. \
                Data goes \
                through CBC with a zero vector unless --iv.

                Example: tillguard crypto dukpt --bdk 0123456789ABCDEFFEDCBA9876543210 --ksn FFFF9876543210E00001 \
                --pin 1234 --pan 4012345678909 --text 4012345678909D987

                JSON: scheme, counter, type, initialKeyKCV, keys (name: KCV), pinBlock, pinDigits, pin, macAlgorithm, \
                requestMAC, responseMAC, encryptedRequest, encryptedResponse, decryptedRequest, decryptedResponse; \
                verified (with --verify-mac; exit 1 when it is not).
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var keys: Keys
        @OptionGroup var display: PINDisplay
        @Option(help: "The type of the working keys, no stronger than the initial key; its own if not given.")
        var type: DUKPTKeyType?
        @Option(help: "A PIN to encrypt: format 0 under TDES, format 4 under AES.") var pin: CryptoInput?
        @Option(help: "An encrypted PIN block to read.") var pinBlock: CryptoInput?
        @Option(help: "The format of PIN blocks under TDES: 0, 1 or 3.") var format = PINBlockFormat.format0
        @Option(help: "The PAN of the PIN.") var pan: CryptoInput?
        @OptionGroup var message: CryptoMessage
        @Option(help: "A MAC of the request to verify, 4 bytes or more.") var verifyMac: CryptoInput?
        @Option(help: "Data to encrypt, whole blocks in hexadecimal.") var encrypt: CryptoInput?
        @Option(help: "Data to decrypt, whole blocks in hexadecimal.") var decrypt: CryptoInput?
        @Option(help: "The initialisation vector of the data; zeros if not given.") var iv: CryptoInput?

        func answer() throws -> CryptoAnswer {
            let ksn = try keys.serialNumber()
            let initial = try keys.initialKey(ksn)
            var answer = CryptoAnswer()
            let isTDES: Bool
            if case .tdes = ksn { isTDES = true } else { isTDES = false }
            answer.add("scheme", "scheme", isTDES ? "TDES DUKPT" : "AES DUKPT")
            answer.add("counter", "counter", count: Int(ksn.counter))
            let initialKCV = isTDES ? KCV.tdes(initial) : KCV.aes(initial)
            let working = try DUKPTWorkingKeys(ksn: ksn, initialKey: initial, type: type)
            answer.add("type", "working keys", working.type.rawValue)
            answer.add("initialKeyKCV", "KCV initial key", hex: initialKCV)
            try addCheckValues(working, to: &answer)
            try addPIN(working, to: &answer)
            try addMAC(working, to: &answer)
            try addData(working, to: &answer)
            return answer
        }

        private func addCheckValues(_ working: borrowing DUKPTWorkingKeys, to answer: inout CryptoAnswer) throws {
            guard let algorithm = working.type.algorithm else { return }
            var members: [JSON.Member] = []
            var rows: [(String, String)] = []
            for purpose in working.purposes {
                let value = Hex.text(try algorithm.checkValue(working.key(purpose)))
                members.append(.init(purpose.rawValue, .string(value)))
                rows.append(("KCV " + purpose.label, value))
            }
            answer.add("keys", members: members, rows: rows)
        }

        private func addPIN(_ working: borrowing DUKPTWorkingKeys, to answer: inout CryptoAnswer) throws {
            guard pin != nil || pinBlock != nil else { return }
            guard let pan else { throw ValidationError("--pan: a PIN block needs it") }
            guard let algorithm = working.type.algorithm else {
                throw ValidationError("--type: HMAC keys encrypt no PIN")
            }
            guard format != .format4, format != .format2 else {
                throw ValidationError("--format: expected 0, 1 or 3 under TDES; AES always has format 4")
            }
            let used = algorithm == .aes ? PINBlockFormat.format4 : format
            let key = try working.key(.pin)
            let digits = try pan.pan()
            if let pin {
                let clear = try pin.pin()
                answer.add("pinBlock", "PIN block", hex: PINBlock.encrypt(clear, pan: digits, format: used, key: key))
            }
            if let pinBlock {
                let block = try pinBlock.bytes("--pin-block", [used.blockCount])
                display.add(try PINBlock.decrypt(block, pan: digits, format: used, key: key), to: &answer)
            }
        }

        private func addMAC(_ working: borrowing DUKPTWorkingKeys, to answer: inout CryptoAnswer) throws {
            guard message.isGiven else {
                guard verifyMac == nil else { throw ValidationError("--verify-mac: needs --data or --text") }
                return
            }
            let bytes = try message.bytes()
            answer.add("macAlgorithm", "MAC algorithm", working.macName)
            let request = try working.mac(bytes, .macGeneration)
            answer.add("requestMAC", "MAC of the request", hex: request)
            answer.add("responseMAC", "MAC of the response", hex: try working.mac(bytes, .macVerification))
            if let verifyMac {
                let given = try verifyMac.bytes("--verify-mac", Array(4...request.count))
                answer.add(
                    verified: constantTimeEquals(Array(request.prefix(given.count)), given),
                    else: "not the MAC of the request")
            }
        }

        private func addData(_ working: borrowing DUKPTWorkingKeys, to answer: inout CryptoAnswer) throws {
            guard encrypt != nil || decrypt != nil else { return }
            guard let algorithm = working.type.algorithm else {
                throw ValidationError("--type: HMAC keys encrypt no data")
            }
            let vector =
                try iv?.bytes("--iv", [algorithm.blockCount]) ?? Array(repeating: 0, count: algorithm.blockCount)
            let request = try working.key(.dataEncryption)
            let response = try working.key(.dataDecryption)
            if let encrypt {
                let data = try encrypt.bytes("--encrypt")
                func transform(_ key: borrowing SecretKey) throws -> [UInt8] {
                    try algorithm.transform(data, key: key, vector: vector, encrypting: true, name: "--encrypt")
                }
                answer.add("encryptedRequest", "encrypted, request", hex: try transform(request))
                answer.add("encryptedResponse", "encrypted, response", hex: try transform(response))
            }
            if let decrypt {
                let data = try decrypt.bytes("--decrypt")
                func transform(_ key: borrowing SecretKey) throws -> [UInt8] {
                    try algorithm.transform(data, key: key, vector: vector, encrypting: false, name: "--decrypt")
                }
                answer.add("decryptedRequest", "decrypted, request", hex: try transform(request))
                answer.add("decryptedResponse", "decrypted, response", hex: try transform(response))
            }
        }
    }
}
