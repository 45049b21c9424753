// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Demo
import Foundation
import Vocabulary

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Walk every demand of the source document against a server of its own.",
        discussion: """
            Starts servers on free ports and temporary directories, drives them as any client would, and prints of \
            each row what was sent, what came back, and whether it works, fails, or is not built yet. Exit code 0 if \
            nothing failed; 1 if something that should work did not.
            """)

    @Flag(help: "Print the rows as one JSON object and nothing else.")
    var json = false
    @Option(help: "Seconds after which the run ends as failed.")
    var timeLimit = 90

    func validate() throws {
        guard (10...3_600).contains(timeLimit) else { throw ValidationError("--time-limit is 10 to 3600 seconds") }
    }

    func run() throws {
        var options = Demo.Options(executable: try Self.thisProgram(), rulesText: RuleFiles.shipped)
        options.secondsMax = timeLimit
        let isSilent = json
        let demo = Demo(options) { line in
            if !isSilent { LineWriter.output.write(line + "\n") }
        }
        let report = try demo.run()
        if json { print(report.json.text) } else { summarise(report) }
        if !report.isGood { throw ExitCode(1) }
    }

    private func summarise(_ report: DemoReport) {
        for row in report.rows {
            print("\(row.row)  \(row.status.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0))  \(row.title)")
        }
    }

    /// The very program that runs, wherever it was started from.
    static func thisProgram() throws -> String {
        let path = CommandLine.arguments[0]
        if let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") { return link }
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw DeploymentError.refused("no program at \(path)")
        }
        return path
    }
}
