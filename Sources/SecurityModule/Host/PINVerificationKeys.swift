// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// The keys that PINs are verified with, derived once from the master keys, in an arena of their own.
struct PINVerificationKeys: ~Copyable, Sendable {
    private static let visaKeyCount = 7

    private let arena: KeyArena
    private let ibm: KeyHandle
    /// The key pairs of index 0–6, 16 bytes each.
    private let visa: [KeyHandle]

    init(_ masters: borrowing HostMasters) {
        var arena = KeyArena(capacity: 1 + Self.visaKeyCount)
        do {
            ibm = try arena.insert(KDF.derive(master: masters.key(.ibmPIN), label: "IBM 3624 PVK", count: 16))
            let master = masters.key(.visaPIN)
            var visa: [KeyHandle] = []
            for index in 0..<Self.visaKeyCount {
                visa.append(
                    try arena.insert(
                        KDF.derive(master: master, label: "Visa PVK", context: [UInt8(index)], count: 16)))
            }
            self.visa = visa
        } catch { preconditionFailure("the arena has room for these keys") }
        self.arena = arena
    }

    var areLocked: Bool { arena.isLocked }

    /// Lends the key pair of an index; nil where no key has it.
    borrowing func withVisaPVK<R: ~Copyable>(_ index: UInt8, _ body: (borrowing SecretKey) -> R) -> R? {
        Int(index) < visa.count ? arena.withKey(visa[Int(index)], body) : nil
    }

    /// Lends the key of IBM 3624.
    borrowing func withIBMPVK<R: ~Copyable>(_ body: (borrowing SecretKey) -> R) -> R {
        guard let result = arena.withKey(ibm, body) else { preconditionFailure("the key is never removed") }
        return result
    }
}
