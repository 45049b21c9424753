// SPDX-License-Identifier: Apache-2.0

/// A key check value as an optional block has it (X9.143:2021 tables 15 and 20): how it is computed, and its first
/// bytes.
public struct KeyCheckValue: Equatable, Sendable {
    /// How it is computed (ANSI X9.24-1:2017 Annex A).
    public enum Method: UInt8, Sendable, CaseIterable {
        /// The first bytes of a zero block under the key; at most three.
        case zeroBlock = 0
        /// The first bytes of the CMAC of a zero block; at most five.
        case cmac = 1

        var countMax: Int { self == .zeroBlock ? 3 : 5 }
    }

    public let method: Method
    /// One to three bytes, or one to five of a CMAC.
    public let value: [UInt8]

    /// - Returns: nil for a length that the method does not have.
    public init?(_ method: Method, _ value: [UInt8]) {
        guard (1...method.countMax).contains(value.count) else { return nil }
        self.method = method
        self.value = value
    }

    /// As long as the method has it.
    ///
    /// - Returns: nil for algorithms whose keys have no check value here, and lengths that the algorithm does not have.
    public init?(of key: borrowing SecretKey, _ algorithm: KeyAlgorithm) {
        self.init(of: UnsafeRawBufferPointer(start: key.base, count: key.count), algorithm)
    }

    init?(of key: UnsafeRawBufferPointer, _ algorithm: KeyAlgorithm) {
        let method: Method = algorithm == .aes ? .cmac : .zeroBlock
        guard let block = Self.block(key, algorithm, method) else { return nil }
        self.init(method, Array(block.bytes.prefix(method.countMax)))
    }

    /// Whether it is this key's, in constant time. False for keys that have none.
    func matches(_ key: UnsafeRawBufferPointer, _ algorithm: KeyAlgorithm) -> Bool {
        guard let block = Self.block(key, algorithm, method) else { return false }
        return constantTimeEquals(Array(block.bytes.prefix(value.count)), value)
    }

    /// The whole block that a check value is the beginning of; eight bytes of TDES are its high half.
    private static func block(_ key: UnsafeRawBufferPointer, _ algorithm: KeyAlgorithm, _ method: Method) -> Block? {
        guard algorithm.takes(byteCount: key.count) == true else { return nil }
        switch algorithm {
        case .tdes:
            return TripleDES.with(key: key) { des in
                // The CMAC of one whole block of zeros is its first subkey encrypted.
                let input = method == .zeroBlock ? 0 : TDESCMAC.firstSubkey(des)
                return Block(high: des.encrypt(input), low: 0)
            }
        case .aes:
            let cipher = AESBlockCipher(key: key)
            guard method == .cmac else { return cipher.transform(.zero) }
            return withUnsafeBytes(of: Block.zero) { CMAC.code($0, cipher: cipher.schedule) }
        default: return nil
        }
    }
}
