// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What is known of the card and its way here beyond single events.
extension Scan {
    private static let day: Int64 = 86_400_000

    /// The card was never seen before.
    var isFirstUse: Truth { Truth(!hasCard) }

    /// Whole days since the card was last used; unknown for one that never was.
    var idleDays: FigureValue { hasCard ? FigureValue(max(0, now - window.latest) / Self.day) : .unknown }
}
