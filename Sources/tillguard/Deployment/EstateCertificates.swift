// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOSSL
import PaymentCryptography
import Storage
import Synchronization
import Vocabulary

/// TLS 1.3 with mutual authentication: the estate's authority certifies the host and each terminal, and nobody else is
/// let in. A terminal's certificate names it, and its connection carries that terminal's messages only.
///
///     keys/estate-ca.crt, .key      the authority, made at the first start with TLS on
///     keys/host.crt, host.key       the host's end
///     terminals/ID/tls.crt, .key    a terminal's end; in a real one its own, here beside its other files
final class EstateCertificates: Sendable {
    /// A year, so that one that is lost sight of ends by itself; made anew at a start in its last month.
    private static let validDays = 365
    private static let renewalDays = 30

    private let directory: String
    private let anchors: [NIOSSLCertificate]
    private let authority: Mutex<TLSAuthority>
    private let now: @Sendable () -> Instant

    init(in directory: String, now: @escaping @Sendable () -> Instant) throws {
        self.directory = directory
        self.now = now
        try Self.makeFolder(directory + "/keys")
        let files = Self.files(directory + "/keys/estate-ca")
        let authority: TLSAuthority
        if let opened = try Self.open(files) {
            authority = opened
        } else {
            authority = try TLSAuthority.make(commonName: "Tillguard estate", nowSeconds: now().seconds)
            try authority.privateKeyPEM.withBytes { try SealedFile.write($0, to: files.key) }
            try SealedFile.write(Array(authority.certificatePEM.utf8), to: files.certificate)
        }
        anchors = [try NIOSSLCertificate(bytes: Array(authority.certificatePEM.utf8), format: .pem)]
        self.authority = Mutex(authority)
    }

    /// The host's end, for the address it listens on.
    func server(host: String) throws -> TLSConfiguration {
        let addresses = ["127.0.0.1"] + (Self.isAddress(host) && host != "127.0.0.1" ? [host] : [])
        let now = now().seconds
        let files = Self.files(directory + "/keys/host")
        try renew(files) { authority in
            try authority.issueServer(
                commonName: "Tillguard host", dnsNames: ["localhost"], ipAddresses: addresses,
                validDays: Self.validDays, nowSeconds: now)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .certificates(anchors)
        // A terminal is known by its certificate, not by where it calls from.
        configuration.certificateVerification = .noHostnameVerification
        return configuration
    }

    /// A terminal's end.
    func client(_ terminal: TerminalID) throws -> TLSConfiguration {
        let path = directory + "/terminals/\(terminal)"
        try Self.makeFolder(path)
        let files = Self.files(path + "/tls")
        let now = now().seconds
        try renew(files) { authority in
            try authority.issueClient(
                commonName: terminal.description, validDays: Self.validDays, nowSeconds: now)
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .certificates(anchors)
        configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) }
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
        return configuration
    }

    // MARK: - Files

    private typealias Files = (certificate: String, key: String)

    private static func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    private static func files(_ path: String) -> Files { (path + ".crt", path + ".key") }

    private static func open(_ files: Files) throws -> TLSAuthority? {
        guard let text = try SealedFile.read(files.certificate) else { return nil }
        var key: SecretKey?
        _ = try SealedFile.read(files.key) { bytes in key = SecretKey(count: bytes.count) { $0.copyMemory(from: bytes) }
        }
        guard let key,
            let authority = TLSAuthority(
                certificatePEM: String(decoding: text, as: UTF8.self), privateKeyPEM: key)
        else { throw DeploymentError.keysDoNotFit(files.certificate) }
        return authority
    }

    /// Issues a certificate where there is none, or none that lasts.
    private func renew(
        _ files: Files, _ issue: (borrowing TLSAuthority) throws -> Credential
    ) throws {
        let last = now().seconds + Int64(Self.renewalDays * 86_400)
        let existing = try? NIOSSLCertificate.fromPEMFile(files.certificate).first
        if let existing, existing.notValidAfter > last, FileManager.default.fileExists(atPath: files.key) { return }
        try authority.withLock { authority in
            let issued = try issue(authority)
            try issued.privateKeyPEM.withBytes { try SealedFile.write($0, to: files.key) }
            try SealedFile.write(Array(issued.certificatePEM.utf8), to: files.certificate)
        }
    }

    private static func isAddress(_ host: String) -> Bool {
        host.split(separator: ".").count == 4 && host.split(separator: ".").allSatisfy { UInt8($0) != nil }
    }
}
