// SPDX-License-Identifier: Apache-2.0
import Foundation
import Vocabulary

/// The wall clock; a test hands in its own.
public enum SystemTime {
    public static func now() -> Instant {
        Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
