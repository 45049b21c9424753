// SPDX-License-Identifier: Apache-2.0

/// The numbers that a card and a site may have, the largest for none: for an evaluation, and as it found them for what is applied
/// after it. Whoever uses one compares what lies there first, so that any numbers give the same result, right ones sooner.
struct Whereabouts: Equatable, Sendable, BitwiseCopyable {
    var card = UInt32.max
    var site = UInt32.max

    /// They are no part of what an evaluation says.
    static func == (left: Whereabouts, right: Whereabouts) -> Bool { true }
}
