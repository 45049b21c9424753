// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOSSL
import PaymentCryptography
import Storage

/// The server's own TLS certificate, made at the first start with TLS on and kept in the data directory.
enum ServerCertificate {
    private static let validDays = 825

    /// - Returns: the configuration of the server, and that of a client which trusts this one certificate.
    static func open(in directory: String, host: String) throws -> (server: TLSConfiguration, client: TLSConfiguration)
    {
        let path = directory + "/keys"
        let certificateFile = path + "/server.crt"
        let keyFile = path + "/server.key"
        if !FileManager.default.fileExists(atPath: certificateFile) {
            let made = try SelfSignedCertificate.make(
                commonName: "tillguard", dnsNames: ["localhost"],
                ipAddresses: ["127.0.0.1"] + (isAddress(host) ? [host] : []),
                validDays: validDays, nowSeconds: Int64(Date().timeIntervalSince1970))
            try SealedFile.write(Array(made.privateKeyPEM.utf8), to: keyFile)
            try SealedFile.write(Array(made.certificatePEM.utf8), to: certificateFile)
        }
        let certificates = try NIOSSLCertificate.fromPEMFile(certificateFile)
        var server = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: keyFile, format: .pem)))
        server.minimumTLSVersion = .tlsv13
        var client = TLSConfiguration.makeClientConfiguration()
        client.minimumTLSVersion = .tlsv13
        client.trustRoots = .certificates(certificates)
        return (server, client)
    }

    private static func isAddress(_ host: String) -> Bool {
        host != "127.0.0.1" && host.split(separator: ".").count == 4
            && host.split(separator: ".").allSatisfy { UInt8($0) != nil }
    }
}
