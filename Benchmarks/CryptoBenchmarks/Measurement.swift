// SPDX-License-Identifier: Apache-2.0
import CAllocations
import Glibc
import Vocabulary

/// What an operation reaches.
struct Measurement {
    /// The name that the peers' programs use too.
    let operation: String
    let perSecond: Double
    /// Blocks asked of the common heap, and of libcrypto's secure heap, by one operation on average.
    let commonAllocations: Double
    let secureAllocations: Double
    /// Whether it is one of the paths on which nothing is allocated.
    let isHot: Bool

    /// Less than one block in a thousand operations is none: libcrypto's generator takes two when it seeds itself anew,
    /// once in 65,536 requests.
    var isAsPromised: Bool { !isHot || (commonAllocations < 0.001 && secureAllocations < 0.001) }

    var json: JSON {
        [
            "peer": "tillguard", "operation": .string(operation), "perSecond": .integer(Int64(perSecond)),
            "commonAllocations": .double(commonAllocations), "secureAllocations": .double(secureAllocations),
        ]
    }
}

/// Measures operations one after another: process CPU time, the best of seven rounds, as the peers' programs do.
struct Bench {
    private let rounds: Int
    private let callsMax: Int
    private(set) var measurements: [Measurement] = []
    /// Only operations whose names contain this.
    let filter: String
    /// Takes in something of every result, so that no work can be left out.
    private var sink: UInt64 = 0

    init(filter: String) {
        self.filter = filter
        (rounds, callsMax) = (7, .max)
    }

    /// Of the allocations alone, which show in few calls.
    init() {
        filter = ""
        (rounds, callsMax) = (1, 5_000)
    }

    /// - Parameter isHot: whether the operation is one of those that must not allocate.
    /// - Parameter step: one operation, which sees the number of its call; returns something of its result.
    @inline(__always)
    mutating func measure(
        _ operation: String, calls: Int, isHot: Bool = false, _ step: (Int) throws -> UInt64
    ) rethrows {
        guard filter.isEmpty || operation.contains(filter) else { return }
        let calls = min(calls, callsMax)
        // What is made once, at a first use, is not the operation's.
        for call in 0..<min(calls, 64) { sink ^= try step(call) }
        var best = Double.infinity
        let (common, secure) = (callocations_common(), callocations_secure())
        for _ in 0..<rounds {
            let start = Self.now()
            for call in 0..<calls { sink ^= try step(call) }
            best = min(best, Self.now() - start)
        }
        let done = Double(rounds * calls)
        measurements.append(
            Measurement(
                operation: operation, perSecond: Double(calls) / best,
                commonAllocations: Double(callocations_common() - common) / done,
                secureAllocations: Double(callocations_secure() - secure) / done, isHot: isHot))
    }

    /// Writes measurements as a line of JSON each.
    ///
    /// - Parameter isWhole: all of them; else those alone that break the promise to allocate nothing.
    /// - Returns: whether the promise is kept by every hot path, and there are some.
    func report(isWhole: Bool) -> Bool {
        for measurement in measurements where isWhole || !measurement.isAsPromised { print(measurement.json.text) }
        // The sink is read, so the compiler must have kept it.
        if sink == 0x5EED_5EED_5EED_5EED { print("{}") }
        return measurements.allSatisfy(\.isAsPromised) && (!filter.isEmpty || measurements.contains(where: \.isHot))
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
}

/// What an operation reads, and room for what it writes.
struct Room {
    private let memory: UnsafeMutableRawBufferPointer
    private let count: Int

    init(_ input: [UInt8]) {
        count = input.count
        memory = .allocate(byteCount: 10_240, alignment: 16)
        memory.copyBytes(from: input)
    }

    var input: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }
    var output: UnsafeMutableRawBufferPointer {
        let most = count == 8 ? 8 : memory.count - count
        return UnsafeMutableRawBufferPointer(rebasing: memory[count..<count + most])
    }

    func deallocate() { memory.deallocate() }
}
