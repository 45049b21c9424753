// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Vocabulary

/// A bounded, narrated run of every demand of the source document against the real server.
///
/// It starts the server itself, on free ports and directories that are gone afterwards, and sees of it what any client
/// can: the console by HTTP, the port of the terminals, the bench socket, the printed lines, the files. It shares no
/// code with what it looks at, and says `works` only of what has just been seen.
public struct Demo {
    public struct Options: Sendable {
        /// The program to start with `serve`.
        public var executable: String
        /// The rule file that the servers watch.
        public var rulesText: String
        /// The run ends as failed after this.
        public var secondsMax = 90
        /// Whether Ctrl-C is to be caught; a program of its own wants it, a test does not.
        public var catchesInterrupt = true

        public init(executable: String, rulesText: String) {
            self.executable = executable
            self.rulesText = rulesText
        }
    }

    private let options: Options
    private let tell: (String) -> Void

    /// - Parameter tell: gets each line of the narration.
    public init(_ options: Options, tell: @escaping (String) -> Void) {
        self.options = options
        self.tell = tell
    }

    /// Walks all rows.
    /// - Throws: when no server could be started. Whatever else goes wrong is a failed row.
    public func run() throws -> DemoReport { try run(Row.all) { _, door in door } }

    /// Walks rows in their order.
    /// - Parameter wrap: puts something between a row and the server; tests do.
    func run(_ rows: [Row], wrap: (Row, any Door) -> any Door) throws -> DemoReport {
        let workshop = try Workshop(executable: options.executable, rulesText: options.rulesText)
        defer { workshop.close() }
        let sources = options.catchesInterrupt ? workshop.closeOnInterrupt() : []
        defer { for source in sources { source.cancel() } }
        let seen = Seen()
        let begin = DispatchTime.now()
        let checkTime = { [options] in
            guard DispatchTime.now() < begin + .seconds(options.secondsMax) else {
                throw DemoError.outOfTime(seconds: options.secondsMax)
            }
        }
        var doors: [(house: Row.House, door: LiveDoor)] = []
        var report = DemoReport(rows: [])
        for row in rows {
            tell("\(row.id)  \(row.title)")
            let result: RowReport
            do {
                let door: LiveDoor
                if let open = doors.first(where: { $0.house == row.house })?.door {
                    door = open
                } else {
                    try checkTime()
                    door = LiveDoor(
                        try start(row.house, in: workshop), seen: seen, everyServer: { workshop.servers },
                        checkTime: checkTime)
                    doors.append((row.house, door))
                    try Self.waitForTills(Stage(door, tell: tell))
                }
                result = try row.report(through: wrap(row, door), tell: tell)
            } catch {
                result = RowReport(row: row.id, title: row.title, status: .failed, evidence: "\(error)")
            }
            tell("    \(result.status.rawValue): \(result.evidence)\n")
            report.rows.append(result)
        }
        report.rows.sort { $0.row < $1.row }
        return report
    }

    private func start(_ house: Row.House, in workshop: Workshop) throws -> ServerProcess {
        let server = try workshop.start(house.rawValue)
        tell(
            "    (server “\(house.rawValue)”: terminals on port \(server.port), console http://127.0.0.1:"
                + "\(server.consolePort)/, process \(server.identifier))")
        return server
    }

    /// Every terminal has signed on.
    private static func waitForTills(_ stage: Stage) throws {
        for till in DemoEstate.tills {
            try stage.wait(for: "\(till.id) to sign on", seconds: 20) {
                try stage.screen(till).phase == "ready" ? true : nil
            }
        }
    }
}
