// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import PaymentCryptography
import Vocabulary

extension TR34Command {
    struct Write: CryptoCalculator {
        static let configuration = CommandConfiguration(
            abstract: "A key token for a device: two-pass with its random number, one-pass with the time.",
            discussion: """
                Example: tillguard crypto tr34 write --host-certificate @kdh.pem --host-key @kdh.key \
                --device-certificate @krd.pem --random-number 167EB0E72781E4940112233445566778 --key @tmk.hex \
                --algorithm T --usage K0 --mode B --out token.der

                JSON: bits, kcv, token (or file, with --out).
                """)
        @OptionGroup var output: CryptoOutput
        @OptionGroup var waiver: StrengthWaiver
        @Option(help: "The host's certificate.") var hostCertificate: CryptoInput
        @Option(help: "The host's private key.") var hostKey: CryptoInput
        @Option(help: "The device's certificate.") var deviceCertificate: CryptoInput
        @Option(help: "The revocation list of the host's issuer, which many devices want to see.")
        var revocationList: CryptoInput?
        @Option(help: "The device's random number, for a two-pass token; one-pass without it.")
        var randomNumber: CryptoInput?
        @Option(help: "The key; @file or - for the standard input.") var key: CryptoInput
        @Option(help: "The algorithm: A (AES), T (TDES) or H (HMAC).") var algorithm = "T"
        @Option(help: "The key usage of X9.143, such as K0.") var usage = "K0"
        @Option(help: "The mode of use.") var mode = "B"
        @Option(help: "The exportability: E, N or S.") var exportability = "N"
        @Option(help: "Write the token in DER to a file instead of the terminal.") var out: String?

        func answer() throws -> CryptoAnswer {
            let exported = Exportability(rawValue: exportability.uppercased())
            guard exported.name != nil else {
                throw ValidationError("--exportability: expected E, N or S, got \(exportability)")
            }
            let header = KeyBlockHeader(
                version: .b, usage: KeyUsage(rawValue: usage),
                algorithm: KeyAlgorithm(rawValue: algorithm.uppercased()), modeOfUse: ModeOfUse(rawValue: mode),
                exportability: exported)
            let freshness: TR34.Freshness
            if let randomNumber {
                freshness = .randomNumber(try randomNumber.bytes("--random-number", Array(8...64)))
            } else {
                freshness = .signingTime(Int64(Date().timeIntervalSince1970))
            }
            let key = try key.key("--key", CryptoKeyAlgorithm(header.algorithm)?.lengths ?? [])
            let device = try deviceCertificate.certificate("--device-certificate")
            let list = try revocationList?.revocationList("--revocation-list")
            let host = try KeyDistributionHost(
                certificate: try hostCertificate.certificate("--host-certificate"),
                privateKey: try hostKey.privateKey("--host-key"))
            let token = try host.keyToken(
                key, header: header, for: device, freshness: freshness, revocationList: list,
                strength: waiver.strength)
            var answer = CryptoAnswer()
            try answer.add(blockKey: key, header.algorithm)
            guard let out else {
                answer.add("token", "token", hex: token)
                return answer
            }
            do { try Data(token).write(to: URL(filePath: out)) } catch {
                throw ValidationError("--out: the file \(out) cannot be written")
            }
            answer.add("file", "written to", out)
            return answer
        }
    }
}
