// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// How fast the security modules are, the host's, in this process and in its own, and a terminal's; one line of JSON each. An
/// argument limits the operations by name.
@main
enum ModuleBenchmarks {
    static func main() throws {
        let filter = CommandLine.arguments.dropFirst().first ?? ""
        var stopwatch = Stopwatch(filter: filter)
        let socket = try SocketBench()
        defer { socket.end() }
        for profile in [KeyProfile.tdes, .aes] {
            let bench = try HostBench(profile)
            try bench.verifyPINs(&stopwatch)
            bench.open(&stopwatch)
            try bench.translate(&stopwatch)
            bench.seal(&stopwatch)
            let (requests, answers) = try bench.exchanges()
            try socket.measure(profile, requests, answers, filter: filter)
            let terminal = try TerminalBench(profile)
            try terminal.measure(&stopwatch)
        }
    }
}

/// A bench that could not be set up, or an operation that did not do what it was to be measured doing.
struct BenchError: Error {
    let what: String
}

extension Optional {
    func orFail(_ what: String) throws(BenchError) -> Wrapped {
        guard let self else { throw BenchError(what: what) }
        return self
    }
}
