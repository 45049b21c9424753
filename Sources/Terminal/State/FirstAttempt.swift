// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// How the first attempt at a sale ended that is tried a second time: what the clerk is told if the second is never sent.
struct FirstAttempt: Equatable, Sendable {
    let stan: STAN
    let outcome: SaleOutcome
    let line: DisplayLine
}
