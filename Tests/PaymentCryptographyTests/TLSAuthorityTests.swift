// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Testing

@testable import PaymentCryptography

@Suite("The estate's certificate authority")
struct TLSAuthorityTests {
    private static let now: Int64 = 1_800_000_000

    private func parse(_ pem: String) throws -> OpaquePointer {
        try #require(PEM.certificate(pem))
    }

    /// Whether libcrypto's own verification takes the certificate for the purpose, at a time.
    private func isTrusted(
        _ pem: String, by authority: String, purpose: Int32, at seconds: Int64 = now
    ) throws -> Bool {
        let certificate = try parse(pem)
        let root = try parse(authority)
        let store = try #require(X509_STORE_new())
        let context = try #require(X509_STORE_CTX_new())
        defer {
            X509_STORE_CTX_free(context)
            X509_STORE_free(store)
            X509_free(root)
            X509_free(certificate)
        }
        X509_STORE_add_cert(store, root)
        X509_STORE_CTX_init(context, store, certificate, nil)
        X509_STORE_CTX_set_purpose(context, purpose)
        X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context), Int(seconds))
        return X509_verify_cert(context) == 1
    }

    private func authority() throws -> TLSAuthority {
        try TLSAuthority.make(commonName: "Estate 测试", nowSeconds: Self.now)
    }

    @Test("certifies a server for its names, from an hour ago until its days are over")
    func server() throws {
        let authority = try authority()
        let made = try authority.issueServer(
            commonName: "host", dnsNames: ["localhost", "*.shop.example"], ipAddresses: ["127.0.0.1", "::1"],
            validDays: 30, nowSeconds: Self.now)
        let root = authority.certificatePEM
        let pem = made.certificatePEM
        #expect(try isTrusted(pem, by: root, purpose: X509_PURPOSE_SSL_SERVER))
        #expect(try !isTrusted(pem, by: root, purpose: X509_PURPOSE_SSL_CLIENT))
        #expect(try isTrusted(pem, by: root, purpose: X509_PURPOSE_SSL_SERVER, at: Self.now - 3_599))
        #expect(try !isTrusted(pem, by: root, purpose: X509_PURPOSE_SSL_SERVER, at: Self.now - 3_601))
        #expect(try !isTrusted(pem, by: root, purpose: X509_PURPOSE_SSL_SERVER, at: Self.now + 30 * 86_400 + 1))
        let certificate = try parse(pem)
        defer { X509_free(certificate) }
        for name in ["localhost", "pos.shop.example"] { #expect(X509_check_host(certificate, name, 0, 0, nil) == 1) }
        for name in ["shop.example", "example.org"] { #expect(X509_check_host(certificate, name, 0, 0, nil) == 0) }
        for address in ["127.0.0.1", "::1"] { #expect(X509_check_ip_asc(certificate, address, 0) == 1) }
        #expect(X509_check_ip_asc(certificate, "127.0.0.2", 0) == 0)
        let parsed = PEM.privateKey(made.privateKeyPEM)
        let key = try #require(parsed)
        defer { EVP_PKEY_free(key) }
        #expect(X509_check_private_key(certificate, key) == 1)
    }

    @Test("certifies a client by its name, and not as a server")
    func client() throws {
        let authority = try authority()
        let made = try authority.issueClient(commonName: "T0000001", validDays: 1, nowSeconds: Self.now)
        let root = authority.certificatePEM
        let pem = made.certificatePEM
        #expect(try isTrusted(pem, by: root, purpose: X509_PURPOSE_SSL_CLIENT))
        #expect(try !isTrusted(pem, by: root, purpose: X509_PURPOSE_SSL_SERVER))
        let other = try self.authority().certificatePEM
        #expect(try !isTrusted(pem, by: other, purpose: X509_PURPOSE_SSL_CLIENT))
        #expect(PeerCertificate.commonName(der: try der(pem)) == "T0000001")
        let again = try authority.issueClient(commonName: "T0000001", validDays: 1, nowSeconds: Self.now)
        let isOther = again.certificatePEM != pem
        #expect(isOther)
    }

    private func reopen(_ certificate: String, _ key: borrowing SecretKey) throws -> TLSAuthority {
        guard let authority = TLSAuthority(certificatePEM: certificate, privateKeyPEM: key) else {
            throw CertificateError.commonName
        }
        return authority
    }

    @Test("is the same authority when it comes back from its files, and refuses another's key")
    func reopening() throws {
        let authority = try authority()
        let certificate = authority.certificatePEM
        let key = authority.privateKeyPEM
        let again = try reopen(certificate, key).issueClient(commonName: "T1", validDays: 1, nowSeconds: Self.now)
        let pem = again.certificatePEM
        #expect(try isTrusted(pem, by: certificate, purpose: X509_PURPOSE_SSL_CLIENT))
        let stranger = try self.authority().privateKeyPEM
        let refused = TLSAuthority(certificatePEM: certificate, privateKeyPEM: stranger) == nil
        #expect(refused)
        let noise = SecretKey.random(count: 64)
        let noKey = TLSAuthority(certificatePEM: certificate, privateKeyPEM: noise) == nil
        #expect(noKey)
    }

    @Test("an end that was certified certifies nobody")
    func noChain() throws {
        let authority = try authority()
        let end = try authority.issueClient(commonName: "T1", validDays: 1, nowSeconds: Self.now)
        let pem = end.certificatePEM
        let impostor = try reopen(pem, end.privateKeyPEM).issueClient(
            commonName: "T2", validDays: 1, nowSeconds: Self.now)
        let forged = impostor.certificatePEM
        let root = authority.certificatePEM
        #expect(try !isTrusted(forged, by: root, purpose: X509_PURPOSE_SSL_CLIENT))
        #expect(try !isTrusted(forged, by: pem, purpose: X509_PURPOSE_SSL_CLIENT))
    }

    @Test("bytes that are no certificate have no name")
    func noName() throws {
        let bytes = try der(try authority().certificatePEM)
        #expect(PeerCertificate.commonName(der: []) == nil)
        #expect(PeerCertificate.commonName(der: Array(bytes.dropLast(40))) == nil)
        #expect(PeerCertificate.commonName(der: RandomBytes.bytes(200)) == nil)
    }

    private func der(_ pem: String) throws -> [UInt8] {
        let certificate = try parse(pem)
        defer { X509_free(certificate) }
        var bytes = [UInt8](repeating: 0, count: Int(i2d_X509(certificate, nil)))
        bytes.withUnsafeMutableBufferPointer { buffer in
            var next = buffer.baseAddress
            i2d_X509(certificate, &next)
        }
        return bytes
    }

    @Test(
        "is refused for names that are not names",
        arguments: [
            ("", ["a"], [], 1, CertificateError.commonName),
            (String(repeating: "a", count: 65), ["a"], [], 1, .commonName),
            ("a\nb", ["a"], [], 1, .commonName), ("a", [], [], 1, .noSubjectName),
            ("a", ["a,DNS:b"], [], 1, .dnsName("a,DNS:b")), ("a", ["a b"], [], 1, .dnsName("a b")),
            ("a", ["-a"], [], 1, .dnsName("-a")), ("a", ["*"], [], 1, .dnsName("*")),
            ("a", ["a..b"], [], 1, .dnsName("a..b")),
            ("a", ["a.*"], [], 1, .dnsName("a.*")), ("a", [], ["1.2.3"], 1, .ipAddress("1.2.3")),
            ("a", [], ["1.2.3.4,IP:5.6.7.8"], 1, .ipAddress("1.2.3.4,IP:5.6.7.8")), ("a", ["a"], [], 0, .validDays(0)),
            ("a", ["a"], [], 3_651, .validDays(3_651)),
        ] as [(String, [String], [String], Int, CertificateError)])
    func refusals(name: String, dns: [String], addresses: [String], days: Int, error: CertificateError) throws {
        let authority = try authority()
        do {
            _ = try authority.issueServer(
                commonName: name, dnsNames: dns, ipAddresses: addresses, validDays: days, nowSeconds: 0)
            Issue.record("it was not refused")
        } catch let refusal { #expect(refusal == error) }
    }
}
