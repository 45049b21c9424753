// SPDX-License-Identifier: Apache-2.0
@testable import SecurityModule

extension Bench {
    /// Whether the module's memory has a key in this slot.
    func holds(_ slot: KeySlot) -> Bool { module.keys.holds(slot) }

    /// Whether the keys of the message protected last are still there.
    var hasTransaction: Bool { module.transaction != nil }
}
