// SPDX-License-Identifier: Apache-2.0

/// Why a key is not formed from its components or shares.
public enum KeyComponentError: Error, Equatable, Sendable {
    /// Not a length of the algorithm, or not that of the key; in bytes.
    case wrongLength(Int)
    /// The component does not have its check value: mistyped, or another one.
    case checkValue
    /// A component that was entered before.
    case enteredTwice
    /// A share of another key, of another threshold, or with a number out of range.
    case foreignShare
    /// Not enough components or shares yet; how many are there.
    case notEnough(Int)
    /// Not 2 to 255 of at most 255 custodians, or 2 to 9 components.
    case custodians
    /// The key that comes out is not to be used.
    case weakKey(KeyStrengthError)
    /// The key that comes out does not have its check value.
    case wrongKey
}

/// The algorithms whose keys have check values.
public enum ComponentAlgorithm: Hashable, Sendable, CaseIterable {
    /// 16 or 24 bytes.
    case tdes
    /// 16, 24 or 32 bytes.
    case aes
    /// 16 bytes.
    case sm4

    /// The bytes that a key has.
    public var lengths: [Int] {
        switch self {
        case .tdes: [16, 24]
        case .aes: [16, 24, 32]
        case .sm4: [16]
        }
    }

    /// SM4 keys are as long as AES keys, and only a repeated byte makes one weak.
    var strength: KeyAlgorithm { self == .tdes ? .tdes : .aes }

    /// The bytes of a check value.
    var checkValueCount: Int { self == .aes ? 5 : 3 }

    /// Three bytes for TDES and SM4, five for AES; none for a key of another algorithm's length.
    public func checkValue(_ key: borrowing SecretKey) -> [UInt8] {
        guard lengths.contains(key.count) else { return [] }
        switch self {
        case .tdes: return KCV.tdes(key)
        case .aes: return KCV.aes(key)
        case .sm4: return (try? SM4.kcv(key)) ?? []
        }
    }

    /// Whether two to five leading bytes are the key's check value; in constant time.
    func matches(_ checkValue: [UInt8], _ key: borrowing SecretKey) -> Bool {
        let computed = self.checkValue(key)
        guard (2...checkValueCount).contains(checkValue.count) else { return false }
        return constantTimeEquals(Array(computed.prefix(checkValue.count)), checkValue)
    }

    /// A key that passes the strength rule and has the check value, if one is given.
    func accept(_ key: consuming SecretKey, _ checkValue: [UInt8]?) throws(KeyComponentError) -> SecretKey {
        do {
            try KeyGuard.check(key, for: strength)
        } catch {
            throw .weakKey(error)
        }
        if let checkValue, !matches(checkValue, key) { throw .wrongKey }
        return key
    }
}

/// A key in full-length components, all of which are needed: each custodian enters one, and the key is their exclusive
/// or (ISO 11568, PCI PIN 6). No component tells anything about the key.
public struct KeyComponents: ~Copyable, Sendable {
    /// The most components.
    public static let countMax = 9

    private let algorithm: ComponentAlgorithm
    private var sum: SecretKey
    private var checkValues: [[UInt8]] = []

    /// Without a component yet.
    ///
    /// - Parameter keyCount: the bytes of the key.
    public init(algorithm: ComponentAlgorithm, keyCount: Int) throws(KeyComponentError) {
        guard algorithm.lengths.contains(keyCount) else { throw .wrongLength(keyCount) }
        self.algorithm = algorithm
        sum = SecretKey(count: keyCount) { _ in }
    }

    /// How many components were entered.
    public var entered: Int { checkValues.count }

    /// Takes one component; a component entered twice would cancel itself.
    ///
    /// - Parameter checkValue: what stands on the custodian's form, at least two bytes; nil where there is none.
    public mutating func enter(
        _ component: borrowing SecretKey, checkValue: [UInt8]?
    ) throws(KeyComponentError) {
        guard component.count == sum.count else { throw .wrongLength(component.count) }
        guard entered < Self.countMax else { throw .custodians }
        if let checkValue, !algorithm.matches(checkValue, component) { throw .checkValue }
        let computed = algorithm.checkValue(component)
        guard !checkValues.contains(computed) else { throw .enteredTwice }
        guard let combined = sum.combined(with: component) else { throw .wrongLength(component.count) }
        sum = combined
        checkValues.append(computed)
    }

    /// The key of at least two components; it passes `KeyGuard`.
    ///
    /// - Parameter checkValue: the key's own, at least two bytes; nil where it is not known.
    public borrowing func form(checkValue: [UInt8]?) throws(KeyComponentError) -> SecretKey {
        guard entered >= 2 else { throw .notEnough(entered) }
        return try algorithm.accept(sum.copy(), checkValue)
    }

    /// Splits a key into random components and hands over each with its check value.
    ///
    /// - Parameter count: 2 to 9.
    public static func split(
        _ key: borrowing SecretKey, algorithm: ComponentAlgorithm, into count: Int,
        _ receive: (_ number: Int, _ component: borrowing SecretKey, _ checkValue: [UInt8]) -> Void
    ) throws(KeyComponentError) {
        guard algorithm.lengths.contains(key.count) else { throw .wrongLength(key.count) }
        guard (2...countMax).contains(count) else { throw .custodians }
        var rest = key.copy()
        for number in 1..<count {
            let component = SecretKey.random(count: key.count)
            guard let combined = rest.combined(with: component) else { throw .wrongLength(key.count) }
            rest = combined
            receive(number, component, algorithm.checkValue(component))
        }
        receive(count, rest, algorithm.checkValue(rest))
    }
}
