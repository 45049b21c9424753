// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@testable import Demo

/// One after another: each starts servers.
@Suite("Demo", .serialized)
struct DemoTests {
    static let rowIDs = (1...8).map { "M\($0)" } + (1...9).map { "T\($0)" }

    /// A child process, what it printed, and how it ended.
    private static func run(
        _ arguments: [String], _ watch: (Process, FileHandle) throws -> [UInt8]
    ) throws -> (output: [UInt8], status: Int32) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: DemoRun.program)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = try watch(process, pipe.fileHandleForReading)
        process.waitUntilExit()
        return (output, process.terminationStatus)
    }

    private static func leftovers(of process: Int32) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: NSTemporaryDirectory()).filter {
            $0.hasPrefix("tillguard-demo-\(process)-")
        }
    }

    @Test("the program walks all rows, prints them as JSON and nothing else, and leaves nothing behind")
    func wholeDemo() throws {
        var identifier: Int32 = 0
        let (output, status) = try Self.run(["demo", "--json", "--time-limit", "\(DemoRun.secondsMax)"]) {
            process, out in
            identifier = process.processIdentifier
            return Array(try out.readToEnd() ?? Data())
        }
        let rows = try JSON(parsing: output)["rows"]?.array ?? []
        #expect(rows.compactMap { $0["row"]?.string } == Self.rowIDs)
        for row in rows {
            let evidence = row["evidence"]?.string ?? ""
            #expect(!evidence.isEmpty)
            #expect(["works", "not yet"].contains(row["status"]?.string), "\(row["row"]?.string ?? ""): \(evidence)")
        }
        let partly = rows.filter { $0["status"]?.string == "not yet" }.compactMap { $0["row"]?.string }
        #expect(partly == ["M2", "M6", "M7", "M8"])
        #expect(status == 0)
        #expect(try Self.leftovers(of: identifier).isEmpty)
    }

    @Test("an interrupted run stops its server and removes its folder")
    func interrupted() throws {
        var identifier: Int32 = 0
        var server: Int32 = 0
        let (_, status) = try Self.run(["demo"]) { process, out in
            identifier = process.processIdentifier
            var text = ""
            // The line that names the server's process.
            while !text.contains("process ") || !text.contains(")\n") {
                let bytes = out.availableData
                guard !bytes.isEmpty else { break }
                text += String(decoding: bytes, as: UTF8.self)
            }
            let digits = text.split(separator: "process ").dropFirst().first?.prefix { $0.isNumber } ?? ""
            server = Int32(String(digits)) ?? 0
            process.interrupt()
            return Array(try out.readToEnd() ?? Data())
        }
        #expect(status == 128 + SIGINT)
        #expect(server > 0)
        #expect(kill(server, 0) != 0)
        #expect(try Self.leftovers(of: identifier).isEmpty)
    }

    @Test("without a server every row has failed, and says so")
    func noServer() throws {
        var options = Demo.Options(executable: "/bin/false", rulesText: "")
        options.catchesInterrupt = false
        let report = try Demo(options) { _ in }.run()
        #expect(report.rows.map(\.row) == Self.rowIDs)
        #expect(report.rows.allSatisfy { $0.status == .failed && !$0.evidence.isEmpty })
        #expect(!report.isGood)
    }

    @Test("a run that takes too long ends as failed")
    func outOfTime() throws {
        var options = Demo.Options(executable: DemoRun.program, rulesText: DemoRun.rulesText)
        options.catchesInterrupt = false
        options.secondsMax = 0
        let report = try Demo(options) { _ in }.run()
        #expect(report.rows.count == 17)
        #expect(!report.isGood)
    }
}
