// SPDX-License-Identifier: Apache-2.0

/// What a key ceremony is opened for: which key, who brings it, how many of them must come, and until when.
public struct KeyCeremonyPlan: Equatable, Sendable {
    /// How the key was divided.
    public enum Division: Equatable, Sendable {
        /// XOR components, one a custodian: all of them are needed.
        case components
        /// Shares, one a custodian: any so many of them form the key.
        case shares(threshold: UInt8)
    }

    /// The most bytes of a custodian's name or of a purpose.
    public static let textCountMax = 64
    /// The most entries that may be allowed to be wrong.
    public static let refusedMaxMax = 99

    /// What the key is for, in the words of the key's owner.
    public let purpose: String
    /// The cipher that the key is for.
    public let algorithm: ComponentAlgorithm
    /// The bytes of the key.
    public let keyCount: Int
    /// How the key was divided.
    public let division: Division
    /// The key's own check value, three bytes at least: without it nothing tells a wrong key from the right one.
    public let checkValue: [UInt8]
    /// The names of those who may enter something; no two are the same but for capitals.
    public let custodians: [String]
    /// How many wrong entries there may be; one more ends the ceremony.
    public let refusedMax: Int
    /// The last instant at which something may be entered or the key taken, in microseconds of the caller's clock.
    public let deadline: Int64

    /// How many custodians must come.
    public var needed: Int {
        switch division {
        case .components: custodians.count
        case .shares(let threshold): Int(threshold)
        }
    }

    /// A plan whose parts fit together.
    public init(
        purpose: String, algorithm: ComponentAlgorithm, keyCount: Int, division: Division, checkValue: [UInt8],
        custodians: [String], refusedMax: Int = 3, deadline: Int64
    ) throws(KeyCeremonyError) {
        guard Self.isName(purpose) else { throw .purpose }
        guard algorithm.lengths.contains(keyCount) else { throw .refused(.wrongLength(keyCount)) }
        guard (3...algorithm.checkValueCount).contains(checkValue.count) else { throw .checkValueLength }
        let countMax: Int
        switch division {
        case .components: countMax = KeyComponents.countMax
        case .shares(let threshold):
            countMax = 255
            guard (2...255).contains(threshold), Int(threshold) <= custodians.count else { throw .threshold }
        }
        guard (2...countMax).contains(custodians.count), custodians.allSatisfy(Self.isName),
            Set(custodians.map { $0.lowercased() }).count == custodians.count
        else { throw .custodians }
        guard (0...Self.refusedMaxMax).contains(refusedMax) else { throw .refusedMax }
        self.purpose = purpose
        self.algorithm = algorithm
        self.keyCount = keyCount
        self.division = division
        self.checkValue = checkValue
        self.custodians = custodians
        self.refusedMax = refusedMax
        self.deadline = deadline
    }

    /// One line of 1 to 64 bytes, without a space at its ends.
    private static func isName(_ text: String) -> Bool {
        (1...textCountMax).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            && text.first != " " && text.last != " "
    }
}
