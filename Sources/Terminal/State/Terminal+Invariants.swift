// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// What must hold after every event.
public enum TerminalInvariant: String, CaseIterable, Sendable {
    /// A sale that the host may have has a durable intent.
    case sentSaleHasIntent
    /// A sale in flight that no exchange waits for would never be settled.
    case intentInFlightHasExchange
    /// No two open items share a trace number.
    case traceNumbersDiffer
    /// No sale lives while everything is stopped, but for one that waits for the sign-on that ends the stop.
    case noSaleWhileHalted
    /// No lease outlives a full stop: recovery takes a fresh one.
    case noLeaseWhileHalted
    /// Nothing waits for an answer on a broken line.
    case noExchangeWhileOffline
    /// Commands to the module are bounded.
    case errandsAreBounded
    /// Nothing is sold while the batch is being settled.
    case noSaleWhileSettling
    /// A lost module is asked nothing but its status.
    case lostModuleIsAskedNothing
    /// A module that is not the paired one sells nothing.
    case swappedModuleSellsNothing
    /// Nothing is begun that the journal could not know of.
    case noSaleWhileStoreFails
}

extension Terminal {
    /// The invariants that do not hold. For tests and the simulator; always empty.
    public func brokenInvariants() -> [TerminalInvariant] {
        TerminalInvariant.allCases.filter { !holds($0) }
    }

    private func holds(_ invariant: TerminalInvariant) -> Bool {
        let inFlight = book.intents.filter { $0.state == .inFlight }
        switch invariant {
        case .sentSaleHasIntent:
            guard let line, line.purpose == .sale, line.isSent, sale?.request.kind != .balance else { return true }
            return inFlight.contains { $0.stan == line.stan }
        case .intentInFlightHasExchange:
            return !isPowered || inFlight.allSatisfy { $0.isOwed || $0.stan == line?.stan && line?.purpose == .sale }
        case .traceNumbersDiffer:
            let open =
                book.intents.flatMap { [$0.stan, $0.reversal?.stan].compactMap(\.self) } + book.reports.map(\.stan)
                + [book.batch.settlement?.stan].compactMap(\.self)
            let sorted = open.sorted()
            return zip(sorted, sorted.dropFirst()).allSatisfy { $0 != $1 }
        case .noSaleWhileHalted:
            return halt != .all || (line?.purpose != .sale && (sale == nil || isAwaitingSignOn))
        case .noLeaseWhileHalted: return halt != .all || signOn.leaseExpires == nil
        case .noExchangeWhileOffline: return isConnected || line == nil
        case .errandsAreBounded: return module.errands.count <= ModuleLink.errandsMax
        case .noSaleWhileSettling: return book.batch.settlement == nil || sale == nil
        case .lostModuleIsAskedNothing: return !module.isLost || module.errands.isEmpty
        case .swappedModuleSellsNothing:
            guard let paired = book.service.pairing, let serial = module.status?.serial, isPowered else { return true }
            return serial == paired.serial || halt == .all
        case .noSaleWhileStoreFails:
            return store == nil || sale == nil || (line?.purpose == .sale && line?.isSent == true)
        }
    }
}
