// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

/// The real program against a real server, for a few codes.
@Suite("Drill")
struct DrillProgramTests {
    /// Where the built program lies: beside the tests.
    private static var program: String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = CommandLine.arguments.map { URL(filePath: $0).deletingLastPathComponent().path }
        let places = [URL(filePath: tests).deletingLastPathComponent().path] + beside
        return places.map { $0 + "/tillguard" }.first { FileManager.default.isExecutableFile(atPath: $0) }
            ?? "tillguard"
    }

    private static func run(_ arguments: [String]) throws -> (output: [UInt8], status: Int32, identifier: Int32) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: program)
        process.arguments = ["module", "drill"] + arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = Array(try pipe.fileHandleForReading.readToEnd() ?? Data())
        process.waitUntilExit()
        return (output, process.terminationStatus, process.processIdentifier)
    }

    @Test("a warning of each way to clear it is raised for real, stopped and cleared; nothing is left behind")
    func fewCodes() throws {
        let codes = ["H02", "T01", "T06", "C02"]
        let (output, status, identifier) = try Self.run(["--json", "--only", codes.joined(separator: ",")])
        let rows = try #require(try JSON(parsing: output).array)
        #expect(rows.compactMap { $0["code"]?.string } == codes)
        #expect(rows.compactMap { $0["clearance"]?.string } == ["R1", "SC", "D2", "auto"])
        for row in rows { #expect(row["passed"]?.bool == true, "\(row.text)") }
        #expect(status == 0)
        let left = "\(NSTemporaryDirectory())/tillguard-drill-\(identifier)"
        #expect(!FileManager.default.fileExists(atPath: left))
    }

    @Test("an unknown code and a directory that is in use are wrong usage, and no server is started")
    func wrongUsage() throws {
        #expect(try Self.run(["--only", "X99"]).status != 0)
        let directory = URL(filePath: NSTemporaryDirectory()).appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try Data().write(to: directory.appending(path: "x"))
        #expect(try Self.run(["--only", "H02", "--data", directory.path]).status != 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["x"])
    }
}
