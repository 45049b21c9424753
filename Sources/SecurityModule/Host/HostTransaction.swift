// SPDX-License-Identifier: Apache-2.0

/// Whose keys protect a message at the host.
enum HostTransaction {
    /// Those of the transaction that the module's `TransactionScratch` went to last.
    case dukpt
    case session(SessionKeys)
}
