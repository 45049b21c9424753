// SPDX-License-Identifier: Apache-2.0
import CForbiddenCalls
import Glibc
import ModuleServer
import ModuleServerFixture

// A module's process with the keys of a seed, for tests and benchmarks.
//
//     ModuleServerWorker serve SOCKET SEED   as `tillguard module serve` does
//     ModuleServerWorker probe SOCKET SEED   the same, but once shut off it says which forbidden calls it could make, and ends

struct Usage: Error {}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 3, ["serve", "probe"].contains(arguments[0]), let seed = UInt64(arguments[2]) else {
    throw Usage()
}

func probe() {
    for index in 0..<cforbidden_count() {
        let outcome = cforbidden_is_refused(index) != 0 ? "refused" : "open"
        print("\(outcome): \(String(cString: cforbidden_name(index)))")
    }
    if let way = cforbidden_closed_way() { print("closed: \(String(cString: way))") }
    fflush(nil)
}

try ModuleHouse.run(
    at: arguments[1], isSupervised: true, open: { try ModuleFixture.service(seed: seed) },
    instead: arguments[0] == "probe" ? { _ in probe() } : nil)
