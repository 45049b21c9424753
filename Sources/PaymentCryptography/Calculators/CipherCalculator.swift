// SPDX-License-Identifier: Apache-2.0

/// Ciphers as they are, without a rule of use around them: for known answers and calculators with test keys.
package enum CipherCalculator {
    /// TDES in CBC, or ECB without a vector.
    ///
    /// - Returns: nil for a key other than 16 or 24 bytes, partial blocks, or a vector other than 8 bytes.
    package static func tdes(
        _ data: [UInt8], key: borrowing SecretKey, vector: [UInt8]? = nil, encrypting: Bool
    ) -> [UInt8]? {
        guard key.count == 16 || key.count == 24, data.count % 8 == 0, vector?.count ?? 8 == 8 else { return nil }
        var output = data
        output.withUnsafeMutableBytes { output in
            key.withBytes { key in
                TripleDES.with(key: key) { des in
                    if let vector {
                        let chain = vector.withUnsafeBytes { $0.word(at: 0) }
                        return des.cbc(output, vector: chain, encrypting: encrypting)
                    }
                    for offset in stride(from: 0, to: output.count, by: 8) {
                        let block = output.word(at: offset)
                        output.setWord(encrypting ? des.encrypt(block) : des.decrypt(block), at: offset)
                    }
                }
            }
        }
        return output
    }

    /// AES in CBC, or ECB without a vector.
    ///
    /// - Returns: nil for a key other than 16, 24 or 32 bytes, partial blocks, or a vector other than 16 bytes.
    package static func aes(
        _ data: [UInt8], key: borrowing SecretKey, vector: [UInt8]? = nil, encrypting: Bool
    ) -> [UInt8]? {
        guard [16, 24, 32].contains(key.count), data.count % 16 == 0, vector?.count ?? 16 == 16 else { return nil }
        let cipher = key.withBytes { AESBlockCipher(key: $0, encrypting: encrypting) }
        var output = data
        output.withUnsafeMutableBytes { output in
            if let vector {
                let chain = vector.withUnsafeBytes { $0.loadUnaligned(as: Block.self) }
                return cipher.cbc(output, vector: chain, encrypting: encrypting)
            }
            for offset in stride(from: 0, to: output.count, by: 16) {
                let block = output.loadUnaligned(fromByteOffset: offset, as: Block.self)
                output.storeBytes(of: cipher.transform(block), toByteOffset: offset, as: Block.self)
            }
        }
        return output
    }
}
