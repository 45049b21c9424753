// SPDX-License-Identifier: Apache-2.0

/// How the key of one transaction comes from the card's.
public enum SessionKeyDerivation: Hashable, Sendable {
    /// Not at all: the card's key serves as it is (Visa CVN 10).
    case none
    /// The EMV common method with the transaction counter (EMV Book 2 A1.3).
    case common
    /// Mastercard's: the common method with transaction counter and unpredictable number.
    case mastercard
    /// The tree of EMV 4.1 (Book 2 A1.3.1), often called EMV2000.
    case tree(SessionKeyTree)
    /// UnionPay's: transaction counter and its complement encrypted under the card's key (JR/T 0025.7, PBOC 2.0/3.0).
    case unionPay
    /// Visa's for secure messaging: the transaction counter XORed into the card's key.
    case visaSecureMessaging
    /// For secure messaging: the common method with the application cryptogram.
    case cryptogram
}

/// The shape of a tree of session keys.
public struct SessionKeyTree: Hashable, Sendable {
    /// The steps from the card's key to a session key: 2 to 16.
    public let height: Int
    /// The children of each node: 2 to 256.
    public let branchFactor: Int
    let start: (left: UInt64, right: UInt64)

    /// - Parameter start: what precedes the card's key, 16 bytes; zeros unless the scheme says otherwise.
    public init(
        height: Int = 8, branchFactor: Int = 4, start: [UInt8] = [UInt8](repeating: 0, count: 16)
    ) throws(CardCryptographyError) {
        try CardField.sessionKeyTreeStart.check(start)
        guard (2...16).contains(height), (2...256).contains(branchFactor) else {
            throw .sessionKeyTree(height: height, branchFactor: branchFactor)
        }
        var leaves = 1
        for _ in 0..<height { leaves = min(leaves * branchFactor, 1 << 16) }
        guard leaves >= 0xFFFF else { throw .sessionKeyTree(height: height, branchFactor: branchFactor) }
        self.height = height
        self.branchFactor = branchFactor
        self.start = start.withUnsafeBytes { ($0.word(at: 0), $0.word(at: 8)) }
    }

    /// Whether height, branch factor and start are the same.
    public static func == (left: SessionKeyTree, right: SessionKeyTree) -> Bool {
        left.height == right.height && left.branchFactor == right.branchFactor && left.start == right.start
    }

    /// Hashes height, branch factor and start.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(height)
        hasher.combine(branchFactor)
        hasher.combine(start.left)
        hasher.combine(start.right)
    }
}

/// What of a transaction goes into its session keys.
public struct TransactionContext: Hashable, Sendable {
    /// The application transaction counter (tag 9F36).
    public var transactionCounter: UInt16
    /// The terminal's unpredictable number (tag 9F37).
    public var unpredictableNumber: UInt32
    /// The application cryptogram of the transaction (tag 9F26), for secure messaging; zero where there is none yet.
    public var applicationCryptogram: UInt64

    /// What is known of the transaction so far.
    public init(transactionCounter: UInt16, unpredictableNumber: UInt32 = 0, applicationCryptogram: UInt64 = 0) {
        self.transactionCounter = transactionCounter
        self.unpredictableNumber = unpredictableNumber
        self.applicationCryptogram = applicationCryptogram
    }
}

/// The key of one transaction, 16 bytes with odd parity where it was derived.
public struct EMVSessionKey: ~Copyable, Sendable {
    /// The key itself.
    public let key: SecretKey

    /// A key that was derived elsewhere.
    ///
    /// - Parameter key: 16 bytes.
    public init(key: consuming SecretKey) throws(CardCryptographyError) {
        try key.requireDoubleLength()
        self.key = key
    }

    /// The transaction's key out of the card's.
    public init(_ derivation: SessionKeyDerivation, master: borrowing ICCMasterKey, context: TransactionContext) {
        let counter = UInt64(context.transactionCounter)
        switch derivation {
        case .none: key = master.key.copy()
        case .common: key = Self.common(master.key, counter << 48)
        case .mastercard: key = Self.common(master.key, counter << 48 | UInt64(context.unpredictableNumber))
        case .tree(let tree): key = tree.key(master: master.key, counter: context.transactionCounter)
        case .unionPay: key = master.key.encrypted(counter, counter ^ 0xFFFF)
        case .visaSecureMessaging:
            key = master.key.withBytes { master in
                SecretKey(count: 16) { block in
                    block.setWord(master.word(at: 0) ^ counter, at: 0)
                    block.setWord(master.word(at: 8) ^ counter ^ 0xFFFF, at: 8)
                }
            }.withOddParity()
        case .cryptogram: key = Self.common(master.key, context.applicationCryptogram)
        }
    }

    /// By the EMV common method with a diversification value of its own.
    ///
    /// - Parameter diversifier: R of EMV Book 2 A1.3, 8 bytes.
    public init(master: borrowing ICCMasterKey, diversifier: [UInt8]) throws(CardCryptographyError) {
        try CardField.diversificationValue.check(diversifier)
        key = Self.common(master.key, diversifier.withUnsafeBytes { $0.word(at: 0) })
    }

    /// The third byte of R tells the halves apart.
    private static func common(_ master: borrowing SecretKey, _ diversifier: UInt64) -> SecretKey {
        let others = diversifier & ~(0xFF << 40)
        return master.encrypted(others | 0xF0 << 40, others | 0x0F << 40)
    }
}

extension SessionKeyTree {
    /// Walks from the card's key down to the leaf of the counter; what is passed through lies in wiped memory.
    func key(master: borrowing SecretKey, counter: UInt16) -> SecretKey {
        // Grandparent, parent, child: 16 bytes each.
        var nodes = master.withBytes { master in
            SecretKey(count: 48) { nodes in
                nodes.setWord(start.left, at: 0)
                nodes.setWord(start.right, at: 8)
                nodes.setWord(master.word(at: 0), at: 16)
                nodes.setWord(master.word(at: 8), at: 24)
            }
        }
        return nodes.withMutableBytes { nodes in
            for level in 1...height {
                step(nodes, index: index(of: counter, level: level))
                if level < height {
                    for offset in stride(from: 0, to: 32, by: 8) {
                        nodes.setWord(nodes.word(at: offset + 16), at: offset)
                    }
                }
            }
            return SecretKey(count: 16) { key in
                key.setWord(nodes.word(at: 32) ^ nodes.word(at: 0), at: 0)
                key.setWord(nodes.word(at: 40) ^ nodes.word(at: 8), at: 8)
            }
        }.withOddParity()
    }

    /// Which child of its parent the path of the counter takes at a level; 1 is nearest the root.
    private func index(of counter: UInt16, level: Int) -> UInt64 {
        var rest = UInt64(counter)
        for _ in level..<height { rest /= UInt64(branchFactor) }
        return rest % UInt64(branchFactor)
    }

    private func step(_ nodes: UnsafeMutableRawBufferPointer, index: UInt64) {
        let (left, right) = (nodes.word(at: 0) ^ index, nodes.word(at: 8) ^ index ^ 0xF0)
        let parent = UnsafeRawBufferPointer(rebasing: nodes[16..<32])
        TripleDES.with(key: parent) { des in
            nodes.setWord(des.encrypt(left), at: 32)
            nodes.setWord(des.encrypt(right), at: 40)
        }
    }
}
