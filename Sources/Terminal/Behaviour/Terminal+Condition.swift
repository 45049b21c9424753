// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// The journal cannot be written: what the terminal does since then is in its memory alone.
struct StoreFailure: Equatable, Sendable {
    /// Failures in a row.
    var attempts = 0
    var retryAt: Instant
    /// Something has happened that the snapshot handed out last does not hold.
    var isBehind = true
    /// A snapshot is out and has no answer yet.
    var isAsked = false
}

/// The POS application's own soundness (P02): starts that found no orderly end, parameters, and the journal.
extension Terminal {
    /// A start, before anything else of it. What was saved of a damaged journal begins the new one.
    mutating func begin(_ step: inout Step) {
        if isSalvaged {
            isSalvaged = false
            if store == nil { step.persist(.snapshot(book)) }
            raise(.p02, needsOrder: true, &step)
        }
        record(.service(.started(step.now)), &step)
        // Only parameters leave an open P02 that ends by itself: they are what they were, so they were loaded again.
        let wasAltered = book.service.warning(.p02).map { !$0.needsOrder } ?? false
        if book.service.parameters == nil || (wasAltered && areParametersWhole) { adoptParameters(&step) }
        if book.service.isCrashLooping(at: step.now) { raise(.p02, needsOrder: true, &step) }
    }

    /// The last step: nothing is answered any more.
    mutating func shutDown(_ step: inout Step) {
        disconnected(&step)
        if isPowered { record(.service(.stopped), &step) }
        isPowered = false
        module = ModuleLink()
        signOn = SignOn()
    }

    private var areParametersWhole: Bool { book.service.parameters == configuration.parameters }

    mutating func adoptParameters(_ step: inout Step) {
        record(.service(.parameters(configuration.parameters, step.now)), &step)
    }

    /// Raises and ends what the state itself tells, and what time promotes.
    mutating func reviewWarnings(_ step: inout Step) {
        guard isPowered else { return }
        refreshBacklogWarning(&step)
        if store != nil || !areParametersWhole {
            raise(.p02, &step)
        } else if let open = book.service.warning(.p02), !open.needsOrder {
            clear(.p02, &step)
        }
        for warning in book.service.warnings {
            if let severity = warning.promotion(at: step.now) { raise(warning.code, at: severity, &step) }
        }
    }

    // MARK: - Journal

    /// No sale and no sign-on begins before the journal can be written again; what is journalled already, and reports, go on.
    mutating func storeFailed(_ step: inout Step) {
        step.log(.storeFailed)
        let attempts = (store?.attempts ?? 0) + 1
        store = StoreFailure(
            attempts: attempts, retryAt: step.now + configuration.pause(afterAttempts: attempts))
        reviewWarnings(&step)
        guard let exchange = line else { return }
        switch exchange.purpose {
        case .reversal, .advice, .report: break
        // Its intent is durable: it is taken back, or settled by its answer.
        case .sale where exchange.isSent: break
        case .sale, .hello, .evidence, .signOff, .echo, .settlement, .log, .tail: failExchange(.storeFailed, &step)
        }
    }

    mutating func storeRestored(_ step: inout Step) {
        guard let failure = store, failure.isAsked else { return }
        if failure.isBehind { return rewriteStore(&step) }
        store = nil
        step.log(.storeRestored)
    }

    /// Asks for the journal to be written anew, at growing pauses.
    mutating func retryStore(_ step: inout Step) {
        guard let failure = store, !failure.isAsked, step.now >= failure.retryAt else { return }
        rewriteStore(&step)
    }

    private mutating func rewriteStore(_ step: inout Step) {
        store?.isAsked = true
        store?.isBehind = false
        step.rewrite(snapshot())
    }
}
