// SPDX-License-Identifier: Apache-2.0
import Foundation
import Vocabulary

@testable import Demo

/// One run of the whole demo against the real program, written down row by row; all tests of this target share it.
struct DemoRun: Sendable {
    var report: DemoReport
    var recordings: [String: Recording]

    /// Where the built program lies: beside the tests.
    static var program: String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = CommandLine.arguments.map { URL(filePath: $0).deletingLastPathComponent().path }
        let places = [URL(filePath: tests).deletingLastPathComponent().path] + beside
        return places.map { $0 + "/tillguard" }.first { FileManager.default.isExecutableFile(atPath: $0) }
            ?? "tillguard"
    }

    /// The rules that the repository ships.
    static var rulesText: String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return (try? String(contentsOf: root.appending(path: "Rules/default.rules"), encoding: .utf8)) ?? ""
    }

    /// Slow machines run tests too.
    static let secondsMax = 400

    static let shared = Result { try run() }

    private static func run() throws -> DemoRun {
        var options = Demo.Options(executable: program, rulesText: rulesText)
        options.secondsMax = secondsMax
        options.catchesInterrupt = false
        var recorders: [(row: String, recorder: Recorder)] = []
        let report = try Demo(options) { _ in }.run(Row.all) { row, door in
            let recorder = Recorder(door)
            recorders.append((row.id, recorder))
            return recorder
        }
        let recordings = recorders.map { ($0.row, $0.recorder.recording) }
        return DemoRun(report: report, recordings: Dictionary(recordings) { first, _ in first })
    }
}
