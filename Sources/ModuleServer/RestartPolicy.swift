// SPDX-License-Identifier: Apache-2.0

/// When a module that has ended by itself is started again: at once, then later, and after the third end in ten minutes not at
/// all. A module that cannot stay up must not trade in between (as S02 has it of a terminal's).
struct RestartPolicy {
    enum Decision: Equatable {
        case start(afterMilliseconds: Int64)
        case giveUp
    }

    static let endsMax = 3
    static let window: Int64 = 600_000
    private static let waits: [Int64] = [0, 1_000]
    private var ends: [Monotonic] = []

    mutating func ended(at now: Monotonic) -> Decision {
        ends.removeAll { $0 + Self.window < now }
        ends.append(now)
        guard ends.count < Self.endsMax else { return .giveUp }
        return .start(afterMilliseconds: Self.waits[ends.count - 1])
    }
}
