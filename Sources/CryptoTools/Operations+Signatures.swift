// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension VectorRunner {
    /// ECDSA, and what is sealed for a public key.
    static let signatureOperations: [VectorOperation] = [
        VectorOperation("ecdsa_p256_public") { check throws(VectorFailure) in
            let key = try privateKey(check)
            check.expect("public_x", Array(key.publicKey.bytes[1..<33]))
            check.expect("public_y", Array(key.publicKey.bytes[33...]))
            check.expect("compressed", key.publicKey.compressed)
            let again = try check.attempt { () throws(CurveError) in try P256PublicKey(key.publicKey.compressed) }
            check.require(again == key.publicKey, "the compressed form is another point")
        },
        VectorOperation("ecdsa_p256_sha256_verify") { check throws(VectorFailure) in
            let bytes = try point(check, "public_x", "public_y")
            let signature = try check.bytes("r") + check.bytes("s")
            let message = try check.message()
            // A point that is not on the curve verifies nothing.
            let key = try? P256PublicKey(bytes)
            check.expect("verified", .bool(key?.verifies(signature, of: message) ?? false))
        },
        VectorOperation("sealed_box_open") { check throws(VectorFailure) in
            let key = try privateKey(check)
            let (box, data) = (try check.bytes("box"), try check.bytes("associated_data"))
            let plaintext = try check.attempt { () throws(SealedBoxError) in
                try SealedBox.open(box, with: key, associatedData: data)
            }
            check.expect("plaintext", plaintext)
        },
    ]

    private static func privateKey(_ check: borrowing VectorCheck) throws(VectorFailure) -> P256PrivateKey {
        let scalar = try check.key("private_key")
        return try check.attempt { () throws(CurveError) in try P256PrivateKey(scalar: scalar) }
    }
}
