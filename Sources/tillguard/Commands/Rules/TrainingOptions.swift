// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import RiskTraining
import SecurityTriggers
import TriggerTools
import Vocabulary

/// Which transactions of a file become rows of a training table.
struct TrainingOptions: ParsableArguments {
    @Option(help: "The first day whose transactions become rows; those before fill the profiles. 37 days of them do.")
    var from: String
    @Option(help: "The day before which rows end.")
    var to: String
    @Option(help: "Days until a fraud is known, and until anything else counts as genuine, 0 to 7.")
    var delay = 7
    @Argument(help: "The transactions, by time: CSV, plain or gzip, as for backtest, with fraud.")
    var file: String

    func validate() throws {
        guard (0...7).contains(delay) else { throw ValidationError("--delay is 0 to 7 days") }
        guard let first = Self.day(from), let last = Self.day(to), first < last else {
            throw ValidationError("--from and --to are days such as 2018-07-25, one after the other")
        }
    }

    private static func day(_ text: String) -> Instant? {
        text.utf8.count == 10 ? Instant(iso8601: text + "T00:00:00Z") : nil
    }

    /// The table; what was odd goes to the error output.
    func table() throws -> FeatureTable {
        guard let first = Self.day(from), let last = Self.day(to), first < last else {
            throw DeploymentError.refused("--from and --to are days such as 2018-07-25, one after the other")
        }
        var table = FeatureTable(of: first..<last, delay: .days(Int64(delay)))
        try TransactionLines(path: file).forEach { table.add($0) }
        let summary =
            "\(table.table.count) rows of \(table.transactions) transactions, \(table.table.frauds) frauds"
            + (table.outOfOrder > 0 ? "; \(table.outOfOrder) transactions come after a later one" : "")
        FileHandle.standardError.write(Data((summary + "\n").utf8))
        return table
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        do { try Data(bytes).write(to: URL(filePath: path), options: .atomic) } catch {
            throw DeploymentError.refused("\(path): \(error.localizedDescription)")
        }
    }
}
