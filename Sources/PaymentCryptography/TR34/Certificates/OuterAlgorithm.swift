// SPDX-License-Identifier: Apache-2.0

extension ASN1 {
    /// Whether a certificate or revocation list names one algorithm in both places, byte for byte (RFC 5280 4.1.1.2,
    /// 5.1.1.2). The outer place is not signed, and libcrypto verifies a revocation list without a look at the parameters
    /// there.
    static func namesOneAlgorithm(_ bytes: [UInt8]) -> Bool {
        do throws(TR34Error) {
            var outer = ASN1Reader(bytes[...])
            var parts = try outer.next(Tag.sequence, "certificate or revocation list").reader
            var signed = try parts.next(Tag.sequence, "what is signed").reader
            // Numbers alone stand before it.
            var inner = try signed.next("signature algorithm")
            while inner.tag != Tag.sequence { inner = try signed.next("signature algorithm") }
            return try inner.encoding.elementsEqual(parts.next("signature algorithm").encoding)
        } catch { return false }
    }
}
