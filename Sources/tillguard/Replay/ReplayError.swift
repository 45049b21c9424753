// SPDX-License-Identifier: Apache-2.0

/// Why a recording cannot be replayed; one line, with file and line number where there is one.
enum ReplayError: Error, Equatable, CustomStringConvertible {
    case noFile(String)
    case unreadable(String, why: String)
    case badHeader(String, why: String)
    case badRow(String, line: Int, why: String)
    /// The journal holds another purchase where this row would be.
    case otherRecording(String, line: Int, data: String)
    case otherRules(data: String)
    /// The directory belongs to another command.
    case notAReplay(data: String)
    /// Fewer or more answers in the journal than were received.
    case answersDiffer(received: Int, journal: Int)

    var description: String {
        switch self {
        case .noFile(let path): "\(path): no such file"
        case .unreadable(let path, let why): "\(path): \(why)"
        case .badHeader(let path, let why): "\(path):1: \(why)"
        case .badRow(let path, let line, let why): "\(path):\(line): \(why)"
        case .otherRecording(let path, let line, let data):
            "\(path):\(line): not the purchase that \(data) holds here; it was begun with another recording"
        case .otherRules(let data): "\(data) was begun with other rules; give the same rule file, or another directory"
        case .notAReplay(let data): "\(data) holds the data of something else than a replay"
        case .answersDiffer(let received, let journal):
            "\(received) answers were received, but the journal holds \(journal)"
        }
    }
}
