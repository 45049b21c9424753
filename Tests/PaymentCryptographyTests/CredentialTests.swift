// SPDX-License-Identifier: Apache-2.0
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
