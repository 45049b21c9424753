// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// What a PIN pad collects, key by key, in a wiped block.
public struct PINEntry: ~Copyable, Sendable {
    private var block: SecretKey

    /// Nothing entered yet.
    public init() { block = SecretKey(count: 1 + ClearPIN.countMax) { _ in } }

    /// The number of digits entered.
    public var count: Int { block.withBytes { Int($0[0]) } }

    /// Enters a digit 0–9; a thirteenth digit and any other value are ignored.
    ///
    /// - Returns: the number of digits entered.
    @discardableResult
    public mutating func press(_ digit: UInt8) -> Int {
        block.withMutableBytes { block in
            if digit <= 9, block[0] < UInt8(ClearPIN.countMax) {
                block[0] += 1
                block[Int(block[0])] = digit
            }
            return Int(block[0])
        }
    }

    /// Takes the last digit back.
    public mutating func deleteLast() {
        block.withMutableBytes { block in
            guard block[0] > 0 else { return }
            block[Int(block[0])] = 0
            block[0] -= 1
        }
    }

    /// Forgets everything entered.
    public mutating func clear() { block.withMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }

    /// The PIN.
    ///
    /// - Returns: nil for fewer than 4 digits.
    public consuming func finish() -> ClearPIN? {
        guard count >= ClearPIN.countMin else { return nil }
        return block.withBytes { entered in ClearPIN { $0.copyMemory(from: entered) } }
    }
}
