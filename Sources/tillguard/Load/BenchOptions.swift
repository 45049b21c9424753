// SPDX-License-Identifier: Apache-2.0
import Foundation
import Vocabulary

/// What a benchmark is asked for; server and client process agree on it.
struct BenchOptions: Equatable, Sendable {
    var terminals = 1_000
    var cards = 10_000
    var seconds = 15
    var inFlight = 64
    var connections = 64
    var data: String
    /// Whether the console's tables are filled as `serve` does.
    var keepsRecords = false
    var allowsTmpfs = false

    /// The arguments of the client's process.
    func clientArguments(port: Int) -> [String] {
        [
            "bench", "--client-of", "\(port)", "--data", data, "--terminals", "\(terminals)", "--cards", "\(cards)",
            "--seconds", "\(seconds)", "--in-flight", "\(inFlight)", "--connections", "\(connections)",
        ]
    }
}

/// Why a benchmark cannot be run, or is worth nothing.
enum BenchError: Error, Equatable, CustomStringConvertible {
    case onTmpfs(String)
    case notEmpty(String)
    case system(String, why: String)
    case clientFailed(String)
    /// An answer left that the journal does not hold, or the other way round.
    case answersDiffer(received: Int, journal: Int)

    var description: String {
        switch self {
        case .onTmpfs(let path):
            "\(path) is in memory (tmpfs): nothing there is durable; give --data on a disk, or --allow-tmpfs"
        case .notEmpty(let path): "\(path) holds a journal already; a benchmark starts on an empty directory"
        case .system(let what, let why): "\(what): \(why)"
        case .clientFailed(let why): "the load client failed: \(why)"
        case .answersDiffer(let received, let journal):
            "\(received) answers were received, but the journal holds \(journal) authorisations"
        }
    }
}

/// Processor time of this process.
enum ProcessorTime {
    /// User and system time since the start, all threads, in microseconds.
    static func microseconds() -> Int64 {
        var usage = rusage()
        // Cannot fail for one's own process and a valid address.
        _ = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func total(_ time: timeval) -> Int64 { Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_usec) }
        return total(usage.ru_utime) + total(usage.ru_stime)
    }
}

/// What a directory lies on.
enum FileSystem {
    private static let inMemory = ["tmpfs", "ramfs", "devtmpfs"]

    /// - Throws: `BenchError.system`.
    static func isInMemory(_ path: String) throws(BenchError) -> Bool {
        var info = stat()
        guard stat(path, &info) == 0 else { throw .system(path, why: String(cString: strerror(errno))) }
        let mounts: String
        do { mounts = try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8) } catch {
            throw .system("/proc/self/mountinfo", why: "cannot be read")
        }
        return kind(ofDevice: device(info.st_dev), in: mounts).map { inMemory.contains($0) } ?? false
    }

    /// `major:minor`, as glibc's macros take a device number apart.
    private static func device(_ number: dev_t) -> String {
        let major = number >> 8 & 0xFFF | number >> 32 & ~0xFFF
        let minor = number & 0xFF | number >> 12 & ~0xFF
        return "\(major):\(minor)"
    }

    /// The file system of a device in proc(5)'s `mountinfo`: the third field is major:minor, the type follows a dash.
    static func kind(ofDevice device: String, in mounts: String) -> String? {
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2, fields[2] == device, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count
            else { continue }
            return String(fields[dash + 1])
        }
        return nil
    }
}
