// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// Signatures on P-256, sealing for the holder of a key, and forward-secure codes: what a module's log and journal cost.
extension Bench {
    mutating func signatures() throws {
        let key = try P256PrivateKey.generate()
        let publicKey = key.publicKey
        let digest = SHA256.hash(Samples.message)
        let signature = try key.signature(ofDigest: digest)
        try measure("ecdsa-p256-generate", calls: 500) { _ in
            word(try P256PrivateKey.generate().publicKey.bytes)
        }
        try measure("ecdsa-p256-sign", calls: 2_000) { _ in word(try key.signature(ofDigest: digest)) }
        measure("ecdsa-p256-verify", calls: 1_000) { _ in
            publicKey.verifies(signature, ofDigest: digest) ? 1 : 0
        }

        // A journal record of a sale has some 200 bytes.
        let record = [UInt8](repeating: 0x5A, count: 200)
        let box = try SealedBox.seal(record, for: publicKey)
        try measure("sealed-box-seal-200", calls: 500) { _ in word(try SealedBox.seal(record, for: publicKey)) }
        try measure("sealed-box-open-200", calls: 1_000) { _ in word(try SealedBox.open(box, with: key)) }
        var session = try SealSession(for: publicKey)
        let boxes = [try session.seal(record), try session.seal(record)]
        try measure("session-seal-200", calls: 50_000) { _ in word(try session.seal(record)) }
        var opener = SealOpener(key: key)
        try measure("session-open-200", calls: 50_000) { call in word(try opener.open(boxes[call & 1])) }
        var chain = ForwardMAC(firstKey: .random(count: ForwardMAC.keyCount))
        measure("forward-mac-200", calls: 50_000) { _ in word(chain.code(record)) }
    }
}
