// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One severity a warning can have, with what it then does.
public struct WarningLevel: Hashable, Sendable {
    /// What an open warning does to the terminal.
    public struct Effect: Hashable, Sendable {
        /// What it stops.
        public let halts: Halt
        /// Which keys it erases.
        public let zeroises: Zeroisation

        /// The lifecycle event it causes: only erasing everything enters TAMPERED, any other full stop HALTED.
        public var lifecycleEvent: LifecycleEvent? {
            if zeroises == .all { .tamper } else if halts == .all { .halt } else { nil }
        }
    }

    /// The severity of this level.
    public let severity: Severity
    /// What the warning does at this level.
    public let effect: Effect
    /// When this level holds; nil where it simply is the code's only or first one.
    public let when: Phrase?
    /// How long after the raise at the level before it the warning is promoted to this one; nil where
    /// something else than time promotes it.
    public let after: Interval?

    /// What it stops.
    public var halts: Halt { effect.halts }
    /// Which keys it erases.
    public var zeroises: Zeroisation { effect.zeroises }
}

/// A warning that turns into another one when it is left alone.
public struct WarningSuccession: Hashable, Sendable {
    /// The code it turns into.
    public let code: WarningCode
    /// When it does.
    public let when: Phrase
}
