// SPDX-License-Identifier: Apache-2.0
import CAllocations
import Glibc
import Vocabulary

/// Measures operations one after another.
///
/// Operations a second are of process CPU time, the best of seven rounds; the median and the 99th percentile are of the
/// clock on the wall, each call by itself, and so say what a busy machine makes of it.
struct Stopwatch {
    private static let rounds = 7
    private let filter: String
    /// Takes in something of every result, so that no work can be left out.
    private var sink: UInt64 = 0

    /// - Parameter filter: only operations whose names contain it.
    init(filter: String) { self.filter = filter }

    /// - Parameter calls: calls a round.
    /// - Parameter step: one operation, which sees the number of its call; returns something of its result.
    @inline(__always)
    mutating func measure(_ operation: String, calls: Int, _ step: (Int) throws -> UInt64) rethrows {
        guard filter.isEmpty || operation.contains(filter) else { return }
        // What is made once, at a first use, is not the operation's.
        for call in 0..<calls { sink ^= try step(call) }
        let (common, secure) = (callocations_common(), callocations_secure())
        var best = Double.infinity
        for _ in 0..<Self.rounds {
            let start = Self.now(CLOCK_PROCESS_CPUTIME_ID)
            for call in 0..<calls { sink ^= try step(call) }
            best = min(best, Self.now(CLOCK_PROCESS_CPUTIME_ID) - start)
        }
        let done = Double(Self.rounds * calls)
        let blocks = (Double(callocations_common() - common) / done, Double(callocations_secure() - secure) / done)
        var times: [Double] = []
        times.reserveCapacity(calls)
        for call in 0..<calls {
            let start = Self.now(CLOCK_MONOTONIC)
            sink ^= try step(call)
            times.append(Self.now(CLOCK_MONOTONIC) - start)
        }
        times.sort()
        let line: JSON = [
            "operation": .string(operation), "perSecond": .integer(Int64(Double(calls) / best)),
            "nanoseconds": .integer(Int64(best / Double(calls) * 1e9)),
            "p50": .integer(Int64(times[calls / 2] * 1e9)), "p99": .integer(Int64(times[calls * 99 / 100] * 1e9)),
            "commonAllocations": .double(blocks.0), "secureAllocations": .double(blocks.1),
        ]
        print(line.text)
        fflush(nil)
        // The sink is read, so the compiler must have kept it.
        if sink == 0x5EED_5EED_5EED_5EED { print("{}") }
    }

    /// Seconds.
    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
}
