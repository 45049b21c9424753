// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Passwords of people at rest: scrypt (RFC 7914) with N = 2^15, r = 8, p = 1, a salt of 16 bytes and a hash of 32,
/// written `$scrypt$ln=15,r=8,p=1$salt$hash` in base64 without padding. One hash takes 32 MiB and some 100 ms.
public enum PasswordHash {
    /// Bytes of a salt.
    public static let saltCount = 16
    private static let hashCount = 32
    private static let memoryMax: UInt64 = 64 << 20
    private static let parameters = "ln=15,r=8,p=1"

    /// The longest password taken, in bytes of UTF-8; a longer one matches nothing.
    public static let passwordCountMax = 1_024

    /// The text to store for a password.
    public static func make(_ password: String) -> String {
        precondition(password.utf8.count <= passwordCountMax, "a password has at most \(passwordCountMax) bytes")
        let salt = RandomBytes.bytes(saltCount)
        let hash = derive(password, salt: salt)
        return "$scrypt$\(parameters)$\(Base64.text(salt))$\(Base64.text(hash))"
    }

    /// Whether the password is the one stored; compared in constant time. False for a text that `make` did not write.
    public static func verify(_ password: String, against stored: String) -> Bool {
        let parts = stored.split(separator: "$", omittingEmptySubsequences: false)
        guard password.utf8.count <= passwordCountMax, parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
            parts[2] == parameters, let salt = Base64.bytes(parts[3]), let hash = Base64.bytes(parts[4]),
            salt.count == saltCount, hash.count == hashCount
        else { return false }
        return constantTimeEquals(derive(password, salt: salt), hash)
    }

    /// The hash of a passcode that was typed at a PIN pad, for a store that seals it: 32 bytes of scrypt with the same
    /// parameters.
    public static func derive(_ passcode: borrowing ClearPIN, salt: [UInt8]) -> SecretKey {
        // The block is the count and twelve digits, unused ones zero: another passcode has another block.
        passcode.block.withBytes { block in
            SecretKey(count: hashCount) { scrypt(block, salt: salt, into: $0) }
        }
    }

    private static func derive(_ password: String, salt: [UInt8]) -> [UInt8] {
        var password = password
        return password.withUTF8 { password in
            [UInt8](unsafeUninitializedCapacity: hashCount) { output, initialized in
                scrypt(UnsafeRawBufferPointer(password), salt: salt, into: UnsafeMutableRawBufferPointer(output))
                initialized = hashCount
            }
        }
    }

    private static func scrypt(
        _ secret: UnsafeRawBufferPointer, salt: [UInt8], into output: UnsafeMutableRawBufferPointer
    ) {
        let text = secret.baseAddress?.assumingMemoryBound(to: CChar.self)
        LibCrypto.require(
            EVP_PBE_scrypt(
                text, secret.count, salt, salt.count, 1 << 15, 8, 1, memoryMax,
                output.baseAddress?.assumingMemoryBound(to: UInt8.self), hashCount), "EVP_PBE_scrypt")
    }
}
