// SPDX-License-Identifier: Apache-2.0

/// One custodian's share of a key, of which `threshold` different ones form the key and fewer tell nothing.
public struct KeyShare: ~Copyable, Sendable {
    /// The custodian's number: 1 to 255.
    public let number: UInt8
    /// How many shares form the key.
    public let threshold: UInt8
    /// As long as the key.
    public let value: SecretKey

    /// A share as it was handed over.
    public init(number: UInt8, threshold: UInt8, value: consuming SecretKey) throws(KeyComponentError) {
        guard number >= 1, threshold >= 2 else { throw .foreignShare }
        self.number = number
        self.threshold = threshold
        self.value = value
    }
}

/// A key in the hands of n custodians of whom any m can form it: Shamir's scheme over GF(2^8) with the polynomial of
/// AES, byte by byte, the custodian's number as the point, the key at zero.
public struct KeyShares: ~Copyable, Sendable {
    private let algorithm: ComponentAlgorithm
    private let keyCount: Int
    private let threshold: UInt8
    /// The shares one after the other.
    private var values: SecretKey
    private var numbers: [UInt8] = []

    /// Without a share yet.
    ///
    /// - Parameter threshold: 2 to 255.
    public init(algorithm: ComponentAlgorithm, keyCount: Int, threshold: UInt8) throws(KeyComponentError) {
        guard algorithm.lengths.contains(keyCount) else { throw .wrongLength(keyCount) }
        guard threshold >= 2 else { throw .custodians }
        self.algorithm = algorithm
        self.keyCount = keyCount
        self.threshold = threshold
        values = SecretKey(count: keyCount * Int(threshold)) { _ in }
    }

    /// How many shares were entered.
    public var entered: Int { numbers.count }
    /// Whether the key can be formed.
    public var isComplete: Bool { numbers.count == Int(threshold) }

    /// Takes one share.
    ///
    /// - Parameter checkValue: what stands on the custodian's form, at least two bytes; nil where there is none.
    public mutating func enter(_ share: borrowing KeyShare, checkValue: [UInt8]?) throws(KeyComponentError) {
        guard share.value.count == keyCount else { throw .wrongLength(share.value.count) }
        guard share.threshold == threshold, !isComplete else { throw .foreignShare }
        guard !numbers.contains(share.number) else { throw .enteredTwice }
        if let checkValue, !algorithm.matches(checkValue, share.value) { throw .checkValue }
        let offset = keyCount * entered
        share.value.withBytes { share in
            values.withMutableBytes { values in
                UnsafeMutableRawBufferPointer(rebasing: values[offset..<offset + share.count]).copyMemory(from: share)
            }
        }
        numbers.append(share.number)
    }

    /// The key of `threshold` shares; it passes `KeyGuard`.
    ///
    /// - Parameter checkValue: the key's own, at least two bytes. Without one, a wrong share gives a wrong key that
    ///   nothing tells from the right one.
    public borrowing func form(checkValue: [UInt8]?) throws(KeyComponentError) -> SecretKey {
        guard isComplete else { throw .notEnough(entered) }
        let (numbers, keyCount) = (numbers, keyCount)
        let key = values.withBytes { values in
            SecretKey(count: keyCount) { key in
                for (index, number) in numbers.enumerated() {
                    // Lagrange's coefficient at zero.
                    var weight: UInt8 = 1
                    for other in numbers where other != number {
                        weight = GF256.product(weight, GF256.product(other, GF256.inverse(other ^ number)))
                    }
                    for place in 0..<keyCount { key[place] ^= GF256.product(values[index * keyCount + place], weight) }
                }
            }
        }
        return try algorithm.accept(key, checkValue)
    }

    /// Splits a key among custodians 1 to `count` and hands over each share with its check value.
    ///
    /// - Parameter threshold: how many of them form the key: 2 to `count`.
    public static func split(
        _ key: borrowing SecretKey, algorithm: ComponentAlgorithm, threshold: UInt8, count: UInt8,
        _ receive: (_ share: borrowing KeyShare, _ checkValue: [UInt8]) -> Void
    ) throws(KeyComponentError) {
        guard algorithm.lengths.contains(key.count) else { throw .wrongLength(key.count) }
        guard threshold >= 2, count >= threshold else { throw .custodians }
        // The polynomials' higher coefficients, one set of key length for each degree.
        let keyCount = key.count
        let coefficients = SecretKey.random(count: keyCount * Int(threshold - 1))
        for number in 1...count {
            let value = key.withBytes { key in
                coefficients.withBytes { coefficients in
                    SecretKey(count: keyCount) { share in
                        for place in 0..<keyCount {
                            var sum: UInt8 = 0
                            for degree in (0..<Int(threshold - 1)).reversed() {
                                sum = GF256.product(sum ^ coefficients[degree * keyCount + place], number)
                            }
                            share[place] = sum ^ key[place]
                        }
                    }
                }
            }
            let checkValue = algorithm.checkValue(value)
            receive(try KeyShare(number: number, threshold: threshold, value: value), checkValue)
        }
    }
}

/// The field of 256 elements with the polynomial of AES (FIPS 197 4.2), without tables and without branches on values.
enum GF256 {
    @inline(__always)
    static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var (left, right, sum) = (left, right, UInt8(0))
        for _ in 0..<8 {
            sum ^= left & (0 &- (right & 1))
            left = (left << 1) ^ (0x1B & (0 &- (left >> 7)))
            right >>= 1
        }
        return sum
    }

    /// The 254th power; zero for zero.
    static func inverse(_ value: UInt8) -> UInt8 {
        var (power, result) = (product(value, value), UInt8(1))
        for _ in 0..<7 {
            result = product(result, power)
            power = product(power, power)
        }
        return result
    }
}
