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

    var json: JSON {
        [
            "peer": "tillguard", "operation": .string(operation), "perSecond": .integer(Int64(perSecond)),
            "commonAllocations": .double(commonAllocations), "secureAllocations": .double(secureAllocations),
        ]
    }
}

/// Measures operations one after another: process CPU time, the best of seven rounds, as the peers' programs do.
struct Bench {
    private static let rounds = 7
    private(set) var measurements: [Measurement] = []
    /// Only operations whose names contain this.
    let filter: String
    /// Takes in something of every result, so that no work can be left out.
    private var sink: UInt64 = 0

    init(filter: String) { self.filter = filter }

    /// - Parameter step: one operation, which sees the number of its call; returns something of its result.
    @inline(__always)
    mutating func measure(_ operation: String, calls: Int, _ step: (Int) throws -> UInt64) rethrows {
        guard filter.isEmpty || operation.contains(filter) else { return }
        // What is made once, at a first use, is not the operation's.
        for call in 0..<min(calls, 64) { sink ^= try step(call) }
        var best = Double.infinity
        let (common, secure) = (callocations_common(), callocations_secure())
        for _ in 0..<Self.rounds {
            let start = Self.now()
            for call in 0..<calls { sink ^= try step(call) }
            best = min(best, Self.now() - start)
        }
        let done = Double(Self.rounds * calls)
        measurements.append(
            Measurement(
                operation: operation, perSecond: Double(calls) / best,
                commonAllocations: Double(callocations_common() - common) / done,
                secureAllocations: Double(callocations_secure() - secure) / done))
    }

    /// Writes every measurement as a line of JSON.
    func report() {
        for measurement in measurements { print(measurement.json.text) }
        // The sink is read, so the compiler must have kept it.
        if sink == 0x5EED_5EED_5EED_5EED { print("{}") }
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
