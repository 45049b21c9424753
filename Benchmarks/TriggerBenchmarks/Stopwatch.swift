// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Nanoseconds of a clock that only rises.
@inline(__always)
func nanoseconds() -> UInt64 { time(CLOCK_MONOTONIC) }

/// Nanoseconds of processor time of this process.
func processorNanoseconds() -> UInt64 { time(CLOCK_PROCESS_CPUTIME_ID) }

@inline(__always)
private func time(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

/// Memory of this process that is in use now, and of the machine that is to be had, in bytes.
enum Memory {
    static var resident: Int { field(1, of: "/proc/self/statm") * 4_096 }

    static var available: Int {
        guard let text = contents("/proc/meminfo"),
            let line = text.split(separator: "\n").first(where: {
                $0.hasPrefix("MemAvailable:")
            })
        else { return .max }
        return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1_024 } ?? .max
    }

    private static func field(_ place: Int, of path: String) -> Int {
        let fields = contents(path)?.split(separator: " ") ?? []
        return place < fields.count ? Int(fields[place]) ?? 0 : 0
    }

    private static func contents(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}

/// Times of single decisions, every sixteenth of them: two readings of the clock cost as much as a tenth of a decision.
struct Latencies {
    static let every = 16
    private var samples: [UInt32] = []

    init(capacity: Int) { samples.reserveCapacity(capacity / Self.every + 1) }

    @inline(__always)
    mutating func add(_ nanoseconds: UInt64) { samples.append(UInt32(clamping: nanoseconds)) }

    mutating func add(_ other: Latencies) { samples += other.samples }

    /// The sample that so many of a thousand do not exceed.
    func quantile(perMille: Int) -> UInt32 {
        let sorted = samples.sorted()
        return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * perMille / 1_000)]
    }
}
