// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import PaymentCryptography
import Vocabulary

struct TR34Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tr34", abstract: "TR-34 tokens: read, open, write.",
        discussion: """
            Tokens and certificates are DER, PEM, hexadecimal or Base64, mostly as @file; private keys PEM or \
            DER without \
            a password.
            """,
        subcommands: [Read.self, Open.self, Write.self, RandomNumber.self])

    struct Read: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "What a token says: credential, random number, key, unbind or rebind. Nothing of it is proved.",
            discussion: """
                Example: tillguard crypto tr34 read 3020060A2A864886F70D0109190331120410167EB0E72781E4940112233445566778

                JSON: token (randomNumber, credential, key, unbind, rebind), and what it carries: randomNumber, \
                signingTime, cipher, the key block header, certificate, device, host, newHost, revocationList.
                """)
        @OptionGroup var output: CryptoOutput
        @Argument(help: "The token; mostly @file.") var token: CryptoInput

        func answer() throws -> CryptoAnswer {
            let bytes = try token.token()
            var answer = CryptoAnswer()
            if let number = try? TR34.randomNumber(readingToken: bytes) {
                answer.add("token", "token", .string("randomNumber"), text: "random number (RT_KRD)")
                answer.add("randomNumber", "random number", hex: number)
            } else if let credential = try? TR34.Credential(reading: bytes) {
                answer.add("token", "token", .string("credential"), text: "credential (CT_KDH, CT_KRD)")
                answer.add("certificate", "certificate", certificate: credential.certificate)
                answer.add(credential.revocationList)
            } else if let key = try? TR34.KeyToken(reading: bytes) {
                answer.add("token", "token", .string("key"), text: "key (KT_KDH)")
                Self.add(key.randomNumber, key.signingTime, to: &answer)
                answer.add("cipher", "cipher of the inside", TR34Command.name(key.cipher))
                answer.add(header: key.header)
            } else {
                let binding = try TR34.BindingToken(reading: bytes)
                let isRebind = binding.newHost != nil
                answer.add("token", "token", .string(isRebind ? "rebind" : "unbind"))
                Self.add(binding.randomNumber, binding.signingTime, to: &answer)
                answer.add("device", "device", id: binding.device)
                if let host = binding.host { answer.add("host", "host that goes", id: host) }
                if let host = binding.newHost {
                    answer.add("newHost", "host that comes", certificate: host.certificate)
                    answer.add(host.revocationList)
                }
            }
            return answer
        }

        private static func add(_ number: [UInt8]?, _ time: Int64?, to answer: inout CryptoAnswer) {
            if let number { answer.add("randomNumber", "random number", hex: number) }
            if let time { answer.add("signingTime", "signing time", CryptoAnswer.time(time)) }
        }
    }

    struct Open: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract:
                "Open a key token with the device's private key: header, check value, and under --kbpk a key block.",
            discussion: """
                Verifies the host's signature and that inside and outside agree; whether the certificates are \
                still to be \
                trusted is not asked. Exit 1 for a token that is not authentic.

                Example: tillguard crypto tr34 open --device-certificate @krd.pem --device-key @krd.key \
                --host-certificate @kdh.pem @token.der

                JSON: as tr34 read, authentic, bits, kcv, keyBlock (with --kbpk).
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var waiver: StrengthWaiver
        @OptionGroup var target: KeyBlockTarget
        @Option(help: "The device's certificate.") var deviceCertificate: CryptoInput
        @Option(help: "The device's private key.") var deviceKey: CryptoInput
        @Option(help: "The host's certificate.") var hostCertificate: CryptoInput
        @Flag(help: "Also read the OAEP of the standard's own samples, whose two masks are of different hashes.")
        var mixedMasks = false
        @Argument(help: "The token; mostly @file.") var token: CryptoInput

        func answer() throws -> CryptoAnswer {
            let token = try TR34.KeyToken(reading: try token.token())
            let device = try deviceCertificate.certificate("--device-certificate")
            let host = try hostCertificate.certificate("--host-certificate")
            let received = try token.open(
                device: device, privateKey: try deviceKey.privateKey("--device-key"), host: host,
                strength: waiver.strength, acceptingMixedMasks: mixedMasks)
            let header = received.header
            var answer = CryptoAnswer()
            if let number = token.randomNumber { answer.add("randomNumber", "random number", hex: number) }
            if let time = token.signingTime { answer.add("signingTime", "signing time", CryptoAnswer.time(time)) }
            answer.add("cipher", "cipher of the inside", TR34Command.name(token.cipher))
            answer.add(header: header)
            answer.add("authentic", verified: true, else: "")
            let key = received.takeKey()
            try answer.add(blockKey: key, header.algorithm)
            try target.add(
                key, letter: header.algorithm, usage: header.usage, mode: header.modeOfUse, to: &answer)
            return answer
        }
    }

    struct RandomNumber: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "The token with which a device asks for a key (RT_KRD).",
            discussion: """
                Example: tillguard crypto tr34 random-number --number 167EB0E72781E4940112233445566778

                JSON: randomNumber, token.
                """)
        @OptionGroup var output: CryptoOutput
        @Option(help: "The random number, 8 to 64 bytes; a new one of 16 if not given.") var number: CryptoInput?

        func answer() throws -> CryptoAnswer {
            let bytes = try number?.bytes("--number", Array(8...64)) ?? RandomBytes.bytes(16)
            var answer = CryptoAnswer()
            answer.add("randomNumber", "random number", hex: bytes)
            answer.add("token", "token", hex: try TR34.token(randomNumber: bytes))
            return answer
        }
    }

    static func name(_ cipher: ContentCipher) -> String {
        switch cipher {
        case .tdes: "TDES-CBC"
        case .aes128: "AES-128-CBC"
        case .aes192: "AES-192-CBC"
        case .aes256: "AES-256-CBC"
        }
    }
}

/// Which keys RSA may carry beyond its strength.
struct StrengthWaiver: ParsableArguments {
    enum Waiver: String, ExpressibleByArgument, CaseIterable {
        case aes128UnderRSA2048 = "aes128-under-rsa2048"
        case anyUnderRSA3072 = "any-under-rsa3072"
    }

    @Option(help: "Let RSA carry a stronger key.") var waiveStrength: Waiver?

    var strength: KeyTransportRule {
        switch waiveStrength {
        case nil: .strict
        case .aes128UnderRSA2048: .waivingAES128UnderRSA2048
        case .anyUnderRSA3072: .waivingAnyKeyUnderRSA3072
        }
    }
}
