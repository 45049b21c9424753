// SPDX-License-Identifier: Apache-2.0

extension TerminalSecurityModule {
    /// The slots whose key can be used, in ascending order: what its evidence lists, without saying anything of the keys.
    public var heldKeySlots: [KeySlot] { KeySlot.allCases.filter { isUsable($0) } }
}
