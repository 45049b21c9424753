// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import PaymentCryptography
import Vocabulary

extension CryptoInput {
    /// A token: DER or BER as it is, or in PEM, hexadecimal or Base64.
    func token(_ name: String = "the token") throws -> [UInt8] {
        let characters = try characters(name).withBytes { Array($0) }
        if characters.first == 0x30, characters.contains(where: { $0 > 0x7E || $0 < 0x09 }) { return characters }
        let text = String(decoding: characters, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }
        let joined = lines.joined().filter { !$0.isWhitespace }
        if let bytes = Hex.bytes(joined), !bytes.isEmpty { return bytes }
        if let data = Data(base64Encoded: joined), !data.isEmpty { return Array(data) }
        throw ValidationError("\(name): expected DER, PEM, hexadecimal or Base64")
    }

    /// A certificate in PEM or in what `token` reads.
    func certificate(_ name: String) throws -> Certificate {
        do { return try Certificate(der: try token(name)) } catch let problem as CertificateProblem {
            throw ValidationError("\(name): \(CryptoWords.certificate(problem))")
        }
    }

    func revocationList(_ name: String) throws -> RevocationList {
        do { return try RevocationList(der: try token(name)) } catch let problem as CertificateProblem {
            throw ValidationError("\(name): \(CryptoWords.certificate(problem))")
        }
    }

    /// An RSA private key in PEM, DER or hexadecimal, not encrypted.
    func privateKey(_ name: String) throws -> RSAPrivateKey {
        let characters = try characters(name)
        let start = characters.withBytes { ($0[0], $0.count > 1 ? $0[1] : 0) }
        do {
            switch start {
            case (0x2D, _): return try RSAPrivateKey(pem: characters)
            // DER: a SEQUENCE whose length takes more than one byte.
            case (0x30, 0x80...): return try RSAPrivateKey(der: characters)
            default: return try RSAPrivateKey(der: try Self.decode(characters, name))
            }
        } catch is RSAKeyError {
            throw ValidationError("\(name): expected an RSA private key in PEM or DER without a password")
        }
    }
}

extension CryptoAnswer {
    mutating func add(_ name: String, _ label: String, certificate: Certificate) {
        let serial = Hex.text(certificate.id.serialNumber)
        let (from, to) = (Self.time(certificate.notBefore), Self.time(certificate.notAfter))
        add(
            name,
            members: [
                .init("subject", .string(certificate.subjectText)), .init("issuer", .string(certificate.id.issuerText)),
                .init("serialNumber", .string(serial)), .init("notBefore", .string(from)),
                .init("notAfter", .string(to)), .init("rsaBits", .integer(Int64(certificate.publicKey.modulusBits))),
            ],
            rows: [
                (label, certificate.subjectText), ("  issued by", certificate.id.issuerText),
                ("  serial number", serial), ("  valid", "\(from) to \(to)"),
                ("  key", "RSA \(certificate.publicKey.modulusBits)"),
            ])
    }

    mutating func add(_ name: String, _ label: String, id: CertificateID) {
        let serial = Hex.text(id.serialNumber)
        add(
            name, members: [.init("issuer", .string(id.issuerText)), .init("serialNumber", .string(serial))],
            rows: [(label, "\(serial) of \(id.issuerText)")])
    }

    mutating func add(_ list: RevocationList?) {
        guard let list else { return }
        let (made, due) = (Self.time(list.thisUpdate), list.nextUpdate.map(Self.time) ?? "not said")
        add(
            "revocationList", members: [.init("thisUpdate", .string(made)), .init("nextUpdate", .string(due))],
            rows: [("revocation list", "of \(made), next \(due)")])
    }

    /// UTC, to the second.
    static func time(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
    }
}
