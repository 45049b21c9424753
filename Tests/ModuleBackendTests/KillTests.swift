// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleBackends
import ModuleProtocol
import SecurityModule
import Testing
import Vocabulary

@Suite("A process that is killed")
struct KillTests {
    /// A program that works until it is killed; it is built beside the tests.
    private static func kill(
        _ words: [String], _ call: (arguments: [String], environment: [String: String]), after lines: Int
    ) throws -> [String] {
        let folder = try require(Bundle.main.executableURL).deletingLastPathComponent()
        let process = Process()
        process.executableURL = folder.appending(path: "ModuleBackendWorker")
        process.arguments = words + call.arguments
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
        // What it was saying when it was killed it had done.
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func seeded() -> SeededRandom {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        return SeededRandom(seed: seed)
    }

    @Test("has never said a counter that is not there afterwards, wherever it was killed", arguments: BackEnd.available)
    func counter(backEnd: BackEnd) throws {
        struct Count: Check {
            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                var random = KillTests.seeded()
                _ = try subject.provisioned().profile
                for round in 0..<6 {
                    let lines = try KillTests.kill(["count"], subject.worker(), after: 1 + random.below(12))
                    let said = try require(lines.last.flatMap { UInt64($0) })
                    if round.isMultiple(of: 2) { try subject.cut() }
                    var hardware = try subject.open()
                    let counter = try hardware.counter()
                    #expect(counter >= said && counter <= said + 1)
                    #expect(try hardware.condition() == .ready(triesLeft: 5))
                }
            }
        }
        try backEnd.run(Count())
    }

    @Test(
        "goes on after a restart, and uses no key and no counter again, wherever it was killed",
        arguments: BackEnd.available)
    func sales(backEnd: BackEnd) throws {
        struct Sell: Check {
            let now = Counterpart.start

            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                var random = KillTests.seeded()
                let counterpart = try Counterpart()
                let store = try DirectoryModuleStore(subject.directory)
                let eventCounter = try signOn(subject, counterpart, store)
                let words = [
                    "sell", subject.pin, counterpart.bounds.map(String.init).joined(separator: ","),
                    "\(now.microseconds / 1_000_000)",
                ]
                for round in 0..<6 {
                    let lines = try KillTests.kill(words, subject.worker(), after: 1 + random.below(50))
                    for line in lines {
                        let message = try #require(bytes(line))
                        #expect(counterpart.accepts(message, eventCounter: eventCounter), "round \(round)")
                    }
                    if round.isMultiple(of: 2) { try subject.cut() }
                }
                var module = try HardwareModule.resume(
                    store, firmware: Counterpart.firmware, hardware: try subject.ready(), now: now)
                #expect(module.status(now: now).openWarnings == [])
                #expect(try module.sell(counterpart, now: now) == true)
            }

            private func signOn<H: SecureHardware & ~Copyable>(
                _ subject: Subject<H>, _ counterpart: Counterpart, _ store: DirectoryModuleStore
            ) throws -> UInt32 {
                var module = try HardwareModule.personalise(
                    counterpart.provisioning, firmware: Counterpart.firmware, hardware: try subject.provisioned(),
                    store: store, now: now)
                #expect(try module.signOn(counterpart, now: now) == true)
                return module.status(now: now).eventCounter
            }

            private func bytes(_ text: String) -> [UInt8]? {
                let digits = Array(text)
                guard digits.count.isMultiple(of: 2) else { return nil }
                return stride(from: 0, to: digits.count, by: 2).map {
                    UInt8(String(digits[$0..<$0 + 2]), radix: 16) ?? 0
                }
            }
        }
        try backEnd.run(Sell())
    }
}
