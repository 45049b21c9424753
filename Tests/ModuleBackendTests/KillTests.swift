// SPDX-License-Identifier: Apache-2.0
import Foundation
import SecurityModule
import Testing
import Vocabulary

@Suite("A process that is killed")
struct KillTests {
    /// Beside the tests, where they are built.
    private static let worker = Bundle.main.executableURL.map {
        $0.deletingLastPathComponent().appending(path: "ModuleBackendWorker")
    }

    @Test("has never said a counter that is not there afterwards, wherever it was killed", arguments: BackEnd.available)
    func counter(backEnd: BackEnd) throws {
        struct Kill: Check {
            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                let seed = UInt64.random(in: .min ... .max)
                print("seed \(seed)")
                var random = SeededRandom(seed: seed)
                _ = try subject.provisioned().profile
                for round in 0..<6 {
                    let said = try kill(subject.worker(), after: 1 + random.below(12))
                    if round.isMultiple(of: 2) { try subject.cut() }
                    var hardware = try subject.open()
                    let counter = try hardware.counter()
                    #expect(counter >= said && counter <= said + 1)
                    #expect(try hardware.condition() == .ready(triesLeft: 5))
                }
            }

            /// - Returns: the last value it has said.
            private func kill(
                _ call: (arguments: [String], environment: [String: String]), after lines: Int
            ) throws -> UInt64 {
                let process = Process()
                process.executableURL = KillTests.worker
                process.arguments = call.arguments
                process.environment = ProcessInfo.processInfo.environment.merging(call.environment) { $1 }
                let output = Pipe()
                process.standardOutput = output
                try process.run()
                var text = Data()
                while text.count(where: { $0 == 0x0A }) < lines {
                    let more = output.fileHandleForReading.availableData
                    guard !more.isEmpty else { throw Missing() }
                    text += more
                }
                Foundation.kill(process.processIdentifier, SIGKILL)
                text += output.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                let whole = String(decoding: text, as: UTF8.self).split(separator: "\n")
                return try require(whole.last.flatMap { UInt64($0) })
            }
        }
        try backEnd.run(Kill())
    }
}
