// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModels
import RiskTraining
import SecurityTriggers
import Vocabulary

/// The Fraud Detection Handbook's protocol on a recording of card purchases: features, a model trained on seven days, seven
/// days of delay, scores for the seven days after.
@main
enum Detection {
    static func main() {
        let arguments: DetectionArguments
        do { arguments = try DetectionArguments(Array(CommandLine.arguments.dropFirst())) } catch { fail("\(error)") }
        do { try run(arguments) } catch { fail("\(error)") }
    }

    private static func run(_ arguments: DetectionArguments) throws(DetectionError) {
        let recording = try Recording(file: arguments.data)
        print(
            "transactions \(recording.count), frauds \(recording.isFraud.count { $0 }), "
                + "days \(recording.days.first ?? "") to \(recording.days.last ?? "")")
        let week = try DetectionWeek(start: arguments.start, of: recording)
        if week.historyDays < DetectionWeek.historyWanted {
            print(
                "history before the training days: \(week.historyDays) days; "
                    + "windows are full from \(DetectionWeek.historyWanted) on")
        }
        let detector = Detector(recording, week)
        let labels = try detector.policy(arguments)
        let given = try arguments.readModel.map { (path) throws(DetectionError) in
            guard let data = FileManager.default.contents(atPath: path) else {
                throw DetectionError("\(path) cannot be read")
            }
            return Array(data)
        }
        let result = try detector.run(labels, arguments.model, given: given)
        print("training rows \(result.table.count), frauds \(result.table.frauds)")
        for scored in result.scored { DetectionReport(scored, recording, week).print() }
        if let path = arguments.features {
            try write(result.table.csv(ids: week.training.map { recording.ids[$0] }), to: path)
        }
        if let path = arguments.modelFile { try write(result.scored[0].text, to: path) }
        try write(result.scored[0].csv(recording, week), to: arguments.output)
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(DetectionError) {
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
            throw DetectionError("\(path) cannot be written")
        }
    }

    private static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data("detection: \(message)\n".utf8))
        exit(2)
    }
}

/// Why there is nothing to score; the text is for people.
struct DetectionError: Error, Equatable, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
