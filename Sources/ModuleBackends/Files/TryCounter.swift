// SPDX-License-Identifier: Apache-2.0
import SecurityModule

/// Wrong PINs in a row, in a file: counted before the PIN is looked at, so that pulling the plug wins no try.
struct TryCounter {
    private static let name = "tries"
    let directory: DurableDirectory

    /// Tries left; a file that is none counts as none left.
    func left() throws(HardwareError) -> Int {
        guard let bytes = try directory.bytes(Self.name) else { return SecureHardwareLimits.triesMax }
        guard bytes.count == 1 else { return 0 }
        return max(0, SecureHardwareLimits.triesMax - Int(bytes[0]))
    }

    /// Counts a try.
    ///
    /// - Returns: the tries left if it is wrong.
    /// - Throws: `.locked`.
    func begin() throws(HardwareError) -> Int {
        let left = try left()
        guard left > 0 else { throw .locked }
        try withdraw(to: left - 1)
        return left - 1
    }

    /// The PIN was right, or is a new one.
    func reset() throws(HardwareError) { try withdraw(to: SecureHardwareLimits.triesMax) }

    /// Sets the tries left, after a try at which nobody has looked at the PIN.
    func withdraw(to left: Int) throws(HardwareError) {
        try directory.replace(Self.name, with: [UInt8(SecureHardwareLimits.triesMax - left)])
    }
}

extension HardwareError {
    /// A wrong PIN, or the last one.
    static func wrong(triesLeft: Int) -> HardwareError { triesLeft > 0 ? .wrongPIN(triesLeft: triesLeft) : .locked }
}
