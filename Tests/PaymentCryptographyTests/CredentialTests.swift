// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Testing

@testable import PaymentCryptography

@Suite struct `A password hash` {
    @Test func `verifies its password and no other`() {
        let stored = PasswordHash.make("correct horse 电池")
        #expect(stored.hasPrefix("$scrypt$ln=15,r=8,p=1$"))
        #expect(PasswordHash.verify("correct horse 电池", against: stored))
        #expect(!PasswordHash.verify("correct horse 电池 ", against: stored))
        #expect(!PasswordHash.verify("", against: stored))
        #expect(stored != PasswordHash.make("correct horse 电池"))
    }

    @Test func `verifies a text that another implementation wrote`() {
        // Python's hashlib.scrypt(b"pleaseletmein", salt=b"0123456789abcdef", n=32768, r=8, p=1, dklen=32).
        let stored = "$scrypt$ln=15,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$wgz8Rjl3FIdXqMbpup1grVeMbCJ1jxgUklvEb2NRR/Q"
        #expect(PasswordHash.verify("pleaseletmein", against: stored))
        #expect(!PasswordHash.verify("pleaseletmeout", against: stored))
    }

    @Test(arguments: [
        "", "$", "$scrypt$", "plain", "$scrypt$ln=1,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg",
        "$scrypt$ln=15,r=8,p=1$$", "$scrypt$ln=15,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg",
        "$scrypt$ln=15,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg==$MDEyMzQ1Njc4OWFiY2RlZg", "x$scrypt$ln=15,r=8,p=1$a$b",
    ])
    func `that it did not write verifies nothing`(stored: String) {
        #expect(!PasswordHash.verify("", against: stored))
        #expect(!PasswordHash.verify("plain", against: stored))
    }

    @Test func `of a password that is too long verifies nothing`() {
        let stored = PasswordHash.make(String(repeating: "a", count: PasswordHash.passwordCountMax))
        #expect(PasswordHash.verify(String(repeating: "a", count: PasswordHash.passwordCountMax), against: stored))
        #expect(!PasswordHash.verify(String(repeating: "a", count: PasswordHash.passwordCountMax + 1), against: stored))
    }

    @Test func `has base64 that comes back for every length, and only in its one spelling`() {
        for count in 0..<40 {
            let bytes = RandomBytes.bytes(count)
            #expect(Base64.bytes(Base64.text(bytes)) == bytes)
        }
        #expect(Base64.text(Array("foob".utf8)) == "Zm9vYg")
        for text in ["A", "Zm9vYh", "Zm9vYg==", "Zm 9", "Zm9v\n"] { #expect(Base64.bytes(text) == nil) }
    }
}

@Suite struct `A self-signed certificate` {
    private func parse(_ pem: String) throws -> OpaquePointer {
        var bytes = Array(pem.utf8)
        let bio = try #require(BIO_new_mem_buf(&bytes, Int32(bytes.count)))
        defer { BIO_free_all(bio) }
        return try #require(PEM_read_bio_X509(bio, nil, nil, nil))
    }

    @Test func `names its hosts, is signed by its key, and is valid from an hour ago`() throws {
        let now: Int64 = 1_800_000_000
        let made = try SelfSignedCertificate.make(
            commonName: "Tillguard 测试", dnsNames: ["localhost", "*.shop.example"], ipAddresses: ["127.0.0.1", "::1"],
            validDays: 30, nowSeconds: now)
        let certificate = try parse(made.certificatePEM)
        defer { X509_free(certificate) }
        var keyBytes = Array(made.privateKeyPEM.utf8)
        let bio = try #require(BIO_new_mem_buf(&keyBytes, Int32(keyBytes.count)))
        defer { BIO_free_all(bio) }
        let key = try #require(PEM_read_bio_PrivateKey(bio, nil, nil, nil))
        defer { EVP_PKEY_free(key) }
        #expect(X509_check_private_key(certificate, key) == 1)
        #expect(X509_verify(certificate, key) == 1)
        #expect(X509_get_version(certificate) == 2)
        for name in ["localhost", "pos.shop.example"] { #expect(X509_check_host(certificate, name, 0, 0, nil) == 1) }
        for name in ["shop.example", "example.org"] { #expect(X509_check_host(certificate, name, 0, 0, nil) == 0) }
        for address in ["127.0.0.1", "::1"] { #expect(X509_check_ip_asc(certificate, address, 0) == 1) }
        #expect(X509_check_ip_asc(certificate, "127.0.0.2", 0) == 0)
        var (start, end) = (Int(now - 3_600), Int(now + 30 * 86_400))
        #expect(X509_cmp_time(X509_get0_notBefore(certificate), &start) == -1)
        #expect(ASN1_TIME_cmp_time_t(X509_get0_notBefore(certificate), start) == 0)
        #expect(ASN1_TIME_cmp_time_t(X509_get0_notAfter(certificate), end) == 0)
        end = 0
        start = 0
        let other = try SelfSignedCertificate.make(
            commonName: "x", dnsNames: ["x"], ipAddresses: [], validDays: 1, nowSeconds: now)
        #expect(other.certificatePEM != made.certificatePEM && other.privateKeyPEM != made.privateKeyPEM)
    }

    @Test(
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
    func `is refused for names that are not names`(
        name: String, dns: [String], addresses: [String], days: Int, error: CertificateError
    ) {
        #expect(throws: error) {
            _ = try SelfSignedCertificate.make(
                commonName: name, dnsNames: dns, ipAddresses: addresses, validDays: days, nowSeconds: 0)
        }
    }
}
