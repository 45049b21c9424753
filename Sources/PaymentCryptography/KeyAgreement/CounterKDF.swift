// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The pseudo-random function under a key derivation in counter mode.
public enum CounterKDFFunction: Hashable, Sendable {
    /// AES-CMAC; the key has 16, 24 or 32 bytes.
    case aesCMAC
    /// TDES-CMAC; the key has 16 or 24 bytes.
    case tdesCMAC
    /// HMAC over a hash function; the key has any length.
    case hmac(DigestAlgorithm)

    /// The bytes of one block of output.
    public var blockCount: Int {
        switch self {
        case .aesCMAC: 16
        case .tdesCMAC: 8
        case .hmac(let digest): digest.digestCount
        }
    }

    /// Whether a key of that many bytes fits.
    public func accepts(keyBytes: Int) -> Bool {
        switch self {
        case .aesCMAC: [16, 24, 32].contains(keyBytes)
        case .tdesCMAC: keyBytes == 16 || keyBytes == 24
        case .hmac: keyBytes > 0
        }
    }
}

/// Why a key derivation in counter mode gave no key.
public enum CounterKDFError: Error, Equatable, Sendable {
    /// The key does not fit the function; in bytes.
    case wrongKeyLength(Int)
    /// Not 1 to 4 bytes of counter.
    case wrongCounterLength(Int)
    /// More output than the counter can number, or none; in bytes.
    case wrongOutputLength(Int)
}

/// Key derivation in counter mode (NIST SP 800-108r1 4.1), the counter before the fixed input.
public enum CounterKDF {
    /// `count` bytes of `PRF(key, counter ‖ fixedInput)`.
    ///
    /// - Parameter counterBytes: the length r of the counter, 1 to 4 bytes; it starts at 1.
    public static func derive(
        key: borrowing SecretKey, fixedInput: [UInt8], function: CounterKDFFunction, counterBytes: Int = 4, count: Int
    ) throws(CounterKDFError) -> SecretKey {
        guard function.accepts(keyBytes: key.count) else { throw .wrongKeyLength(key.count) }
        guard (1...4).contains(counterBytes) else { throw .wrongCounterLength(counterBytes) }
        let size = function.blockCount
        let blocks = (count + size - 1) / size
        guard (1...SecretKey.countMax).contains(count), blocks < 1 << (8 * counterBytes) else {
            throw .wrongOutputLength(count)
        }
        let key = key.copy()
        return SecretKey(count: count) { output in
            for index in 0..<blocks {
                let number = UInt32(index + 1).bigEndian
                let counter = withUnsafeBytes(of: number) { Array($0.suffix(counterBytes)) }
                var block = code(counter + fixedInput, key, function)
                let start = index * size
                let length = min(size, count - start)
                UnsafeMutableRawBufferPointer(rebasing: output[start..<start + length]).copyBytes(
                    from: block[..<length])
                block.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
            }
        }
    }

    private static func code(
        _ input: [UInt8], _ key: borrowing SecretKey, _ function: CounterKDFFunction
    ) -> [UInt8] {
        switch function {
        case .aesCMAC: AESCMAC(key: key).code(input)
        case .tdesCMAC: TDESCMAC.code(key: key, message: input)
        case .hmac(let digest): digest.hmac(key: key, message: input)
        }
    }
}
