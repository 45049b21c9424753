// SPDX-License-Identifier: Apache-2.0
import Catalogue

/// How a settlement ended.
public enum SettlementOutcome: Equatable, Sendable {
    /// The batch is closed; whether the host's totals were the terminal's. Where not, every transaction was uploaded.
    case closed(batch: UInt32, BatchTotals, isBalanced: Bool)
    /// The host did not take it: the batch stays open.
    case refusedByHost(TerminalReading?)
    /// Nothing was sent.
    case refused(SaleRefusal)
}
