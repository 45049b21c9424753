// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Key derivation in counter mode with AES-CMAC (NIST SP 800-108r1 4.1).
public enum KDF {
    /// A key of `count` bytes for one purpose. Input of block i: `[i]32 ‖ label ‖ 00 ‖ context ‖ [bits]32`.
    ///
    /// - Parameter master: 16, 24 or 32 bytes.
    /// - Parameter label: what the derived key is for; without a zero byte.
    /// - Parameter context: whom it is for.
    public static func derive(
        master: borrowing SecretKey, label: String, context: [UInt8] = [], count: Int
    ) -> SecretKey {
        precondition(!label.utf8.contains(0), "a label has no zero byte")
        let mac = AESCMAC(key: master)
        let bits = UInt32(count) * 8
        return SecretKey(count: count) { output in
            var input: [UInt8] = [0, 0, 0, 0]
            input += label.utf8
            input.append(0)
            input += context
            withUnsafeBytes(of: bits.bigEndian) { input += $0 }
            var offset = 0
            var counter: UInt32 = 0
            while offset < count {
                counter += 1
                withUnsafeBytes(of: counter.bigEndian) { input.replaceSubrange(0..<4, with: $0) }
                input.withUnsafeBytes { input in
                    mac.withCode(input) { block in
                        let length = min(16, count - offset)
                        UnsafeMutableRawBufferPointer(rebasing: output[offset..<offset + length])
                            .copyMemory(from: UnsafeRawBufferPointer(rebasing: block[..<length]))
                    }
                }
                offset += 16
            }
        }
    }
}

extension AESCMAC {
    /// The code without an array, for codes that are key material.
    borrowing func withCode(_ message: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var code = block(message)
        withUnsafeBytes(of: &code) { body($0) }
        OPENSSL_cleanse(&code, MemoryLayout<Block>.size)
    }
}
